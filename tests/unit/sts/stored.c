#include "sts/stored.h"

#include "support/unit.h"

#define POLICY "version: STSv1\nmode: enforce\nmx: mx1.d.test\nmx: *.e.test\nmax_age: 604800\n"

static void make(struct buf *out)
{
	struct sts_stored stored = {
		.domain = "d.test", .id = "7", .fetched_s = 1800000000, .expires_s = 1800604800
	};

	assert_int_equal(sts_policy_parse(SLICE(POLICY), &stored.policy, NULL), RC_OK);
	assert_int_equal(sts_stored_format(&stored, out), RC_OK);
}

static void test_there_and_back(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(STS_STORED_MAX);
	struct sts_stored back;
	struct fault why = { 0 };

	make(&text);
	assert_int_equal(sts_stored_parse(buf_slice(&text), &back, &why), RC_OK);
	assert_string_equal(back.domain, "d.test");
	assert_string_equal(back.id, "7");
	assert_int_equal(back.fetched_s, 1800000000);
	assert_int_equal(back.expires_s, 1800604800);
	assert_int_equal(back.policy.mode, STS_ENFORCE);
	assert_int_equal(back.policy.mx_count, 2);
	assert_true(slice_is(back.policy.mx[1], "*.e.test"));
	assert_int_equal(back.text.len, sizeof POLICY - 1);
	buf_free(&text);
}

static void test_what_is_not_known_is_not_kept(void **state)
{
	(void)state;
	struct sts_policy policy;
	struct buf text = BUF_INIT(STS_STORED_POLICY_MAX);

	assert_int_equal(sts_policy_parse(SLICE("x: y\r\nmode: none\r\nmode: enforce\r\n"
						"max_age: 0099\r\nversion: STSv1\r\n"),
					  &policy, NULL),
			 RC_OK);
	assert_int_equal(sts_policy_format(&policy, &text), RC_OK);
	assert_string_equal(buf_text(&text), "version: STSv1\nmode: none\nmax_age: 99\n");
	buf_free(&text);
}

/* Whatever byte is changed or cut off, it shows. */
static void test_every_damage_is_seen(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(STS_STORED_MAX);
	struct sts_stored back;

	make(&text);
	for (size_t i = 0; i < text.len; i++) {
		struct fault why = { 0 };

		text.at[i] ^= 1;
		assert_int_equal(sts_stored_parse(buf_slice(&text), &back, &why), RC_INVALID);
		assert_true(*why.text);
		text.at[i] ^= 1;
		assert_int_equal(sts_stored_parse((struct slice){ text.at, i }, &back, &why),
				 RC_INVALID);
	}
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_what_is_not_known_is_not_kept),
		cmocka_unit_test(test_every_damage_is_seen),
	};
	return cmocka_run_group_tests_name("sts/stored", tests, NULL, NULL);
}
