#include "inspect/words.h"

#include "base/buf.h"
#include "mime/fold.h"
#include "support/scratch.h"
#include "support/unit.h"

static const struct rules_place place = { "rules.conf", 7 };

static void write_file(const char *path, struct slice text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text.at, 1, text.len, file), text.len);
	assert_int_equal(fclose(file), 0);
}

static enum rc add(struct words *w, struct slice text, unsigned tag, struct fault *why)
{
	struct scratch scratch;

	assert_true(scratch_make(&scratch));
	const char *path = scratch_path(&scratch, "list");
	write_file(path, text);
	enum rc rc = words_add(w, path, &place, tag, why);
	scratch_remove(&scratch);
	return rc;
}

#define LIST                                                                                       \
	"# names of projects\n\nProject Falcon\nfalcon\n  Straße 7 \nC++\nC\nO'Hara & "           \
	"sons\n極秘\n"                                                                           \
	"\xEF\xBC\xA6ull-width\nzero\xE2\x80\x8Bwidth\nvery very long\nΟΔΟΣ"

static const struct {
	const char *name, *text, *out;
} rows[] = {
	{ "a word", "the falcon flies", "4:falcon" },
	{ "in capitals", "FALCON", "0:falcon" },
	{ "inside a longer word", "falconry, gyrfalcon, falcon_2, 1falcon", "" },
	{ "its genitive", "(falcon's)", "1:falcon" },
	{ "a phrase is told beside its word", "Project Falcon", "0:Project Falcon 8:falcon" },
	{ "over a line end", "project\r\n\tfalcon", "0:Project Falcon 10:falcon" },
	{ "over a line end that is quoted", "> project\n>> falcon", "2:Project Falcon 13:falcon" },
	{ "over any blanks", "project \xC2\xA0\xE3\x80\x80 falcon", "0:Project Falcon 11:falcon" },
	{ "with a sign between", "project-falcon", "8:falcon" },
	{ "with a word between", "project big falcon", "12:falcon" },
	{ "a phrase's end in a longer word", "project falcons", "" },
	{ "a phrase's beginning in a longer word", "subproject falcon", "11:falcon" },
	{ "begun twice", "project project falcon", "8:Project Falcon 16:falcon" },
	{ "it overlaps itself", "very very very long", "5:very very long" },
	{ "capitals of other scripts", "strasse 7, οδος", "0:Straße 7 11:ΟΔΟΣ" },
	{ "signs belong to it", "C++ C+ C", "0:C 0:C++ 4:C 7:C" },
	{ "signs without blanks", "O'Hara &  SONS", "0:O'Hara & sons" },
	{ "blanks where it has none", "O 'Hara & sons", "" },
	{ "no blanks where it has some", "O'Hara &sons", "" },
	{ "in a script without blanks", "これは極秘です", "9:極秘" },
	{ "what folding makes alike", "full-width zerowidth", "0:Full-width 11:zerowidth" },
	{ "split by what is not seen",
	  "fal\xC2\xAD"
	  "con",
	  "0:falcon" },
	{ "nothing", "", "" },
};

static void match(const struct words *w, struct slice text, struct buf *out)
{
	const struct mime_token *token;
	struct words_state state = { 0 };
	struct mime_tokens tokens;
	struct words_hit hits[WORDS_LENGTH_MAX];
	struct words_term term;
	bool more = true;

	mime_tokens_begin(&tokens);
	while (more) {
		more = (token = mime_token_take(&tokens, &text));
		if (!more && !(token = mime_token_end(&tokens)))
			break;
		size_t count = words_take(w, &state, token, hits);
		for (size_t i = 0; i < count; i++)
			for (uint32_t t = hits[i].term; t; t = term.next) {
				term = words_term(w, t);
				(void)!buf_addf(out, "%s%d:%.*s%s", out->len ? " " : "",
						(int)hits[i].at, SLICE_ARG(term.text),
						term.tag == 1 ? "" : "*");
			}
	}
}

static struct slice fold(const char *text, char *out)
{
	struct slice in = slice_of(text);
	struct mime_fold f = { 0 };
	size_t n = 0;

	while (in.len)
		n += mime_fold_push(&f, &in, out + n, FOLD_ROOM);
	return (struct slice){ out, n + mime_fold_end(&f, out + n) };
}

