/* dane/base.h: which name a host's TLSA records stand at, and what they say.
 *
 *     mx.example.  CNAME mail.provider.   (secure)     mail.provider.  A …  (secure)
 *     → ask TLSA at _25._tcp.mail.provider; there is none
 *     → ask TLSA at _25._tcp.mx.example; there is: the TLSA base domain is mx.example
 *
 * A step function: given the answers so far it says what to ask next, or what
 * has come out. Asking earlier is not allowed: the servers of unsigned zones
 * fail at TLSA questions, so the addresses come first, and an unsigned host is
 * not asked for at all.
 *
 * Standard  RFC 7672 §2.1.2 (failures), §2.1.3 (CNAME), §2.2.2, §2.2.3
 * Memory    everything in a step is borrowed from the evidence, but for ask and why
 * Threads   pure function */
#pragma once

#include "base/fault.h"
#include "dns/answer.h"

struct dane_evidence {
	const char *host;    /* an MX host, a relay's name, or the domain as its own host */
	uint16_t port;       /* 25 for MX hosts */
	bool found_securely; /* by a secure MX answer, or given by the operator */

	/* NULL: not asked yet. a and aaaa of host; cname: type CNAME at host; the
	 * rest type TLSA, below the name where host's CNAMEs end and below host. */
	const struct dns_answer *a, *aaaa, *cname, *expanded, *original;
};

enum dane_next {
	DANE_ASK_ADDRESSES, /* A and AAAA of host, both */
	DANE_ASK_CNAME,     /* of host */
	DANE_ASK_EXPANDED,  /* TLSA at ask */
	DANE_ASK_ORIGINAL,  /* TLSA at ask */
	DANE_DONE,
};

enum dane_outcome {
	DANE_NO_ADDRESS, /* and that is certain: the host cannot be reached */
	DANE_UNKNOWN,    /* a lookup failed: the host is unusable now, never a downgrade */
	DANE_ABSENT,     /* DANE does not apply: no secure TLSA records */
	DANE_BOUND,      /* secure TLSA records: TLS is mandatory, usable or not */
};

enum dane_seen {
	DANE_SEEN_SECURE,
	DANE_SEEN_INSECURE,
	DANE_SEEN_NOTHING,
	DANE_SEEN_ERROR,
	DANE_NOT_SEEN
};

struct dane_step {
	enum dane_next next;
	char ask[DNS_NAME_MAX]; /* the name to ask at; "" when done */

	/* When next is DANE_DONE: */
	enum dane_outcome outcome;
	enum dane_seen address, tlsa;
	const char *base;               /* TLSA base domain when BOUND, else "" */
	const struct dns_answer *bound; /* the TLSA records when BOUND, else NULL */
	struct fault why;               /* one sentence, "" when BOUND */
};

void dane_base_step(const struct dane_evidence *evidence, struct dane_step *step);
