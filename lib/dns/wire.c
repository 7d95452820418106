#include "dns/wire.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <ldns/ldns.h>
#include <string.h>
#include <sys/socket.h>

enum { FLAG_RD = 0x01, FLAG_TC = 0x02, FLAG_QR = 0x80, OPCODE = 0x78, FLAG_AD = 0x20 };
enum { ARENA_BYTES = 1024 * 1024 }; /* 64 KiB of records and their names as text fit well */

/* A name as it stands on the wire, uncompressed. */
struct wire_name {
	uint8_t at[DNS_WIRE_NAME_MAX];
	size_t len;
};

static bool encode_name(const char *text, struct wire_name *out)
{
	struct slice rest = { text, strlen(text) }, label;
	size_t len = 0;

	while (rest.len) {
		if (!slice_take_until(&rest, '.', &label)) {
			label = rest;
			rest.len = 0;
		}
		if (label.len == 0 || label.len > LDNS_MAX_LABELLEN ||
		    len + label.len + 2 > sizeof out->at)
			return false;
		out->at[len++] = (uint8_t)label.len;
		memcpy(out->at + len, label.at, label.len);
		len += label.len;
	}
	out->at[len++] = 0;
	out->len = len;
	return true;
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

size_t dns_wire_ask(uint16_t id, const struct dns_question *q, uint8_t out[DNS_QUERY_MAX])
{
	struct wire_name name;

	if (!encode_name(q->name, &name))
		return 0;
	memset(out, 0, DNS_QUERY_MAX);
	put_u16(out, id);
	out[2] = FLAG_RD;
	out[3] = FLAG_AD;
	put_u16(out + 4, 1);  /* one question */
	put_u16(out + 10, 1); /* one additional record: OPT */
	memcpy(out + DNS_HEADER, name.at, name.len);

	uint8_t *at = out + DNS_HEADER + name.len;
	put_u16(at, (uint16_t)q->type);
	put_u16(at + 2, LDNS_RR_CLASS_IN);
	at += 4;
	at[0] = 0; /* OPT is owned by the root; then version, flags, no options: all zero */
	put_u16(at + 1, LDNS_RR_TYPE_OPT);
	put_u16(at + 3, DNS_PAYLOAD);
	return (size_t)(at + 11 - out);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

/* Length bytes are below 64 and so no letters: one rule serves for all bytes. */
static bool same_bytes(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool dns_wire_replies(struct slice query, struct slice message)
{
	const uint8_t *q = (const uint8_t *)query.at, *m = (const uint8_t *)message.at;
	size_t end = DNS_HEADER;

	if (message.len < DNS_HEADER || query.len < DNS_HEADER)
		return false;
	while (end < query.len && q[end] != 0)
		end += 1U + q[end];
	end += 1 + 4;
	if (end > query.len || message.len < end)
		return false;
	if (q[0] != m[0] || q[1] != m[1] || !(m[2] & FLAG_QR) || (m[2] & OPCODE))
		return false;
	/* The question is never compressed: nothing stands before it to point to. */
	return m[4] == 0 && m[5] == 1 && same_bytes(q + DNS_HEADER, m + DNS_HEADER, end - 16) &&
	       memcmp(q + end - 4, m + end - 4, 4) == 0;
}

bool dns_wire_is_truncated(struct slice message)
{
	return ((const uint8_t *)message.at)[2] & FLAG_TC;
}

struct reading {
	const struct dns_question *q;
	const char *from;
	ldns_pkt *packet;
	struct arena *arena;
	struct wire_name at; /* where the chain has come to */
	struct dns_answer answer;
	struct fault why;
};

static enum rc no_memory(struct reading *r)
{
	return fault(&r->why, RC_NOMEM, "no memory to read an answer");
}

static enum rc damaged(struct reading *r, const char *what)
{
	return fault(&r->why, RC_INVALID, "damaged %s from %s", what, r->from);
}

static const struct {
	uint16_t code;
	const char *words;
} extended[] = {
	{ 1, "unsupported DNSKEY algorithm" },
	{ 2, "unsupported DS digest" },
	{ 5, "DNSSEC indeterminate" },
	{ 6, "DNSSEC bogus" },
	{ 7, "signature expired" },
	{ 8, "signature not yet valid" },
	{ 9, "DNSKEY missing" },
	{ 10, "signatures missing" },
	{ 11, "no zone key bit" },
	{ 12, "NSEC missing" },
	{ 22, "no authority reachable" },
	{ 23, "network error" },
};

/* The resolver's own word on a failure (RFC 8914 §2), or "". */
static const char *extended_error(const ldns_pkt *packet)
{
	const ldns_rdf *options = ldns_pkt_edns_data(packet);
	size_t len = options ? ldns_rdf_size(options) : 0;
	const uint8_t *at = options ? ldns_rdf_data(options) : NULL;

	while (len >= 4) {
		size_t size = ldns_read_uint16(at + 2);
		if (size > len - 4)
			break;
		for (size_t i = 0; i < sizeof extended / sizeof *extended; i++)
			if (ldns_read_uint16(at) == LDNS_EDNS_EDE && size >= 2 &&
			    ldns_read_uint16(at + 4) == extended[i].code)
				return extended[i].words;
		at += 4 + size;
		len -= 4 + size;
	}
	return "";
}

static enum rc check_code(struct reading *r)
{
	static const char *const names[] = { NULL,     "FORMERR", "SERVFAIL", NULL,
					     "NOTIMP", "REFUSED", "YXDOMAIN" };
	unsigned code = (unsigned)ldns_pkt_get_rcode(r->packet) |
			(unsigned)ldns_pkt_edns_extended_rcode(r->packet) << 4;
	const char *more = extended_error(r->packet);

	if (code == LDNS_RCODE_NOERROR || code == LDNS_RCODE_NXDOMAIN)
		return RC_OK;
	if (code < sizeof names / sizeof *names && names[code])
		return fault(&r->why, RC_RETRY, "%s from %s%s%s", names[code], r->from,
			     *more ? ": " : "", more);
	return fault(&r->why, RC_RETRY, "response code %u from %s%s%s", code, r->from,
		     *more ? ": " : "", more);
}

static bool is_plain(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* The name as text in the arena; RC_LIMIT where escapes make it longer than any
 * name's text may be. */
static enum rc name_text(struct reading *r, const uint8_t *wire, const char **out)
{
	char text[DNS_NAME_MAX];
	size_t len = 0;

	for (size_t at = 0; wire[at]; at += 1U + wire[at]) {
		if (len)
			text[len++] = '.';
		for (size_t i = 1; i <= wire[at]; i++) {
			uint8_t c = lower(wire[at + i]);
			if (len + (is_plain(c) ? 1 : 4) >= sizeof text)
				return fault(&r->why, RC_LIMIT, "unwritable name from %s", r->from);
			if (is_plain(c))
				text[len++] = (char)c;
			else
				len += (size_t)snprintf(text + len, 5, "\\%03u", c);
		}
	}
	text[len] = '\0';
	*out = arena_text(r->arena, (struct slice){ text, len });
	return *out ? RC_OK : no_memory(r);
}

static bool is_name(const ldns_rdf *rdf)
{
	return rdf && ldns_rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME &&
	       ldns_rdf_size(rdf) <= DNS_WIRE_NAME_MAX;
}

static bool owns(const ldns_rr *rr, const struct wire_name *name, unsigned type)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);

	return (unsigned)ldns_rr_get_type(rr) == type &&
	       ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && ldns_rdf_size(owner) == name->len &&
	       same_bytes(ldns_rdf_data(owner), name->at, name->len);
}

/* How many bytes of name stand before owner, when owner is an ancestor or, with
 * self, the name itself; SIZE_MAX when it is neither. */
static size_t prefix_before(const struct wire_name *name, const ldns_rdf *owner, bool self)
{
	size_t len = ldns_rdf_size(owner);

	for (size_t at = 0; at < name->len; at += 1U + name->at[at])
		if (name->len - at == len && (at > 0 || self) &&
		    same_bytes(name->at + at, ldns_rdf_data(owner), len))
			return at;
	return SIZE_MAX;
}

static void shorten_life(struct reading *r, uint32_t ttl)
{
	if (ttl > INT32_MAX)
		ttl = 0; /* RFC 2181 §8 */
	if (ttl < r->answer.ttl)
		r->answer.ttl = ttl;
}

static bool same_target(const ldns_rr *alias, const ldns_rdf *target)
{
	const ldns_rdf *own = ldns_rr_rdf(alias, 0);

	return is_name(own) && ldns_rdf_size(own) == ldns_rdf_size(target) &&
	       same_bytes(ldns_rdf_data(own), ldns_rdf_data(target), ldns_rdf_size(own));
}

static enum rc step_cname(struct reading *r, const ldns_rr *alias, bool *moved)
{
	const ldns_rdf *target = ldns_rr_rdf(alias, 0);
	const ldns_rr_list *list = ldns_pkt_answer(r->packet);

	if (!is_name(target))
		return damaged(r, "CNAME");
	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *other = ldns_rr_list_rr(list, i);
		if (owns(other, &r->at, LDNS_RR_TYPE_CNAME) && !same_target(other, target))
			return fault(&r->why, RC_INVALID, "two CNAMEs at one name from %s",
				     r->from);
	}
	memcpy(r->at.at, ldns_rdf_data(target), ldns_rdf_size(target));
	r->at.len = ldns_rdf_size(target);
	shorten_life(r, ldns_rr_ttl(alias));
	*moved = true;
	return RC_OK;
}

/* RFC 6672 §2.2: the part before the DNAME's owner moves below its target. */
static enum rc step_dname(struct reading *r, const ldns_rr *alias, size_t prefix, bool *moved)
{
	const ldns_rdf *target = ldns_rr_rdf(alias, 0);

	if (!is_name(target))
		return damaged(r, "DNAME");
	if (prefix + ldns_rdf_size(target) > DNS_WIRE_NAME_MAX)
		return fault(&r->why, RC_INVALID, "DNAME from %s makes too long a name", r->from);
	memcpy(r->at.at + prefix, ldns_rdf_data(target), ldns_rdf_size(target));
	r->at.len = prefix + ldns_rdf_size(target);
	shorten_life(r, ldns_rr_ttl(alias));
	*moved = true;
	return RC_OK;
}

/* One step along the chain, if there is one from here. */
static enum rc step(struct reading *r, bool *moved)
{
	const ldns_rr_list *list = ldns_pkt_answer(r->packet);
	size_t count = ldns_rr_list_rr_count(list), prefix;

	*moved = false;
	for (size_t i = 0; i < count; i++)
		if (owns(ldns_rr_list_rr(list, i), &r->at, (unsigned)r->q->type))
			return RC_OK; /* arrived */
	for (size_t i = 0; i < count; i++)
		if (owns(ldns_rr_list_rr(list, i), &r->at, LDNS_RR_TYPE_CNAME))
			return step_cname(r, ldns_rr_list_rr(list, i), moved);
	for (size_t i = 0; i < count; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_DNAME ||
		    ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN)
			continue;
		prefix = prefix_before(&r->at, ldns_rr_owner(rr), false);
		if (prefix != SIZE_MAX)
			return step_dname(r, rr, prefix, moved);
	}
	return RC_OK;
}

