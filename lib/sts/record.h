/* sts/record.h: the TXT record by which a domain announces a policy.
 *
 *     _mta-sts.partner.example.  TXT  "v=STSv1; id=20261122T0245;"
 *
 * Its id changes when the policy does. It says neither what the policy is nor
 * that an older one has ceased to count.
 *
 * Standard  RFC 8461 §3.1, §3.2 (of fields given twice the first counts)
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "dns/answer.h"

enum {
	STS_ID_MAX = 32,       /* §3.1 */
	STS_RECORD_MAX = 4096, /* bytes; our bound: extension fields have no end */
};

struct sts_record {
	char id[STS_ID_MAX + 1]; /* letters and digits */
};

/* Reads the text of one TXT record, its strings joined.
 *   RC_ABSENT   it does not begin with "v=STSv1;": it is about something else
 *   RC_INVALID  it begins so, and then breaks the grammar, or has no id
 *   RC_LIMIT    longer than STS_RECORD_MAX */
enum rc sts_record_parse(struct slice text, struct sts_record *out, struct fault *why);

/* What the answer to TXT _mta-sts.DOMAIN announces.
 *   RC_OK       exactly one record is about MTA-STS, and it is sound
 *   RC_ABSENT   none is
 *   RC_INVALID  there are several, or the one is malformed: as if there were none,
 *               for a domain without a policy in the cache
 *   RC_RETRY    the lookup failed */
enum rc sts_record_choose(const struct dns_answer *answer, struct sts_record *out,
			  struct fault *why);
