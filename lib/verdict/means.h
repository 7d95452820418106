/* verdict/means.h: which rungs can work for one recipient of one submitter.
 *
 * A diverted message is worth nothing when nobody can be told its phrase, and a
 * phrase told to a forged sender is worth less: the portal is for submitters whose
 * own address is ours.
 *
 * Parts that are sealed alone are a deposit too: what keeps a message from the portal
 * keeps them.
 *
 * Memory   the texts are literals, or the submitter's
 * Threads  pure functions */
#pragma once

#include "verdict/verdict.h"

struct verdict_submitter {
	bool null_sender;    /* MAIL FROM:<> */
	bool sender_is_ours; /* its domain is one of outbound.domains or internal_domains */
	bool proven;         /* authenticated, or from a listed network */
	bool used_up;        /* it has made as many deposits within an hour as one sender may */
	/* Whether parts of its message can be sealed alone, or may be for what is known so far;
	 * otherwise why not, NULL for no particular reason. */
	bool rewritable;
	const char *no_rewrite;
	/* Whether a code can be sent to this recipient; otherwise why not, NULL for no particular
	 * reason. Set for each recipient whose factor it is. */
	bool can_code;
	const char *no_code;
	enum assurance_level carrier; /* what the site's strict route can promise */
};

struct verdict_means verdict_means_of(const struct verdict_submitter *submitter,
				      enum rules_factor factor);
