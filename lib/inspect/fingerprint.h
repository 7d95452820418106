/* inspect/fingerprint.h: texts that are known, found in other texts, whole or in part.
 *
 *     of "board.docx" 3,120 runs of four words are known;
 *     2,480 of them stand in a message: it contains 79 % of board.docx
 *
 * What is measured is containment, of the known text in the message: how many of every hundred
 * of its runs of FINGERPRINT_WORDS words are there. How much else the message holds does not
 * matter; an excerpt that is a fifth of the known text measures 20. It is measured over the
 * whole message, so that parting a text among attachments hides nothing; a run of words lies
 * within one part. Signs, case, blanks and layout do not count.
 *
 * Of a long text only as many runs are kept as FINGERPRINT_KEPT, spread evenly by winnowing
 * (the least hash of each window), so that any passage longer than a window has some of them.
 * All runs of a message are looked up, and so nothing is lost twice.
 *
 * Standard  Broder 1997 (containment); Schleimer, Wilkerson, Aiken 2003 (winnowing)
 * Memory    the index as a whole; a state: a byte for each run that is known, once one is seen
 * Threads   an index: any; a state: one user at a time */
#pragma once

#include "inspect/hashindex.h"
#include "inspect/indexfile.h"
#include "mime/token.h"

enum {
	FINGERPRINT_WORDS = 4,
	FINGERPRINT_KEPT = 4096,        /* runs of one text: a share is then right to a hundredth */
	FINGERPRINT_TEXTS_MAX = 8192,   /* a message counts for each: 32 KB */
	FINGERPRINT_RUNS_MAX = 1 << 20, /* of all: 1 MB for a message that has one of them */
	FINGERPRINT_NAME = 120,
};

struct fingerprint;
/* As indexfile_read(). */
enum rc fingerprint_open(const char *path, const char *key_path, struct fingerprint **out,
			 struct fault *why);
void fingerprint_free(struct fingerprint *f); /* NULL is fine */

size_t fingerprint_count(const struct fingerprint *f);                  /* of texts */
const char *fingerprint_name(const struct fingerprint *f, size_t text); /* its file's */

/* The last words of a text. */
struct fingerprint_run { /* zeroed: a text begins */
	size_t count;
	uint64_t hash[FINGERPRINT_WORDS];
};
/* Whether a run of words ends with the token, and its hash. */
bool fingerprint_take(struct fingerprint_run *r, const struct siphash_key *key,
		      const struct mime_token *token, uint64_t *hash);

/* What one message has of an index, in the places that one test looks at. */
struct fingerprint_state { /* zeroed, with its index */
	const struct fingerprint *index;
	unsigned char *seen; /* for each entry; NULL: none yet */
	uint32_t *counts;    /* for each text */
	bool lost;           /* memory was out */
};
void fingerprint_state_fini(struct fingerprint_state *s); /* a zeroed one is fine */

/* A text of which a run was seen for the first time; percent of it are there by now, and were
 * before. */
typedef void fingerprint_seen(void *of, size_t text, unsigned before, unsigned percent);
void fingerprint_add(struct fingerprint_state *s, uint64_t hash, fingerprint_seen *seen, void *of);

const struct siphash_key *fingerprint_key(const struct fingerprint *f);

/* ---- how it lies in the file; for fingerprintmake.c ---- */

struct fingerprint_head {
	uint32_t texts, zero;
	struct hashindex_head runs; /* of each the text */
};

struct fingerprint_text { /* behind the head, one for each text; then the runs */
	uint32_t runs, zero;
	char name[FINGERPRINT_NAME];
};
