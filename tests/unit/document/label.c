#include "document/label.h"

#include "support/documented.h"
#include "support/unit.h"

#define L "AAAAAAAA-0000-0000-0000-000000000001"
#define M "aaaaaaaa-0000-0000-0000-000000000002"
#define SITE "bbbbbbbb-0000-0000-0000-000000000000"

static const struct {
	const char *name, *property, *value;
} table[] = {
	{ "enabled", "MSIP_Label_" L "_Enabled", "true" },
	{ "its tenant", "MSIP_Label_" L "_SiteId", "BBBBBBBB-0000-0000-0000-000000000000" },
	{ "a name says nothing", "MSIP_Label_" L "_Name", "Public" },
	{ "off", "MSIP_Label_" M "_SiteId", SITE },
	{ "off", "MSIP_Label_" M "_Enabled", "False" },
	{ "not a label", "MSIP_Label_nonsense_Enabled", "true" },
	{ "not a label", "Company", "MSIP" },
};

static void from_properties(struct reading *r, struct slice info)
{
	struct labels labels = { 0 };

	for (size_t i = 0; i < COUNT(table); i++)
		labels_take(&labels, slice_of(table[i].property), slice_of(table[i].value));
	if (info.len)
		labels_info(&labels, info, SLICE("{" SITE "}"), false);
	labels_take(&labels, SLICE("MSIP_Label_" L "_Enabled"), SLICE("true"));
	reading_labels(r, &labels);
	assert_int_equal(labels.count, 0);
}

static void test_properties_are_gathered(void **state)
{
	struct buf out = documented_by(from_properties, SLICE(""));
	(void)state;

	assert_string_equal(buf_text(&out),
			    "label : " SITE "/aaaaaaaa-0000-0000-0000-000000000001\n");
	buf_free(&out);
}

static void test_label_info_wins(void **state)
{
	struct buf out = documented_by(from_properties, SLICE("{" M "}"));
	(void)state;

	assert_string_equal(buf_text(&out), "label : " SITE "/" M "\n");
	buf_free(&out);
}

static void many(struct reading *r, struct slice bytes)
{
	struct labels labels = { 0 };
	char name[] = "MSIP_Label_" L "_Enabled";

	(void)bytes;
	for (char c = '0'; c <= 'f'; c++) {
		name[strlen("MSIP_Label_")] = c;
		for (char d = '0'; d <= '9'; d++) {
			name[strlen("MSIP_Label_") + 1] = d;
			labels_take(&labels, slice_of(name), SLICE("true"));
		}
	}
	assert_int_equal(labels.count, LABELS_MAX);
	reading_labels(r, &labels);
}

static void test_their_number_is_bounded(void **state)
{
	struct buf out = documented_by(many, SLICE(""));
	(void)state;

	assert_non_null(strstr(buf_text(&out), "label : /00aaaaaa-"));
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_properties_are_gathered),
		cmocka_unit_test(test_label_info_wins),
		cmocka_unit_test(test_their_number_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
