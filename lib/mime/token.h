/* mime/token.h: folded text, one word or sign after the other.
 *
 *     "Project\n> FALCON-2"   →   "project"   blank "falcon"   "-"   "2"
 *
 * A word is a run of letters, marks, digits and connecting signs ("_"), so that nothing
 * that stands inside a longer word is a word. Scripts that write without blanks
 * (Han, Hiragana, Thai, Lao, Khmer, Burmese) have a word in each letter. Any other
 * character that can be seen is a sign by itself. Blanks are runs of white space, line
 * ends and a reply's quoting (">" where a line begins) among them.
 *
 * Words are told in lower case: "ß" as "ss", "ς" as "σ", and the i's of Turkish alike.
 * However the text is cut, between characters, the same comes out.
 *
 * Standard  Unicode UAX #29 §4.1 (ALetter, Numeric, ExtendNumLet, Extend; ideographs
 *           alone); apostrophes and stops part words here: "Falcon's" has falcon in it
 * Threads   one user of a state at a time */
#pragma once

#include "base/slice.h"

enum { TOKEN_TEXT = 64 /* bytes of a word that are kept: hardly any has more */ };

struct mime_token {
	uint64_t at, end; /* offsets in the text, the first byte and the one behind */
	uint64_t hash;    /* of the whole, in lower case */
	size_t len;       /* of text: a longer word's beginning */
	bool sign;        /* no word */
	bool blank;       /* blanks stand before it, or the text begins */
	bool digits;      /* nothing but 0 to 9 in text */
	char text[TOKEN_TEXT + sizeof(uint64_t)]; /* with zeros behind it */
};

struct mime_tokens {
	uint64_t at; /* bytes taken so far */
	bool open;   /* now may go on */
	bool blank;
	bool line_goes_on; /* something stands in the line */
	struct mime_token now;
};

/* A new text begins: *t zeroed, and blank set. */
void mime_tokens_begin(struct mime_tokens *t);

/* The next one, which lives until the next call; NULL when all of text is taken: a word
 * that it ends with waits for more. text is valid UTF-8, cut between characters. */
const struct mime_token *mime_token_take(struct mime_tokens *t, struct slice *text);
/* The text ends: the word that waits, or NULL. */
const struct mime_token *mime_token_end(struct mime_tokens *t);

/* Scatters the bits of a hash that is made of others. */
static inline uint64_t mime_token_mix(uint64_t h)
{
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
	return h ^ h >> 33;
}
