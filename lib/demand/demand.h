/* demand/demand.h: what one recipient's copy of a message must be protected by.
 *
 *     require authenticated, rule "cards only over proven TLS",
 *     ladder encrypt divert defer, factor phrase
 *
 * Of the rules that hit and whose `to` matches: the highest `require`, the
 * strongest factor, the ladder of the first rule in the file with that require; a
 * ladder of `refuse` alone beats the others.
 *
 * Threads  pure functions */
#pragma once

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
	char reason[240]; /* "rule \"cards …\": marker card in body of part 1.2" */
};

/* to: the recipient, without brackets. Never fails. */
struct demand demand_decide(const struct rules *rules, const struct inspect_findings *findings,
			    const struct demand_envelope *envelope, struct slice to);

/* Whether pattern (`*`, `domain`, `.domain`, `user@domain`) names address. */
bool demand_pattern_names(const char *pattern, struct slice address);
