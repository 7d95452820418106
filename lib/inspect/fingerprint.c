#include "inspect/fingerprint.h"

#include <stdlib.h>
#include <string.h>

struct fingerprint {
	struct indexfile file;
	const struct fingerprint_text *texts;
	size_t count;
	struct hashindex runs;
};

/* ---- the file ---- */

/* Each text has a name, and as many runs as it says. */
static bool are_texts(const struct fingerprint *f)
{
	uint32_t *counts = calloc(f->count, sizeof *counts);
	bool fine = counts != NULL;

	for (uint64_t i = 0; fine && i < f->runs.head.entries; i++) {
		fine = f->runs.entries[i].value < f->count;
		if (fine)
			counts[f->runs.entries[i].value]++;
	}
	for (size_t i = 0; fine && i < f->count; i++)
		fine = f->texts[i].runs && f->texts[i].runs == counts[i] && f->texts[i].name[0] &&
		       memchr(f->texts[i].name, '\0', FINGERPRINT_NAME);
	free(counts);
	return fine;
}

static bool understand(struct fingerprint *f)
{
	struct slice rest = f->file.payload;
	struct fingerprint_head head;

	if (rest.len < sizeof head)
		return false;
	memcpy(&head, rest.at, sizeof head);
	rest = (struct slice){ rest.at + sizeof head, rest.len - sizeof head };
	if (head.texts < 1 || head.texts > FINGERPRINT_TEXTS_MAX ||
	    head.runs.entries > FINGERPRINT_RUNS_MAX || rest.len < head.texts * sizeof *f->texts)
		return false;
	f->count = head.texts;
	f->texts = (const void *)rest.at;
	size_t texts = head.texts * sizeof *f->texts;
	rest = (struct slice){ rest.at + texts, rest.len - texts };
	return hashindex_open(&head.runs, rest, &f->runs) && are_texts(f);
}

enum rc fingerprint_open(const char *path, const char *key_path, struct fingerprint **out,
			 struct fault *why)
{
	struct fingerprint *f = calloc(1, sizeof *f);

	if (!f)
		return fault(why, RC_NOMEM, "out of memory for an index");
	enum rc rc = indexfile_read(path, key_path, INDEXFILE_FINGERPRINT, &f->file, why);
	if (rc == RC_OK && !understand(f))
		rc = fault(why, RC_INVALID, "%.120s holds no index of texts", path);
	if (rc == RC_OK)
		*out = f;
	else
		fingerprint_free(f);
	return rc;
}

void fingerprint_free(struct fingerprint *f)
{
	if (f)
		indexfile_free(&f->file);
	free(f);
}

size_t fingerprint_count(const struct fingerprint *f)
{
	return f->count;
}

const char *fingerprint_name(const struct fingerprint *f, size_t text)
{
	return f->texts[text].name;
}

const struct siphash_key *fingerprint_key(const struct fingerprint *f)
{
	return &f->file.key;
}

/* ---- runs of words ---- */

bool fingerprint_take(struct fingerprint_run *r, const struct siphash_key *key,
		      const struct mime_token *token, uint64_t *hash)
{
	if (token->sign)
		return false;
	if (r->count == FINGERPRINT_WORDS)
		memmove(r->hash, r->hash + 1, --r->count * sizeof *r->hash);
	r->hash[r->count++] = token->hash;
	if (r->count < FINGERPRINT_WORDS)
		return false;
	*hash = siphash(key, (struct slice){ (const char *)r->hash, sizeof r->hash });
	return true;
}

/* ---- a message ---- */

static bool begin(struct fingerprint_state *s)
{
	if (!s->seen)
		s->seen = calloc(s->index->runs.head.entries, 1);
	if (!s->counts)
		s->counts = calloc(s->index->count, sizeof *s->counts);
	s->lost = s->lost || !s->seen || !s->counts;
	return s->seen && s->counts;
}

void fingerprint_add(struct fingerprint_state *s, uint64_t hash, fingerprint_seen *seen, void *of)
{
	const struct fingerprint *f = s->index;
	const struct hashindex_entry *entries;
	size_t count = hashindex_find(&f->runs, hash, &entries);

	if (count == 0 || !begin(s) || s->seen[entries - f->runs.entries])
		return; /* all of a run's entries are seen at once */
	for (size_t i = 0; i < count; i++) {
		size_t at = (size_t)(entries - f->runs.entries) + i;
		uint32_t text = entries[i].value;
		if (s->seen[at])
			continue;
		s->seen[at] = 1;
		uint64_t before = 100ull * s->counts[text]++, now = 100ull * s->counts[text];
		uint32_t runs = f->texts[text].runs;
		seen(of, text, (unsigned)(before / runs), (unsigned)(now / runs));
	}
}

void fingerprint_state_fini(struct fingerprint_state *s)
{
	free(s->seen);
	free(s->counts);
	*s = (struct fingerprint_state){ 0 };
}
