#include "dns/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ldns/ldns.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { AA = 1, AD = 2, TC = 4, NO_RA = 8, NXDOMAIN = 3 };

struct row {
	const char *sentence;
	struct dns_question q;
	unsigned flags, code;
	const char *answer[8], *authority[2];
	struct dns_answer expect; /* records are compared as text */
	const char *records;
};

static void add(ldns_pkt *p, ldns_pkt_section section, const char *text)
{
	ldns_rr *rr = NULL;

	if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) != LDNS_STATUS_OK)
		fail_msg("not a record: %s", text);
	assert_true(ldns_pkt_push_rr(p, section, rr));
}

static uint8_t *message_of(const struct row *row, size_t *len)
{
	uint8_t query[DNS_QUERY_MAX], *wire = NULL;
	size_t asked = dns_wire_ask(4711, &row->q, query);
	ldns_pkt *p = NULL;

	assert_true(asked > 0);
	assert_int_equal(ldns_wire2pkt(&p, query, asked), LDNS_STATUS_OK);
	ldns_pkt_set_qr(p, true);
	ldns_pkt_set_ra(p, !(row->flags & NO_RA));
	ldns_pkt_set_aa(p, row->flags & AA);
	ldns_pkt_set_ad(p, row->flags & AD);
	ldns_pkt_set_tc(p, row->flags & TC);
	ldns_pkt_set_rcode(p, row->code & 15);
	ldns_pkt_set_edns_extended_rcode(p, (uint8_t)(row->code >> 4));
	for (size_t i = 0; i < 8 && row->answer[i]; i++)
		add(p, LDNS_SECTION_ANSWER, row->answer[i]);
	for (size_t i = 0; i < 2 && row->authority[i]; i++)
		add(p, LDNS_SECTION_AUTHORITY, row->authority[i]);
	assert_int_equal(ldns_pkt2wire(&wire, p, len), LDNS_STATUS_OK);
	ldns_pkt_free(p);
	assert_true(dns_wire_replies((struct slice){ (char *)query, asked },
				     (struct slice){ (char *)wire, *len }));
	return wire;
}

static void print_record(enum dns_type type, const struct dns_record *r, char *out, size_t room)
{
	char hex[80] = "";

	if (type == DNS_MX) {
		snprintf(out, room, "%d %s;", r->mx.preference, r->mx.host);
	} else if (type == DNS_TXT) {
		snprintf(out, room, "%.*s;", SLICE_ARG(r->txt));
	} else if (type == DNS_CNAME) {
		snprintf(out, room, "%s;", r->cname);
	} else if (type == DNS_TLSA) {
		for (size_t i = 0; i < r->tlsa.data.len && i < 30; i++)
			snprintf(hex + 2 * i, 3, "%02x", (unsigned char)r->tlsa.data.at[i]);
		snprintf(out, room, "%d %d %d %s;", r->tlsa.usage, r->tlsa.selector,
			 r->tlsa.matching, hex);
	} else if (type == DNS_DNSKEY) {
		for (size_t i = 0; i < r->raw.len && i < 30; i++)
			snprintf(hex + 2 * i, 3, "%02x", (unsigned char)r->raw.at[i]);
		snprintf(out, room, "%s;", hex);
	} else {
		size_t len = r->address.family == AF_INET ? 4 : 16;
		for (size_t i = 0; i < len; i++)
			snprintf(hex + 2 * i, 3, "%02x", r->address.bytes[i]);
		snprintf(out, room, "%s;", hex);
	}
}

static const struct dns_answer *read_row(const struct row *row, bool trusted)
{
	size_t len;
	uint8_t *wire = message_of(row, &len);
	const struct dns_answer *a =
		dns_wire_read((struct slice){ (char *)wire, len }, &row->q, trusted, "127.0.0.1");

	free(wire);
	assert_non_null(a);
	return a;
}

#define MX(name)                                                                                   \
	{                                                                                          \
		name, DNS_MX                                                                       \
	}
#define SOA "example. 900 IN SOA ns.example. host.example. 1 2 3 4 300"
#define LONG_SOA "example. 999999 IN SOA ns.example. host.example. 1 2 3 4 888888"

