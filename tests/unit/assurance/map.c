#include "assurance/map.h"

#include "support/unit.h"

#include <stdlib.h>

#define POLICY ASSURANCE_MAP_POLICY
#define TLSRPT ASSURANCE_MAP_POLICY_TLSRPT
#define HOSTS(...) .mx = (const struct assurance_mx[]){ __VA_ARGS__ }, .mx_count = 1
#define TWO_HOSTS(...) .mx = (const struct assurance_mx[]){ __VA_ARGS__ }, .mx_count = 2
#define MX(n) .host = "mx" #n ".d.test", .lookup = ASSURANCE_SECURE
#define PLAIN_MX(n) .host = "mx" #n ".d.test", .lookup = ASSURANCE_INSECURE
#define PROVEN .usable = 1, .level = ASSURANCE_AUTHENTICATED
#define LEVEL(l) .domain = "d.test", .level = ASSURANCE_##l
#define BY(l, b) LEVEL(l), .by = ASSURANCE_BY_##b
#define STS(m)                                                                                     \
	.sts = &(const struct assurance_sts)                                                       \
	{                                                                                          \
		.mode = m, .id = "7", .max_age = 86400, .mx_count = 2, .mx = patterns              \
	}
#define MATCH(n) .match = hosts, .match_count = (n)

static const char *const patterns[] = { "mx1.d.test", "*.mail.test" };
static const char *const odd[] = { "mx1.d.test }{ x" };
static const char *const hosts[] = { "mx1.d.test", "mx2.d.test" };
static const char *const never[] = { "the operator lets nothing be sent" };
static const char *const keys[] = { "01ab" };
static const char *const because[] = { "the MX lookup failed" };

static const char report[] =
	"OK secure match=mx1.d.test servername=hostname policy_type=sts policy_domain=d.test "
	"mx_host_pattern=mx1.d.test mx_host_pattern=*.mail.test "
	"{ policy_string = version: STSv1 } { policy_string = mode: enforce } "
	"{ policy_string = mx: mx1.d.test } { policy_string = mx: *.mail.test } "
	"{ policy_string = max_age: 86400 }";
static const char not_now[] =
	"TEMP d.test is undetermined, not authenticated: the MX lookup failed";

