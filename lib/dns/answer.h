/* dns/answer.h: what the DNS said, with how far it can be trusted in its type.
 *
 *     mx.example. MX  →  DNS_FOUND, DNS_SECURE, ttl 300, { 10 mail.example. }
 *
 * "There is none" (DNS_NODATA, DNS_NXDOMAIN) and "I could not find out"
 * (DNS_FAILED: SERVFAIL, bogus, refused, timeout, malformed) are different
 * answers and never merge.
 *
 * Standard  RFC 4033 §5 (secure, insecure, bogus), RFC 6840 §5.8 (AD bit)
 * Memory    immutable and counted; whoever keeps one takes a reference
 * Threads   any, once built */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum {
	DNS_NAME_MAX = 254,    /* bytes of a name in text form, the NUL included */
	DNS_RECORDS_MAX = 512, /* in one answer; more fails it: our bound, a 64 KiB TCP
	                          * message of address records could hold 4,000 */
};

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52,
	DNS_DNSKEY = 48
};

enum dns_status {
	DNS_FOUND,    /* count > 0 records */
	DNS_NODATA,   /* the name is there, the type is not */
	DNS_NXDOMAIN, /* the name is not there */
	DNS_FAILED,   /* could not find out now; nothing else in the answer counts */
};

enum dns_trust {
	DNS_INSECURE, /* nobody vouches for it */
	DNS_SECURE,   /* validated, along the whole CNAME chain, by a resolver we trust */
};

struct dns_mx {
	uint16_t preference;
	const char *host; /* lower case, no final dot; "" is the root: a null MX */
};

struct dns_address {
	int family;        /* AF_INET, AF_INET6 */
	uint8_t bytes[16]; /* 4 or 16 used, network order */
};

struct dns_tlsa {
	uint8_t usage, selector, matching;
	struct slice data;
};

struct dns_record {
	union {
		struct dns_mx mx;           /* DNS_MX */
		struct dns_address address; /* DNS_A, DNS_AAAA */
		struct dns_tlsa tlsa;       /* DNS_TLSA */
		struct slice txt;           /* DNS_TXT: its strings joined (RFC 8461 §3.1) */
		const char *cname;          /* DNS_CNAME asked for as such */
		struct slice raw;           /* DNS_DNSKEY: rdata */
	};
};

struct dns_answer {
	const char *asked; /* lower case A-labels, no final dot */
	enum dns_type type;
	enum dns_status status;
	enum dns_trust trust; /* of records and of denials alike; DNS_INSECURE when failed */
	bool aliased;         /* a CNAME (or DNAME) was followed */
	const char *name;     /* where the chain ended; asked, when not aliased */
	uint32_t ttl;         /* seconds: the smallest of the chain; of the SOA for a denial */
	size_t count;         /* > 0 exactly when DNS_FOUND */
	const struct dns_record *records;
	const char *why; /* "" unless DNS_FAILED: "SERVFAIL from 127.0.0.1", "no answer in 15 s" */
};

const struct dns_answer *dns_answer_ref(const struct dns_answer *a);
void dns_answer_unref(const struct dns_answer *a); /* NULL is fine */

/* Called exactly once for each lookup, unless it was cancelled. The answer is
 * borrowed for the call; never NULL. */
typedef void dns_done(void *arg, const struct dns_answer *answer);

/* An answer built by hand: for tests, scenarios and `explain`. Copies
 * everything. NULL: out of memory. */
const struct dns_answer *dns_answer_make(const struct dns_answer *like);
