/* dns/wire.h: questions to bytes, bytes to answers.
 *
 *     example. MX  →  12 bytes of header, the question, an OPT record
 *
 * We ask as a stub that lets its resolver validate: RD, AD ("tell me whether it
 * is authentic"), no DO, since we check no signature ourselves.
 *
 * Standard  RFC 1035 §4 (messages), RFC 6840 §5.7 and §5.8 (the AD bit), RFC 6891
 *           (EDNS), RFC 6672 (DNAME), RFC 2308 §5 (how long a denial lasts),
 *           RFC 8914 (why a resolver failed)
 * Memory    answers are dns/answer.h's; nothing else is kept
 * Threads   pure functions */
#pragma once

#include "dns/answer.h"

enum {
	DNS_HEADER = 12,
	DNS_WIRE_NAME_MAX = 255, /* RFC 1035 §2.3.4 */
	DNS_QUERY_MAX = DNS_HEADER + DNS_WIRE_NAME_MAX + 4 + 11,
	DNS_PAYLOAD = 1232,           /* bytes of UDP that pass unfragmented: DNS flag day 2020 */
	DNS_MESSAGE_MAX = 65535,      /* a TCP message's length has two bytes */
	DNS_CHAIN_MAX = 16,           /* aliases followed; resolvers stop at 8 to 16 themselves */
	DNS_SECTION_MAX = 1024,       /* records in a whole message: bounds the work of one */
	DNS_TTL_MAX = 86400,          /* seconds; what resolvers cap at */
	DNS_NEGATIVE_TTL_MAX = 10800, /* seconds; RFC 2308 §5 found up to three hours sensible */
};

struct dns_question {
	const char *name; /* as dns_name_normalise() writes it, or "" for the root */
	enum dns_type type;
};

/* Writes the query; the number of bytes, or 0 when name cannot be asked for. */
size_t dns_wire_ask(uint16_t id, const struct dns_question *q, uint8_t out[DNS_QUERY_MAX]);

/* Whether message is a response to query: same id, QR, opcode QUERY, the very
 * question. What is not is some other exchange's, or forged: ignore it. */
bool dns_wire_replies(struct slice query, struct slice message);

/* The TC bit; message has at least a header. Ask again over TCP. */
bool dns_wire_is_truncated(struct slice message);

/* What message, which dns_wire_replies(), says about q. trusted: the server's AD
 * bit counts. from: the server, for words. Always an answer; a message that is
 * damaged, truncated, contradicts itself or carries any code but NOERROR and
 * NXDOMAIN gives DNS_FAILED. So does a denial from a server that neither resolves
 * for us nor owns the zone: a referral is no "there is none". Names come out
 * lower-case; what is no letter, digit, hyphen or underscore as "\DDD" (RFC 4343
 * §2.1), so that no such name can pass for a host's.
 * NULL: out of memory. */
const struct dns_answer *dns_wire_read(struct slice message, const struct dns_question *q,
				       bool trusted, const char *from);
