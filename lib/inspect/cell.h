/* inspect/cell.h: values of a table as they are written in a text.
 *
 *     "Dr. Jane O'Hara"        the words  dr jane o hara
 *     "+49 (0)30 123-456"      the number 49030123456
 *     "AB 12 34 56 C"          the number ab123456c
 *     "1980-03-05"             the number 19800305, also where a text has 5.3.1980 or 03/05/1980
 *
 * A cell of ASCII letters and digits, not more letters than digits, and the signs that part
 * them is a number, any other a row of words; signs between words do not count. What is
 * shorter than CELL_MIN bytes tells nobody apart, and what has more words than CELL_WORDS is
 * not searched for.
 *
 * Standard  hashes: SipHash-1-3, keyed (inspect/indexfile.h)
 * Threads   one user of a state at a time */
#pragma once

#include "base/rc.h"
#include "base/siphash.h"
#include "mime/token.h"

enum {
	CELL_MIN = 3,
	CELL_WORDS = 12,  /* an address line, an e-mail address of many dots */
	CELL_DIGITS = 34, /* an IBAN */
	CELL_GROUPS = 6,  /* that a number is parted into: an IBAN without letters has six */
	CELL_DATES = 3,   /* ways to read one */
	CELL_GAP = 3,     /* bytes between two groups: ") -" */
};

struct cell { /* normalised */
	bool number;
	size_t words;  /* how many; of a number 0 */
	size_t digits; /* of a number, its letters too */
	uint64_t hash;
};

/* RC_ABSENT: it is too short or has too many words. text is UTF-8, not folded. */
enum rc cell_of(const struct siphash_key *key, struct slice text, struct cell *out);

/* Which lengths to look for: bit n for values of n words, or digits. */
struct cell_lengths {
	uint64_t words, digits;
};

struct cell_group {
	uint64_t at, end;
	unsigned char len, digits; /* digits: how many of text are */
	char text[CELL_DIGITS];
};

/* The last words of a text, and those that may be of a number. */
struct cell_state { /* zeroed: a text begins */
	size_t word_count, group_count;
	uint64_t hash[CELL_WORDS], at[CELL_WORDS]; /* the last word last */
	struct cell_group group[CELL_GROUPS];
};

/* A value that may stand in a table ends with the token: its hash, and where it begins. */
typedef void cell_found(void *of, uint64_t hash, uint64_t at);
void cell_take(struct cell_state *s, const struct siphash_key *key, struct cell_lengths lengths,
	       const struct mime_token *token, cell_found *found, void *of);
