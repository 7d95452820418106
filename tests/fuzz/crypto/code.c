#include "crypto/code.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as a code is read as the same code when printed again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[CRYPTO_CODE_BYTES], again[CRYPTO_CODE_BYTES];
	char text[CRYPTO_CODE_TEXT];

	if (crypto_code_parse((struct slice){ (const char *)data, size }, bytes, NULL) != RC_OK)
		return 0;
	crypto_code_format(bytes, true, text);
	assert(crypto_code_parse((struct slice){ text, strlen(text) }, again, NULL) == RC_OK);
	assert(memcmp(bytes, again, sizeof bytes) == 0);
	return 0;
}
