#include "assurance/assurance.h"

#include "support/unit.h"

static void test_make_copies_everything(void **state)
{
	(void)state;
	char host[] = "mx.d.test", reason[] = "because", pattern[] = "*.d.test", name[] = "d.test";
	const char *reasons[] = { reason, "and so on" }, *patterns[] = { pattern };
	const char *match[] = { host };
	struct assurance_mx mx[] = {
		{ .host = host,
		  .preference = 10,
		  .tlsa_base = "",
		  .usable = 2,
		  .name_count = 1,
		  .names = match,
		  .level = ASSURANCE_AUTHENTICATED,
		  .probe = { .tls = "TLSv1.3", .why = "" },
		  .why = reason },
	};
	struct assurance_sts sts = {
		.mode = "enforce", .id = "7", .max_age = 9, .mx_count = 1, .mx = patterns
	};
	const struct assurance like = {
		.domain = name,
		.level = ASSURANCE_AUTHENTICATED,
		.by = ASSURANCE_BY_STS,
		.until = 123,
		.reason_count = 2,
		.reasons = reasons,
		.mx_count = 1,
		.mx = mx,
		.sts = &sts,
		.match_count = 1,
		.match = match,
		.key_count = 1,
		.keys = match,
		.anchors = pattern,
	};
	const struct assurance *a = assurance_make(&like);

	memset(host, 'x', sizeof host - 1);
	memset(reason, 'x', sizeof reason - 1);
	memset(pattern, 'x', sizeof pattern - 1);
	memset(name, 'x', sizeof name - 1);
	memset(mx, 0, sizeof mx);
	memset(&sts, 0, sizeof sts);
	assert_string_equal(a->domain, "d.test");
	assert_int_equal(a->until, 123);
	assert_string_equal(a->reasons[0], "because");
	assert_string_equal(a->reasons[1], "and so on");
	assert_string_equal(a->mx[0].host, "mx.d.test");
	assert_int_equal(a->mx[0].usable, 2);
	assert_string_equal(a->mx[0].probe.tls, "TLSv1.3");
	assert_string_equal(a->mx[0].tlsa_base, "");
	assert_string_equal(a->sts->mx[0], "*.d.test");
	assert_string_equal(a->sts->mode, "enforce");
	assert_int_equal(a->sts->max_age, 9);
	assert_string_equal(a->match[0], "mx.d.test");
	assert_string_equal(a->mx[0].names[0], "mx.d.test");
	assert_string_equal(a->keys[0], "mx.d.test");
	assert_string_equal(a->anchors, "*.d.test");
	assert_ptr_equal(assurance_ref(a), a);
	assurance_unref(a);
	assert_string_equal(a->domain, "d.test");
	assurance_unref(a);
	assurance_unref(NULL);
}

static void test_make_with_little(void **state)
{
	(void)state;
	const struct assurance like = { .domain = "d.test", .level = ASSURANCE_NONE };
	const struct assurance *a = assurance_make(&like);

	assert_null(a->sts);
	assert_int_equal(a->reason_count, 0);
	assurance_unref(a);
}

static void test_meets(void **state)
{
	(void)state;
	static const struct {
		enum assurance_level level, required;
		bool meets;
	} rows[] = {
		{ ASSURANCE_AUTHENTICATED, ASSURANCE_AUTHENTICATED, true },
		{ ASSURANCE_REQUIRETLS, ASSURANCE_AUTHENTICATED, true },
		{ ASSURANCE_AUTHENTICATED, ASSURANCE_REQUIRETLS, false },
		{ ASSURANCE_ENCRYPTED, ASSURANCE_AUTHENTICATED, false },
		{ ASSURANCE_NONE, ASSURANCE_AUTHENTICATED, false },
		{ ASSURANCE_NONE, ASSURANCE_NONE, true },
		{ ASSURANCE_UNDETERMINED, ASSURANCE_NONE, false },
		{ ASSURANCE_UNDETERMINED, ASSURANCE_UNDETERMINED, false },
		{ ASSURANCE_UNROUTABLE, ASSURANCE_UNDETERMINED, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(assurance_meets(rows[i].level, rows[i].required), rows[i].meets);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(assurance_level_name(ASSURANCE_UNDETERMINED), "undetermined");
	assert_string_equal(assurance_level_name(ASSURANCE_UNROUTABLE), "unroutable");
	assert_string_equal(assurance_level_name(ASSURANCE_NONE), "none");
	assert_string_equal(assurance_level_name(ASSURANCE_ENCRYPTED), "encrypted");
	assert_string_equal(assurance_level_name(ASSURANCE_AUTHENTICATED), "authenticated");
	assert_string_equal(assurance_level_name(ASSURANCE_REQUIRETLS), "requiretls");
	assert_string_equal(assurance_by_name(ASSURANCE_BY_NOTHING), "");
	assert_string_equal(assurance_by_name(ASSURANCE_BY_DANE), "dane");
	assert_string_equal(assurance_by_name(ASSURANCE_BY_STS), "sts");
	assert_string_equal(assurance_by_name(ASSURANCE_BY_PIN), "pin");
	assert_string_equal(assurance_by_name(ASSURANCE_BY_NULL_MX), "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make_copies_everything),
		cmocka_unit_test(test_make_with_little),
		cmocka_unit_test(test_meets),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests_name("assurance/assurance", tests, NULL, NULL);
}
