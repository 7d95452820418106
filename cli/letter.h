/* cli/letter.h: from whom a message is and to whom it goes, by its own header.
 *
 * In a folder of messages there is no envelope: From stands for the sender; To, Cc and
 * Bcc, which a copy of what was sent still has, for the recipients.
 *
 * Memory   an arena of its own: letter_free() */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct letter {
	const char *from;
	size_t to_count;
	const char *const *to; /* each once */
	const char *trouble;   /* what was left out; "" for nothing */
};

/* from and to (to_count > 0), where given, hold in place of what the header says.
 *   RC_INVALID  no message, or nobody sends or gets it
 *   RC_NOMEM */
enum rc letter_read(struct slice text, const char *from, const char *const *to, size_t to_count,
		    struct letter **out, struct fault *why);
void letter_free(struct letter **letter); /* for CLEANUP() */
