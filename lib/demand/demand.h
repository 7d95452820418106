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
 * A rule does not apply where one of its exceptions does, for as long as that is in date.
 * Rules that observe count only where it is asked what would be, if all were enforced;
 * where the whole file observes, so does a sender's wish.
 *
 * Threads  pure functions, but for the host's time zone */
#pragma once

#include "demand/envelope.h"
#include "demand/pattern.h"
#include "inspect/inspect.h"
#include "settings/rules.h"

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
	const char *say;            /* the operator's words, of the rule that gave the ladder;
			 * NULL or "": none */
	/* Of the rules that hit, one that observes: that which gave the ladder, or the first, be
	 * it excepted. NULL: none does. */
	const struct rules_rule *observed;
	char exception
		[240]; /* "rule \"…\": ticket 4711 (until 2027-01-31)", "" where none applies */
	char reason[240]; /* "rule \"cards …\": marker card in body of part 1.2" */
};

enum { DEMAND_WISH_LIFE_DAYS = 14 }; /* of a deposit on a mere wish: as for rules that say none */

/* Whether all that the marker finds in the message's own header speaks of the whole message: it
 * looks at nothing else, or for labels. */
bool demand_is_label(const struct rules_marker *marker);

/* Whether anything that observes makes the demand that would be (envelope.observe) what it is,
 * beside the one that is. */
bool demand_is_observed(const struct rules *rules, const struct demand *is,
			const struct demand *would);

/* to: the recipient, without brackets, its domain as A-labels where it has any:
 * patterns are written so. Never fails. */
struct demand demand_decide(const struct rules *rules, const struct inspect_findings *findings,
			    const struct demand_envelope *envelope, struct slice to);
