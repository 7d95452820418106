/* Whatever the bytes, a list comes to an end, and what it lists are addresses. */
#include "mail/mailbox.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice list = { (const char *)data, size };
	struct mail_address a, again;
	enum rc rc;

	for (size_t before = size + 1; (rc = mail_mailbox_take(&list, &a, NULL)) != RC_ABSENT;
	     before = list.len) {
		if (list.len >= before)
			abort();
		if (rc == RC_OK && (a.text[0] == '\0' ||
				    mail_address_parse(slice_of(a.text), &again, NULL) != RC_OK))
			abort();
	}
	return 0;
}
