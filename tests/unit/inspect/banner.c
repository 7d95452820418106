#include "inspect/banner.h"

#include "support/unit.h"

/* The marking is "MARK" in each. */
static struct detector_candidate find(const char *in)
{
	const char *mark = strstr(in, "MARK");

	assert_non_null(mark);
	return (struct detector_candidate){ .text = { in, strlen(in) },
					    .end = (size_t)(mark - in) + 4,
					    .begins = true };
}

static const struct {
	const char *name, *in;
	bool first;
} lines[] = {
	{ "at the beginning", "MARK", true },
	{ "after empty lines", "\r\n \r\n\tMARK", true },
	{ "later in the first line", "this is MARK", true },
	{ "in the second line", "hello\r\nMARK", false },
	{ "after a paragraph", "hello\n\nMARK", false },
	{ "first in a quoted message", "I agree.\n\n> MARK\n> text", true },
	{ "after an empty quoted line", "I agree.\n>\n> MARK", true },
	{ "second in a quoted message", "I agree.\n> text\n> MARK", false },
	{ "first of a message quoted in a quoted one", "a\n> b\n> > MARK", true },
	{ "back in the outer one", "a\n>> b\n> MARK", false },
	{ "below what announces it", "ok\n\nOn Monday Jane wrote:\n\nMARK", true },
	{ "below a bar", "ok\n-----Original Message-----\nMARK", true },
	{ "below a quoted header", "ok\nFrom: Jane\nSubject: x\n\nMARK", true },
	{ "below a line that only looks so", "ok\nFromage: x\nMARK", false },
};

static void test_lines(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct detector_candidate c = find(lines[i].in);
		if (banner_is_first_line(&c, c.end - 4) != lines[i].first)
			fail_msg("%s", lines[i].name);
	}
}

static void test_a_text_that_does_not_begin_here(void **state)
{
	struct detector_candidate c = find("MARK"), quoted = find("\n> MARK");
	(void)state;

	c.begins = quoted.begins = false;
	assert_false(banner_is_first_line(&c, 0));
	assert_int_equal(banner_lead(&c, 0), BANNER_WITHIN);
	assert_false(banner_is_first_line(&quoted, 3));
}

static const struct {
	const char *name, *in;
	enum banner_lead lead;
	enum banner_tail tail;
} places[] = {
	{ "alone", "MARK", BANNER_LINE, BANNER_ENDS },
	{ "with a line end", "MARK\r\nhello", BANNER_LINE, BANNER_ENDS },
	{ "adorned", "*** MARK ***\n", BANNER_LINE, BANNER_ENDS },
	{ "quoted", "> MARK\n", BANNER_LINE, BANNER_ENDS },
	{ "in brackets", "a (MARK) b", BANNER_BRACKET, BANNER_CLOSED },
	{ "in brackets at the beginning", "[MARK] b", BANNER_LINE, BANNER_CLOSED },
	{ "after a reply's word", "Re: MARK: b", BANNER_LINE, BANNER_SIGN },
	{ "introduced", "Classification: MARK", BANNER_LINE, BANNER_ENDS },
	{ "after another word and a colon", "Meet: MARK", BANNER_APART, BANNER_ENDS },
	{ "behind a dash", "Minutes - MARK", BANNER_APART, BANNER_ENDS },
	{ "before a dash", "MARK - minutes", BANNER_LINE, BANNER_SIGN },
	{ "in a hyphened word", "pre-MARK-ed", BANNER_WITHIN, BANNER_GOES_ON },
	{ "in a sentence", "the MARK of it", BANNER_WITHIN, BANNER_GOES_ON },
};

static void test_places(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(places); i++) {
		struct detector_candidate c = find(places[i].in);
		if (banner_lead(&c, c.end - 4) != places[i].lead ||
		    banner_tail(&c, c.end) != places[i].tail)
			fail_msg("%s", places[i].name);
	}
}

static void test_what_sets_a_word_off(void **state)
{
	(void)state;

	assert_true(banner_is_set_off(BANNER_LINE, BANNER_SIGN));
	assert_false(banner_is_set_off(BANNER_LINE, BANNER_GOES_ON));
	assert_true(banner_is_set_off(BANNER_BRACKET, BANNER_CLOSED));
	assert_false(banner_is_set_off(BANNER_BRACKET, BANNER_ENDS));
	assert_true(banner_is_set_off(BANNER_APART, BANNER_ENDS));
	assert_false(banner_is_set_off(BANNER_APART, BANNER_SIGN));
	assert_false(banner_is_set_off(BANNER_WITHIN, BANNER_ENDS));
}

static void test_a_word_before(void **state)
{
	struct detector_candidate c = find("a MARK");
	size_t at = c.end;
	(void)state;

	assert_false(banner_drop_back(&c, &at, "mark"));
	assert_int_equal(at, c.end);
	assert_true(banner_drop_back(&c, &at, "MARK"));
	assert_int_equal(at, 2);
	assert_false(banner_drop_back(&c, &at, "any a "));
}

/* What is out of reach is not taken for an end. */
static void test_an_end_that_is_too_far(void **state)
{
	char text[4 + DETECTOR_AFTER + 1];
	(void)state;

	memset(text, ' ', sizeof text);
	memcpy(text, "MARK", 4);
	struct detector_candidate c = { { text, sizeof text - 2 }, 4, 0, true };
	assert_int_equal(banner_tail(&c, 4), BANNER_ENDS);
	c.text.len++;
	assert_int_equal(banner_tail(&c, 4), BANNER_GOES_ON);
	text[sizeof text - 1] = '\n';
	c.text.len++;
	assert_int_equal(banner_tail(&c, 4), BANNER_GOES_ON);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_a_text_that_does_not_begin_here),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_what_sets_a_word_off),
		cmocka_unit_test(test_a_word_before),
		cmocka_unit_test(test_an_end_that_is_too_far),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
