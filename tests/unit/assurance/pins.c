#include "assurance/pins.h"

#include "assurance/gather.h"
#include "support/certificates.h"
#include "support/script.h"
#include "support/unit.h"

#include <stdio.h>

#define KEY "3f2a00ff1122334455667788990011223344556677889900aabbccddeeff0011"

static const char *const one_name[] = { "mx1.partner.test" };
static const char *const bad_name[] = { "mx1:partner.test" };
static const char *const one_key[] = { KEY };
static const char *const bad_key[] = { "3f2a" };

static struct assurance_destination destination(const char *text)
{
	struct assurance_destination d;

	assert_int_equal(
		assurance_destination_parse((struct slice){ text, strlen(text) }, &d, NULL), RC_OK);
	return d;
}

static void test_found(void **state)
{
	(void)state;
	const struct assurance_pin pins[] = {
		{ "Partner.Test", ASSURANCE_AUTHENTICATED, 1, one_name, "contract 2026-14",
		  .place = "rules.conf:12" },
		{ "[relay.test]:587", ASSURANCE_REQUIRETLS, 0, NULL, NULL },
	};
	struct assurance_pins *made = NULL;
	struct assurance_destination partner = destination("partner.test");
	struct assurance_destination relay = destination("[relay.test]:587");
	struct fault why;

	assert_int_equal(assurance_pins_make(pins, 2, &made, &why), RC_OK);
	assert_non_null(assurance_pins_pick(made, &partner));
	const struct assurance *a = assurance_pins_find(made, &partner, 1000);
	assert_int_equal(a->level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(a->by, ASSURANCE_BY_PIN);
	assert_int_equal(a->match_count, 1);
	assert_string_equal(a->match[0], "mx1.partner.test");
	assert_string_equal(
		a->reasons[0],
		"the operator vouches for partner.test: contract 2026-14 (rules.conf:12)");
	assert_true(a->until > 1000);
	assurance_unref(a);

	a = assurance_pins_find(made, &relay, 1000);
	assert_int_equal(a->level, ASSURANCE_REQUIRETLS);
	assert_int_equal(a->match_count, 2);
	assert_string_equal(a->match[0], "relay.test");
	assert_string_equal(a->match[1], ".relay.test");
	assurance_unref(a);

	static const char *const others[] = { "sub.partner.test", "partner.test:26",
					      "[partner.test]", "relay.test", "test" };
	for (size_t i = 0; i < COUNT(others); i++) {
		struct assurance_destination other = destination(others[i]);
		assert_null(assurance_pins_pick(made, &other));
		assert_null(assurance_pins_find(made, &other, 1000));
	}
	assurance_pins_free(made);
}

/* All domains below one: the longest pin counts, and the domain's own before it. */
static void test_domains_below(void **state)
{
	(void)state;
	const struct assurance_pin pins[] = {
		{ ".partner.test", ASSURANCE_AUTHENTICATED, 0, NULL, "all" },
		{ ".lab.partner.test", ASSURANCE_UNROUTABLE, 0, NULL, "never" },
		{ "good.lab.partner.test", ASSURANCE_REQUIRETLS, .key_count = 1, .keys = one_key },
	};
	static const struct {
		const char *asked, *pin; /* NULL: none */
	} rows[] = {
		{ "a.partner.test", ".partner.test" },
		{ "a.b.partner.test", ".partner.test" },
		{ "x.lab.partner.test", ".lab.partner.test" },
		{ "lab.partner.test", ".partner.test" },
		{ "good.lab.partner.test", "good.lab.partner.test" },
		{ "partner.test", NULL },
		{ "notpartner.test", NULL },
		{ "a.partner.test:26", NULL },
		{ "[a.partner.test]", NULL },
		{ "test", NULL },
	};
	struct assurance_pins *made = NULL;
	struct fault why;

	assert_int_equal(assurance_pins_make(pins, 3, &made, &why), RC_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct assurance_destination d = destination(rows[i].asked);
		const struct assurance_pin *pin = assurance_pins_pick(made, &d);

		print_message("   %s\n", rows[i].asked);
		if (rows[i].pin)
			assert_string_equal(pin->domain, rows[i].pin);
		else
			assert_null(pin);
	}
	struct assurance_destination below = destination("a.partner.test");
	const struct assurance *a = assurance_pins_find(made, &below, 1000);
	assert_string_equal(a->domain, "a.partner.test");
	assert_int_equal(a->match_count, 1);
	assert_string_equal(a->match[0], ".partner.test");
	assert_string_equal(a->reasons[0],
			    "the operator vouches for the domains below partner.test: all");
	assurance_unref(a);
	below = destination("x.lab.partner.test");
	a = assurance_pins_find(made, &below, 1000);
	assert_int_equal(a->level, ASSURANCE_UNROUTABLE);
	assert_int_equal(a->match_count, 0);
	assert_string_equal(a->reasons[0], "the operator lets nothing be sent to the domains below "
					   "lab.partner.test: never");
	assurance_unref(a);
	assurance_pins_free(made);
}

static const struct {
	const char *sentence;
	struct assurance_pin pins[2];
	const char *why;
} wrong[] = {
	{ "no domain", { { "a b", ASSURANCE_AUTHENTICATED, 1, one_name, "" } }, "" },
	{ "a name that would add an attribute",
	  { { "d.test", ASSURANCE_AUTHENTICATED, 1, bad_name, "" } },
	  "no name to match" },
	{ "twice",
	  { { "d.test", ASSURANCE_AUTHENTICATED, 1, one_name, "" },
	    { "D.test.", ASSURANCE_AUTHENTICATED, 1, one_name, "" } },
	  "pinned twice" },
	{ "an address without names",
	  { { "[192.0.2.1]", ASSURANCE_AUTHENTICATED, 0, NULL, "" } },
	  "needs names" },
	{ "below an address",
	  { { ".[192.0.2.1]", ASSURANCE_AUTHENTICATED, 1, one_name, "" } },
	  "no domains below" },
	{ "a key that is none",
	  { { "d.test", ASSURANCE_AUTHENTICATED, .key_count = 1, .keys = bad_key } },
	  "no SHA-256" },
	{ "authorities that are none",
	  { { "d.test", ASSURANCE_AUTHENTICATED, 1, one_name, .ca = { "x", 1 }, .anchors = "p" } },
	  "the authorities pinned for d.test" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct assurance_pins *made = NULL;
		struct fault why = { 0 };

		print_message("   %s\n", wrong[i].sentence);
		assert_int_equal(assurance_pins_make(wrong[i].pins, wrong[i].pins[1].domain ? 2 : 1,
						     &made, &why),
				 RC_INVALID);
		assert_null(made);
		assert_non_null(strstr(why.text, wrong[i].why));
		assert_true(*why.text);
	}
}

static void test_authorities_need_a_place_where_the_mta_finds_them(void **state)
{
	(void)state;
	struct authority a;
	char pem[4096];
	struct fault why = { "" };

	authority_init(&a);
	FILE *file = fopen(a.file, "r");
	assert_non_null(file);
	const struct slice ca = { pem, fread(pem, 1, sizeof pem, file) };
	fclose(file);
	for (int told = 0; told <= 1; told++) {
		const struct assurance_pin pin = {
			"d.test", ASSURANCE_AUTHENTICATED,
			1,        one_name,
			.ca = ca, .anchors = told ? "postern/pin-1.pem" : ""
		};
		struct assurance_pins *made = NULL;

		assert_int_equal(assurance_pins_make(&pin, 1, &made, &why),
				 told ? RC_OK : RC_INVALID);
		if (told) {
			struct assurance_destination d = destination("d.test");
			const struct assurance *found = assurance_pins_find(made, &d, 1000);
			assert_string_equal(found->anchors, "postern/pin-1.pem");
			assurance_unref(found);
		} else {
			assert_non_null(strstr(why.text, "no place where the MTA finds them"));
		}
		assurance_pins_free(made);
	}
	authority_fini(&a);
}

/* ---- looked at with what is published, and with a probe ---- */

#define PLAIN                                                                                      \
	"d.test MX 10 mx.d.test, 20 mx2.d.test\n"                                                  \
	"mx.d.test A 192.0.2.1\nmx2.d.test A 192.0.2.2\n"
#define OK(host) "probe " host " ok starttls authenticated TLSv1.3\n"
#define OTHER(host) "probe " host " fails starttls TLSv1.3 : its key is none of those\n"

static const struct {
	const char *sentence, *world;
	enum assurance_level pinned;
	bool probe;
	enum assurance_level level;
	enum assurance_by by;
	const char *reason; /* part of the first */
} looked[] = {
	{ "the operator's word comes before unsigned MX records", PLAIN, ASSURANCE_AUTHENTICATED,
	  false, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "the operator vouches for d.test" },
	{ "and before DANE, which is shown all the same",
	  "zone d.test secure\n" PLAIN "_25._tcp.mx.d.test TLSA 3 1 1 sha256\n",
	  ASSURANCE_AUTHENTICATED, false, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "and where DNS fails", "d.test MX failed SERVFAIL\n", ASSURANCE_AUTHENTICATED, false,
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "and where TLSA records cannot be had",
	  "zone d.test secure\n" PLAIN "_25._tcp.mx.d.test TLSA failed SERVFAIL\n",
	  ASSURANCE_AUTHENTICATED, false, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "and a null MX: the MTA may have a route of its own", "d.test MX 0 .\n",
	  ASSURANCE_AUTHENTICATED, false, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "and hosts without an address", "d.test MX 10 mx.d.test\nmx.d.test TXT x\n",
	  ASSURANCE_AUTHENTICATED, false, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "a probe finds what is pinned", PLAIN OK("mx.d.test") OK("mx2.d.test"),
	  ASSURANCE_AUTHENTICATED, true, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "one host with another key: the domain is as its best",
	  PLAIN OTHER("mx.d.test") OK("mx2.d.test"), ASSURANCE_AUTHENTICATED, true,
	  ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "vouches" },
	{ "all with another key: below authenticated", PLAIN OTHER("mx.d.test") OTHER("mx2.d.test"),
	  ASSURANCE_AUTHENTICATED, true, ASSURANCE_ENCRYPTED, ASSURANCE_BY_NOTHING,
	  "mx.d.test does not keep what the operator vouches for: its key is none of those" },
	{ "REQUIRETLS is asserted, and nobody asks", PLAIN, ASSURANCE_REQUIRETLS, false,
	  ASSURANCE_REQUIRETLS, ASSURANCE_BY_PIN, "vouches" },
	{ "REQUIRETLS is asserted, and not offered", PLAIN OK("mx.d.test"), ASSURANCE_REQUIRETLS,
	  true, ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN, "mx.d.test does not offer REQUIRETLS" },
	{ "REQUIRETLS is asserted, and offered",
	  PLAIN "probe mx.d.test ok starttls authenticated requiretls TLSv1.3\n",
	  ASSURANCE_REQUIRETLS, true, ASSURANCE_REQUIRETLS, ASSURANCE_BY_PIN, "REQUIRETLS" },
	{ "nobody can be reached: not known", PLAIN, ASSURANCE_AUTHENTICATED, true,
	  ASSURANCE_UNDETERMINED, ASSURANCE_BY_NOTHING, "could not be probed" },
};

static void on_gathered(void *arg, const struct assurance_gathered *gathered)
{
	*(const struct assurance **)arg = assurance_ref(gathered->assurance);
}

static void test_a_pin_beside_what_is_published_and_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looked); i++) {
		const struct assurance_pin pin = { "d.test", looked[i].pinned, .key_count = 1,
						   .keys = one_key };
		struct script *script = script_new(looked[i].world);
		struct assurance_sources sources = script_sources(script);
		struct sts_cache *policies = sts_cache_new(NULL);
		struct assurance_destination d = destination("d.test");
		struct assurance_pins *pins;
		const struct assurance *a = NULL;
		struct fault why;

		assert_int_equal(assurance_pins_make(&pin, 1, &pins, &why), RC_OK);
		const struct assurance_gather_wish wish = { .destination = &d,
							    .policies = policies,
							    .within_ms = 60000,
							    .whole = true,
							    .probe = looked[i].probe,
							    .pins = pins };
		print_message("   %s\n", looked[i].sentence);
		assert_non_null(assurance_gather_start(&sources, &wish, on_gathered, &a));
		assurance_pins_free(pins); /* a reload: the gather has its own */
		script_run(script, 70000, NULL);
		assert_non_null(a);
		assert_string_equal(assurance_level_name(a->level),
				    assurance_level_name(looked[i].level));
		assert_int_equal(a->by, looked[i].by);
		if (!strstr(a->reasons[0], looked[i].reason))
			fail_msg("%s", a->reasons[0]);
		assert_int_equal(a->key_count, a->by == ASSURANCE_BY_PIN);
		if (looked[i].probe)
			assert_int_equal(script_asked(script, "probe-pin mx.d.test"), 1);
		assurance_unref(a);
		sts_cache_free(policies);
		script_free(script);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_domains_below),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_authorities_need_a_place_where_the_mta_finds_them),
		cmocka_unit_test(test_a_pin_beside_what_is_published_and_shown),
	};
	return cmocka_run_group_tests_name("assurance/pins", tests, NULL, NULL);
}
