/* milter/people.h: what the directory has for the recipients of one message.
 *
 * Threads  any but the loop's: the disk */
#pragma once

#include "deposit/deposit.h"
#include "message.h"
#include "verdict/means.h"

/* Sets what submitter says of codes for a recipient: a number, and a command that sends.
 *   RC_RETRY  the directory cannot be read: defer */
enum rc people_can_code(struct session *s, struct slice address,
			struct verdict_submitter *submitter, struct fault *why);

/* Gives each recipient the phrase that is kept for them, or the number as it may be shown;
 * they borrow from *out. RC_RETRY as above. */
struct people;
enum rc people_find(struct session *s, struct deposit_recipient *recipients, size_t count,
		    struct people **out, struct fault *why);
void people_free(struct people **people); /* wipes; for CLEANUP(); NULL is fine */
