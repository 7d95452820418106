/* milter/carry.h: a plan, carried out: edits in their order, each checked.
 *
 * Threads  a session's own; writes to the store */
#pragma once

#include "judge.h"

#include <libmilter/mfapi.h>

/* RC_OK: everything is done that must be before the MTA is told 250. Otherwise the
 * message must be deferred; what was made durable meanwhile is found again when the
 * client repeats the message. */
enum rc carry_out(SMFICTX *ctx, struct session *s, const struct judgement *judgement,
		  const char *queue_id, struct fault *why);

/* Sets the reply to a message that is not accepted. False when libmilter refuses it;
 * the bare status is then all that the client gets. */
bool carry_reply(SMFICTX *ctx, const char *code, const char *enhanced, const char *text);
