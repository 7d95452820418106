#include "mime/token.h"

#include "base/buf.h"
#include "support/unit.h"

static const struct {
	const char *name, *in, *out; /* "_" is a blank before, "'" marks a sign */
} rows[] = {
	{ "words and blanks", "Project  Falcon", "_project _falcon" },
	{ "signs stand by themselves", "e-mail, C++", "_e -' mail ,' _c +' +'" },
	{ "a line end is a blank", "top\r\nsecret", "_top _secret" },
	{ "so is a reply's quoting", "top\n> > secret > it", "_top _secret _>' _it" },
	{ "an underscore joins", "a_b 12x", "_a_b _12x" },
	{ "lower case in every script", "STRASSE Straße ΟΔΟΣ οδός МОСКВА",
	  "_strasse _strasse _οδοσ _οδόσ _москва" },
	{ "the i's of Turkish", "İI ıi", "_ii _ii" },
	{ "ideographs stand alone", "極秘です", "_極 秘 で す" },
	{ "Katakana is a word", "カタカナ語", "_カタカナ 語" },
	{ "an apostrophe parts", "Falcon's", "_falcon '' s" },
	{ "marks belong to their letter", "x\xCC\xA7y", "_x\xCC\xA7y" },
	{ "what is no letter in other scripts", "«да»", "_«' да »'" },
	{ "no character at all", "a\xFF", "_a \xEF\xBF\xBD'" },
	{ "nothing", " \n\t", "" },
};

static void tell(struct buf *out, const struct mime_token *t)
{
	assert_int_equal(buf_addf(out, "%s%s%.*s%s", out->len ? " " : "", t->blank ? "_" : "",
				  (int)t->len, t->text, t->sign ? "'" : ""),
			 RC_OK);
}

static void take(const char *in, size_t step, struct buf *out)
{
	struct slice rest = slice_of(in);
	const struct mime_token *token;
	struct mime_tokens t;

	mime_tokens_begin(&t);
	while (rest.len) {
		size_t n = step < rest.len ? step : rest.len;
		while (n < rest.len && ((unsigned char)rest.at[n] & 0xC0) == 0x80)
			n++;
		struct slice piece = { rest.at, n };
		rest = (struct slice){ rest.at + n, rest.len - n };
		while ((token = mime_token_take(&t, &piece)))
			tell(out, token);
	}
	if ((token = mime_token_end(&t)))
		tell(out, token);
}

static void test_words_and_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (size_t step = 1; step < 100; step *= 3) {
			struct buf out = BUF_INIT(1000);
			take(rows[i].in, step, &out);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
			buf_free(&out);
		}
	}
}

static void test_offsets_and_long_words(void **state)
{
	char in[300];
	struct slice text = { in, sizeof in };
	struct mime_tokens t;
	uint64_t whole;
	(void)state;

	memset(in, 'A', sizeof in);
	in[0] = ' ';
	in[sizeof in - 1] = '5';
	mime_tokens_begin(&t);
	assert_null(mime_token_take(&t, &text));
	const struct mime_token *token = mime_token_end(&t);
	assert_non_null(token);
	assert_int_equal(token->at, 1);
	assert_int_equal(token->end, sizeof in);
	assert_int_equal(token->len, TOKEN_TEXT);
	assert_false(token->digits);
	whole = token->hash;
	assert_null(mime_token_end(&t));

	in[sizeof in - 1] = '6'; /* behind what is kept */
	text = (struct slice){ in, sizeof in };
	mime_tokens_begin(&t);
	assert_null(mime_token_take(&t, &text));
	assert_true(mime_token_end(&t)->hash != whole);

	text = SLICE("1 0042");
	mime_tokens_begin(&t);
	assert_true(mime_token_take(&t, &text)->digits);
	assert_null(mime_token_take(&t, &text));
	assert_true(mime_token_end(&t)->digits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_and_signs),
		cmocka_unit_test(test_offsets_and_long_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