static enum rc follow_chain(struct reading *r)
{
	struct wire_name seen[DNS_CHAIN_MAX + 1];
	bool moved = true;

	for (size_t hops = 0;; hops++) {
		seen[hops] = r->at;
		enum rc rc = step(r, &moved);
		if (rc != RC_OK)
			return rc;
		if (!moved)
			return name_text(r, r->at.at, &r->answer.name);
		r->answer.aliased = true;
		for (size_t i = 0; i <= hops; i++)
			if (seen[i].len == r->at.len && same_bytes(seen[i].at, r->at.at, r->at.len))
				return fault(&r->why, RC_INVALID, "CNAME loop from %s", r->from);
		if (hops + 1 > DNS_CHAIN_MAX)
			return fault(&r->why, RC_LIMIT, "more than %d CNAMEs from %s",
				     DNS_CHAIN_MAX, r->from);
	}
}

/* The rdata from its first field on, put together again. */
static enum rc join(struct reading *r, const ldns_rr *rr, size_t first, size_t skip,
		    struct slice *out)
{
	size_t len = 0, at = 0;

	for (size_t i = first; i < ldns_rr_rd_count(rr); i++)
		len += ldns_rdf_size(ldns_rr_rdf(rr, i)) - skip;
	char *bytes = arena_alloc(r->arena, len ? len : 1);
	if (!bytes)
		return no_memory(r);
	for (size_t i = first; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);
		memcpy(bytes + at, ldns_rdf_data(rdf) + skip, ldns_rdf_size(rdf) - skip);
		at += ldns_rdf_size(rdf) - skip;
	}
	*out = (struct slice){ bytes, len };
	return RC_OK;
}

