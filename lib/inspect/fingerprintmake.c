#include "inspect/fingerprintmake.h"

#include <stdlib.h>
#include <string.h>

struct fingerprint_make {
	struct indexfile file;
	/* All that are kept. */
	struct hashindex_posting *kept;
	size_t kept_count, kept_room;
	struct fingerprint_text *texts;
	size_t text_count, text_room;
	/* The document at hand. */
	struct mime_fold fold;
	struct mime_tokens tokens;
	struct fingerprint_run run;
	uint64_t *runs, words;
	size_t count, room;
	enum rc state;
};

static enum rc no_memory(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory for an index");
}

static bool grow(void **at, size_t *room, size_t want, size_t size)
{
	if (want <= *room)
		return true;
	size_t more = 2 * *room > want ? 2 * *room : want + 64;
	void *grown = realloc(*at, more * size);
	if (!grown)
		return false;
	*at = grown;
	*room = more;
	return true;
}

static void begin(struct fingerprint_make *m)
{
	m->fold = (struct mime_fold){ 0 };
	mime_tokens_begin(&m->tokens);
	m->run = (struct fingerprint_run){ 0 };
}

enum rc fingerprint_make_new(const char *key_path, struct fingerprint_make **out, struct fault *why)
{
	struct fingerprint_make *m = calloc(1, sizeof *m);

	if (!m)
		return no_memory(why);
	begin(m);
	enum rc rc = indexfile_new(key_path, INDEXFILE_FINGERPRINT, &m->file, why);
	if (rc == RC_OK)
		*out = m;
	else
		fingerprint_make_free(m);
	return rc;
}

void fingerprint_make_free(struct fingerprint_make *m)
{
	if (!m)
		return;
	indexfile_free(&m->file);
	free(m->kept);
	free(m->texts);
	free(m->runs);
	free(m);
}

/* ---- a document's runs ---- */

static void take(struct fingerprint_make *m, const struct mime_token *token)
{
	uint64_t hash;

	m->words += !token->sign;
	if (m->state != RC_OK || !fingerprint_take(&m->run, &m->file.key, token, &hash))
		return;
	if (m->count == FINGERPRINT_TEXT_MAX)
		m->state = RC_LIMIT;
	else if (!grow((void **)&m->runs, &m->room, m->count + 1, sizeof *m->runs))
		m->state = RC_NOMEM;
	else
		m->runs[m->count++] = hash;
}

static void take_folded(struct fingerprint_make *m, struct slice text)
{
	const struct mime_token *token;

	while ((token = mime_token_take(&m->tokens, &text)))
		take(m, token);
}

void fingerprint_make_text(struct fingerprint_make *m, struct slice text)
{
	char piece[2 * FOLD_ROOM];

	while (text.len) {
		size_t n = mime_fold_push(&m->fold, &text, piece, sizeof piece);
		take_folded(m, (struct slice){ piece, n });
	}
}

void fingerprint_make_break(struct fingerprint_make *m)
{
	const struct mime_token *last;
	char piece[FOLD_ROOM];

	take_folded(m, (struct slice){ piece, mime_fold_end(&m->fold, piece) });
	if ((last = mime_token_end(&m->tokens)))
		take(m, last);
	begin(m);
}

/* ---- which of them are kept ---- */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Winnows in place: of each window the least, the last of equals; how many are left. */
static size_t winnow(uint64_t *runs, size_t count, size_t window)
{
	size_t kept = 0, least = 0;

	for (size_t i = 0; i + window <= count; i++) {
		size_t before = least;
		if (i == 0 || least < i) { /* it has left the window */
			least = i;
			for (size_t k = i + 1; k < i + window; k++)
				if (runs[k] <= runs[least])
					least = k;
		} else if (runs[i + window - 1] <= runs[least]) {
			least = i + window - 1;
		}
		if (i == 0 || least != before)
			runs[kept++] = runs[least]; /* kept <= least: nothing unread is lost */
	}
	return kept;
}

static size_t unique(uint64_t *runs, size_t count)
{
	size_t kept = 0;

	qsort(runs, count, sizeof *runs, compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || runs[i] != runs[kept - 1])
			runs[kept++] = runs[i];
	return kept;
}

static size_t thin_out(struct fingerprint_make *m)
{
	size_t count = m->count;

	/* A window of w keeps two in w + 1. */
	if (count > FINGERPRINT_KEPT)
		count = winnow(m->runs, count, 2 * count / FINGERPRINT_KEPT + 1);
	return unique(m->runs, count);
}

static enum rc keep(struct fingerprint_make *m, const char *name, size_t count, struct fault *why)
{
	if (m->text_count == FINGERPRINT_TEXTS_MAX)
		return fault(why, RC_LIMIT, "more than %d texts in one index",
			     FINGERPRINT_TEXTS_MAX);
	if (m->kept_count + count > FINGERPRINT_RUNS_MAX)
		return fault(why, RC_LIMIT, "the texts are too long for one index: make several");
	if (!grow((void **)&m->texts, &m->text_room, m->text_count + 1, sizeof *m->texts) ||
	    !grow((void **)&m->kept, &m->kept_room, m->kept_count + count, sizeof *m->kept))
		return no_memory(why);
	struct fingerprint_text *text = &m->texts[m->text_count];
	*text = (struct fingerprint_text){ .runs = (uint32_t)count };
	memcpy(text->name, name, strnlen(name, FINGERPRINT_NAME - 1));
	for (size_t i = 0; i < count; i++)
		m->kept[m->kept_count++] =
			(struct hashindex_posting){ m->runs[i], (uint32_t)m->text_count };
	m->text_count++;
	return RC_OK;
}

enum rc fingerprint_make_end(struct fingerprint_make *m, const char *name,
			     struct fingerprint_summary *out, struct fault *why)
{
	enum rc rc;

	fingerprint_make_break(m);
	size_t count = thin_out(m);
	if (m->state != RC_OK)
		rc = fault(why, m->state, "it has more than %d words, or memory is out",
			   FINGERPRINT_TEXT_MAX);
	else if (count < FINGERPRINT_LEAST)
		rc = fault(why, RC_ABSENT, "it has %llu words, too few to know it by",
			   (unsigned long long)m->words);
	else
		rc = keep(m, name, count, why);
	if (rc == RC_OK)
		*out = (struct fingerprint_summary){ m->words, count };
	m->count = 0;
	m->words = 0;
	m->state = RC_OK;
	return rc;
}

enum rc fingerprint_make_write(struct fingerprint_make *m, const char *path, struct fault *why)
{
	struct fingerprint_head head = { .texts = (uint32_t)m->text_count };
	size_t texts = m->text_count * sizeof *m->texts;

	if (m->text_count == 0)
		return fault(why, RC_ABSENT, "there is no text in it");
	hashindex_sort(m->kept, m->kept_count);
	head.runs = hashindex_plan(m->kept_count);
	enum rc rc =
		indexfile_room(&m->file, sizeof head + texts + hashindex_size(&head.runs), why);
	if (rc != RC_OK)
		return rc;
	char *at = indexfile_bytes(&m->file);
	memcpy(at, &head, sizeof head);
	memcpy(at + sizeof head, m->texts, texts);
	hashindex_fill(&head.runs, m->kept, at + sizeof head + texts);
	return indexfile_write(&m->file, path, why);
}
