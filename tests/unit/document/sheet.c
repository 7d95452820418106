#include "document/sheet.h"

#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

static const struct {
	const char *name, *seed, *out;
} rows[] = {
	{ "texts that go on in the next record, numbers, names", "document/sheet/book",
	  "text : card 4111\n"
	  "two\n"
	  "three\n"
	  "378282246310005\n"
	  "411111\n"
	  "Sheet\n"
	  "wide\n"
	  "note\n"
	  "\n"
	  "" },
	{ "one with a password", "document/sheet/locked",
	  "text : opaque : encrypted\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf in = seeded(rows[i].seed);
		struct buf out = documented_by(sheet_read, buf_slice(&in));
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].name, buf_text(&out));
		buf_free(&in);
		buf_free(&out);
	}
}

/* Cut short anywhere, a document gives no more than it did whole, and no trouble. */
static void test_cut_short(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf in = seeded(rows[i].seed);
		for (size_t len = 0; len < in.len; len += 1 + in.len / 200) {
			char *exact = malloc(len ? len : 1);
			assert_non_null(exact);
			memcpy(exact, in.at, len);
			struct buf out = documented_by(sheet_read, (struct slice){ exact, len });
			buf_free(&out);
			free(exact);
		}
		buf_free(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seeds),
		cmocka_unit_test(test_cut_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