static const struct row rows[] = {
	{ "secure records",
	  MX("example"),
	  AD,
	  0,
	  { "example. 300 IN MX 10 Mail.Example.", "example. 200 IN MX 20 b.example." },
	  { 0 },
	  { .status = DNS_FOUND, .trust = DNS_SECURE, .name = "example", .ttl = 200 },
	  "10 mail.example;20 b.example;" },
	{ "without AD they are insecure",
	  MX("example"),
	  0,
	  0,
	  { "example. 300 IN MX 10 a.example." },
	  { 0 },
	  { .status = DNS_FOUND, .name = "example", .ttl = 300 },
	  "10 a.example;" },
	{ "null MX",
	  MX("example"),
	  AD,
	  0,
	  { "example. 300 IN MX 0 ." },
	  { 0 },
	  { .status = DNS_FOUND, .trust = DNS_SECURE, .name = "example", .ttl = 300 },
	  "0 ;" },
	{ "a long life is cut",
	  MX("example"),
	  0,
	  0,
	  { "example. 600000 IN MX 0 ." },
	  { 0 },
	  { .status = DNS_FOUND, .name = "example", .ttl = DNS_TTL_MAX },
	  "0 ;" },
	{ "IPv4",
	  { "a.example", DNS_A },
	  0,
	  0,
	  { "a.example. 5 IN A 192.0.2.1" },
	  { 0 },
	  { .status = DNS_FOUND, .name = "a.example", .ttl = 5 },
	  "c0000201;" },
	{ "IPv6",
	  { "a.example", DNS_AAAA },
	  0,
	  0,
	  { "a.example. 5 IN AAAA 2001:db8::1" },
	  { 0 },
	  { .status = DNS_FOUND, .name = "a.example", .ttl = 5 },
	  "20010db8000000000000000000000001;" },
	{ "TXT strings are joined",
	  { "_mta-sts.example", DNS_TXT },
	  0,
	  0,
	  { "_mta-sts.example. 5 IN TXT \"v=STSv1; \" \"id=1;\"",
	    "_mta-sts.example. 5 IN TXT \"\"" },
	  { 0 },
	  { .status = DNS_FOUND, .name = "_mta-sts.example", .ttl = 5 },
	  "v=STSv1; id=1;;;" },
	{ "TLSA",
	  { "_25._tcp.a.example", DNS_TLSA },
	  AD,
	  0,
	  { "_25._tcp.a.example. 5 IN TLSA 3 1 1 00ff10" },
	  { 0 },
	  { .status = DNS_FOUND, .trust = DNS_SECURE, .name = "_25._tcp.a.example", .ttl = 5 },
	  "3 1 1 00ff10;" },
	{ "DNSKEY of the root",
	  { "", DNS_DNSKEY },
	  AD,
	  0,
	  { ". 5 IN DNSKEY 257 3 8 AQID" },
	  { 0 },
	  { .status = DNS_FOUND, .trust = DNS_SECURE, .name = "", .ttl = 5 },
	  "01010308010203;" },
	{ "CNAME asked for as such",
	  { "a.example", DNS_CNAME },
	  AD,
	  0,
	  { "a.example. 5 IN CNAME B.example.", "b.example. 5 IN A 192.0.2.1" },
	  { 0 },
	  { .status = DNS_FOUND, .trust = DNS_SECURE, .name = "a.example", .ttl = 5 },
	  "b.example;" },
	{ "a chain out of order",
	  MX("a.example"),
	  AD,
	  0,
	  { "c.example. 300 IN MX 1 m.example.", "B.example. 100 IN CNAME c.example.",
	    "a.example. 200 IN CNAME b.example.", "x.example. 1 IN MX 9 x.example." },
	  { 0 },
	  { .status = DNS_FOUND,
	    .trust = DNS_SECURE,
	    .name = "c.example",
	    .ttl = 100,
	    .aliased = true },
	  "1 m.example;" },
	{ "DNAME with its CNAME",
	  MX("a.old.example"),
	  0,
	  0,
	  { "old.example. 50 IN DNAME new.example.", "a.old.example. 60 IN CNAME a.new.example.",
	    "a.new.example. 70 IN MX 1 m.example." },
	  { 0 },
	  { .status = DNS_FOUND, .name = "a.new.example", .ttl = 60, .aliased = true },
	  "1 m.example;" },
	{ "DNAME alone",
	  MX("a.b.old.example"),
	  0,
	  0,
	  { "OLD.example. 50 IN DNAME new.example.", "a.b.new.example. 70 IN MX 1 m.example." },
	  { 0 },
	  { .status = DNS_FOUND, .name = "a.b.new.example", .ttl = 50, .aliased = true },
	  "1 m.example;" },
	{ "a DNAME is not for its own owner",
	  MX("old.example"),
	  0,
	  0,
	  { "old.example. 50 IN DNAME new.example." },
	  { 0 },
	  { .status = DNS_NODATA, .name = "old.example", .ttl = 0 },
	  "" },
	{ "NODATA lasts as long as the SOA's minimum",
	  MX("a.example"),
	  AD,
	  0,
	  { 0 },
	  { SOA },
	  { .status = DNS_NODATA, .trust = DNS_SECURE, .name = "a.example", .ttl = 300 },
	  "" },
	{ "a denial's life is capped",
	  MX("a.example"),
	  0,
	  0,
	  { 0 },
	  { LONG_SOA },
	  { .status = DNS_NODATA, .name = "a.example", .ttl = DNS_NEGATIVE_TTL_MAX },
	  "" },
	{ "NXDOMAIN",
	  MX("a.example"),
	  AD,
	  NXDOMAIN,
	  { 0 },
	  { SOA },
	  { .status = DNS_NXDOMAIN, .trust = DNS_SECURE, .name = "a.example", .ttl = 300 },
	  "" },
	{ "a denial without SOA is not kept",
	  MX("a.example"),
	  0,
	  NXDOMAIN,
	  { 0 },
	  { 0 },
	  { .status = DNS_NXDOMAIN, .name = "a.example", .ttl = 0 },
	  "" },
	{ "a SOA from elsewhere does not count",
	  MX("a.test"),
	  0,
	  NXDOMAIN,
	  { 0 },
	  { SOA },
	  { .status = DNS_NXDOMAIN, .name = "a.test", .ttl = 0 },
	  "" },
	{ "NXDOMAIN behind a CNAME",
	  MX("a.example"),
	  AD,
	  NXDOMAIN,
	  { "a.example. 20 IN CNAME b.example." },
	  { SOA },
	  { .status = DNS_NXDOMAIN,
	    .trust = DNS_SECURE,
	    .name = "b.example",
	    .ttl = 20,
	    .aliased = true },
	  "" },
	{ "NODATA behind a CNAME",
	  MX("a.example"),
	  0,
	  0,
	  { "a.example. 400 IN CNAME b.example." },
	  { SOA },
	  { .status = DNS_NODATA, .name = "b.example", .ttl = 300, .aliased = true },
	  "" },
	{ "records of other names do not count",
	  MX("a.example"),
	  0,
	  0,
	  { "b.example. 5 IN MX 1 m.example." },
	  { SOA },
	  { .status = DNS_NODATA, .name = "a.example", .ttl = 300 },
	  "" },
	{ "nor do other classes",
	  MX("a.example"),
	  0,
	  0,
	  { "a.example. 5 CH MX 1 m.example." },
	  { SOA },
	  { .status = DNS_NODATA, .name = "a.example", .ttl = 300 },
	  "" },
	{ "a host with odd bytes is escaped",
	  MX("a.example"),
	  0,
	  0,
	  { "a.example. 5 IN MX 1 a\\.b\\000*.Example." },
	  { 0 },
	  { .status = DNS_FOUND, .name = "a.example", .ttl = 5 },
	  "1 a\\046b\\000\\042.example;" },
	{ "the owner of the zone may answer without recursion",
	  MX("a.example"),
	  NO_RA | AA,
	  0,
	  { 0 },
	  { SOA },
	  { .status = DNS_NODATA, .name = "a.example", .ttl = 300 },
	  "" },

	{ "a referral is no denial",
	  MX("a.example"),
	  NO_RA,
	  0,
	  { 0 },
	  { "example. 5 IN NS ns.test." },
	  { .status = DNS_FAILED, .why = "127.0.0.1 does not resolve for us" },
	  "" },
	{ "nor is a chain that leaves the server's zone",
	  MX("a.example"),
	  NO_RA | AA,
	  0,
	  { "a.example. 400 IN CNAME b.test." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "127.0.0.1 does not resolve for us" },
	  "" },
	{ "SERVFAIL",
	  MX("example"),
	  AD,
	  2,
	  { "example. 300 IN MX 10 a.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "SERVFAIL from 127.0.0.1" },
	  "" },
	{ "REFUSED",
	  MX("example"),
	  0,
	  5,
	  { 0 },
	  { 0 },
	  { .status = DNS_FAILED, .why = "REFUSED from 127.0.0.1" },
	  "" },
	{ "FORMERR",
	  MX("example"),
	  0,
	  1,
	  { 0 },
	  { 0 },
	  { .status = DNS_FAILED, .why = "FORMERR from 127.0.0.1" },
	  "" },
	{ "a code without a name",
	  MX("example"),
	  0,
	  9,
	  { 0 },
	  { 0 },
	  { .status = DNS_FAILED, .why = "response code 9 from 127.0.0.1" },
	  "" },
	{ "an extended code is no NOERROR",
	  MX("example"),
	  AD,
	  16,
	  { "example. 300 IN MX 10 a.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "response code 16 from 127.0.0.1" },
	  "" },
	{ "an extended code is no NXDOMAIN",
	  MX("example"),
	  AD,
	  16 + 3,
	  { 0 },
	  { SOA },
	  { .status = DNS_FAILED, .why = "response code 19 from 127.0.0.1" },
	  "" },
	{ "truncated",
	  MX("example"),
	  TC,
	  0,
	  { "example. 300 IN MX 10 a.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "truncated answer from 127.0.0.1" },
	  "" },
	{ "a loop",
	  MX("a.example"),
	  AD,
	  0,
	  { "a.example. 5 IN CNAME b.example.", "b.example. 5 IN CNAME A.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "CNAME loop from 127.0.0.1" },
	  "" },
	{ "a DNAME that grows the name for ever",
	  MX("a.example"),
	  AD,
	  0,
	  { "example. 5 IN DNAME x.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "more than 16 CNAMEs from 127.0.0.1" },
	  "" },
	{ "two CNAMEs",
	  MX("a.example"),
	  AD,
	  0,
	  { "a.example. 5 IN CNAME b.example.", "a.example. 5 IN CNAME c.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "two CNAMEs at one name from 127.0.0.1" },
	  "" },
	{ "NXDOMAIN beside the records",
	  MX("example"),
	  AD,
	  NXDOMAIN,
	  { "example. 300 IN MX 10 a.example." },
	  { 0 },
	  { .status = DNS_FAILED, .why = "NXDOMAIN with records from 127.0.0.1" },
	  "" },
};

static void expect(const struct row *row, const struct dns_answer *a, enum dns_trust trust)
{
	char text[512] = "";

	for (size_t i = 0; i < a->count; i++)
		print_record(a->type, &a->records[i], text + strlen(text),
			     sizeof text - strlen(text));
	bool failed = row->expect.status == DNS_FAILED;
	if (a->status != row->expect.status || a->trust != trust ||
	    a->aliased != row->expect.aliased || a->ttl != row->expect.ttl ||
	    strcmp(a->name, failed ? row->q.name : row->expect.name) != 0 ||
	    strcmp(a->why, failed ? row->expect.why : "") != 0 || strcmp(text, row->records) != 0 ||
	    strcmp(a->asked, row->q.name) != 0 || a->type != row->q.type)
		fail_msg("%s: status %d trust %d aliased %d ttl %u name \"%s\" why \"%s\" %s",
			 row->sentence, a->status, a->trust, a->aliased, a->ttl, a->name, a->why,
			 text);
}

static void messages_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct dns_answer *a = read_row(&rows[i], true);
		expect(&rows[i], a, rows[i].expect.trust);
		dns_answer_unref(a);
	}
}

static void nothing_is_secure_from_a_server_we_do_not_trust(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct dns_answer *a = read_row(&rows[i], false);
		expect(&rows[i], a, DNS_INSECURE);
		dns_answer_unref(a);
	}
}

static void every_shortened_message_fails_or_says_less(void **state)
{
	const struct row *row = &rows[0];
	size_t len;
	uint8_t *wire = message_of(row, &len);

	(void)state;
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *exact = malloc(cut + 1); /* one more: malloc(0) */
		memcpy(exact, wire, cut);
		const struct dns_answer *a = dns_wire_read((struct slice){ (char *)exact, cut },
							   &row->q, true, "127.0.0.1");
		assert_non_null(a);
		assert_int_equal(a->status, DNS_FAILED);
		assert_string_equal(a->why, "damaged answer from 127.0.0.1");
		dns_answer_unref(a);
		free(exact);
	}
	free(wire);
}

static const struct dns_answer *read_hosts(size_t count)
{
	struct row row = { .q = MX("example") };
	size_t len;
	uint8_t *wire = message_of(&row, &len);
	/* c0 0c: the name in the question; then MX IN, ttl 1, 4 bytes, preference, same name */
	static const uint8_t mx[] = { 0xc0, 12, 0, 15, 0, 1, 0, 0, 0, 1, 0, 4, 0, 1, 0xc0, 12 };
	uint8_t *whole = malloc(len + count * sizeof mx);

	len -= 11; /* OPT goes */
	memcpy(whole, wire, len);
	free(wire);
	whole[11] = 0;
	whole[6] = (uint8_t)(count >> 8);
	whole[7] = (uint8_t)count;
	for (size_t i = 0; i < count; i++, len += sizeof mx)
		memcpy(whole + len, mx, sizeof mx);
	const struct dns_answer *a =
		dns_wire_read((struct slice){ (char *)whole, len }, &row.q, true, "127.0.0.1");
	free(whole);
	return a;
}

static void too_many_records_fail(void **state)
{
	static const struct {
		size_t count;
		const char *why;
	} table[] = {
		{ DNS_RECORDS_MAX, "" },
		{ DNS_RECORDS_MAX + 1, "more than 512 records from 127.0.0.1" },
		{ DNS_SECTION_MAX + 1, "answer of more than 1024 records from 127.0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct dns_answer *a = read_hosts(table[i].count);
		assert_string_equal(a->why, table[i].why);
		assert_int_equal(a->count, *table[i].why ? 0 : table[i].count);
		dns_answer_unref(a);
	}
}

static void the_resolvers_own_words_are_passed_on(void **state)
{
	struct row row = { .q = MX("example"), .code = 2 };
	static const uint8_t bogus[] = { 0, 15, 0, 4, 0, 6, 'n', 'o' };
	size_t len;
	uint8_t *wire = message_of(&row, &len);
	uint8_t *longer = malloc(len + sizeof bogus);

	(void)state;
	memcpy(longer, wire, len);
	memcpy(longer + len, bogus, sizeof bogus);
	longer[len - 1] = sizeof bogus; /* the OPT record's length */
	const struct dns_answer *a = dns_wire_read(
		(struct slice){ (char *)longer, len + sizeof bogus }, &row.q, true, "127.0.0.1");
	assert_string_equal(a->why, "SERVFAIL from 127.0.0.1: DNSSEC bogus");
	dns_answer_unref(a);
	free(longer);
	free(wire);
}

static void a_name_of_full_length_survives(void **state)
{
	static char label[64], name[DNS_NAME_MAX], line[600];
	struct row row = { .q = MX(name), .answer = { line } };

	(void)state;
	memset(label, 'a', 63);
	snprintf(name, sizeof name, "%s.%s.%s.%.61s", label, label, label, label);
	assert_int_equal(strlen(name), 253);
	snprintf(line, sizeof line, "%s. 5 IN MX 1 %s.", name, name);
	const struct dns_answer *a = read_row(&row, false);
	assert_int_equal(a->status, DNS_FOUND);
	assert_string_equal(a->records[0].mx.host, name);
	dns_answer_unref(a);

	/* The same length in escapes cannot be written; never half a name. */
	snprintf(line, sizeof line, "%s. 5 IN MX 1 *%.62s.%s.%s.%.61s.", name, label, label, label,
		 label);
	a = read_row(&row, false);
	assert_string_equal(a->why, "unwritable name from 127.0.0.1");
	dns_answer_unref(a);
}

static void queries_look_as_they_should(void **state)
{
	static const uint8_t expected[] = "\x12\x67\x01\x20\0\1\0\0\0\0\0\1"
					  "\1a\7example\0\0\017\0\1"
					  "\0\0\x29\x04\xd0\0\0\0\0\0";
	static const char *const never[] = { "a..example", ".", ".example", "a.example.." };
	uint8_t out[DNS_QUERY_MAX];
	char label[66], name[300];

	(void)state;
	assert_int_equal(dns_wire_ask(0x1267, &(struct dns_question)MX("a.example"), out),
			 sizeof expected);
	assert_memory_equal(out, expected, sizeof expected);
	assert_int_equal(dns_wire_ask(1, &(struct dns_question){ "", DNS_DNSKEY }, out), 28);

	memset(label, 'a', 65);
	label[65] = '\0';
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		assert_int_equal(dns_wire_ask(1, &(struct dns_question){ never[i], DNS_MX }, out),
				 0);
	assert_int_equal(dns_wire_ask(1, &(struct dns_question){ label + 1, DNS_MX }, out), 0);
	snprintf(name, sizeof name, "%s.%s.%s.%.62s", label + 2, label + 2, label + 2, label);
	assert_int_equal(dns_wire_ask(1, &(struct dns_question){ name, DNS_MX }, out), 0);
	assert_int_equal(dns_wire_ask(1, &(struct dns_question){ name + 1, DNS_MX }, out),
			 DNS_QUERY_MAX);
}

static void only_the_reply_to_the_query_is_one(void **state)
{
	static const struct {
		const char *sentence;
		size_t at;
		uint8_t flip;
		bool replies;
	} table[] = {
		{ "as it came", 3, 0x00, true },
		{ "letters in the other case", 13, 0x20, true },
		{ "another id", 0, 0x01, false },
		{ "another id, second byte", 1, 0x01, false },
		{ "a query", 2, 0x80, false },
		{ "a NOTIFY", 2, 0x20, false },
		{ "no question", 5, 0x01, false },
		{ "257 questions", 4, 0x01, false },
		{ "another name", 13, 0x01, false },
		{ "another label's length", 12, 0x01, false },
		{ "another type", 24, 0x10, false },
		{ "another class", 26, 0x02, false },
	};
	const struct row row = { .q = MX("a.example") };
	uint8_t query[DNS_QUERY_MAX];
	size_t asked = dns_wire_ask(4711, &row.q, query), len;
	uint8_t *wire = message_of(&row, &len);
	struct slice q = { (char *)query, asked };

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		wire[table[i].at] ^= table[i].flip;
		if (dns_wire_replies(q, (struct slice){ (char *)wire, len }) != table[i].replies)
			fail_msg("%s", table[i].sentence);
		wire[table[i].at] ^= table[i].flip;
	}
	for (size_t cut = 0; cut < 27; cut++)
		assert_false(dns_wire_replies(q, (struct slice){ (char *)wire, cut }));
	assert_true(dns_wire_replies(q, (struct slice){ (char *)wire, 27 }));
	free(wire);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read),
		cmocka_unit_test(nothing_is_secure_from_a_server_we_do_not_trust),
		cmocka_unit_test(every_shortened_message_fails_or_says_less),
		cmocka_unit_test(too_many_records_fail),
		cmocka_unit_test(the_resolvers_own_words_are_passed_on),
		cmocka_unit_test(a_name_of_full_length_survives),
		cmocka_unit_test(queries_look_as_they_should),
		cmocka_unit_test(only_the_reply_to_the_query_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
