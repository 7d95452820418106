#include "document/cfb.h"

#include "support/seeded.h"
#include "support/unit.h"

static void test_streams(void **state)
{
	struct buf in = seeded("document/cfb/fine"), out = BUF_INIT(1 << 20);
	struct cfb c;
	(void)state;

	assert_int_equal(cfb_init(&c, buf_slice(&in)), RC_OK);
	assert_null(cfb_find(&c, "None"));
	assert_null(cfb_find(&c, "Root Entry"));
	const struct cfb_entry *e = cfb_find(&c, "Other");
	assert_non_null(e);
	assert_int_equal(e->size, 18);
	assert_int_equal(cfb_read(&c, e, &out), RC_OK);
	assert_memory_equal(out.at, "c\0a\0r\0d\0 \0004\0001\0001\0001\0", 18);
	assert_non_null(cfb_find(&c, "\005SummaryInformation"));
	buf_free(&out);
	out = BUF_INIT(4);
	assert_int_equal(cfb_read(&c, e, &out), RC_LIMIT);
	buf_free(&out);
	cfb_fini(&c);
	buf_free(&in);
}

static void test_chains_in_a_circle_end(void **state)
{
	struct buf in = seeded("document/cfb/circle");
	struct cfb c;
	(void)state;

	assert_int_equal(cfb_init(&c, buf_slice(&in)), RC_OK);
	assert_true(c.count <= CFB_ENTRIES_MAX);
	const struct cfb_entry *e = cfb_find(&c, "WordDocument");
	assert_non_null(e);
	struct cfb_entry endless = *e;
	endless.size = UINT64_MAX;
	struct buf out = BUF_INIT(1 << 30);
	assert_int_equal(cfb_read(&c, &endless, &out), RC_INVALID);
	assert_true(out.len <= in.len + 4096);
	buf_free(&out);
	cfb_fini(&c);
	buf_free(&in);
}

static void test_what_is_none(void **state)
{
	struct buf in = seeded("document/cfb/fine");
	struct cfb c;
	(void)state;

	assert_int_equal(cfb_init(&c, SLICE("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")), RC_INVALID);
	in.at[30] = 8; /* sectors of 256 bytes */
	assert_int_equal(cfb_init(&c, buf_slice(&in)), RC_INVALID);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_chains_in_a_circle_end),
		cmocka_unit_test(test_what_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
