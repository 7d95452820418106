#include "audit/hand.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken as records is written as the same bytes, and its texts end. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice bytes = { (const char *)data, size };
	struct buf again = BUF_INIT(AUDIT_HAND_BYTES_MAX);
	struct audit_handed *handed = malloc(sizeof *handed);

	assert(handed);
	if (size <= AUDIT_HAND_BYTES_MAX && audit_hand_decode(bytes, handed, NULL) == RC_OK) {
		assert(audit_hand_encode(handed->verb, handed->records, handed->count, &again,
					 NULL) == RC_OK);
		assert(again.len == size && memcmp(again.at, data, size) == 0);
	}
	(void)!audit_hand_decode_answer(bytes, NULL);
	buf_free(&again);
	free(handed);
	return 0;
}