static void test_terms(void **state)
{
	struct words *w = words_new();
	struct fault why;
	(void)state;

	assert_non_null(w);
	assert_int_equal(add(w, SLICE("\xEF\xBB\xBF" LIST), 1, &why), RC_OK);
	assert_int_equal(words_count(w), 11);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char folded[3 * FOLD_ROOM];
		struct buf out = BUF_INIT(1000);
		match(w, fold(rows[i].text, folded), &out);
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: \"%s\"", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
	words_free(w);
}

static void test_two_files(void **state)
{
	struct words *w = words_new();
	struct buf out = BUF_INIT(1000);
	struct fault why;
	(void)state;

	assert_int_equal(add(w, SLICE("one two\nthree"), 2, &why), RC_OK);
	assert_int_equal(add(w, SLICE("two\nThree\nthree"), 1, &why), RC_OK);
	assert_int_equal(words_count(w), 4);
	match(w, SLICE("one two three"), &out);
	assert_string_equal(buf_text(&out), "0:one two* 4:two 8:Three 8:three*");
	buf_free(&out);
	words_free(w);
}

static const struct {
	const char *name, *text, *why;
} wrong[] = {
	{ "no UTF-8", "a\nb\xFF\n", "list:2: this is not UTF-8" },
	{ "nothing that is seen", "\xE2\x80\x8B", "list:1: there is no word or sign" },
	{ "too many words",
	  "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 "
	  "25 26 27 28 29 30 31 32 33",
	  "list:1: a term has at most 32 words and signs" },
};

static void test_files_that_cannot_be_read(void **state)
{
	char line[WORDS_LINE_MAX + 3];
	struct fault why;
	(void)state;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct words *w = words_new();
		if (add(w, slice_of(wrong[i].text), 1, &why) != RC_INVALID ||
		    !strstr(why.text, wrong[i].why))
			fail_msg("%s: %s", wrong[i].name, why.text);
		words_free(w);
	}
	memset(line, 'a', sizeof line);
	line[0] = '\n';
	struct words *w = words_new();
	assert_int_equal(add(w, (struct slice){ line, WORDS_LINE_MAX + 1 }, 1, &why), RC_OK);
	assert_int_equal(add(w, (struct slice){ line, WORDS_LINE_MAX + 2 }, 1, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "list:2: a term is at most 400 bytes long"));
	assert_int_equal(words_add(w, "/nowhere/list", &place, 1, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "rules.conf:7: cannot open /nowhere/list: No such file or directory");
	words_free(w);
	words_free(NULL);
}

static void test_too_many_terms(void **state)
{
	struct words *w = words_new();
	struct buf text = BUF_INIT(WORDS_FILE_MAX);
	struct fault why;
	(void)state;

	for (unsigned i = 0; i < WORDS_TERMS_MAX; i++)
		assert_int_equal(buf_addf(&text, "w%u\n", i), RC_OK);
	assert_int_equal(add(w, buf_slice(&text), 1, &why), RC_OK);
	assert_int_equal(words_count(w), WORDS_TERMS_MAX);
	assert_int_equal(add(w, SLICE("w1\n\nnew"), 1, &why), RC_LIMIT);
	assert_non_null(strstr(why.text, "list:3: more than 500000 terms"));
	buf_free(&text);
	words_free(w);
}

static void on_duplicate(void *of, unsigned line, unsigned first, struct slice term)
{
	(void)!buf_addf(of, "%u %u %.*s\n", line, first, SLICE_ARG(term));
}

static void test_duplicates_are_told(void **state)
{
	struct buf out = BUF_INIT(1000);
	struct scratch scratch;
	struct fault why;
	(void)state;

	assert_true(scratch_make(&scratch));
	const char *path = scratch_path(&scratch, "list");
	write_file(path,
		   SLICE("falcon\n# x\nTop  secret\nFALCON\ntop secret\nfalcon's\ntop-secret"));
	assert_int_equal(words_check(path, &place, on_duplicate, &out, &why), RC_OK);
	assert_string_equal(buf_text(&out), "4 1 FALCON\n5 3 top secret\n");
	scratch_remove(&scratch);
	assert_int_equal(words_check(path, &place, on_duplicate, &out, &why), RC_INVALID);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_terms),
		cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_files_that_cannot_be_read),
		cmocka_unit_test(test_too_many_terms),
		cmocka_unit_test(test_duplicates_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
