/* assurance/decide.h: from what was found out to what it guarantees.
 *
 *     MX secure, TLSA 3 1 1 at mx1  →  authenticated, by dane
 *       "mx1.partner.example has 1 usable TLSA record, found by signed MX records"
 *
 * DANE speaks first. Where it applies and fails, MTA-STS does not rescue the
 * host; where it does not apply, or has no usable record, MTA-STS binds. A domain
 * is as good as its best host, since the strict route skips the others; but where
 * none is authenticated, one that could not be judged leaves the domain
 * undetermined: it might have been the good one.
 *
 * A probe can only take away what was promised, but for REQUIRETLS: a host that
 * does not keep it falls below authenticated, one that could not be reached is
 * undetermined, and one that proves itself and then offers REQUIRETLS has that.
 *
 * Standard  RFC 7672 §2.2, §2.2.1; RFC 8461 §4.1, §5; RFC 7505 §3; RFC 5321 §5.1
 * Memory    evidence is borrowed
 * Threads   pure functions */
#pragma once

#include "assurance/assurance.h"
#include "assurance/destination.h"
#include "assurance/pins.h"
#include "assurance/source.h"
#include "dns/answer.h"
#include "sts/policy.h"

enum {
	/* MX hosts looked at, the best preferences first. Postfix tries five
	 * addresses (smtp_mx_address_limit); the largest domains list some 16. */
	ASSURANCE_HOSTS_MAX = 32,
	ASSURANCE_UNTIL_MIN_S = 60,   /* however small the TTLs */
	ASSURANCE_UNTIL_MAX_S = 3600, /* however large */
	ASSURANCE_RETRY_S = 30,       /* what could not be found out is tried again */
};

/* One server that may be delivered to. Answers: NULL where not asked, or not had
 * in time; as in dane/base.h. */
struct assurance_host {
	const char *host;
	uint16_t preference;
	const struct dns_answer *a, *aaaa, *cname, *expanded, *original;
	const struct assurance_probed *probed; /* NULL: nobody wished it, or it has no address */
};

enum assurance_promise {
	ASSURANCE_UNPROMISED, /* no policy is known; why says how that is known */
	ASSURANCE_PROMISED,   /* policy applies, in its mode */
	ASSURANCE_UNCERTAIN,  /* there was, or may be, a policy, and it cannot be had */
};

struct assurance_policy {
	enum assurance_promise promise;
	const struct sts_policy *policy; /* when PROMISED */
	const char *id;
	enum assurance_sts_source source;
	int64_t expires_s;
	const char *why; /* a sentence; when PROMISED: what is amiss with its renewal, or "" */
	uint32_t ttl;    /* of the TXT answer */
	bool held;       /* UNCERTAIN, since the record of a policy is damaged */
};

struct assurance_evidence {
	const struct assurance_destination *destination;
	const struct dns_answer *mx; /* NULL: not asked (host, literal), or not had in time */
	size_t host_count;
	const struct assurance_host *hosts;
	struct assurance_policy policy;
	int64_t now_s;
	const char *cut;                 /* NULL, or why gathering ended before all was there */
	const struct assurance_pin *pin; /* NULL, or the operator's word, which comes before all
					  * that is published; a probe may show that it is wrong */
	bool hosts_idle; /* nothing that the hosts' lookups could tell was waited for */
};

/* NULL: out of memory. */
const struct assurance *assurance_decide(const struct assurance_evidence *evidence);

/* Undetermined, for the reason given, until now_s + ASSURANCE_RETRY_S. */
const struct assurance *assurance_undetermined(const char *domain, const char *reason,
					       int64_t now_s);
