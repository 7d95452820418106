#include "deposit/record.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as a record is written as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	uint8_t one[DEPOSIT_RECORD_BYTES], two[DEPOSIT_RECIPIENT_BYTES];
	struct deposit_record record;
	struct deposit_recipient_record recipient;
	struct deposit_ended_record end;
	bool ended;

	if (deposit_record_decode(bytes, &record, NULL) == RC_OK) {
		deposit_record_encode(&record, one);
		assert(size == sizeof one && memcmp(one, data, size) == 0);
	}
	if (deposit_recipient_decode(bytes, &recipient, NULL) == RC_OK) {
		deposit_recipient_encode(&recipient, two);
		assert(size == sizeof two && memcmp(two, data, size) == 0);
	}
	if (deposit_ended_decode(bytes, &end, NULL) == RC_OK) {
		deposit_ended_encode(&end, one);
		assert(size == DEPOSIT_ENDED_BYTES && memcmp(one, data, size) == 0);
	}
	if (deposit_recipient_decode_any(bytes, &recipient, &ended, NULL) == RC_OK && ended) {
		deposit_ended_recipient_encode(&recipient, two);
		assert(size == DEPOSIT_ENDED_RECIPIENT_BYTES && memcmp(two, data, size) == 0);
	}
	return 0;
}
