/* milter/judge.h: end of message: what is to be done, as data.
 *
 * Threads  a session's own; waits for lookups, at most limits.lookup_ms */
#pragma once

#include "action/plan.h"
#include "message.h"
#include "rewrite/rewrite.h"

struct judgement {
	const struct inspect_findings *findings; /* NULL: not looked into */
	bool protects;  /* somebody's copy must be protected: the audit must be durable */
	bool untouched; /* nothing at all is done: all rules observe */
	bool tells;     /* there is something for the audit: a rule that observes, an exception */
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

/* Whether all rules observe: then nothing is done about a message that goes out. */
bool message_is_observed(const struct message *m);

/* The same for a message that could not be judged, or would be refused unheard: final says
 * which; reason is a clause that lives as long as the message. RC_NOMEM: the audit cannot tell
 * of it. */
enum rc message_observe_failure(struct session *s, bool final, const char *reason,
				struct judgement *out, struct fault *why);

/* The plan for a message that nothing is asked of: our header fields are taken off. */
enum rc message_let_through(struct session *s, struct judgement *out, struct fault *why);

/* The plan for a copy of ours that comes back: class is ACTION_STRICT or ACTION_HELD. */
enum rc message_route(struct session *s, enum action_class class, struct judgement *out,
		      struct fault *why);
