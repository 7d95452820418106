#include "inspect/mask.h"

#include "support/unit.h"

static const struct {
	const char *name, *in;
	size_t first, last;
	const char *out;
} rows[] = {
	{ "a card", "4111 1111 1111 1111", 6, 4, "4111 11** **** 1111" },
	{ "a card with hyphens", "4111-1111-1111-1111", 6, 4, "4111-11**-****-1111" },
	{ "American Express", "378282246310005", 6, 4, "378282*****0005" },
	{ "too short to show ten", "501800000009", 6, 4, "501******009" },
	{ "a word", "company-confidential", 2, 2, "co*****-**********al" },
	{ "a short word", "abc", 2, 2, "***" },
	{ "four letters", "abcd", 2, 2, "a**d" },
	{ "nothing", "", 2, 2, "" },
	{ "not ASCII", "caf\xC3\xA9s au lait", 2, 2, "ca*** ** **it" },
	{ "controls are blanks", "ab\r\n\x1B[cdefgh", 1, 1, "a*   [*****h" },
};

static void test_rows(void **state)
{
	char out[MASK_ROOM];
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice in = { rows[i].in, strlen(rows[i].in) };
		if (strcmp(mask_text(in, rows[i].first, rows[i].last, out), rows[i].out) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, out);
	}
}

static void test_long_text_is_cut(void **state)
{
	char in[500], out[MASK_ROOM];
	(void)state;

	memset(in, 'x', sizeof in);
	mask_text((struct slice){ in, sizeof in }, 2, 2, out);
	assert_int_equal(strlen(out), MASK_MAX);
	assert_int_equal(strspn(out + 2, "*"), MASK_MAX - 2);
}

static void test_a_third_is_always_hidden(void **state)
{
	(void)state;

	for (size_t len = 1; len <= MASK_MAX; len++)
		for (size_t show = 0; show <= len; show++) {
			char in[MASK_MAX], out[MASK_ROOM];
			size_t hidden = 0;
			memset(in, '7', sizeof in);
			mask_text((struct slice){ in, len }, show, show, out);
			for (size_t i = 0; i < len; i++)
				hidden += out[i] == '*';
			assert_true(3 * hidden >= len);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_a_third_is_always_hidden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
