#include "settings/rules.h"

#include "base/cleanup.h"
#include "settings/join.h"
#include "settings/rules_text.h"
#include "settings/settings.h"
#include "settings/whole.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 64 << 20 }; /* the largest text, and the largest lists of addresses */

/* What rules_read() hands out is the member seen. */
struct owned {
	struct rules seen;
	atomic_uint refs;
	struct arena *arena;
};

static struct owned *owned_of(const struct rules *rules)
{
	return (struct owned *)(uintptr_t)rules; /* its first member */
}

static void owned_free(struct owned *owned)
{
	if (!owned)
		return;
	arena_free(owned->arena);
	free(owned);
}

static void cleanup_owned(struct owned **owned)
{
	owned_free(*owned);
}

static struct owned *owned_new(void)
{
	struct owned *owned = calloc(1, sizeof *owned);

	if (!owned)
		return NULL;
	atomic_init(&owned->refs, 1);
	owned->arena = arena_new(ARENA_MAX);
	if (owned->arena)
		return owned;
	free(owned);
	return NULL;
}

/* ---- reading ---- */

/* path NULL: the text is read, which is called name. */
static enum rc read_all(const char *path, struct slice text, const char *name,
			const struct rules **out, struct fault *why)
{
	CLEANUP(cleanup_owned) struct owned *owned = owned_new();
	CLEANUP(buf_free) struct buf source = BUF_INIT(JOIN_SOURCE_MAX);

	if (!owned)
		return fault(why, RC_NOMEM, "out of memory for the rules");
	enum rc rc = path ? join_read(path, owned->arena, &source, &owned->seen, why)
			  : join_parse(text, name, owned->arena, &source, &owned->seen, why);
	if (rc == RC_OK)
		rc = whole_settle(&owned->seen, owned->arena, why);
	if (rc != RC_OK)
		return rc;
	const char *copy = arena_text(owned->arena, buf_slice(&source));
	if (!copy)
		return fault(why, RC_NOMEM, "out of memory for the rules");
	owned->seen.source = (struct slice){ copy, source.len };
	*out = &TAKE(owned)->seen;
	return RC_OK;
}

enum rc rules_read(const char *path, const struct rules **out, struct fault *why)
{
	return read_all(path, (struct slice){ 0 }, NULL, out, why);
}

enum rc rules_parse(struct slice text, const char *name, const struct rules **out,
		    struct fault *why)
{
	return read_all(NULL, text, name, out, why);
}

struct slice rules_embedded_text(void)
{
	return (struct slice){ (const char *)rules_text, rules_text_len };
}

enum rc rules_embedded(const struct rules **out, struct fault *why)
{
	return rules_parse(rules_embedded_text(), "built-in rules", out, why);
}

enum rc rules_for(const struct settings *settings, const struct rules **out, struct fault *why)
{
	enum rc rc = rules_read(settings->rules, out, why);

	if (rc == RC_ABSENT && !settings->rules_set)
		rc = rules_embedded(out, why);
	return rc;
}

void rules_set_digest(const struct rules *rules, const char digest[65])
{
	struct rules *mine = &owned_of(rules)->seen;

	memcpy(mine->digest, digest, sizeof mine->digest);
	mine->digest[sizeof mine->digest - 1] = '\0';
}

const struct rules *rules_ref(const struct rules *rules)
{
	atomic_fetch_add_explicit(&owned_of(rules)->refs, 1, memory_order_relaxed);
	return rules;
}

void rules_unref(const struct rules *rules)
{
	struct owned *owned = owned_of(rules);

	if (owned && atomic_fetch_sub_explicit(&owned->refs, 1, memory_order_acq_rel) == 1)
		owned_free(owned);
}
