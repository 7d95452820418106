#include "mime/softline.h"

#include "support/unit.h"

#define TEN "a few word"
#define FULL TEN TEN TEN TEN TEN " number: "

static const struct {
	const char *name;
	enum softline_kind kind;
	const char *in, *out;
} rows[] = {
	{ "a blank at the end goes on", SOFTLINE_FLOWED, "a \nb\n", "a b\n" },
	{ "no blank, no going on", SOFTLINE_FLOWED, "a\nb\n", "a\nb\n" },
	{ "CRLF", SOFTLINE_FLOWED, "a \r\nb\r\n", "a b\r\n" },
	{ "with DelSp the blank goes (§4.1)", SOFTLINE_DELSP, "a \r\nb c \n d \n", "ab cd \n" },
	{ "two blanks, one goes", SOFTLINE_DELSP, "a  \nb", "a b" },
	{ "quotes as deep go on (§4.5)", SOFTLINE_FLOWED, "> a \n> b\n", "> a b\n" },
	{ "deeper ones are another text", SOFTLINE_FLOWED, "> a \n>> b\n", "> a \n>> b\n" },
	{ "and so with DelSp", SOFTLINE_DELSP, "> a \r\nb\n", "> a \r\nb\n" },
	{ "a stuffed blank goes (§4.4)", SOFTLINE_FLOWED, "a \n  b", "a  b" },
	{ "a signature ends it (§4.3)", SOFTLINE_FLOWED, "-- \nme", "-- \nme" },
	{ "not a signature", SOFTLINE_FLOWED, "--- \nme", "--- me" },
	{ "a quoted signature", SOFTLINE_FLOWED, ">-- \n>me", ">-- \n>me" },
	{ "an empty line ends it", SOFTLINE_FLOWED, "a \n\nb", "a \nb" },
	{ "lines of blanks", SOFTLINE_FLOWED, " \n \nb", " \nb" },
	{ "quotes of nothing", SOFTLINE_FLOWED, ">\n>", ">\n>" },
	{ "the end in a blank", SOFTLINE_DELSP, "a ", "a " },
	{ "the end behind a line that goes on", SOFTLINE_FLOWED, "a \r\n", "a \r\n" },
	{ "the end behind a CR", SOFTLINE_FLOWED, "a\r", "a\r" },
	{ "a CR inside", SOFTLINE_DELSP, "a \rb \r\nc", "a \rbc" },
	{ "a number broken over a full line", SOFTLINE_WRAPPED, FULL "4111 1111\r\n1111 1111\n",
	  FULL "4111 1111 1111 1111\n" },
	{ "behind a blank", SOFTLINE_WRAPPED, FULL "4111 \n1111", FULL "4111 1111" },
	{ "behind a hyphen", SOFTLINE_WRAPPED, FULL "4111-\n1111", FULL "4111-1111" },
	{ "twice", SOFTLINE_WRAPPED, FULL "4\r\n5" FULL "5\n6", FULL "4 5" FULL "5 6" },
	{ "a line that is not full", SOFTLINE_WRAPPED, "4111 1111\n1111", "4111 1111\n1111" },
	{ "a full line behind it", SOFTLINE_WRAPPED, "4\n" FULL "4\n1", "4\n" FULL "4 1" },
	{ "a full line that ends in a word", SOFTLINE_WRAPPED, FULL "a\n1", FULL "a\n1" },
	{ "a next line that begins with one", SOFTLINE_WRAPPED, FULL "4 \r\na", FULL "4 \r\na" },
	{ "two blanks", SOFTLINE_WRAPPED, FULL "4  \n1", FULL "4  1" },
	{ "CRs and blanks inside", SOFTLINE_WRAPPED, "a\r b \r\r c\r\r\n \rd\r",
	  "a\r b \r\r c\r\r\n \rd\r" },
	{ "a full line at the end", SOFTLINE_WRAPPED, FULL "4 \r\n", FULL "4 \r\n" },
	{ "a blank at the end", SOFTLINE_WRAPPED, FULL "4 ", FULL "4 " },
	{ "folded (RFC 5545 §3.1)", SOFTLINE_FOLDED, "a:4111\r\n 1111\r\nb", "a:41111111\r\nb" },
	{ "by a tab", SOFTLINE_FOLDED, "a\n\tb\n", "ab\n" },
	{ "not folded", SOFTLINE_FOLDED, "a\r\nb\r\n\r\n", "a\r\nb\r\n\r\n" },
	{ "twice", SOFTLINE_FOLDED, "a\n \n b", "ab" },
	{ "a CR inside folded text", SOFTLINE_FOLDED, "a\rb\r\r\n c\r", "a\rb\rc\r" },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct slice in = slice_of(rows[i].in);
			struct mime_softline s = { .kind = rows[i].kind };
			char out[1024];
			size_t n = 0;
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				while (chunk.len)
					n += mime_softline_push(&s, &chunk, out + n, SOFTLINE_ROOM);
			}
			n += mime_softline_end(&s, out + n);
			out[n] = '\0';
			if (strcmp(out, rows[i].out) != 0)
				fail_msg("%s, by %zu: \"%s\"", rows[i].name, step, out);
		}
	}
}

/* However many quotes a line begins with, they come out, and in the room that was promised. */
static void test_quotes_without_end(void **state)
{
	char in[4 * SOFTLINE_QUOTES], out[8 * SOFTLINE_ROOM];
	struct slice all = { in, sizeof in };
	struct mime_softline s = { .kind = SOFTLINE_FLOWED };
	size_t n = 0;
	(void)state;

	memset(in, '>', sizeof in);
	while (all.len) {
		size_t more = mime_softline_push(&s, &all, out + n, SOFTLINE_ROOM);
		assert_true(more <= SOFTLINE_ROOM);
		n += more;
	}
	n += mime_softline_end(&s, out + n);
	assert_int_equal(n, sizeof in);
	assert_memory_equal(in, out, n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_quotes_without_end),
	};
	return cmocka_run_group_tests_name("mime/softline", tests, NULL, NULL);
}
