#include "inspect/officelabel.h"

#include "support/unit.h"

static void test_properties(void **state)
{
	static const struct {
		const char *name, *value, *wanted;
		bool marks;
	} rows[] = {
		{ "Classification", "Secret", "Classification=Secret", true },
		{ "TitusGUID", "x", "TitusGUID=x", true },
		{ "bjDocumentSecurityLabel", "S", "bjDocumentSecurityLabel=S", true },
		{ "DOCUMENT SENSITIVITY", "high", "DOCUMENT SENSITIVITY=high", true },
		{ "Title", "Secret", "Title=Secret", false },
		{ "Company", "Label Ltd", "Company=Label Ltd", false },
		{ "MSIP_Label_x_Enabled", "true", NULL, false },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct detector_hit hit;
		bool marks = false;
		bool found = officelabel_property(slice_of(rows[i].name), slice_of(rows[i].value),
						  &hit, &marks);
		assert_int_equal(found, rows[i].wanted != NULL);
		assert_int_equal(marks, rows[i].marks);
		if (found)
			assert_true(slice_is((struct slice){ hit.value, hit.value_len },
					     rows[i].wanted));
	}
}

static void test_what_is_too_long_is_no_label(void **state)
{
	static char text[DETECTOR_VALUE_MAX];
	struct detector_hit hit;
	bool marks;
	(void)state;

	memset(text, 'x', sizeof text);
	assert_false(officelabel_property(SLICE("Label"), (struct slice){ text, sizeof text }, &hit,
					  &marks));
	assert_true(officelabel_label((struct slice){ text, sizeof text }, &hit));
	assert_int_equal(hit.value_len, sizeof text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_what_is_too_long_is_no_label),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
