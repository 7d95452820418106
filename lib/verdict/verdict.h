/* verdict/verdict.h: what happens to one recipient's copy, and why.
 *
 *     demand authenticated × assurance none × means { divert }  →  divert
 *     "plain.test offers no proven TLS; the rule allows the portal"
 *
 * Pure: the world's state comes in as arguments. Nothing of any MTA is known
 * here; a verdict is carried out by action and the milter.
 *
 * Threads  pure functions */
#pragma once

#include "assurance/assurance.h"
#include "demand/demand.h"

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

/* Which rungs can work for this recipient now, and why not, in words. NULL
 * means that it can. */
struct verdict_means {
	const char *no_encrypt, *no_rewrite, *no_divert;
	enum assurance_level carrier; /* the most that this site's strict route can promise */
};

struct verdict {
	enum verdict_kind kind;
	bool lacks_requiretls; /* REQUIRETLS was demanded and is not to be had: 5.7.30 */
	char reason[400];      /* sentences, for people; no content of the message */
};

/* assurance: that of the recipient's destination; never NULL. An unroutable
 * destination is VERDICT_DELIVER with that reason: on the strict route the MTA's own 5xx
 * follows, and should the domain begin to take mail, only proven TLS reaches it. */
struct verdict verdict_decide(const struct demand *demand, const struct assurance *assurance,
			      const struct verdict_means *means);

const char *verdict_name(enum verdict_kind kind); /* "divert"; PASS is "pass" */
