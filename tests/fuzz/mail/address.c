/* Whatever the bytes, an address that parses is printable, and its own normal form. */
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mail_address a, again;

	if (mail_address_parse((struct slice){ (const char *)data, size }, &a, NULL) != RC_OK)
		return 0;
	struct slice text = { a.text, strlen(a.text) };
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			abort();
	if (mail_address_domain(&a).len > MAIL_DOMAIN_MAX || a.local_len > text.len)
		abort();
	if (mail_address_parse(text, &again, NULL) != RC_OK || strcmp(again.text, a.text) != 0 ||
	    again.local_len != a.local_len)
		abort();
	return 0;
}
