/* cli/explain_case.h: one message that is decided over, and not sent.
 *
 * The steps are those of the milter at end of message: inspection, demand of each
 * recipient, assurance of each destination, verdict. */
#pragma once

#include "assurance/assurance.h"
#include "base/arena.h"
#include "base/spool.h"
#include "cli/assume.h"
#include "cli/command.h"
#include "cli/lookup.h"
#include "demand/demand.h"
#include "mail/address.h"
#include "verdict/verdict.h"

enum { EXPLAIN_RECIPIENTS_MAX = 1000 }; /* as many as Postfix takes for one message */

struct explain_would { /* what would become of a copy, if all rules that observe enforced */
	struct demand demand;
	struct verdict verdict;
};

struct explain_recipient {
	const char *given;       /* as on the command line */
	const char *address;     /* in normal form, its domain as A-labels */
	const char *destination; /* for assurance: the domain, or outbound.relay */
	bool internal;
	struct demand demand;
	const struct assurance *assurance; /* NULL: not asked */
	struct verdict verdict;
	const struct explain_would *would; /* NULL: nothing that observes has hit */
};

struct explain_case {
	struct cli *cli;
	const struct settings *settings; /* borrowed, as the rules */
	const struct rules *rules;
	struct lookup *lookup;       /* NULL where assume is set */
	const struct assume *assume; /* in place of lookups; else NULL */
	const char *from;
	bool program, clear, requiretls;
	bool as_enforced; /* rules that observe are taken to enforce, and there is no would */
	int64_t now_s;    /* when it is sent; 0: now */
	size_t recipient_count;
	struct explain_recipient recipients[EXPLAIN_RECIPIENTS_MAX];

	/* The rules' markers: given as a reference, where many messages are decided over, or
	 * filled by explain_decide() as what follows. */
	struct inspect_rules *markers;
	struct arena *arena;
	struct inspect *inspect;
	const struct inspect_findings *findings;
	struct spool *raw; /* the message, as a milter would keep it */
	uint64_t body_at;
	enum demand_wish wish;
	bool bad_wish; /* Postern-Require has a value that is not known: refused (550 5.7.0) */
};

/* RC_INVALID: an address is none, or a marker cannot be compiled; others as met. */
enum rc explain_decide(struct explain_case *c, struct slice message, struct fault *why);

/* The demand that asks most, for the summary; never NULL. */
const struct demand *explain_highest(const struct explain_case *c);

void explain_end(struct explain_case *c);