static enum rc read_mx(struct reading *r, const ldns_rr *rr, struct dns_record *out)
{
	const ldns_rdf *preference = ldns_rr_rdf(rr, 0), *host = ldns_rr_rdf(rr, 1);

	if (ldns_rr_rd_count(rr) != 2 || ldns_rdf_size(preference) != 2 || !is_name(host))
		return damaged(r, "MX");
	out->mx.preference = ldns_rdf2native_int16(preference);
	return name_text(r, ldns_rdf_data(host), &out->mx.host);
}

static enum rc read_address(struct reading *r, const ldns_rr *rr, struct dns_record *out)
{
	const ldns_rdf *address = ldns_rr_rdf(rr, 0);
	size_t size = r->q->type == DNS_A ? 4 : 16;

	if (ldns_rr_rd_count(rr) != 1 || ldns_rdf_size(address) != size)
		return damaged(r, "address");
	out->address.family = r->q->type == DNS_A ? AF_INET : AF_INET6;
	memcpy(out->address.bytes, ldns_rdf_data(address), size);
	return RC_OK;
}

static enum rc read_tlsa(struct reading *r, const ldns_rr *rr, struct dns_record *out)
{
	for (size_t i = 0; i < 3; i++)
		if (ldns_rr_rd_count(rr) < 3 || ldns_rdf_size(ldns_rr_rdf(rr, i)) != 1)
			return damaged(r, "TLSA");
	out->tlsa.usage = ldns_rdf2native_int8(ldns_rr_rdf(rr, 0));
	out->tlsa.selector = ldns_rdf2native_int8(ldns_rr_rdf(rr, 1));
	out->tlsa.matching = ldns_rdf2native_int8(ldns_rr_rdf(rr, 2));
	return join(r, rr, 3, 0, &out->tlsa.data);
}

