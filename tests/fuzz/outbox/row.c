/* Whatever is stored, a row that decodes can stand in commands, and encodes again. */
#include "outbox/row.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(1 << 20);
	struct buf out = BUF_INIT(1 << 22);
	struct outbox_row row, again;

	if (arena && outbox_row_decode((struct slice){ (const char *)data, size }, arena, &row,
				       NULL) == RC_OK) {
		for (size_t i = 0; i < row.mail.recipient_count; i++)
			if (!row.mail.recipients[i].address.len ||
			    !outbox_is_wordy(row.mail.recipients[i].address))
				abort();
		if (!outbox_is_wordy(row.mail.from) || outbox_row_encode(&row, &out) != RC_OK)
			abort();
		if (outbox_row_decode(buf_slice(&out), arena, &again, NULL) == RC_INVALID)
			abort();
	}
	buf_free(&out);
	arena_free(arena);
	return 0;
}
