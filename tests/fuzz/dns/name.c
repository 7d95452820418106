/* Whatever the bytes, a name that normalises is bounded, made of the letters that
 * dns/name.h promises, and normalises to itself. */
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name = { (const char *)data, size };
	char once[DNS_NAME_MAX], twice[DNS_NAME_MAX];

	(void)dns_is_hostname(name);
	if (dns_name_normalise(name, once, NULL) != RC_OK)
		return 0;
	size_t len = strnlen(once, sizeof once);
	if (len == 0 || len == sizeof once || once[0] == '.' || once[len - 1] == '.')
		abort();
	if (strspn(once, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != len || strstr(once, ".."))
		abort();
	if (dns_name_normalise((struct slice){ once, len }, twice, NULL) != RC_OK ||
	    strcmp(once, twice) != 0)
		abort();
	return 0;
}