/* RFC 1035 §3.3.14: strings of a length byte and as many bytes. */
static enum rc read_txt(struct reading *r, const ldns_rr *rr, struct dns_record *out)
{
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++)
		if (ldns_rdf_size(ldns_rr_rdf(rr, i)) < 1)
			return damaged(r, "TXT");
	return join(r, rr, 0, 1, &out->txt);
}

static enum rc read_record(struct reading *r, const ldns_rr *rr, struct dns_record *out)
{
	switch (r->q->type) {
	case DNS_MX:
		return read_mx(r, rr, out);
	case DNS_A:
	case DNS_AAAA:
		return read_address(r, rr, out);
	case DNS_TLSA:
		return read_tlsa(r, rr, out);
	case DNS_TXT:
		return read_txt(r, rr, out);
	case DNS_DNSKEY:
		return join(r, rr, 0, 0, &out->raw);
	case DNS_CNAME:
		if (ldns_rr_rd_count(rr) != 1 || !is_name(ldns_rr_rdf(rr, 0)))
			return damaged(r, "CNAME");
		return name_text(r, ldns_rdf_data(ldns_rr_rdf(rr, 0)), &out->cname);
	}
	return damaged(r, "record");
}

static enum rc read_records(struct reading *r)
{
	const ldns_rr_list *list = ldns_pkt_answer(r->packet);
	size_t all = ldns_rr_list_rr_count(list), count = 0;

	for (size_t i = 0; i < all; i++)
		count += owns(ldns_rr_list_rr(list, i), &r->at, (unsigned)r->q->type);
	if (count == 0)
		return RC_OK;
	if (count > DNS_RECORDS_MAX)
		return fault(&r->why, RC_LIMIT, "more than %d records from %s", DNS_RECORDS_MAX,
			     r->from);
	struct dns_record *records = ARENA_ARRAY(r->arena, struct dns_record, count);
	if (!records)
		return no_memory(r);

