#include "rewrite/cut.h"

#include <stdlib.h>
#include <string.h>

struct cutting {
	const struct mime_extents *parts;
	const struct mime_extent *top; /* the message's own multipart; NULL: it is one part */
	struct rewrite_cut *cuts;
	size_t count;
	bool whole;
};

static bool is_signed(const struct mime_extent *e)
{
	return strcmp(e->type, "multipart/signed") == 0;
}

static bool is_loose(const struct mime_extent *e)
{
	return strcmp(e->type, "multipart/mixed") == 0 ||
	       strcmp(e->type, "multipart/digest") == 0 ||
	       strcmp(e->type, "multipart/parallel") == 0;
}

static bool is_outside(const struct mime_extent *e)
{
	const char *slash = strrchr(e->path, '/'), *word = slash ? slash + 1 : e->path;

	return strcmp(word, "preamble") == 0 || strcmp(word, "epilogue") == 0;
}

/* Whether e is outer or stands in it. */
static bool is_within(const struct mime_extent *e, const struct mime_extent *outer)
{
	size_t len = strlen(outer->path);

	return len == 0 || (strncmp(e->path, outer->path, len) == 0 &&
			    (e->path[len] == '\0' || e->path[len] == '.' || e->path[len] == '/'));
}

/* The outermost multipart around e, or e itself, whose parts belong together. */
static const struct mime_extent *widen(const struct cutting *c, const struct mime_extent *e)
{
	const struct mime_extent *widest = e;

	for (size_t i = 0; i < c->parts->count; i++) {
		const struct mime_extent *outer = &c->parts->at[i];
		if (outer->multipart && !is_loose(outer) && is_within(e, outer) &&
		    is_within(widest, outer))
			widest = outer;
	}
	return widest;
}

static enum rc check_signed(const struct cutting *c, const struct mime_extent *e, struct fault *why)
{
	for (size_t i = 0; i < c->parts->count; i++)
		if (is_signed(&c->parts->at[i]) && is_within(e, &c->parts->at[i]))
			return fault(why, RC_ABSENT,
				     "a part of a signed message cannot be sealed alone");
	return RC_OK;
}

static void cut(struct cutting *c, const struct mime_extent *e)
{
	if (e == c->top)
		c->whole = true;
	else if (e->begin < e->end)
		c->cuts[c->count++] = (struct rewrite_cut){ e->begin, e->end, is_outside(e) };
}

static enum rc cut_found(struct cutting *c, const char *const *paths, size_t path_count,
			 struct fault *why)
{
	for (size_t i = 0; i < path_count; i++) {
		const struct mime_extent *e = mime_extents_find(c->parts, paths[i]);
		enum rc rc = e ? check_signed(c, e, why)
			       : fault(why, RC_ABSENT, "what was found belongs to no part");
		if (rc != RC_OK)
			return rc;
		cut(c, widen(c, e));
	}
	return RC_OK;
}

static enum rc cut_attached(struct cutting *c, struct fault *why)
{
	for (size_t i = 0; i < c->parts->count; i++) {
		const struct mime_extent *e = &c->parts->at[i];
		if (!e->attached || is_outside(e) || e == c->top)
			continue;
		enum rc rc = check_signed(c, e, why);
		if (rc != RC_OK)
			return rc;
		cut(c, e);
	}
	return RC_OK;
}

/* What begins first comes first, and of two that do, the one that has the other in it. */
static int by_place(const void *a, const void *b)
{
	const struct rewrite_cut *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->end > y->end ? -1 : x->end < y->end;
}

static void drop_inner(struct cutting *c)
{
	size_t kept = 0;

	qsort(c->cuts, c->count, sizeof *c->cuts, by_place);
	for (size_t i = 0; i < c->count; i++)
		if (kept == 0 || c->cuts[i].begin >= c->cuts[kept - 1].end)
			c->cuts[kept++] = c->cuts[i];
	c->count = kept;
}

static enum rc choose(struct cutting *c, enum rules_rewrite what, const char *const *paths,
		      size_t path_count, struct fault *why)
{
	enum rc rc = RC_OK;

	switch (what) {
	case RULES_REWRITE_BODY:
		c->whole = true;
		return RC_OK;
	case RULES_REWRITE_ATTACHMENTS:
		if (!c->top || !c->top->closed)
			return fault(why, RC_ABSENT, "the message has no attachments to seal");
		rc = cut_attached(c, why);
		if (rc == RC_OK && c->count == 0)
			rc = fault(why, RC_ABSENT, "the message has no attachments to seal");
		return rc;
	case RULES_REWRITE_FINDINGS:
		rc = cut_found(c, paths, path_count, why);
		if (rc == RC_OK && c->count + c->whole == 0)
			rc = fault(why, RC_ABSENT, "no part of the message can be sealed alone");
		/* Without a last boundary line the last part goes on into what we add. */
		c->whole |= c->top && !c->top->closed;
		return rc;
	}
	return fault(why, RC_ABSENT, "it is not known what to seal");
}

enum rc rewrite_cut_make(const struct mime_extents *parts, enum rules_rewrite what,
			 const char *const *paths, size_t path_count, struct arena *arena,
			 struct rewrite_cuts *out, struct fault *why)
{
	struct cutting c = {
		.parts = parts,
		.cuts = ARENA_ARRAY(arena, struct rewrite_cut, parts->count + path_count),
	};

	if (!c.cuts || parts->lost)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < parts->count; i++)
		if (parts->at[i].path[0] == '\0')
			c.top = &parts->at[i];
	/* A message of one part is taken whole. */
	if (!c.top && parts->count)
		c.top = what == RULES_REWRITE_FINDINGS ? &parts->at[0] : NULL;
	enum rc rc = choose(&c, what, paths, path_count, why);
	if (rc != RC_OK)
		return rc;
	drop_inner(&c);
	*out = (struct rewrite_cuts){ c.whole, c.whole ? 0 : c.count, c.cuts };
	return RC_OK;
}
