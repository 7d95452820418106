/* inspect/words.h: dictionaries: terms of one or more words, one a line.
 *
 *     # merger                        a comment
 *     Project Falcon        hits      "project\n> FALCON's plan"
 *     C++                             "C++11"  but not  "falconry"
 *
 * A term hits where its words and signs stand in this order with blanks where it has
 * blanks, and none where it has none; what stands beside it goes on no word
 * (mime/token.h says what a word is). Folding and case are those of all text.
 *
 * All dictionaries of the rules are one tree of hashes of words, so that a text costs one
 * look for each of its words, however many terms there are. (With 50,000 of them libhs takes
 * nearly twice as long to find letters alone, and a second or two to be ready; with 1,000 it
 * would be quicker: tests/bench/words.c.)
 *
 * Memory   about 100 bytes a term; immutable once read. A state: fixed
 * Threads  dictionaries: any; a state: one user at a time */
#pragma once

#include "base/fault.h"
#include "mime/token.h"
#include "settings/rules.h"

enum {
	WORDS_FILE_MAX = 16 << 20, /* bytes of a file: every word of a language is less */
	WORDS_TERMS_MAX = 500000,  /* of all files together: some 50 MB of memory */
	WORDS_LINE_MAX = 400,      /* bytes of a term: what is longer is a paragraph */
	WORDS_LENGTH_MAX = 32, /* words and signs of a term: that many may be half met at once */
};

struct words;

struct words_term {
	unsigned tag;
	uint32_t next;     /* the same of another file; 0: none */
	struct slice text; /* as written, folded */
	unsigned line;     /* of its file, counted from 1 */
};

struct words *words_new(void);    /* NULL: out of memory */
void words_free(struct words *w); /* NULL is fine */

/* Adds the file's terms, each with that tag; one that is there twice counts once.
 *   RC_INVALID  *why is "FILE:LINE: …": too long, no UTF-8, without a word or sign; or the
 *               file cannot be read, and *why has the place of the rule that names it
 *   RC_LIMIT    more terms than WORDS_TERMS_MAX     RC_NOMEM */
enum rc words_add(struct words *w, const char *path, const struct rules_place *place, unsigned tag,
		  struct fault *why);
size_t words_count(const struct words *w);

/* A term that stands in the file a second time; line and first count from 1. */
typedef void words_duplicate(void *of, unsigned line, unsigned first, struct slice term);

/* Reads the file alone, for lint: tells of each duplicate. As words_add(). */
enum rc words_check(const char *path, const struct rules_place *place, words_duplicate *tell,
		    void *of, struct fault *why);

/* Terms of which the text so far may hold the beginning. */
struct words_state {
	size_t count;
	struct {
		uint32_t node;
		uint64_t at;
	} begun[WORDS_LENGTH_MAX];
};

struct words_hit {
	uint64_t at;   /* where the term begins; it ends where the token does */
	uint32_t term; /* for words_term(), never 0 */
};

/* The text goes on with the token. hits has room for WORDS_LENGTH_MAX; how many there are. */
size_t words_take(const struct words *w, struct words_state *s, const struct mime_token *token,
		  struct words_hit *hits);
struct words_term words_term(const struct words *w, uint32_t term);
