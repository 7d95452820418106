/* milter/rewriting.h: whether the message at hand can be rewritten for those whose verdict
 * is VERDICT_REWRITE, and what it is then.
 *
 * Threads  a session's own; reads the spool, up to REWRITE_ROUNDS times */
#pragma once

#include "judge.h"

/* RC_ABSENT: it cannot be; *why is the clause for the verdict's reason. Others: defer. */
enum rc rewriting_make(struct session *s, const struct inspect_findings *findings,
		       const struct demand_envelope *envelope, struct rewrite *out,
		       struct fault *why);

/* The plan's edits of header fields. RC_NOMEM. */
enum rc rewriting_fields(struct session *s, const struct rewrite *rewrite,
			 struct action_message *message, struct fault *why);