static const struct {
	const char *clause, *sentence;
	enum assurance_map map;
	struct assurance assurance;
	const char *reply;
} rows[] = {
	/* ---- for Sendmail ---- */
	{ "RFC 8461 5",
	  "sts: enforce, the hosts that the policy names and that can be had",
	  ASSURANCE_MAP_STS,
	  { BY(AUTHENTICATED, STS),
	    TWO_HOSTS({ PLAIN_MX(1), .sts_match = true, .level = ASSURANCE_AUTHENTICATED },
		      { PLAIN_MX(2), .level = ASSURANCE_NONE }),
	    STS("enforce") },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "RFC 8461 2",
	  "sts: a host that DANE proves and the policy names too",
	  ASSURANCE_MAP_STS,
	  { BY(AUTHENTICATED, DANE), HOSTS({ MX(1), PROVEN, .sts_match = true }), STS("enforce") },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "RFC 8461 2",
	  "sts: DANE alone is not its business",
	  ASSURANCE_MAP_STS,
	  { BY(AUTHENTICATED, DANE), HOSTS({ MX(1), PROVEN }) },
	  "NOTFOUND " },
	{ "RFC 8461 5",
	  "sts: mode testing promises nothing",
	  ASSURANCE_MAP_STS,
	  { LEVEL(NONE), HOSTS({ PLAIN_MX(1), .sts_match = true }), STS("testing") },
	  "NOTFOUND " },
	{ "RFC 8461 5",
	  "sts: enforce, and no host of it can be had",
	  ASSURANCE_MAP_STS,
	  { LEVEL(UNDETERMINED), HOSTS({ PLAIN_MX(1), .level = ASSURANCE_NONE }), STS("enforce") },
	  "TEMP no host that the MTA-STS policy of d.test names can be had now" },
	{ "RFC 8461 3.3",
	  "sts: what is stored of the policy is damaged",
	  ASSURANCE_MAP_STS,
	  { LEVEL(UNDETERMINED), .held = true, .reason_count = 1, .reasons = because },
	  not_now },
	/* ---- DANE ---- */
	{ "RFC 7672 2.2",
	  "DANE at the one host",
	  POLICY,
	  { BY(AUTHENTICATED, DANE), HOSTS({ MX(1), PROVEN }) },
	  "OK dane-only" },
	{ "RFC 7672 2.2",
	  "DANE where a report said no hosts",
	  POLICY,
	  { BY(AUTHENTICATED, DANE) },
	  "OK dane-only" },
	{ "RFC 7672 2.2.1",
	  "one host has DANE, the other nothing: each is judged for itself",
	  POLICY,
	  { BY(AUTHENTICATED, DANE),
	    TWO_HOSTS({ MX(1), PROVEN }, { MX(2), .level = ASSURANCE_NONE }) },
	  "OK dane" },
	{ "RFC 7672 2.1.2",
	  "one host has DANE, the other cannot be judged: Postfix skips it",
	  POLICY,
	  { BY(AUTHENTICATED, DANE),
	    TWO_HOSTS({ MX(1), PROVEN }, { MX(2), .level = ASSURANCE_UNDETERMINED }) },
	  "OK dane" },
	{ "RFC 7672 2.2.2",
	  "a host without an address does not count",
	  POLICY,
	  { BY(AUTHENTICATED, DANE),
	    TWO_HOSTS({ MX(1), PROVEN }, { MX(2), .level = ASSURANCE_UNROUTABLE }) },
	  "OK dane-only" },
	{ "RFC 8461 2",
	  "DANE at one host, MTA-STS binds the other: DANE's are the way",
	  POLICY,
	  { BY(AUTHENTICATED, DANE), STS("enforce"),
	    TWO_HOSTS({ MX(1), PROVEN },
		      { MX(2), .sts_match = true, .level = ASSURANCE_AUTHENTICATED }) },
	  "OK dane-only" },
	{ "RFC 8461 5",
	  "DANE at one host, a policy that is only tested",
	  POLICY,
	  { BY(AUTHENTICATED, DANE), STS("testing"),
	    TWO_HOSTS({ MX(1), PROVEN }, { MX(2), .level = ASSURANCE_NONE }) },
	  "OK dane" },
	{ "RFC 7672 2.2",
	  "no TLSA record is usable: TLS without a name",
	  POLICY,
	  { LEVEL(ENCRYPTED), HOSTS({ MX(1), .level = ASSURANCE_ENCRYPTED }) },
	  "OK dane" },
	{ "RFC 7672 2.1.2",
	  "TLSA lookup fails: never a downgrade, and Postfix sees it itself",
	  POLICY,
	  { LEVEL(UNDETERMINED), HOSTS({ MX(1), .tlsa = ASSURANCE_ERROR }) },
	  "OK dane" },
	{ "RFC 7672 2.1.2",
	  "the MX lookup fails",
	  POLICY,
	  { LEVEL(UNDETERMINED), .reason_count = 1, .reasons = because },
	  not_now },
	{ "TLSRPT_README",
	  "DANE needs no words for reports",
	  TLSRPT,
	  { BY(AUTHENTICATED, DANE), STS("enforce"), HOSTS({ MX(1), PROVEN }) },
	  "OK dane-only" },

	/* ---- MTA-STS ---- */
	{ "RFC 8461 5",
	  "enforce: the hosts that the policy names",
	  POLICY,
	  { BY(AUTHENTICATED, STS), STS("enforce"), MATCH(2) },
	  "OK secure match=mx1.d.test:mx2.d.test servername=hostname" },
	{ "RFC 8461 4.1",
	  "never an empty match=",
	  POLICY,
	  { BY(AUTHENTICATED, STS), STS("enforce") },
	  "TEMP d.test is authenticated, but by no name" },
	{ "RFC 8461 5",
	  "enforce, and no host can be used: not in the clear",
	  POLICY,
	  { LEVEL(UNDETERMINED), STS("enforce"), HOSTS({ PLAIN_MX(1) }), .reason_count = 1,
	    .reasons = because },
	  not_now },
	{ "RFC 8461 5",
	  "enforce behind signed MX records: dane alone would let it go",
	  POLICY,
	  { LEVEL(UNDETERMINED), STS("enforce"), HOSTS({ MX(1) }), .reason_count = 1,
	    .reasons = because },
	  not_now },
	{ "RFC 8461 5",
	  "enforce remembered, and suddenly there is no such domain",
	  POLICY,
	  { LEVEL(UNROUTABLE), STS("enforce") },
	  "TEMP d.test is unroutable, not authenticated: no reason is known" },
	{ "RFC 8461 5",
	  "testing guarantees nothing",
	  POLICY,
	  { LEVEL(NONE), STS("testing"), HOSTS({ PLAIN_MX(1), .level = ASSURANCE_NONE }) },
	  "NOTFOUND " },
	{ "RFC 8461 8.3",
	  "none guarantees nothing",
	  POLICY,
	  { LEVEL(NONE), STS("none"), HOSTS({ PLAIN_MX(1), .level = ASSURANCE_NONE }) },
	  "NOTFOUND " },
	{ "RFC 8461 3.3",
	  "whether there is a policy was not found out: as if there were none",
	  POLICY,
	  { LEVEL(UNDETERMINED), HOSTS({ PLAIN_MX(1) }) },
	  "NOTFOUND " },
	{ "RFC 8461 3.3",
	  "the record of a policy is damaged: it may be live",
	  POLICY,
	  { LEVEL(UNDETERMINED), .held = true, HOSTS({ PLAIN_MX(1) }), .reason_count = 1,
	    .reasons = because },
	  not_now },
	{ "RFC 8461 3.3",
	  "the same behind signed MX records",
	  POLICY,
	  { LEVEL(UNDETERMINED), .held = true, HOSTS({ MX(1) }), .reason_count = 1,
	    .reasons = because },
	  not_now },

	/* ---- neither ---- */
	{ "DESIGN",
	  "no promise",
	  POLICY,
	  { LEVEL(NONE), HOSTS({ PLAIN_MX(1), .level = ASSURANCE_NONE }) },
	  "NOTFOUND " },
	{ "RFC 7505 3",
	  "null MX: the MTA says so itself",
	  POLICY,
	  { BY(UNROUTABLE, NULL_MX) },
	  "NOTFOUND " },
	{ "DESIGN",
	  "nothing may be sent there, and it came by an alias",
	  POLICY,
	  { BY(UNROUTABLE, PIN), .reason_count = 1, .reasons = never },
	  "TEMP d.test is unroutable, not authenticated: the operator lets nothing be sent" },
	{ "DESIGN",
	  "keys that are pinned",
	  POLICY,
	  { BY(AUTHENTICATED, PIN), .key_count = 1, .keys = keys },
	  "OK fingerprint match=01:AB servername=hostname" },
	{ "DESIGN",
	  "a pin",
	  POLICY,
	  { BY(AUTHENTICATED, PIN), MATCH(1) },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "DESIGN",
	  "a pin that promises TLS and no name",
	  POLICY,
	  { BY(ENCRYPTED, PIN) },
	  "OK encrypt" },

	/* ---- reports ---- */
	{ "RFC 8460 4.2",
	  "MTA-STS, with the policy for the report",
	  TLSRPT,
	  { BY(AUTHENTICATED, STS), STS("enforce"), MATCH(1),
	    HOSTS({ PLAIN_MX(1), .sts_match = true, .level = ASSURANCE_AUTHENTICATED }) },
	  report },
	{ "postconf(5)",
	  "an older Postfix would defer over these words",
	  POLICY,
	  { BY(AUTHENTICATED, STS), STS("enforce"), MATCH(1),
	    HOSTS({ PLAIN_MX(1), .sts_match = true, .level = ASSURANCE_AUTHENTICATED }) },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "RFC 8461 2",
	  "a pattern must not bring back a host whose DANE fails",
	  TLSRPT,
	  { BY(AUTHENTICATED, STS), STS("enforce"), MATCH(1),
	    TWO_HOSTS(
		    { MX(1), .sts_match = true, .level = ASSURANCE_AUTHENTICATED },
		    { .host = "mx9.d.test", .sts_match = true, .level = ASSURANCE_UNDETERMINED }) },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "DESIGN",
	  "a policy's odd characters do not become attributes",
	  TLSRPT,
	  { BY(AUTHENTICATED, STS), MATCH(1),
	    .sts =
		    &(const struct assurance_sts){
			    .mode = "enforce", .id = "7", .mx_count = 1, .mx = odd } },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "DESIGN",
	  "a pin has no policy to report",
	  TLSRPT,
	  { BY(AUTHENTICATED, PIN), MATCH(1) },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "DESIGN", "no promise, no report", TLSRPT, { LEVEL(NONE) }, "NOTFOUND " },

	/* ---- strict ---- */
	{ "DESIGN",
	  "the strict map never says that there is nothing",
	  ASSURANCE_MAP_STRICT,
	  { LEVEL(NONE), HOSTS({ PLAIN_MX(1), .level = ASSURANCE_NONE }) },
	  "TEMP d.test is none, not authenticated: no reason is known" },
	{ "DESIGN",
	  "nor lets some hosts go without a proof",
	  ASSURANCE_MAP_STRICT,
	  { BY(AUTHENTICATED, DANE),
	    TWO_HOSTS({ MX(1), PROVEN }, { MX(2), .level = ASSURANCE_NONE }) },
	  "OK dane-only" },
};

