#include "inspect/papers.h"

#include <stdlib.h>
#include <string.h>

void papers_init(struct papers *p, const struct papers_config *config)
{
	*p = (struct papers){ .config = config };
}

static void forget(struct papers *p)
{
	for (size_t i = 0; i < p->count; i++) {
		spool_free(p->at[i].bytes);
		buf_free(&p->at[i].path);
		buf_free(&p->at[i].name);
	}
	p->count = 0;
	p->open = false;
}

void papers_fini(struct papers *p)
{
	forget(p);
	free(p->at);
	p->at = NULL;
}

bool papers_begin(struct papers *p, const struct mime_document *document)
{
	const struct papers_config *c = p->config;

	if (!c->pool || p->count == PAPERS_MAX)
		return false;
	if (!p->at && !(p->at = calloc(PAPERS_MAX, sizeof *p->at)))
		return false;
	struct paper fresh = { .path = BUF_INIT(PAPERS_PATH_MAX),
			       .name = BUF_INIT(WIRE_NAME_MAX),
			       .within = document->within };
	/* A name that is too long tells nothing. */
	(void)!buf_add_text(&fresh.name, document->name);
	fresh.bytes = spool_new(PAPERS_MEMORY, c->bytes_max, c->folder);
	if (!fresh.bytes || buf_add_text(&fresh.path, document->path) != RC_OK) {
		spool_free(fresh.bytes);
		buf_free(&fresh.path);
		buf_free(&fresh.name);
		return false;
	}
	p->at[p->count++] = fresh;
	p->open = true;
	return true;
}

void papers_add(struct papers *p, struct slice bytes)
{
	struct paper *paper = p->open ? &p->at[p->count - 1] : NULL;

	if (paper && paper->state == RC_OK)
		paper->state = spool_add(paper->bytes, bytes.at, bytes.len, NULL);
}

void papers_end(struct papers *p)
{
	p->open = false;
}

/* ---- reading ---- */

struct hearing {
	struct papers *papers;
	const struct reader_heard *heard;
	void *of;
	struct buf path; /* the document's, and what is inside */
	size_t own;      /* bytes that are the document's */
};

static const char *whole(struct hearing *h, const char *path)
{
	h->path.len = h->own;
	h->path.at[h->own] = '\0';
	h->path.state = RC_OK;
	if (*path && buf_add_byte(&h->path, '/') == RC_OK)
		(void)!buf_add_text(&h->path, path);
	return buf_text(&h->path);
}

static void on_begin(void *of, const char *path)
{
	struct hearing *h = of;

	h->heard->begin(h->of, whole(h, path));
}

static void on_text(void *of, struct slice text)
{
	struct hearing *h = of;

	h->heard->text(h->of, text);
}

static void on_end(void *of)
{
	struct hearing *h = of;

	h->heard->end(h->of);
}

static void on_file(void *of, const char *path, const struct reader_file *file)
{
	struct hearing *h = of;

	h->papers->members++;
	h->heard->file(h->of, whole(h, path), file);
}

static void on_property(void *of, const char *path, struct slice name, struct slice value)
{
	struct hearing *h = of;

	h->heard->property(h->of, whole(h, path), name, value);
}

static void on_label(void *of, const char *path, struct slice value)
{
	struct hearing *h = of;

	h->heard->label(h->of, whole(h, path), value);
}

static void on_opaque(void *of, const char *path, const char *why)
{
	struct hearing *h = of;

	h->heard->opaque(h->of, whole(h, path), why);
}

static const struct reader_heard inner = { on_begin,    on_text,  on_end,   on_file,
					   on_property, on_label, on_opaque };

static const char *state_word(enum rc state)
{
	switch (state) {
	case RC_LIMIT:
		return "message-bytes";
	case RC_OK:
	case RC_ABSENT:
	case RC_INVALID:
	case RC_RETRY:
		return "spool";
	case RC_NOMEM:
		return "memory";
	}
	return "";
}

/* What is left of a bound that all documents of a message share. */
static uint64_t left(uint64_t most, uint64_t used)
{
	return used < most ? most - used : 0;
}

static void read_one(struct papers *p, const struct paper *paper, uint64_t unpacked,
		     struct hearing *h)
{
	const struct papers_config *c = p->config;
	struct reader_job job = { .bytes = paper->bytes,
				  .name = buf_slice(&paper->name),
				  .limits = c->limits };
	struct reader_spent spent = { 0 };

	job.wall_ms = (unsigned)left(c->wall_ms, p->wall_ms);
	job.limits.cpu_ms = left(c->limits.cpu_ms, p->cpu_ms);
	job.limits.members = left(c->limits.members, p->members);
	job.limits.unpacked = unpacked;
	if (paper->state != RC_OK) {
		h->heard->opaque(h->of, whole(h, ""), state_word(paper->state));
		return;
	}
	if (job.wall_ms == 0 || job.limits.cpu_ms == 0) {
		h->heard->opaque(h->of, whole(h, ""),
				 job.wall_ms ? "inspect-cpu-ms" : "inspect-ms");
		return;
	}
	reader_pool_read(c->pool, &job, &inner, h, &spent);
	p->wall_ms += spent.wall_ms;
	p->cpu_ms += spent.cpu_ms;
}

void papers_read(struct papers *p, uint64_t unpacked, const struct reader_heard *heard, void *of)
{
	p->open = false;
	for (size_t i = 0; i < p->count; i++) {
		struct hearing h = { .papers = p,
				     .heard = heard,
				     .of = of,
				     .path = BUF_INIT(PAPERS_PATH_MAX + WIRE_PATH_MAX) };
		if (buf_add_slice(&h.path, buf_slice(&p->at[i].path)) == RC_OK) {
			h.own = h.path.len;
			read_one(p, &p->at[i], unpacked, &h);
		} else {
			heard->opaque(of, "", "memory");
		}
		buf_free(&h.path);
	}
	forget(p);
}
