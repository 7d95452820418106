#include "deposit/source.h"

#include "support/unit.h"

#include <stdio.h>

#define LONG "x123456789012345678901234567890123456789012345678901234567890"

static const struct {
	const char *name, *message, *header;
} headers[] = {
	{ "a message", "A: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore", "A: 1\r\nB: 2\r\n" },
	{ "LF line ends", "A: 1\n\nbody", "A: 1\n" },
	{ "no body", "A: 1\r\n", "A: 1\r\n" },
	{ "no header", "\r\nbody", "" },
	{ "nothing", "", "" },
};

static void test_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice bytes = { headers[i].message, strlen(headers[i].message) };
		struct deposit_source source = deposit_source_bytes(&bytes);
		struct buf out = BUF_INIT(1000);

		print_message("   %s\n", headers[i].name);
		assert_int_equal(deposit_source_header(&source, &out, NULL), RC_OK);
		assert_string_equal(buf_text(&out), headers[i].header);
		buf_free(&out);
	}
}

static void test_long_header(void **state)
{
	static char many[20000];
	struct slice bytes = { many, sizeof many };
	struct deposit_source source = deposit_source_bytes(&bytes);
	struct buf out = BUF_INIT(10000);

	(void)state;
	memset(many, 'x', sizeof many);
	assert_int_equal(deposit_source_header(&source, &out, NULL), RC_OK);
	assert_int_equal(out.len, 10000); /* cut, not refused */
	memcpy(many + 9000, "\r\n\r\n", 4);
	buf_clear(&out);
	assert_int_equal(deposit_source_header(&source, &out, NULL), RC_OK);
	assert_int_equal(out.len, 9002);
	buf_free(&out);
}

static void test_fields(void **state)
{
	struct slice header = SLICE("From: a@x\r\nno field\r\nSubject:\r\n folded\r\n\tmore\r\n"
				    ": x\r\nTo :x\r\nEmpty:\r\nLast: 1"),
		     name, value;
	const char *const expected[] = { "From| a@x", "Subject|\r\n folded\r\n\tmore", "Empty|",
					 "Last| 1" };
	char text[100];

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_true(deposit_field_take(&header, &name, &value));
		snprintf(text, sizeof text, "%.*s|%.*s", SLICE_ARG(name), SLICE_ARG(value));
		assert_string_equal(text, expected[i]);
	}
	assert_false(deposit_field_take(&header, &name, &value));
}

static enum rc collect(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, bytes);
}

static void test_each(void **state)
{
	static char many[200000];
	struct slice bytes = { many, sizeof many };
	struct deposit_source source = deposit_source_bytes(&bytes);
	struct buf out = BUF_INIT(1 << 20);
	struct fault why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof many; i++)
		many[i] = (char)(i * 31 / 7);
	assert_int_equal(deposit_source_each(&source, collect, &out, &why), RC_OK);
	assert_int_equal(out.len, sizeof many);
	assert_memory_equal(out.at, many, sizeof many);
	/* A message that is not as long as was said would be sealed wrongly. */
	source.size++;
	assert_int_equal(deposit_source_each(&source, collect, &out, &why), RC_RETRY);
	assert_string_equal(why.text, "message changed its size while it was read");
	source.size -= 2;
	assert_int_equal(deposit_source_each(&source, collect, &out, &why), RC_RETRY);
	buf_free(&out);
}

static void test_spool(void **state)
{
	struct spool *spool = spool_new(10, 1000, "/tmp");
	struct buf out = BUF_INIT(1000);

	(void)state;
	assert_non_null(spool);
	for (int i = 0; i < 10; i++)
		assert_int_equal(spool_add(spool, LONG, 60, NULL), RC_OK);
	struct deposit_source source = deposit_source_spool(spool);
	assert_int_equal(source.size, 600);
	assert_int_equal(deposit_source_each(&source, collect, &out, NULL), RC_OK);
	assert_int_equal(out.len, 600);
	assert_memory_equal(out.at + 540, LONG, 60);
	buf_free(&out);
	spool_free(spool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header), cmocka_unit_test(test_long_header),
		cmocka_unit_test(test_fields), cmocka_unit_test(test_each),
		cmocka_unit_test(test_spool),
	};
	return cmocka_run_group_tests_name("deposit/source", tests, NULL, NULL);
}
