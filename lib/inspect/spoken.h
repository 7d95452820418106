/* inspect/spoken.h: four words in a row that could be a deposit's phrase.
 *
 *     > Kalim   BOTAR,
 *     > rilos - fanit.        →   "kalim botar rilos fanit"
 *
 * The words of such phrases have a form of their own (deposit/phrase.h): five letters,
 * consonant and vowel in turn, of few letters. Ordinary text has such words, but hardly four of
 * them one after another. What stands between two may be anything but letters, so that
 * line ends, quoting, numbering and markup hide nothing; and each later word in a row of more
 * makes another four.
 *
 * Whether it is one that opens anything is for who knows the phrases.
 *
 * Memory   fixed: those that were found, as text
 * Threads  one user at a time */
#pragma once

#include "base/slice.h"

/* The letters of a word, in their order; deposit/phrase.h's words have no others. */
#define SPOKEN_FIRST "bdfgklmnprstvwz"
#define SPOKEN_SECOND "bflmnrstv"
#define SPOKEN_LAST "fklmnrst"
#define SPOKEN_VOWELS "aio"

enum {
	SPOKEN_LETTERS = 5,
	SPOKEN_WORDS = 4,
	SPOKEN_TEXT = SPOKEN_WORDS * (SPOKEN_LETTERS + 1), /* with blanks and a NUL */
	SPOKEN_GAP_MAX = 40, /* bytes between two words: a line end, quoting, a number, blanks */
	/* Different ones that are kept of a message: each costs whoever checks it a tenth of a
	 * second, and a text that is no list of words has none. */
	SPOKEN_MAX = 8,
};

struct spoken {
	size_t count; /* of those that follow */
	bool more;    /* there were others */
	char at[SPOKEN_MAX][SPOKEN_TEXT];
	/* The row at hand. */
	unsigned run;
	uint64_t end; /* offset behind its last word */
	char words[SPOKEN_TEXT];
};

/* A new text begins: no row goes on from the one before. */
void spoken_begin(struct spoken *s);

/* Looks at text, whose first byte has offset base in the whole of it, for words that begin at
 * offset from or later. Returns the offset to go on from when more has come: that of
 * the first word that may not have ended yet. Text before from by SPOKEN_GAP_MAX and a
 * word must be there, as far as the whole has it. */
uint64_t spoken_scan(struct spoken *s, struct slice text, uint64_t base, uint64_t from);