static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(ASSURANCE_MAP_MAX);

		print_message("   %s: %s\n", rows[i].clause, rows[i].sentence);
		assert_int_equal(assurance_map_reply(rows[i].map, &rows[i].assurance, &out), RC_OK);
		assert_string_equal(buf_text(&out), rows[i].reply);
		buf_free(&out);
	}
}

static void test_relay_is_reported_by_its_name(void **state)
{
	(void)state;
	struct buf out = BUF_INIT(ASSURANCE_MAP_MAX);
	const struct assurance a = { .domain = "[relay.test]:587",
				     .level = ASSURANCE_AUTHENTICATED,
				     .by = ASSURANCE_BY_STS,
				     STS("enforce"),
				     MATCH(1) };

	assert_int_equal(assurance_map_reply(TLSRPT, &a, &out), RC_OK);
	assert_non_null(strstr(buf_text(&out), " policy_domain=relay.test "));
	buf_free(&out);
}

static void test_the_largest_policy_fits(void **state)
{
	(void)state;
	char name[254];
	const char *many[64];
	struct buf out = BUF_INIT(ASSURANCE_MAP_MAX), small = BUF_INIT(100);

	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 60 == 59 ? '.' : 'a';
	name[sizeof name - 1] = '\0';
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = name;
	const struct assurance_sts sts = {
		.mode = "enforce", .id = "7", .max_age = 1, .mx_count = COUNT(many), .mx = many
	};
	const struct assurance a = { .domain = "d.test",
				     .level = ASSURANCE_AUTHENTICATED,
				     .by = ASSURANCE_BY_STS,
				     .sts = &sts,
				     .match_count = 32,
				     .match = many };

	assert_int_equal(assurance_map_reply(TLSRPT, &a, &out), RC_OK);
	assert_in_range(out.len, 40000, 99999);
	assert_int_equal(assurance_map_reply(TLSRPT, &a, &small), RC_LIMIT);
	assert_int_equal(small.len, 0);
	buf_free(&out);
	buf_free(&small);
}

static void test_names(void **state)
{
	(void)state;
	enum assurance_map map = POLICY;

	assert_true(assurance_map_named(SLICE("strict"), &map));
	assert_int_equal(map, ASSURANCE_MAP_STRICT);
	assert_true(assurance_map_named(SLICE("policy"), &map));
	assert_int_equal(map, ASSURANCE_MAP_POLICY);
	assert_true(assurance_map_named(SLICE("policy-tlsrpt"), &map));
	assert_int_equal(map, ASSURANCE_MAP_POLICY_TLSRPT);
	assert_false(assurance_map_named(SLICE("Policy"), &map));
	assert_false(assurance_map_named(SLICE("polic"), &map));
	assert_false(assurance_map_named(SLICE(""), &map));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_relay_is_reported_by_its_name),
		cmocka_unit_test(test_the_largest_policy_fits),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("assurance/map", tests, NULL, NULL);
}
