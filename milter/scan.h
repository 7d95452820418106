/* milter/scan.h: what is to be sealed is shown to the virus scanner first.
 *
 * Threads  a session's own; waits for clamd, at most scan.timeout_ms */
#pragma once

#include "judge.h"

/* For a message whose plan seals any of it. What is found turns the plan into a refusal, and so
 * does a message that the scanner never takes. What the scanner said is kept in the message
 * for the deposit.
 *   RC_RETRY  it could not be looked at, which scan.required asks for: defer it */
enum rc message_scan(struct session *s, struct judgement *judgement, const char *queue_id,
		     struct fault *why);
