#include "mime/field.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *fields, *body;
	bool over;
} rows[] = {
	{ "two fields and a body", "A: 1\r\nB: 2\r\n\r\nbody", "A=1|B=2|", "body" },
	{ "LF", "A: 1\nB: 2\n\nbody", "A=1|B=2|", "body" },
	{ "a fold", "A: 1\r\n 2\r\n\t3\r\n\r\n", "A=1\r\n 2\r\n\t3|", "" },
	{ "a line of blanks goes on", "A: 1\r\n \r\nB: 2\r\n\r\n", "A=1\r\n|B=2|", "" },
	{ "no blank line", "A: 1\r\nB: 2", "A=1|B=2|", "" },
	{ "two CRs are no empty line", "A: 1\r\n\r\r\nB: 2\r\n", "A=1|", "\r\r\nB: 2\r\n" },
	{ "no header", "\r\nbody", "", "body" },
	{ "a blank before the colon", "A : 1\r\n\r\n", "A=1|", "" },
	{ "an empty value", "A:\r\n\r\n", "A=|", "" },
	{ "a line that is no field", "A: 1\r\nhello\r\nB: 2\r\n", "A=1|", "hello\r\nB: 2\r\n" },
	{ "a name with a blank within is no field", "A b: 1\r\n\r\nx", "", "A b: 1\r\n\r\nx" },
	{ "no colon at the end", "hello", "", "hello" },
	{ "an mbox line in front", "From a@b 1\r\nA: 1\r\n\r\n", "A=1|", "" },
	{ "an mbox line further down", "A: 1\r\nFrom a@b 1\r\n\r\n", "A=1|", "From a@b 1\r\n\r\n" },
	{ "colons in the value", "A: b: c\r\n\r\n", "A=b: c|", "" },
	{ "too long", "A: 1\r\nB: 0123456789012345678901234567890123456789\r\nC: 3\r\n\r\nbody",
	  "A=1|", "body", true },
};

static void gather(struct mime_fields *f, struct buf *fields)
{
	if (!f->over || f->value.len < 10)
		assert_int_equal(
			buf_addf(fields, "%.*s=%.*s|", SLICE_ARG(f->name), SLICE_ARG(f->value)),
			RC_OK);
}

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct slice in = { rows[i].in, strlen(rows[i].in) };
			struct buf fields = BUF_INIT(256), body = BUF_INIT(256);
			struct mime_fields f;
			mime_fields_init(&f, 32);
			while (in.len && !f.ended) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				size_t len = chunk.len;
				while (mime_fields_take(&f, &chunk))
					gather(&f, &fields);
				in = (struct slice){ in.at + (len - chunk.len),
						     in.len - (len - chunk.len) };
			}
			if (mime_fields_end(&f))
				gather(&f, &fields);
			assert_int_equal(buf_add_slice(&body, mime_fields_rest(&f)), RC_OK);
			assert_int_equal(buf_add_slice(&body, in), RC_OK);
			if (strcmp(buf_text(&fields), rows[i].fields) != 0 ||
			    strcmp(buf_text(&body), rows[i].body) != 0 || f.over != rows[i].over)
				fail_msg("%s, by %zu: %s then \"%s\"", rows[i].name, step,
					 buf_text(&fields), buf_text(&body));
			mime_fields_fini(&f);
			buf_free(&fields);
			buf_free(&body);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows_in_chunks_of_every_size) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
