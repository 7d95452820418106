/* mail/address.h: an address of the envelope.
 *
 *     <Jane.Doe@Example.ORG>     →  Jane.Doe@example.org
 *     <@a.test,@b.test:c@d.test> →  c@d.test            the route is dropped
 *     "jane"@example.org.        →  jane@example.org
 *     <>                         →  the null sender
 *
 * What is kept is a normal form, so that one mailbox has one spelling and no rule
 * is dodged by quotes, capitals or a last dot. The case of the local part is kept:
 * it is the destination's affair. U-labels stay as they are (dns/name.h makes
 * A-labels); `user%host` and bang paths are left to the MTA.
 *
 * Standard  RFC 5321 §4.1.2 (syntax), §4.1.3 (literals), §4.5.3.1 (sizes), Appendix C and
 *           §4.1.1.3 (routes are ignored), RFC 6531 §3.3 (UTF-8)
 * Memory    plain values; nothing is borrowed
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum {
	MAIL_DOMAIN_MAX = 255, /* bytes; RFC 5321 §4.5.3.1.2, and the DNS has no more */
	/* Bytes of an address. §4.5.3.1.3 makes every server take 256 and asks for no limit;
	 * senders that put the recipient into theirs (VERP) pass 256, and 64 in the local part.
	 * Such mail passes today, so a milter must take it. */
	MAIL_ADDRESS_MAX = 1000,
};

struct mail_address {
	char text[MAIL_ADDRESS_MAX + 1]; /* normal form, "local@domain"; "" for the null sender */
	size_t local_len;                /* bytes of the local part, its quotes included */
	bool literal;                    /* the domain is "[192.0.2.1]" or "[ipv6:2001:db8::1]" */
	bool utf8;                       /* not ASCII alone: SMTPUTF8 is needed */
};

/* Reads `<path>` or a bare address.
 *   RC_INVALID  not an address
 *   RC_LIMIT    longer than the bounds above */
enum rc mail_address_parse(struct slice text, struct mail_address *out, struct fault *why);

bool mail_address_is_null(const struct mail_address *address);
struct slice mail_address_local(const struct mail_address *address);
/* Lower case, no last dot; "" for the null sender and for a bare local part, which
 * the MTA completes with its own domain. */
struct slice mail_address_domain(const struct mail_address *address);
