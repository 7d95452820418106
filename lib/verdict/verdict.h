/* verdict/verdict.h: what happens to one recipient's copy, and why.
 *
 *     demand authenticated × assurance none × means { divert }  →  divert
 *     "plain.test: no MTA-STS policy and no DANE; no certificate for b@plain.test is known;
 *      sealed for the portal"
 *
 * Pure: the world's state comes in as arguments. Nothing of any MTA is known
 * here; a verdict is carried out by action and the milter.
 *
 * Threads  pure functions */
#pragma once

#include "assurance/assurance.h"
#include "demand/demand.h"

enum { VERDICT_REASON_MAX = 720 };

enum verdict_kind {
	VERDICT_PASS,    /* not protected: untouched */
	VERDICT_DELIVER, /* strict route */
	VERDICT_ENCRYPT,
	VERDICT_REWRITE,
	VERDICT_DIVERT,
	VERDICT_HOLD,
	VERDICT_DEFER,
	VERDICT_REFUSE,
};

/* Which rungs can work for this recipient now; where one cannot, a clause that
 * says why ("no certificate is known for b@plain.test"). NULL: it can. */
struct verdict_means {
	const char *no_encrypt, *no_rewrite, *no_divert;
	enum assurance_level carrier; /* the most that this site's strict route can promise */
};

struct verdict {
	enum verdict_kind kind;
	bool lacks_requiretls; /* REQUIRETLS was demanded and is not to be had (5.7.30) */
	bool forbidden;        /* the operator lets nothing be sent there (5.7.1) */
	bool undetermined;     /* decided without knowing what the destination guarantees */
	char reason[VERDICT_REASON_MAX]; /* clauses for people; no content of the message */
};

/* assurance is that of the recipient's destination; not NULL, but for what the first two need.
 *   - nothing may be sent there: VERDICT_REFUSE
 *   - no demand: VERDICT_PASS
 *   - unroutable (RFC 7505, NXDOMAIN): VERDICT_DELIVER, for on the strict route the
 *     MTA's own 5xx follows, and should the domain begin to take mail meanwhile,
 *     only proven TLS reaches it
 *   - undetermined: VERDICT_DEFER, unless the rule says to go on down the ladder
 *   - met, by destination and carrier: VERDICT_DELIVER
 *   - otherwise the first rung of the ladder whose means are at hand;
 *     a ladder that ends without one refuses */
struct verdict verdict_decide(const struct demand *demand, const struct assurance *assurance,
			      const struct verdict_means *means);

const char *verdict_name(enum verdict_kind kind); /* "divert"; PASS is "pass" */
