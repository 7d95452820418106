#include "settings/rules.h"

#include "base/cleanup.h"
#include "settings/field.h"
#include "settings/option.h"
#include "settings/rules_text.h"
#include "settings/settings.h"
#include "settings/shape.h"

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

/* ---- what no single group shows ---- */

static bool find_marker(const struct rules *rules, const char *name, unsigned *at,
			const char **nearest)
{
	const char *names[RULES_MARKERS_MAX] = { NULL };

	for (size_t i = 0; i < rules->marker_count; i++) {
		names[i] = rules->markers[i].name;
		if (strcmp(names[i], name) != 0)
			continue;
		*at = (unsigned)i;
		return true;
	}
	*nearest = option_nearest(name, names, rules->marker_count);
	return false;
}

/* Looks the names up once, since every message would otherwise. */
static enum rc find_names(const struct owned *owned, const struct rules_rule *rule,
			  const struct rules_list *list, const char *key, const unsigned **out,
			  struct fault *why)
{
	const char *nearest = NULL;
	unsigned *at = ARENA_ARRAY(owned->arena, unsigned, list->count);

	if (!at && list->count)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < list->count; i++) {
		if (find_marker(&owned->seen, list->at[i], &at[i], &nearest))
			continue;
		return fault(why, RC_INVALID, "%s:%u: %s names \"%.60s\", which is no marker%s%s%s",
			     rule->place.file, rule->place.line, key, list->at[i],
			     nearest ? "; did you mean \"" : "", nearest ? nearest : "",
			     nearest ? "\"?" : "");
	}
	*out = at;
	return RC_OK;
}

static enum rc check_twins(const struct rules *rules, struct fault *why)
{
	for (size_t i = 0; i < rules->marker_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(rules->markers[i].name, rules->markers[j].name) == 0)
				return fault(why, RC_INVALID,
					     "%s:%u: a marker \"%s\" stands in line %u already",
					     rules->markers[i].place.file,
					     rules->markers[i].place.line, rules->markers[i].name,
					     rules->markers[j].place.line);
	for (size_t i = 0; i < rules->rule_count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(rules->rules[i].name, rules->rules[j].name) == 0)
				return fault(why, RC_INVALID,
					     "%s:%u: a rule \"%s\" stands in line %u already",
					     rules->rules[i].place.file, rules->rules[i].place.line,
					     rules->rules[i].name, rules->rules[j].place.line);
	return RC_OK;
}

static enum rc find_rule_names(const struct owned *owned, struct rules_rule *rule,
			       struct fault *why)
{
	enum rc rc =
		find_names(owned, rule, &rule->when.markers, "markers", &rule->at.markers, why);

	if (rc == RC_OK)
		rc = find_names(owned, rule, &rule->when.markers_all, "markers_all",
				&rule->at.markers_all, why);
	if (rc == RC_OK)
		rc = find_names(owned, rule, &rule->when.not_markers, "not_markers",
				&rule->at.not_markers, why);
	return rc;
}

static enum rc check_factor(const struct rules_rule *rule, struct fault *why)
{
	if (!rule->independent || rules_factor_is_independent(rule->factor))
		return RC_OK;
	return fault(why, RC_INVALID,
		     "%s:%u: the rule asks for an independent factor, and \"%s\" is none: whoever "
		     "reads the notice has all that is needed",
		     rule->place.file, rule->place.line, rules_factor_name(rule->factor));
}

static enum rc check_whole(const struct owned *owned, struct fault *why)
{
	enum rc rc = check_twins(&owned->seen, why);

	for (size_t i = 0; rc == RC_OK && i < owned->seen.rule_count; i++)
		rc = check_factor(&owned->seen.rules[i], why);

	for (size_t i = 0; rc == RC_OK && i < owned->seen.rule_count; i++) /* still ours alone */
		rc = find_rule_names(owned, (struct rules_rule *)(uintptr_t)&owned->seen.rules[i],
				     why);
	return rc;
}

/* ---- reading ---- */

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_text(arena,
			  (struct slice){ path, slash == path ? 1 : (size_t)(slash - path) });
}

static enum rc keep_source(struct owned *owned, struct slice read, const struct buf *lists,
			   struct fault *why)
{
	struct buf both = BUF_INIT(read.len + lists->len);
	enum rc rc = buf_add_slice(&both, read);

	if (rc == RC_OK)
		rc = buf_add_slice(&both, buf_slice(lists));
	const char *copy = rc == RC_OK ? arena_text(owned->arena, buf_slice(&both)) : NULL;
	owned->seen.source = (struct slice){ copy, both.len };
	buf_free(&both);
	return copy ? RC_OK : fault(why, RC_NOMEM, "out of memory for the rules");
}

/* folder NULL: lists of addresses in files are not taken. */
static enum rc from_tree(const struct tree *tree, const char *folder, const struct rules **out,
			 struct fault *why)
{
	CLEANUP(cleanup_owned) struct owned *owned = owned_new();
	struct buf lists = BUF_INIT(16 * SETTINGS_TEXT_MAX);

	if (!owned)
		return fault(why, RC_NOMEM, "out of memory for the rules");
	struct reader r = { tree, owned->arena, "/etc/postern", NULL, why };
	if (folder) {
		r.folder = folder_of(owned->arena, folder);
		r.source = &lists;
		if (!r.folder)
			return field_nomem(&r);
	}
	enum rc rc = shape_read(&r, &owned->seen);
	if (rc == RC_OK)
		rc = check_whole(owned, why);
	if (rc == RC_OK)
		rc = keep_source(owned, tree_source(tree), &lists, why);
	buf_free(&lists);
	if (rc == RC_OK)
		*out = &TAKE(owned)->seen;
	return rc;
}

enum rc rules_read(const char *path, const struct rules **out, struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_read(path, &tree, why);

	if (rc != RC_OK)
		return rc;
	rc = from_tree(tree, path, out, why);
	tree_free(tree);
	return rc;
}

enum rc rules_parse(struct slice text, const char *name, const struct rules **out,
		    struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_parse(text, name, &tree, why);

	if (rc != RC_OK)
		return rc;
	rc = from_tree(tree, NULL, out, why);
	tree_free(tree);
	return rc;
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
