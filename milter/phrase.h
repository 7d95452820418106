/* milter/phrase.h: a phrase must not travel by mail.
 *
 * Threads  a session's own; reads the store, and takes a tenth of a second for each text
 *          that could be a phrase: ordinary mail has none */
#pragma once

#include "judge.h"

/* Refuses a message to anybody outside that has, in any of its texts, the phrase of a deposit
 * that is open, or the one that the directory keeps for a recipient of this message.
 *   RC_RETRY, RC_NOMEM  that cannot be known now: defer it */
enum rc message_check_phrases(struct session *s, struct judgement *judgement, const char *queue_id,
			      struct fault *why);
