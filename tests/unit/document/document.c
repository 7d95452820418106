#include "document/document.h"

#include "support/documented.h"
#include "support/famine.h"
#include "support/seeded.h"
#include "support/unit.h"

#include <dirent.h>

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

/* Where a text stands may be lost with the memory; the text may not. */
static void hear_begin(void *of, const char *path)
{
	(void)path;
	documented_begin(of, "");
}

static void hear_file(void *of, const char *path, struct slice name, struct slice content)
{
	(void)path;
	documented_file(of, "", name, content);
}

static void hear_property(void *of, const char *path, struct slice name, struct slice value)
{
	(void)path;
	documented_property(of, "", name, value);
}

/* What is heard where the n-th allocation fails; 0: none does. False: there was none. */
static bool hear_hungry(struct slice bytes, int n, struct documented *d)
{
	struct document_sink sink = documented_sink;
	struct document_limits limits = DOCUMENTED_LIMITS;

	sink.of = d;
	sink.begin = hear_begin;
	sink.file = hear_file;
	sink.property = hear_property;
	buf_clear(&d->out);
	famine_begin(n);
	document_read(bytes, (struct slice){ 0 }, &limits, &sink);
	bool struck = famine_end();
	assert_false(d->in_text);
	return struck;
}

static void starve(const char *path)
{
	struct documented whole = { .out = BUF_INIT(1 << 20) }, part = { .out = BUF_INIT(1 << 20) };
	struct buf in = seeded(path);
	char *space;

	/* What hears is not to be hungry. */
	assert_int_equal(buf_reserve(&whole.out, 1 << 18, &space), RC_OK);
	assert_int_equal(buf_reserve(&part.out, 1 << 18, &space), RC_OK);
	hear_hungry(buf_slice(&in), 0, &whole);
	for (int n = 1; hear_hungry(buf_slice(&in), n, &part); n++)
		if (!(part.out.len == whole.out.len &&
		      memcmp(part.out.at, whole.out.at, part.out.len) == 0) &&
		    !memmem(part.out.at, part.out.len, "opaque ", 7))
			fail_msg("%s, without allocation %d: %s\nand with it: %s", path, n,
				 buf_text(&part.out), buf_text(&whole.out));
	buf_free(&whole.out);
	buf_free(&part.out);
	buf_free(&in);
}

static void test_no_memory_is_never_clean(void **state)
{
	static const char *const layers[] = { "archive", "cms", "document", "letter", "ole",
					      "pdf",     "rtf", "tnef",     "xml" };
	char path[512];
	(void)state;

	for (size_t i = 0; i < COUNT(layers); i++) {
		snprintf(path, sizeof path, "%s/seed/document/%s", getenv("POSTERN_TESTS"),
			 layers[i]);
		DIR *folder = opendir(path);
		assert_non_null(folder);
		for (struct dirent *e; (e = readdir(folder));) {
			snprintf(path, sizeof path, "document/%s/%s", layers[i], e->d_name);
			if (*e->d_name != '.')
				starve(path);
		}
		closedir(folder);
	}
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
		cmocka_unit_test(test_no_memory_is_never_clean),
		cmocka_unit_test(test_being_prepared_twice_does_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
