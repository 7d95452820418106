#include "document/tnef.h"

#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

static const struct {
	const char *name, *seed, *out;
} rows[] = {
	{ "winmail.dat", "document/tnef/winmail",
	  "text : Subject\n"
	  "file c.csv: c.csv 10\n"
	  "text c.csv: card,4111\n"
	  "\n"
	  "text : 4111\n"
	  "text : 5555\n"
	  "\n"
	  "" },
};

static void test_seeds(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf in = seeded(rows[i].seed);
		struct buf out = documented_by(tnef_read, buf_slice(&in));
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
			struct buf out = documented_by(tnef_read, (struct slice){ exact, len });
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
