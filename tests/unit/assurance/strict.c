#include "assurance/strict.h"

#include "support/unit.h"

#include <stdlib.h>

static const char *const two[] = { "mx1.d.test", "mx2.d.test" };
static const char *const keys[] = { "01abcd", "ef0012" };
static const char *const because[] = { "the MX records are not signed\nOK dane-only\x01", "more" };

static const struct {
	const char *sentence;
	struct assurance assurance;
	const char *reply;
} rows[] = {
	{ "DANE",
	  { .domain = "d.test", .level = ASSURANCE_AUTHENTICATED, .by = ASSURANCE_BY_DANE },
	  "OK dane-only" },
	{ "STS: the hosts that its policy names",
	  { .domain = "d.test",
	    .level = ASSURANCE_AUTHENTICATED,
	    .by = ASSURANCE_BY_STS,
	    .match_count = 2,
	    .match = two },
	  "OK secure match=mx1.d.test:mx2.d.test servername=hostname" },
	{ "a pin",
	  { .domain = "d.test",
	    .level = ASSURANCE_REQUIRETLS,
	    .by = ASSURANCE_BY_PIN,
	    .match_count = 1,
	    .match = two },
	  "OK secure match=mx1.d.test servername=hostname" },
	{ "a pinned authority: the file in which the MTA finds it",
	  { .domain = "d.test",
	    .level = ASSURANCE_AUTHENTICATED,
	    .by = ASSURANCE_BY_PIN,
	    .match_count = 2,
	    .match = two,
	    .anchors = "postern/pin-0123.pem" },
	  "OK secure match=mx1.d.test:mx2.d.test servername=hostname "
	  "tafile=postern/pin-0123.pem" },
	{ "pinned keys, as Postfix writes digests",
	  { .domain = "d.test",
	    .level = ASSURANCE_AUTHENTICATED,
	    .by = ASSURANCE_BY_PIN,
	    .key_count = 2,
	    .keys = keys },
	  "OK fingerprint match=01:AB:CD|EF:00:12 servername=hostname" },
	{ "never-mail",
	  { .domain = "d.test", .level = ASSURANCE_UNROUTABLE, .by = ASSURANCE_BY_PIN },
	  "TEMP d.test is unroutable, not authenticated: no reason is known" },
	/* Seen in others: an empty match= (RFC 8461 §4.1). */
	{ "never an empty match=",
	  { .domain = "d.test", .level = ASSURANCE_AUTHENTICATED, .by = ASSURANCE_BY_STS },
	  "TEMP d.test is authenticated, but by no name" },
	{ "encrypted is not enough",
	  { .domain = "d.test", .level = ASSURANCE_ENCRYPTED, .by = ASSURANCE_BY_DANE },
	  "TEMP d.test is encrypted, not authenticated: no reason is known" },
	{ "what is quoted stays on one line",
	  { .domain = "d.test", .level = ASSURANCE_NONE, .reason_count = 2, .reasons = because },
	  "TEMP d.test is none, not authenticated: the MX records are not signed?OK dane-only?" },
	{ "undetermined",
	  { .domain = "d.test", .level = ASSURANCE_UNDETERMINED },
	  "TEMP d.test is undetermined, not authenticated: no reason is known" },
	{ "unroutable",
	  { .domain = "d.test", .level = ASSURANCE_UNROUTABLE, .by = ASSURANCE_BY_NULL_MX },
	  "TEMP d.test is unroutable, not authenticated: no reason is known" },
};

static void test_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = BUF_INIT(1000);

		print_message("   %s\n", rows[i].sentence);
		assert_int_equal(assurance_strict_reply(&rows[i].assurance, &out), RC_OK);
		assert_string_equal(buf_text(&out), rows[i].reply);
		buf_free(&out);
	}
}

static void test_what_does_not_fit_is_nothing(void **state)
{
	(void)state;
	struct buf small = BUF_INIT(20), out = BUF_INIT(100000);
	const char **many = calloc(1000, sizeof *many);
	struct assurance a = rows[1].assurance;

	assert_int_equal(assurance_strict_reply(&a, &small), RC_LIMIT);
	assert_int_equal(small.len, 0);
	for (size_t i = 0; i < 1000; i++)
		many[i] = "a-host-with-a-long-name.d.test";
	a.match_count = 1000;
	a.match = many;
	assert_int_equal(assurance_strict_reply(&a, &out), RC_LIMIT);
	assert_int_equal(out.len, 0);
	free(many);
	buf_free(&small);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_what_does_not_fit_is_nothing),
	};
	return cmocka_run_group_tests_name("assurance/strict", tests, NULL, NULL);
}
