#include "inspect/veil.h"

#include "support/unit.h"

#include <stdio.h>

static void test_what_is_masked(void **state)
{
	static const struct {
		const char *name, *path, *shown;
	} rows[] = {
		{ "the name that it was found in", "2/a/NG 66 C.txt", "2/*/** ** *.***" },
		{ "what is within that", "2/a/NG 66 C.txt/b.csv", "2/*/** ** *.***/b.csv" },
		{ "a name that only begins so", "2/a/NG 66 C.txt.gz", "2/a/NG 66 C.txt.gz" },
		{ "another part", "1/a/NG 66 C.txt", "1/a/NG 66 C.txt" },
		{ "the part itself", "2", "2" },
		{ "no part", "", "" },
		{ "a name of other letters",
		  "3/\xC3\xA9"
		  "1",
		  "3/***" },
	};
	struct arena *arena = arena_new(4096);
	struct veil v = { 0 };
	(void)state;

	veil_add(&v, arena, "2/a/NG 66 C.txt");
	veil_add(&v, arena, "2/a/NG 66 C.txt");
	veil_add(&v, arena, "2");
	veil_add(&v, arena,
		 "3/\xC3\xA9"
		 "1");
	assert_int_equal(v.count, 2);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(veil_path(&v, arena, rows[i].path), rows[i].shown);
	arena_free(arena);
}

static void test_too_many_veil_all(void **state)
{
	struct arena *arena = arena_new(65536);
	struct veil v = { 0 };
	char path[16];
	(void)state;

	for (int i = 0; i <= VEIL_MAX; i++) {
		assert_string_equal(veil_path(&v, arena, "9/other"), "9/other");
		snprintf(path, sizeof path, "2/%d", i);
		veil_add(&v, arena, path);
	}
	assert_string_equal(veil_path(&v, arena, "9/other"), "9/*****");
	assert_string_equal(veil_path(&v, arena, "1.2"), "1.2");
	arena_free(arena);
}

static void test_no_memory_veils_all(void **state)
{
	struct arena *arena = arena_new(1);
	struct veil v = { 0 };
	(void)state;

	veil_add(&v, arena, "2/a");
	assert_string_equal(veil_path(&v, arena, "3/b"), "");
	assert_string_equal(veil_path(&v, arena, "3"), "3");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_masked),
		cmocka_unit_test(test_too_many_veil_all),
		cmocka_unit_test(test_no_memory_veils_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
