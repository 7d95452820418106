#include "rewrite/edits.h"

#include "base/buf.h"
#include "base/fault.h"
#include "support/unit.h"

static struct rewrite_field fields[] = {
	{ .name = "Subject", .index = 1, .value = { " s", 2 }, .set = " clean" },
	{ .name = "X-A", .index = 1, .value = { " 1", 2 } },
	{ .name = "x-a", .index = 2, .value = { " 2", 2 }, .off = true },
	{ .name = "Content-Type", .index = 1, .value = { " text/html", 10 } },
	{ .name = "Content-Type", .index = 2, .value = { " text/plain", 11 } },
	{ .name = "Content-Language", .index = 1, .value = { " en", 3 } },
	{ .name = "Postern-Require", .index = 1, .off = true },
	{ .name = "MIME-Version", .index = 1, .value = { " 1.0", 4 } },
};

static void check(const struct rewrite_header *header, const char *type, const char *wanted)
{
	struct arena *arena = arena_new(1 << 16);
	struct buf out = BUF_INIT(1000);
	struct rewrite_edits edits;

	assert_int_equal(rewrite_edits_list(header, type, arena, &edits, NULL), RC_OK);
	for (size_t i = 0; i < edits.count; i++)
		(void)!buf_addf(&out, "%s %u%s, ", edits.at[i].name, edits.at[i].index,
				edits.at[i].value ? edits.at[i].value : " -");
	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
	arena_free(arena);
}

static void test_what_changes_from_the_last_field_up(void **state)
{
	const struct rewrite_header full = { COUNT(fields), fields }, bare = { 2, fields };

	(void)state;
	check(&full, NULL, "x-a 2 -, Subject 1 clean, ");
	check(&full, " n/w",
	      "Content-Language 1 -, Content-Type 2 -, Content-Type 1 n/w, x-a 2 -, "
	      "Subject 1 clean, ");
	check(&bare, " n/w", "Subject 1 clean, Content-Type 0 n/w, MIME-Version 0 1.0, ");
}

static void test_what_the_rewritten_message_says(void **state)
{
	static const char *const whole[] = { " clean", " 1", NULL, NULL, NULL, NULL, NULL, " 1.0" };
	static const char *const part[] = { " clean",      " 1",  NULL, " text/html",
					    " text/plain", " en", NULL, " 1.0" };
	struct slice value;

	(void)state;
	for (size_t i = 0; i < COUNT(fields); i++)
		for (int w = 0; w <= 1; w++) {
			const char *wanted = w ? whole[i] : part[i];
			assert_int_equal(rewrite_field_says(&fields[i], w, &value), wanted != NULL);
			assert_true(!wanted || slice_is(value, wanted));
		}
}

static void test_a_full_arena_lists_nothing(void **state)
{
	struct arena *arena = arena_new(16);
	const struct rewrite_header full = { COUNT(fields), fields };
	struct rewrite_edits edits;
	struct fault why = { "" };

	(void)state;
	assert_int_equal(rewrite_edits_list(&full, NULL, arena, &edits, &why), RC_NOMEM);
	assert_string_equal(why.text, "out of memory");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_changes_from_the_last_field_up),
		cmocka_unit_test(test_what_the_rewritten_message_says),
		cmocka_unit_test(test_a_full_arena_lists_nothing),
	};
	return cmocka_run_group_tests_name("rewrite/edits", tests, NULL, NULL);
}
