#include "document/props.h"

#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

static void read_summary(struct reading *r, struct slice s)
{
	props_read(r, s, false);
}

static void read_document(struct reading *r, struct slice s)
{
	props_read(r, s, true);
}

static void test_names_and_values(void **state)
{
	struct buf in = seeded("document/props/summary");
	struct buf out = documented_by(read_summary, buf_slice(&in));
	(void)state;

	assert_string_equal(buf_text(&out),
			    "property : Title = Title\nproperty : Author = Caf\xC3\xA9\n");
	buf_free(&out);
	out = documented_by(read_document, buf_slice(&in));
	assert_string_equal(buf_text(&out),
			    "property : Category = Title\nproperty : property-4 = Caf\xC3\xA9\n");
	buf_free(&out);
	buf_free(&in);
}

static void test_the_user_s_own(void **state)
{
	struct buf in = seeded("document/props/own");
	struct buf out = documented_by(read_document, buf_slice(&in));
	(void)state;

	assert_string_equal(buf_text(&out),
			    "property : Company = Acme\nproperty : Class = Secret\n");
	buf_free(&out);
	for (size_t len = 0; len < in.len; len++) { /* cut short: no trouble */
		out = documented_by(read_document, (struct slice){ in.at, len });
		buf_free(&out);
	}
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_values),
		cmocka_unit_test(test_the_user_s_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
