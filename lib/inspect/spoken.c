#include "inspect/spoken.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	BLOCK = 64, /* bytes that are looked at side by side: a bit for each in a word */
	STEP = BLOCK - 1 -
	       SPOKEN_LETTERS, /* of them may begin a word: with what stands around it */
};

struct classes { /* which of a block's bytes are letters, and vowels of such words */
	uint64_t letters, vowels;
};

#ifdef __SSE2__
static struct classes classes_of(const char *at)
{
	const __m128i small = _mm_set1_epi8(0x20), a = _mm_set1_epi8('a');
	struct classes c = { 0, 0 };

	for (int i = 0; i < BLOCK; i += 16) {
		/* Small letters; other bytes become other bytes than letters. */
		__m128i v = _mm_or_si128(_mm_loadu_si128((const __m128i *)(at + i)), small);
		__m128i from_a = _mm_sub_epi8(v, a);
		__m128i letter = _mm_cmpeq_epi8(_mm_min_epu8(from_a, _mm_set1_epi8(25)), from_a);
		__m128i vowel = _mm_or_si128(
			_mm_or_si128(_mm_cmpeq_epi8(v, a), _mm_cmpeq_epi8(v, _mm_set1_epi8('i'))),
			_mm_cmpeq_epi8(v, _mm_set1_epi8('o')));
		c.letters |= (uint64_t)(uint32_t)_mm_movemask_epi8(letter) << i;
		c.vowels |= (uint64_t)(uint32_t)_mm_movemask_epi8(vowel) << i;
	}
	return c;
}
#else
static struct classes classes_of(const char *at)
{
	struct classes c = { 0, 0 };

	for (int i = 0; i < BLOCK; i++) {
		unsigned char v = (unsigned char)((at[i] | 0x20) - 'a');
		c.letters |= (uint64_t)(v < 26) << i;
		c.vowels |= (uint64_t)(v == 0 || v == 'i' - 'a' || v == 'o' - 'a') << i;
	}
	return c;
}
#endif

/* Where in the block words may begin: five letters with nothing but vowels where they belong,
 * and no letter around them. Next to none in ordinary text. The block's first byte is the one
 * before. */
static uint64_t candidates(const char *at)
{
	struct classes c = classes_of(at);
	uint64_t others = c.letters & ~c.vowels;

	return others & c.vowels >> 1 & others >> 2 & c.vowels >> 3 & others >> 4 &
	       ~(c.letters >> 5) & ~(c.letters << 1) & (UINT64_MAX >> SPOKEN_LETTERS) & ~1ull;
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

/* The same of fewer bytes, of which the last one may not begin a word. */
static uint64_t few_candidates(const char *at, size_t len)
{
	char block[BLOCK] = { 0 };

	memcpy(block, at, len);
	return candidates(block) & ((1ull << (len - SPOKEN_LETTERS)) - 1);
}

uint64_t spoken_scan(struct spoken *s, struct slice text, uint64_t base, uint64_t from)
{
	size_t at = from > base ? (size_t)(from - base) : 0;

	if (at == 0 && SPOKEN_LETTERS < text.len) {
		if (is_word(text.at, false))
			add_word(s, text, base, 0);
		at = 1;
	}
	while (at + SPOKEN_LETTERS < text.len) {
		size_t block = at - 1, left = text.len - block;
		bool whole = left >= BLOCK;
		uint64_t found =
			whole ? candidates(text.at + block) : few_candidates(text.at + block, left);
		for (; found; found &= found - 1) {
			size_t i = block + (size_t)__builtin_ctzll(found);
			if (is_word(text.at + i, true))
				add_word(s, text, base, i);
		}
		at += whole ? STEP : left - 1 - SPOKEN_LETTERS;
	}
	return base + at;
}
