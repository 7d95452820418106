#include "directory/strength.h"

#include "mime/utf8.h"

#include <limits.h>
#include <string.h>

/* Hundredths of a bit. */
enum {
	LETTER = 470,     /* of 26 */
	WORD = 1292,      /* of a list of 7,776 */
	WORD_OF_4 = 1100, /* there are fewer short ones that come to mind */
	WORD_OF_3 = 950,
	DIGIT = 332,   /* of 10 */
	SIGN = 500,    /* of 32 */
	CHINESE = 600, /* in text; drawn from a list of 3,000 it would be 11.5 */
	LATER = 50,    /* the next of a run such as 1234 */
	RUN_MIN = 3,   /* characters in a row that make a run */
	WORDS_MAX = 64,
};

/* What is tried first, by everyone. */
static const char *const first[] = {
	"abc",      "admin",  "baby",     "dragon",     "football", "geheim",   "god",
	"hallo",    "hello",  "iloveyou", "letmein",    "login",    "love",     "master",
	"monkey",   "pass",   "passe",    "passwd",     "passwort", "password", "phrase",
	"postern",  "qwerty", "qwertz",   "azerty",     "asdf",     "secret",   "shadow",
	"sunshine", "test",   "welcome",  "willkommen", "yxcv",     "zxcv",     "motdepasse",
};

static const char *const keyboards[] = { "qwertyuiop", "qwertzuiop", "asdfghjkl",  "zxcvbnm",
					 "yxcvbnm",    "azertyuiop", "qsdfghjklm", "1234567890" };

enum kind { BLANK, LETTERS, DIGITS, SIGNS, CHINESE_ONES };

static enum kind kind_of(uint32_t c)
{
	if (c == ' ')
		return BLANK;
	if (c >= '0' && c <= '9')
		return DIGITS;
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return LETTERS;
	if (c < 0x80)
		return SIGNS;
	if ((c >= 0x3400 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) || c >= 0x20000)
		return CHINESE_ONES;
	return LETTERS;
}

static bool is_next_key(uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < sizeof keyboards / sizeof *keyboards; i++) {
		const char *at = a < 0x80 && b < 0x80 ? strchr(keyboards[i], (int)a) : NULL;
		if (at && *at && at[1] == (char)b && b)
			return true;
	}
	return false;
}

/* How b follows a, where that is easily guessed. A run keeps to one way. */
enum step { NO_STEP, SAME, UP, DOWN, RIGHT, LEFT };

static enum step step_of(uint32_t a, uint32_t b)
{
	if (a == b)
		return SAME;
	if (a + 1 == b)
		return UP;
	if (b + 1 == a)
		return DOWN;
	return is_next_key(a, b) ? RIGHT : is_next_key(b, a) ? LEFT : NO_STEP;
}

struct weighing {
	struct slice name; /* of the recipient */
	size_t word_count;
	struct slice words[WORDS_MAX]; /* seen so far */
	unsigned total;
};

static bool is_one_of(struct slice word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(word, list[i]))
			return true;
	return false;
}

/* Whether a guesser has the word already. */
static bool is_known(struct weighing *w, struct slice word)
{
	if (word.len < RUN_MIN)
		return false;
	for (size_t i = 0; i < w->word_count; i++)
		if (w->words[i].len == word.len && memcmp(w->words[i].at, word.at, word.len) == 0)
			return true;
	if (w->word_count < WORDS_MAX)
		w->words[w->word_count++] = word;
	if (w->name.len && memmem(w->name.at, w->name.len, word.at, word.len))
		return true;
	return is_one_of(word, first, sizeof first / sizeof *first);
}

static unsigned worth(enum kind kind)
{
	switch (kind) {
	case BLANK:
		return 0;
	case LETTERS:
		return LETTER;
	case DIGITS:
		return DIGIT;
	case SIGNS:
		return SIGN;
	case CHINESE_ONES:
		return CHINESE;
	}
	return 0;
}

static unsigned most(enum kind kind, size_t letters)
{
	if (kind != LETTERS || letters < 3)
		return UINT_MAX;
	return letters == 3 ? WORD_OF_3 : letters == 4 ? WORD_OF_4 : WORD;
}

/* Weighs characters of one kind, from the front of *rest. */
static void weigh_run(struct weighing *w, struct slice *rest, enum kind kind)
{
	struct slice run = { rest->at, 0 };
	unsigned sum = 0, in_row = 1, count = 0;
	enum step way = NO_STEP;
	uint32_t before = 0, c = 0;

	while (rest->len) {
		int n = mime_utf8_take(*rest, &c);
		if (n <= 0) { /* not a phrase in its normal form */
			*rest = (struct slice){ rest->at + 1, rest->len - 1 };
			break;
		}
		if (kind_of(c) != kind)
			break;
		enum step step = run.len ? step_of(before, c) : NO_STEP;
		in_row = step == NO_STEP ? 1 : step == way ? in_row + 1 : 2;
		way = step;
		sum += in_row >= RUN_MIN ? LATER : worth(kind);
		run.len += (size_t)n;
		count++;
		*rest = (struct slice){ rest->at + n, rest->len - (size_t)n };
		before = c;
	}
	if (kind != BLANK && run.len && is_known(w, run))
		return;
	w->total += sum < most(kind, count) ? sum : most(kind, count);
}

unsigned directory_phrase_bits(struct slice phrase, struct slice name)
{
	struct weighing w = { .name = name };

	while (phrase.len) {
		uint32_t c = 0;
		enum kind kind = mime_utf8_take(phrase, &c) > 0 ? kind_of(c) : BLANK;
		weigh_run(&w, &phrase, kind);
	}
	return w.total / 100;
}
