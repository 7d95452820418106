#include "verdict/means.h"

#include "support/unit.h"

#define PERSON .sender_is_ours = true, .proven = true
#define CARRIER .carrier = ASSURANCE_AUTHENTICATED

static const struct {
	const char *name;
	struct verdict_submitter submitter;
	enum rules_factor factor;
	const char *why; /* NULL: the portal can be used */
} rows[] = {
	{ "our own sender, proven", { PERSON, CARRIER }, RULES_FACTOR_PHRASE, NULL },
	{ "the factor link needs nobody's phone", { PERSON, CARRIER }, RULES_FACTOR_LINK, NULL },
	{ "code, and nobody has asked", { PERSON, CARRIER }, RULES_FACTOR_CODE, "no code can" },
	{ "code, and no number",
	  { PERSON, CARRIER, .no_code = "no number is known" },
	  RULES_FACTOR_CODE,
	  "no number is known" },
	{ "code, and a number", { PERSON, CARRIER, .can_code = true }, RULES_FACTOR_CODE, NULL },
	{ "a number lets no stranger in",
	  { .proven = true, CARRIER, .can_code = true },
	  RULES_FACTOR_CODE,
	  "our own domains" },
	{ "a phrase needs no number",
	  { PERSON, CARRIER, .no_code = "no number is known" },
	  RULES_FACTOR_PHRASE,
	  NULL },
	{ "null sender",
	  { PERSON, CARRIER, .null_sender = true },
	  RULES_FACTOR_PHRASE,
	  "has none" },
	{ "a listed host with a foreign sender",
	  { .proven = true, CARRIER },
	  RULES_FACTOR_PHRASE,
	  "our own domains" },
	{ "our sender's name on a stranger's connection",
	  { .sender_is_ours = true, CARRIER },
	  RULES_FACTOR_PHRASE,
	  "those who submit" },
	{ "at the cap", { PERSON, CARRIER, .used_up = true }, RULES_FACTOR_PHRASE, "too often" },
};

static void test_who_may_use_the_portal(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict_means m = verdict_means_of(&rows[i].submitter, rows[i].factor);

		print_message("   %s\n", rows[i].name);
		assert_int_equal(m.carrier, ASSURANCE_AUTHENTICATED);
		assert_non_null(m.no_encrypt);
		assert_non_null(m.no_rewrite);
		if (!rows[i].why) {
			assert_null(m.no_divert);
			continue;
		}
		assert_non_null(m.no_divert);
		assert_non_null(strstr(m.no_divert, rows[i].why));
	}
}

static void test_what_keeps_a_message_from_the_portal_keeps_its_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict_submitter s = rows[i].submitter;
		s.rewritable = true;
		struct verdict_means m = verdict_means_of(&s, rows[i].factor);
		assert_ptr_equal(m.no_rewrite, m.no_divert);
		s.rewritable = false;
		s.no_rewrite = "it is signed";
		m = verdict_means_of(&s, rows[i].factor);
		assert_string_equal(m.no_rewrite, m.no_divert ? m.no_divert : "it is signed");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_may_use_the_portal),
		cmocka_unit_test(test_what_keeps_a_message_from_the_portal_keeps_its_parts),
	};

	return cmocka_run_group_tests_name("verdict/means", tests, NULL, NULL);
}
