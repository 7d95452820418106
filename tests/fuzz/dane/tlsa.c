/* Any record is either usable by the rules, or there are words for why not. */
#include "dane/tlsa.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL;

	if (size < 3)
		return 0;
	const struct dns_tlsa tlsa = {
		data[0], data[1], data[2], { (const char *)data + 3, size - 3 }
	};
	bool usable = dane_tlsa_is_usable(&tlsa, &why);
	if (usable == (why != NULL) || (usable && (tlsa.usage & ~1) != 2))
		abort();
	if (usable && tlsa.matching != DANE_WHOLE && tlsa.data.len != 32u * tlsa.matching)
		abort();
	return 0;
}
