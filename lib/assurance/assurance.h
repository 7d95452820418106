/* assurance/assurance.h: what a destination's transport guarantees, why, and
 * until when.
 *
 *     partner.example  authenticated  by sts  until 2026-11-29T02:45:47Z
 *       "MTA-STS policy 20261101 is in mode enforce and names mx1.partner.example"
 *
 * Standard  RFC 7672 (DANE), RFC 8461 (MTA-STS), RFC 8689, RFC 7505 (null MX)
 * Memory    immutable and counted; whoever keeps one takes a reference
 * Threads   any, once built */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum assurance_level {
	ASSURANCE_UNDETERMINED,  /* could not find out now: defer, never guess */
	ASSURANCE_UNROUTABLE,    /* null MX, NXDOMAIN: no mail can go there */
	ASSURANCE_NONE,          /* mail may travel in the clear */
	ASSURANCE_ENCRYPTED,     /* TLS is mandatory, nobody proved who the peer is */
	ASSURANCE_AUTHENTICATED, /* TLS with a proven peer, found by a proven lookup */
	ASSURANCE_REQUIRETLS,    /* the same, and the next hop promises it onward */
};

enum assurance_by {
	ASSURANCE_BY_NOTHING,
	ASSURANCE_BY_DANE,
	ASSURANCE_BY_STS,
	ASSURANCE_BY_PIN,
	ASSURANCE_BY_NULL_MX
};

enum assurance_lookup {
	ASSURANCE_SECURE,
	ASSURANCE_INSECURE,
	ASSURANCE_ABSENT,
	ASSURANCE_ERROR,
	ASSURANCE_NOT_ASKED
};

struct assurance_probe { /* what the host itself showed; part of a report when probed */
	bool done, starttls, authenticated, requiretls;
	const char *tls; /* "TLSv1.3" or "" */
	const char *why; /* why it fails, or "" */
};

struct assurance_mx {
	const char *host;
	uint16_t preference;
	enum assurance_lookup lookup;  /* the MX RRset: secure, insecure */
	enum assurance_lookup address; /* secure, insecure, absent, error */
	enum assurance_lookup tlsa;
	const char *tlsa_base; /* "" when DANE does not apply */
	unsigned usable;       /* usable TLSA records (RFC 7672 §2.2) */
	bool sts_match;
	size_t name_count;        /* names that its certificate may bear, where names count: of */
	const char *const *names; /* DANE-TA the base domain, the next hop, and that with its
	                           * CNAMEs followed (RFC 7672 §3.2.2); of a pin its match */
	enum assurance_level level;
	struct assurance_probe probe;
	const char *why; /* one sentence on this host */
};

enum assurance_sts_source { ASSURANCE_STS_FETCHED, ASSURANCE_STS_CACHED };

struct assurance_sts {
	const char *mode, *id; /* "enforce", "testing", "none" */
	uint32_t max_age;      /* seconds */
	size_t mx_count;
	const char *const *mx; /* patterns as published */
	enum assurance_sts_source source;
};

struct assurance {
	const char *domain; /* lower-case A-labels; for "[relay.example]:587" that text */
	enum assurance_level level;
	enum assurance_by by;
	bool held;     /* there was an MTA-STS policy, and its record is damaged: its promise is
	                * held to stand */
	int64_t until; /* wall clock seconds: look again then */
	size_t reason_count;
	const char *const *reasons; /* sentences, the most telling first */
	size_t mx_count;
	const struct assurance_mx *mx;   /* in order of preference */
	const struct assurance_sts *sts; /* NULL: no policy known */
	size_t match_count;              /* names that a certificate must carry on the strict */
	const char *const *match;        /* route; by STS the hosts that its policy names, by
	                                  * pin the operator's; none by DANE */
	size_t key_count;                /* by pin: SHA-256 of public keys, 64 hex digits each, */
	const char *const *keys;         /* one of which proves the peer; no name counts then */
	const char *anchors;             /* by pin: the file of authorities that count, as the
	                                  * MTA finds it; "": the system's */
};

const struct assurance *assurance_ref(const struct assurance *a);
void assurance_unref(const struct assurance *a); /* NULL is fine */

const char *assurance_level_name(enum assurance_level level); /* "authenticated" */
const char *assurance_by_name(enum assurance_by by);          /* "dane", "sts", "pin", "null", "" */

/* Whether level meets what a rule requires; undetermined and unroutable meet nothing. */
bool assurance_meets(enum assurance_level level, enum assurance_level required);

/* One built by hand, for tests: copies everything. NULL: out of memory. */
const struct assurance *assurance_make(const struct assurance *like);
