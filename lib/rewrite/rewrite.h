/* rewrite/rewrite.h: a message in two: what is sealed, and what goes on in its place.
 *
 *     mixed { text, pdf with a finding }  →  sealed: a message with the pdf
 *                                            body:   text, a portal text, blank lines
 *
 * What goes on is looked into by the same rules. Should anything still ask for protection, more
 * is taken out, and when nothing more can be, the message is not rewritten at all.
 *
 * Header fields in which something was found are taken off; but for those that a notice
 * copies too (mail_header_is_copied()), without which a message is none. A label or a wish in
 * the header speaks of the whole message: then the whole body is taken out.
 *
 * One body serves all recipients, so nothing in it is for one of them: links and codes go in
 * the notices.
 *
 * Memory   texts in the arena; bodies are splices over the spool, never copied
 * Threads  pure functions, but for the spool; inspection borrows the matcher's scratch */
#pragma once

#include "base/splice.h"
#include "demand/demand.h"
#include "rewrite/edits.h"

enum {
	REWRITE_ROUNDS = 8,      /* of looking at what is left; each takes more out */
	REWRITE_PATHS_MAX = 512, /* parts in which something was found */
};

struct rewrite_message { /* borrowed */
	const struct rules *rules;
	struct inspect_rules *markers;
	const struct inspect_findings *findings; /* of the whole message */
	const struct demand_envelope *envelope;
	size_t recipient_count;
	const struct slice *recipients; /* all that the rewritten message is for */
	enum rules_rewrite what;        /* the most that the rule of one of them says */
	const struct spool *raw;        /* the message with CRLF */
	uint64_t body_at;               /* where its body begins */
	const char *organisation, *portal_url;
	const char *tag; /* hex digits, the same for the same bytes and else not to be guessed */
};

/* The most that either says is taken out. */
enum rules_rewrite rewrite_most(enum rules_rewrite a, enum rules_rewrite b);

struct rewrite {
	struct splice body, sealed;
	struct rewrite_edits edits;
};

/* RC_OK
 * RC_ABSENT  it cannot be rewritten; *why is a clause that says so: the next rung's turn
 * RC_RETRY, RC_NOMEM  defer */
enum rc rewrite_make(const struct rewrite_message *message, struct arena *arena,
		     struct rewrite *out, struct fault *why);
