/* milter/judge.h: end of message: what is to be done, as data.
 *
 * Threads  a session's own; waits for lookups, at most limits.lookup_ms */
#pragma once

#include "action/plan.h"
#include "message.h"
#include "rewrite/rewrite.h"

struct judgement {
	const struct inspect_findings *findings; /* NULL: not looked into */
	bool protects; /* somebody's copy must be protected: the audit must be durable */
	struct action_plan plan;
	struct rewrite rewrite; /* where plan has ACTION_REWRITTEN */
};

/* For outgoing mail whose state is RC_OK. Fills each recipient's demand, assurance
 * and verdict. RC_NOMEM: defer. */
enum rc message_judge(struct session *s, struct judgement *out, struct fault *why);

/* Refuses the whole message for a reason beside its recipients': 550 5.7.0, on record. reason
 * is a clause, text a sentence; both must live as long as the message. */
void message_refuse(struct session *s, struct judgement *judgement, const char *reason,
		    const char *text);

/* The plan for a message that nothing is asked of: our header fields are taken off. */
enum rc message_let_through(struct session *s, struct judgement *out, struct fault *why);

/* The plan for a copy of ours that comes back: class is ACTION_STRICT or ACTION_HELD. */
enum rc message_route(struct session *s, enum action_class class, struct judgement *out,
		      struct fault *why);

/* Appends the audit records, one for each recipient, durable where somebody's copy must
 * be protected; and syslog lines. reply: what the client is told. Results as
 * audit_log_append(). */
enum rc message_record(struct session *s, const struct judgement *judgement, const char *event,
		       const char *queue_id, const char *reply, struct fault *why);
