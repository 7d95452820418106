#include "inspect/spoken.h"

#include <string.h>

enum { LANES = 16 };

/* Bytes side by side: the compiler makes one instruction of each operation on them. */
typedef unsigned char lanes __attribute__((vector_size(LANES)));

static lanes load(const char *at)
{
	lanes v;

	memcpy(&v, at, sizeof v);
	return v | 0x20; /* small letters; other bytes become other bytes than letters */
}

static lanes is_vowel(lanes v)
{
	return (lanes)(v == 'a') | (lanes)(v == 'i') | (lanes)(v == 'o');
}

static lanes is_letter(lanes v)
{
	return (lanes)((lanes)(v - 'a') < 26);
}

/* Whether any of the words that begin at at[0] to at[LANES - 1] has vowels where they belong
 * and no letter behind: one place in some hundreds of ordinary text. */
static bool has_candidate(const char *at)
{
	lanes found = is_vowel(load(at + 1)) & is_vowel(load(at + 3)) & ~is_letter(load(at + 5)) &
		      is_letter(load(at + 4));
	uint64_t halves[2];

	memcpy(halves, &found, sizeof halves);
	return halves[0] | halves[1];
}

static bool is_ascii_letter(char c)
{
	return (unsigned char)((c | 0x20) - 'a') < 26;
}

static bool is_one_of(char c, const char *letters)
{
	return is_ascii_letter(c) && strchr(letters, c | 0x20);
}

/* at[-1], where before, and at[SPOKEN_LETTERS] are there. */
static bool is_word(const char *at, bool before)
{
	return is_one_of(at[0], SPOKEN_FIRST) && is_one_of(at[1], SPOKEN_VOWELS) &&
	       is_one_of(at[2], SPOKEN_SECOND) && is_one_of(at[3], SPOKEN_VOWELS) &&
	       is_one_of(at[4], SPOKEN_LAST) && !is_ascii_letter(at[SPOKEN_LETTERS]) &&
	       !(before && is_ascii_letter(at[-1]));
}

static void keep(struct spoken *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (memcmp(s->at[i], s->words, SPOKEN_TEXT) == 0)
			return;
	if (s->count == SPOKEN_MAX)
		s->more = true;
	else
		memcpy(s->at[s->count++], s->words, SPOKEN_TEXT);
}

/* Nothing but a little that is no letter stands between the last word and this one. */
static bool follows(const struct spoken *s, struct slice text, uint64_t base, size_t at)
{
	uint64_t gap = base + at - s->end;

	if (s->run == 0 || base + at < s->end || gap > SPOKEN_GAP_MAX || gap > at)
		return false;
	for (size_t i = at - (size_t)gap; i < at; i++)
		if (is_ascii_letter(text.at[i]))
			return false;
	return true;
}

static void add_word(struct spoken *s, struct slice text, uint64_t base, size_t at)
{
	const size_t step = SPOKEN_LETTERS + 1;

	s->run = follows(s, text, base, at) ? s->run + 1 : 1;
	s->end = base + at + SPOKEN_LETTERS;
	memmove(s->words, s->words + step, SPOKEN_TEXT - step);
	char *word = s->words + SPOKEN_TEXT - step;
	word[-1] = ' '; /* where the last one's NUL was */
	for (size_t i = 0; i < SPOKEN_LETTERS; i++)
		word[i] = (char)(text.at[at + i] | 0x20);
	word[SPOKEN_LETTERS] = '\0';
	if (s->run >= SPOKEN_WORDS)
		keep(s);
}

void spoken_begin(struct spoken *s)
{
	s->run = 0;
	s->end = 0;
}

uint64_t spoken_scan(struct spoken *s, struct slice text, uint64_t base, uint64_t from)
{
	size_t at = from > base ? (size_t)(from - base) : 0;

	while (at + SPOKEN_LETTERS < text.len) {
		size_t many = at + SPOKEN_LETTERS + LANES <= text.len ? LANES : 1;
		if (many == LANES && !has_candidate(text.at + at)) {
			at += LANES;
			continue;
		}
		for (size_t i = at; i < at + many; i++)
			if (is_word(text.at + i, base + i > 0))
				add_word(s, text, base, i);
		at += many;
	}
	return base + at;
}
