#include "document/office.h"

#include "support/documented.h"
#include "support/unit.h"

static const char *path;
static bool was_read;

static void read_it(struct reading *r, struct slice bytes)
{
	was_read = office_read(r, slice_of(path), bytes);
}

static void test_members(void **state)
{
	static const struct {
		const char *path, *in;
		size_t len;
		bool read;
		const char *out;
	} rows[] = {
		{ "docProps/core.xml", "<a><title>T</title></a>", 0, true,
		  "property : title = T\n" },
		{ "DOCPROPS/app.XML", "<a><b>T</b></a>", 0, true, "property : b = T\n" },
		{ "meta.xml", "<a><b>T</b></a>", 0, true, "property : b = T\n" },
		{ "x/meta.xml", "<a/>", 0, false, "" },
		{ "word/document.xml", "<a/>", 0, false, "" },
		{ "docMetadata/LabelInfo.xml", "<a/>", 0, true, "" },
		{ "META-INF/manifest.xml", "<a><encryption-data/></a>", 0, false,
		  "opaque : encrypted\n" },
		{ "META-INF/manifest.xml", "<a/>", 0, false, "" },
		{ "xl/printerSettings/p1.bin", "\1\0\0\0abcd\0\0\0\0", 12, true,
		  "text : abcd\n\n" },
		{ "word/fonts/f1.odttf", "\1\0\0\0\0\0\0\0\0\0", 10, true, "text : \n" },
		{ "word/fonts/f1.odttf", "a text in its place", 0, false, "" },
		{ "word/fonts/f1.odttf", "PK\3\4", 0, false, "" },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = { rows[i].in, rows[i].len ? rows[i].len : strlen(rows[i].in) };
		path = rows[i].path;
		struct buf out = documented_by(read_it, in);
		if (was_read != rows[i].read || strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s (%zu): %d %s", path, i, was_read, buf_text(&out));
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_members) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
