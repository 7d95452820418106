#include "document/document.h"

#include "support/documented.h"
#include "support/unit.h"

#define S(literal)                                                                                 \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static void test_whatever_it_is(void **state)
{
	static const struct {
		struct slice in;
		const char *name, *out;
	} rows[] = {
		{ S(""), "", "" },
		{ S("4111"), "", "text : 4111\n" },
		{ S("\x89PNG\r\n\x1A\n"), "a.zip", "" },
		{ S("<?xml version='1.0'?><a>4111</a>"), "", "text : 4111\n\n" },
		{ S("-----BEGIN PGP MESSAGE-----\n"), "", "opaque : pgp\nopaque : encrypted\n" },
		{ S("\1\0\0\0abcd\0\0\0\0"), "", "text : abcd\n\nopaque : binary\n" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = documented(rows[i].in, rows[i].name);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("row %zu: %s", i, buf_text(&out));
		buf_free(&out);
	}
}

static void test_cpu_time_is_bounded(void **state)
{
	struct document_limits limits = DOCUMENTED_LIMITS;
	struct zipped z = { 0 };
	(void)state;

	limits.cpu_ms = 0;
	for (int i = 0; i < 60; i++)
		zipped_add(&z, "a", SLICE("b"), 0);
	struct buf in = zipped_end(&z);
	struct buf out = documented_with(buf_slice(&in), "", limits);
	assert_non_null(strstr(buf_text(&out), "inspect-cpu-ms\n"));
	buf_free(&in);
	buf_free(&out);
}

static void test_being_prepared_twice_does_no_harm(void **state)
{
	(void)state;

	document_prepare();
	document_prepare();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whatever_it_is),
		cmocka_unit_test(test_cpu_time_is_bounded),
		cmocka_unit_test(test_being_prepared_twice_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
