/* inspect/fingerprintmake.h: an index of known texts is made, text by text.
 *
 *     struct fingerprint_make *m;  fingerprint_make_new("", &m, why);
 *     fingerprint_make_text(m, piece); …   fingerprint_make_break(m);  … of one document
 *     fingerprint_make_end(m, "board.docx", &sum, why);
 *     fingerprint_make_write(m, "board.idx", why);
 *
 * Memory   16 bytes a run of the document at hand, and of each that is kept
 * Threads  one user at a time */
#pragma once

#include "inspect/fingerprint.h"
#include "mime/fold.h"

enum {
	/* Runs without which a text is like others by chance. */
	FINGERPRINT_LEAST = 8,
	/* Of one document: more words than any book has. */
	FINGERPRINT_TEXT_MAX = 8 << 20,
};

struct fingerprint_summary {
	uint64_t words, kept; /* of the document; runs that are kept of it */
};

struct fingerprint_make;
enum rc fingerprint_make_new(const char *key_path, struct fingerprint_make **out,
			     struct fault *why);
void fingerprint_make_free(struct fingerprint_make *m); /* NULL is fine */

/* Text of the document at hand, UTF-8 in pieces; and the end of one of its texts: no run of
 * words goes on over it. Failures are kept until fingerprint_make_end(). */
void fingerprint_make_text(struct fingerprint_make *m, struct slice text);
void fingerprint_make_break(struct fingerprint_make *m);

/* The document ends, and the next begins.
 *   RC_ABSENT   it has too few words: it is left out
 *   RC_LIMIT    too many texts or runs    RC_NOMEM */
enum rc fingerprint_make_end(struct fingerprint_make *m, const char *name,
			     struct fingerprint_summary *out, struct fault *why);

/* Once. RC_ABSENT: there is no text in it. */
enum rc fingerprint_make_write(struct fingerprint_make *m, const char *path, struct fault *why);
