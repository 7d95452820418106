/* No bytes that were not made with the key are a pass. */
#include "crypto/pass.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct crypto_key key = { { 9 } };
	static const struct slice to = { "a@b", 3 };
	struct crypto_pass expected = { .use = "notice", .recipient_count = 1, .recipients = &to };
	uint8_t id[CRYPTO_PASS_ID_BYTES];

	if (crypto_pass_verify(&key, (struct slice){ (const char *)data, size }, &expected, 1, id,
			       NULL) == RC_OK)
		abort();
	return 0;
}
