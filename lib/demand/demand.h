/* demand/demand.h: what one recipient's copy of a message must be protected by.
 *
 *     require authenticated, rule "cards only over proven TLS",
 *     ladder encrypt divert defer, factor phrase
 *
 * Of the rules that hit and whose `to` matches: the highest `require`, the
 * strongest factor, the ladder of the first rule in the file with that require; a
 * ladder of `refuse` alone beats the others. Undetermined is taken as that rule says,
 * a deposit lives as long as the strictest rule allows.
 *
 * Content that could not be read counts: a marker that could have hit there is taken
 * to have hit, unless the rule says opaque = "ignore". For `not_markers` only what was
 * seen counts, so that doubt never lifts protection.
 *
 * Where the operator lets nothing be sent, the rest does not matter: that holds for every message,
 * the null sender's too.
 *
 * A sender's wish is a demand by itself: where no rule hits, it is required with the
 * ladder divert, defer and the factor phrase, since a sender who asked would rather
 * have a portal than the clear. Where rules hit it can raise what they require, and
 * their ladder stays. A null sender's wish for REQUIRETLS is not heard (RFC 8689 §5:
 * bounces must not be lost); rules on content hold for it as for all.
 *
 * Threads  pure functions */
#pragma once

#include "demand/pattern.h"
#include "inspect/inspect.h"
#include "settings/rules.h"

enum demand_wish { DEMAND_WISH_NONE, DEMAND_WISH_AUTHENTICATED, DEMAND_WISH_REQUIRETLS };

struct demand_envelope {    /* borrowed facts */
	struct slice from;  /* "" for the null sender; no brackets */
	bool authenticated; /* submitted with SMTP AUTH */
	bool submission_tls;
	enum demand_wish wish; /* Postern-Require, or MAIL … REQUIRETLS */
};

struct demand {
	enum rules_require require;    /* NONE: the recipient is not protected */
	const struct rules_rule *rule; /* that gave the ladder; NULL with a mere wish */
	size_t rung_count;
	enum rules_rung rungs[RULES_RUNGS_MAX];
	enum rules_factor factor;
	bool undetermined_on;
	unsigned life_days;
	enum rules_rewrite rewrite; /* of the rule that gave the ladder */
	bool upgrade;               /* every rule that hit allows it */
	const char *never;          /* NULL, or why nothing at all may be sent there: the
				     * operator's words (`destinations` in the rules) */
	char reason[240];           /* "rule \"cards …\": marker card in body of part 1.2" */
};

enum { DEMAND_WISH_LIFE_DAYS = 14 }; /* of a deposit on a mere wish: as for rules that say none */

/* Whether the marker looks at nothing but the message's own header: a label or a wish, which
 * speaks of the whole message. */
bool demand_is_label(const struct rules_marker *marker);

/* to: the recipient, without brackets, its domain as A-labels where it has any:
 * patterns are written so. Never fails. */
struct demand demand_decide(const struct rules *rules, const struct inspect_findings *findings,
			    const struct demand_envelope *envelope, struct slice to);
