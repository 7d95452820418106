/* assurance/destination.h: a next hop, as people and MTAs write it, made exact.
 *
 *     "Müller.Example."        →  xn--mller-kva.example, its MX hosts, port 25
 *     "[Relay.Example]:587"    →  relay.example itself, port 587
 *     "partner.example:2525"   →  its MX hosts, port 2525
 *     "[192.0.2.1]"            →  an address literal
 *
 * Standard  RFC 8461 §3.4 (the policy domain is the next hop's, never a
 *           literal's), RFC 5321 §4.1.3 (literals); brackets as in Postfix's transport(5)
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "dns/answer.h"

enum { ASSURANCE_DESTINATION_MAX = DNS_NAME_MAX + 10 }; /* brackets, colon, port */

struct assurance_destination {
	char text[ASSURANCE_DESTINATION_MAX]; /* the one way of writing it; cache key */
	char name[DNS_NAME_MAX];              /* lower-case A-labels; "" for a literal */
	uint16_t port;
	bool host;    /* in brackets: name is the server itself, MX records do not count */
	bool literal; /* an address */
};

/* RC_INVALID: none of these; *out is untouched. RC_NOMEM. */
enum rc assurance_destination_parse(struct slice text, struct assurance_destination *out,
				    struct fault *why);
