/* milter/handback.h: the copy of a message for some of its recipients, given back to
 * the MTA through the outbox.
 *
 * It is the message as it came, byte for byte, behind a Postern-Handback field, with
 * the envelope's own parameters; the milter knows it again (own.h) and routes it.
 *
 * Threads  a session's own; blocks on the store */
#pragma once

#include "judge.h"

/* Makes durable one copy, in parts of CRYPTO_PASS_RECIPIENTS_MAX recipients, for all of
 * class. A client's repetition within limits.retry_window_days finds that it was made.
 * RC_OK: it was, now or before. */
enum rc handback_copy(struct session *s, const struct judgement *j, enum action_class class,
		      const char *queue_id, struct fault *why);