	for (size_t i = 0; i < all; i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		if (!owns(rr, &r->at, (unsigned)r->q->type))
			continue;
		enum rc rc = read_record(r, rr, &records[r->answer.count++]);
		if (rc != RC_OK)
			return rc;
		shorten_life(r, ldns_rr_ttl(rr));
	}
	r->answer.records = records;
	return RC_OK;
}

/* RFC 2308 §5: a denial lasts as long as the SOA beside it, or its minimum. One
 * without a SOA must not be kept at all. */
static bool read_soa(struct reading *r)
{
	const ldns_rr_list *list = ldns_pkt_authority(r->packet);

	for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(list, i);
		const ldns_rdf *minimum = ldns_rr_rdf(rr, 6);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(rr) != 7 ||
		    ldns_rdf_size(minimum) != 4 ||
		    prefix_before(&r->at, ldns_rr_owner(rr), true) == SIZE_MAX)
			continue;
		shorten_life(r, ldns_rr_ttl(rr));
		shorten_life(r, ldns_rdf2native_int32(minimum));
		shorten_life(r, DNS_NEGATIVE_TTL_MAX);
		return true;
	}
	r->answer.ttl = 0;
	return false;
}

static enum rc settle(struct reading *r)
{
	bool nxdomain = ldns_pkt_get_rcode(r->packet) == LDNS_RCODE_NXDOMAIN;

	if (r->answer.count > 0) {
		if (nxdomain)
			return fault(&r->why, RC_INVALID, "NXDOMAIN with records from %s", r->from);
		r->answer.status = DNS_FOUND;
		return RC_OK;
	}
	bool sourced = read_soa(r);
	bool knows = ldns_pkt_ra(r->packet) ||
		     (ldns_pkt_aa(r->packet) && (sourced || !r->answer.aliased));
	if (!knows)
		return fault(&r->why, RC_RETRY, "%s does not resolve for us", r->from);
	r->answer.status = nxdomain ? DNS_NXDOMAIN : DNS_NODATA;
	return RC_OK;
}

static enum rc read_message(struct reading *r, struct slice message)
{
	const uint8_t *m = (const uint8_t *)message.at;

	if (message.len < DNS_HEADER)
		return damaged(r, "answer");
	if (dns_wire_is_truncated(message))
		return fault(&r->why, RC_RETRY, "truncated answer from %s", r->from);
	if (ldns_read_uint16(m + 6) + ldns_read_uint16(m + 8) + ldns_read_uint16(m + 10) >
	    DNS_SECTION_MAX)
		return fault(&r->why, RC_LIMIT, "answer of more than %d records from %s",
			     DNS_SECTION_MAX, r->from);
	ldns_status bad = ldns_wire2pkt(&r->packet, m, message.len);
	if (bad == LDNS_STATUS_MEM_ERR)
		return no_memory(r);
	if (bad != LDNS_STATUS_OK)
		return damaged(r, "answer");
	if (!encode_name(r->q->name, &r->at))
		return fault(&r->why, RC_INVALID, "\"%s\" is not a name", r->q->name);

	enum rc rc = check_code(r);
	if (rc == RC_OK)
		rc = follow_chain(r);
	if (rc == RC_OK)
		rc = read_records(r);
	return rc == RC_OK ? settle(r) : rc;
}

static void free_packet(ldns_pkt **packet)
{
	ldns_pkt_free(*packet);
}

static void free_arena(struct arena **arena)
{
	arena_free(*arena);
}

const struct dns_answer *dns_wire_read(struct slice message, const struct dns_question *q,
				       bool trusted, const char *from)
{
	CLEANUP(free_arena) struct arena *arena = arena_new(ARENA_BYTES);
	CLEANUP(free_packet) ldns_pkt *packet = NULL;
	struct reading r = {
		.q = q,
		.from = from,
		.arena = arena,
		.answer = { .asked = q->name, .type = q->type, .ttl = DNS_TTL_MAX },
	};
	if (!arena)
		return NULL;

	enum rc rc = read_message(&r, message);
	packet = r.packet;
	if (rc == RC_NOMEM)
		return NULL;
	if (rc != RC_OK)
		r.answer = (struct dns_answer){
			.asked = q->name, .type = q->type, .status = DNS_FAILED, .why = r.why.text
		};
	else if (trusted && ldns_pkt_ad(packet))
		r.answer.trust = DNS_SECURE;
	return dns_answer_make(&r.answer);
}
