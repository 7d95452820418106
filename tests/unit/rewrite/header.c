#include "rewrite/header.h"

#include "support/spooled.h"

static const char text[] =
	"Subject: one\r\n two\r\nX-A:b\r\nsubject:\r\nContent-Type: text/plain\r\n"
	"Postern-Route: x\r\n\r\nX-A: body";

static void test_fields_are_cut_and_counted_by_name(void **state)
{
	static const struct {
		const char *name;
		unsigned index;
		const char *value, *whole;
	} wanted[] = {
		{ "Subject", 1, " one\r\n two", "Subject: one\r\n two\r\n" },
		{ "X-A", 1, "b", "X-A:b\r\n" },
		{ "subject", 2, "", "subject:\r\n" },
		{ "Content-Type", 1, " text/plain", "Content-Type: text/plain\r\n" },
		{ "Postern-Route", 1, " x", "Postern-Route: x\r\n" },
	};
	struct spool *spool = spooled(text);
	struct arena *arena = arena_new(1 << 16);
	struct rewrite_header header;

	(void)state;
	assert_int_equal(rewrite_header_read(spool, sizeof text - 1 - strlen("X-A: body"), arena,
					     &header, NULL),
			 RC_OK);
	assert_int_equal(header.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_string_equal(header.at[i].name, wanted[i].name);
		assert_int_equal(header.at[i].index, wanted[i].index);
		assert_true(slice_is(header.at[i].value, wanted[i].value));
		assert_true(slice_is(header.at[i].whole, wanted[i].whole));
	}
	assert_true(rewrite_field_is(&header.at[0], "SUBJECT"));
	assert_true(rewrite_field_is_mime(&header.at[3]));
	assert_false(rewrite_field_is_mime(&header.at[0]));
	assert_true(rewrite_field_is_ours(&header.at[4]));
	assert_false(rewrite_field_is_ours(&header.at[3]));
	arena_free(arena);
	spool_free(spool);
}

static void test_bounds(void **state)
{
	struct spool *spool = spooled(text);
	struct arena *arena = arena_new(1 << 20), *small = arena_new(100);
	struct rewrite_header header;
	struct fault why = { "" };

	(void)state;
	assert_int_equal(rewrite_header_read(spool, REWRITE_HEADER_MAX + 1, arena, &header, &why),
			 RC_LIMIT);
	assert_string_equal(why.text, "the header is too long");
	assert_int_equal(rewrite_header_read(spool, 1000, arena, &header, &why), RC_RETRY);
	assert_int_equal(rewrite_header_read(spool, 85, small, &header, &why), RC_NOMEM);
	arena_free(arena);
	arena_free(small);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_cut_and_counted_by_name),
		cmocka_unit_test(test_bounds),
	};
	return cmocka_run_group_tests_name("rewrite/header", tests, NULL, NULL);
}
