#include "settings/option.h"

#include "support/unit.h"

static void test_each_row_is_whole(void **state)
{
	(void)state;
	assert_true(option_count > 40);
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		const char *end = o->help + strlen(o->help) - 1;

		if (!o->help[0] || *end != '.' || strstr(o->help, "  "))
			fail_msg("%s: its help is no sentence", o->path);
		if (strchr(o->path, '.') != strrchr(o->path, '.'))
			fail_msg("%s: a group within a group", o->path);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(options[j].path, o->path) == 0)
				fail_msg("%s stands twice", o->path);
			if (options[j].offset == o->offset)
				fail_msg("%s and %s share a field", options[j].path, o->path);
		}
	}
}

static void test_each_number_has_a_range_that_its_default_is_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		if (o->type != OPTION_NUMBER)
			continue;
		if (o->min >= o->max || o->number < o->min || o->number > o->max || !o->unit)
			fail_msg("%s: %u in %u to %u", o->path, o->number, o->min, o->max);
		/* libconfig's plain integers have 31 bits. */
		assert_true(o->max <= INT32_MAX);
	}
}

static void test_each_default_and_specimen_passes_its_own_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		if (o->type != OPTION_TEXT || !o->check)
			continue;
		if (o->text[0] && o->check(o->text))
			fail_msg("%s: the default is not %s", o->path, o->check(o->text));
		if (o->specimen && o->check(o->specimen))
			fail_msg("%s: the specimen is not %s", o->path, o->check(o->specimen));
		if (!o->text[0] && !o->specimen)
			fail_msg("%s: empty by default, and no specimen", o->path);
	}
}

static void test_groups_stand_together(void **state)
{
	(void)state;
	for (size_t i = 1; i < option_count; i++) {
		size_t len = strcspn(options[i].path, ".");
		bool new = strncmp(options[i].path, options[i - 1].path, len + 1) != 0;
		for (size_t j = 0; new &&options[i].path[len] && j < i; j++)
			if (strncmp(options[i].path, options[j].path, len + 1) == 0)
				fail_msg("%s stands apart from its group", options[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_row_is_whole),
		cmocka_unit_test(test_each_number_has_a_range_that_its_default_is_in),
		cmocka_unit_test(test_each_default_and_specimen_passes_its_own_check),
		cmocka_unit_test(test_groups_stand_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
