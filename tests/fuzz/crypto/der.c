#include "crypto/der.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is one whole is not one whole with a byte more. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *more = malloc(size + 1);
	struct slice der = { (const char *)data, size };

	assert(more);
	if (size)
		memcpy(more, data, size);
	more[size] = 0;
	if (crypto_der_is_certificate(der))
		assert(!crypto_der_is_certificate((struct slice){ more, size + 1 }));
	if (crypto_der_is_public_key(der))
		assert(!crypto_der_is_public_key((struct slice){ more, size + 1 }));
	free(more);
	return 0;
}
