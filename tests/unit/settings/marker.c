#include "settings/marker.h"

#include "support/unit.h"

#include <stdio.h>

/* The grammar as a whole is shown through tests/unit/settings/rules.c; here stand the
 * detectors of the contract, and what each must be given. */

static enum rc read_one(const char *test, struct arena *arena, struct rules_marker *marker,
			struct fault *why)
{
	char text[500];
	struct tree *tree;

	snprintf(text, sizeof text, "m = { name = \"m\"; any = ( { %s } ); };", test);
	enum rc rc = tree_parse((struct slice){ text, strlen(text) }, "n", &tree, why);
	if (rc != RC_OK)
		return rc;
	struct reader r = { .tree = tree, .arena = arena, .folder = "/folder", .why = why };
	*marker = (struct rules_marker){ 0 };
	rc = marker_read(&r, config_setting_get_member(tree_root(tree), "m"), marker);
	tree_free(tree);
	return rc;
}

static const char *const plain[] = {
	"payment-card",
	"iban",
	"us-ssn",
	"us-itin",
	"uk-nino",
	"uk-nhs",
	"de-tax-id",
	"fr-nir",
	"es-dni",
	"es-nie",
	"it-codice-fiscale",
	"nl-bsn",
	"be-rrn",
	"pl-pesel",
	"ch-ahv",
	"au-tfn",
	"au-medicare",
	"ca-sin",
	"in-aadhaar",
	"in-pan",
	"br-cpf",
	"br-cnpj",
	"private-key",
	"api-secret",
	"file-name",
	"file-type",
	"sensitivity",
	"au-protective-marking",
	"sio-label",
	"msip-label",
	"office-label",
	"tlp",
	"uk-gsc",
	"cui",
	"nato-label",
	"sender-wish",
	"require-tls",
	"opaque",
};

static void test_each_detector_of_the_contract_is_known(void **state)
{
	(void)state;
	char text[200];

	for (size_t i = 0; i < COUNT(plain); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct rules_marker marker;
		struct fault why = { "" };

		snprintf(text, sizeof text, "detector = \"%s\";", plain[i]);
		if (read_one(text, arena, &marker, &why) != RC_OK)
			fail_msg("%s", why.text);
		assert_string_equal(marker.tests[0].name, plain[i]);
		assert_int_equal(marker.tests[0].min_unique, 1);
		arena_free(arena);
	}
}

static const struct {
	const char *detector, *with;
} demanding[] = {
	{ "words", "file = \"w\";" },       { "file-hash", "file = \"h\";" },
	{ "exact-data", "index = \"i\";" }, { "fingerprint", "index = \"i\";" },
	{ "file-size", "min = 1;" },
};

static void test_places_have_the_names_that_rules_use(void **state)
{
	(void)state;
	assert_string_equal(rules_where_name(RULES_HEADER), "header");
	assert_string_equal(rules_where_name(RULES_METADATA), "metadata");
	assert_string_equal(rules_where_name(RULES_HEADER | RULES_BODY), "");
}

static void test_a_detector_that_needs_more_says_so(void **state)
{
	(void)state;
	char text[200];

	for (size_t i = 0; i < COUNT(demanding); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct rules_marker marker;
		struct fault why = { "" };

		snprintf(text, sizeof text, "detector = \"%s\";", demanding[i].detector);
		assert_int_equal(read_one(text, arena, &marker, &why), RC_INVALID);
		assert_non_null(strstr(why.text, demanding[i].detector));
		snprintf(text, sizeof text, "detector = \"%s\"; %s", demanding[i].detector,
			 demanding[i].with);
		assert_int_equal(read_one(text, arena, &marker, &why), RC_OK);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_detector_of_the_contract_is_known),
		cmocka_unit_test(test_places_have_the_names_that_rules_use),
		cmocka_unit_test(test_a_detector_that_needs_more_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
