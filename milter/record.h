/* milter/record.h: end of message: what was decided, for the audit.
 *
 * Threads  a session's own; waits for the disk where somebody's copy must be protected */
#pragma once

#include "judge.h"

/* Appends the audit records, one for each recipient and another
 * for each whose copy a rule that observes would have concerned, durable where somebody's copy must
 * be protected; and syslog lines. reply: what the client is told. Results as
 * audit_log_append(). */
enum rc message_record(struct session *s, const struct judgement *judgement, const char *event,
		       const char *queue_id, const char *reply, struct fault *why);
