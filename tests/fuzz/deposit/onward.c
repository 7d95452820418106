/* Whatever a row holds, nothing that comes out of it can end an SMTP command. */
#include "deposit/onward.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t id[STORE_ID_BYTES];
	struct deposit_onward out;
	struct slice row = { (const char *)data, size };

	if (deposit_onward_decode(row, NULL, id, NULL, &out, NULL) != RC_OK)
		return 0;
	assert(out.recipient_count > 0 && out.recipient_count <= DEPOSIT_RECIPIENTS_MAX);
	assert(slice_is_ascii(out.envid) && out.envid.len <= MAIL_ENVID_MAX);
	for (size_t i = 0; i < out.recipient_count; i++)
		for (size_t k = 0; k < out.recipients[i].orcpt.len; k++)
			assert(out.recipients[i].orcpt.at[k] > ' ' &&
			       out.recipients[i].notify < 16);
	return 0;
}
