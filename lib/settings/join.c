#include "settings/join.h"

#include "base/cleanup.h"
#include "settings/field.h"
#include "settings/settings.h"
#include "settings/shape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct file { /* that was read, or is being */
	dev_t dev;
	ino_t ino;
	const struct rules_place *by; /* what included it; NULL: the first */
	bool open;
	struct shape shape;
};

struct joining {
	struct arena *arena;
	struct buf *source;
	size_t count;
	struct file files[1 + RULES_FILES_MAX];
	struct fault *why;
};

static enum rc no_memory(const struct joining *j)
{
	return fault(j->why, RC_NOMEM, "out of memory for the rules");
}

/* ---- one file ---- */

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return arena_text(arena,
			  (struct slice){ path, slash == path ? 1 : (size_t)(slash - path) });
}

/* Its lists of addresses stand behind it. */
static enum rc keep_source(struct joining *j, struct slice text, const struct buf *lists)
{
	enum rc rc = buf_add_slice(j->source, text);

	if (rc == RC_OK)
		rc = buf_add_slice(j->source, buf_slice(lists));
	return rc == RC_OK ? rc : fault(j->why, rc, "the files of rules are too large together");
}

/* folder NULL: no file can be named. */
static enum rc read_tree(struct joining *j, const struct tree *tree, const char *folder,
			 bool observed, struct shape *out)
{
	struct buf lists = BUF_INIT(JOIN_SOURCE_MAX);
	struct reader r = { .tree = tree,
			    .arena = j->arena,
			    .folder = folder ? folder : "/etc/postern",
			    .source = folder ? &lists : NULL,
			    .observed = observed,
			    .why = j->why };
	enum rc rc = shape_read(&r, out);

	if (rc == RC_OK)
		rc = keep_source(j, tree_source(tree), &lists);
	buf_free(&lists);
	return rc;
}

static void free_tree(struct tree **tree)
{
	tree_free(*tree);
}

/* ---- files that include files ---- */

static enum rc blame(const struct joining *j, const struct rules_place *by, enum rc rc,
		     const char *path, const char *what)
{
	return fault(j->why, rc, "%s:%u: %s %s", by->file, by->line, path, what);
}

/* The file's entry; or that it was read before, which would give each name in it twice. */
static enum rc enter(struct joining *j, const char *path, const struct rules_place *by,
		     struct file **out)
{
	struct stat st = { 0 };

	/* What is wrong with the first is told when it is read. */
	if (stat(path, &st) < 0 && by)
		return fault(j->why, RC_INVALID, "%s:%u: %s: %s", by->file, by->line, path,
			     strerror(errno));
	if (by && !S_ISREG(st.st_mode))
		return blame(j, by, RC_INVALID, path, "is not a file");
	for (size_t i = 0; by && i < j->count; i++) {
		const struct file *f = &j->files[i];
		if (f->ino != st.st_ino || f->dev != st.st_dev)
			continue;
		if (f->open)
			return blame(j, by, RC_INVALID, path, "includes itself in this way");
		return fault(j->why, RC_INVALID, "%s:%u: %s is included in %s:%u already", by->file,
			     by->line, path, f->by->file, f->by->line);
	}
	if (j->count > RULES_FILES_MAX)
		return blame(j, by, RC_LIMIT, path, "is one included file too many");
	*out = &j->files[j->count++];
	**out = (struct file){ .dev = st.st_dev, .ino = st.st_ino, .by = by, .open = true };
	return RC_OK;
}

static enum rc read_file(struct joining *j, const char *path, const struct rules_place *by,
			 bool observed, unsigned depth);

static enum rc read_included(struct joining *j, struct file *f, bool observed, unsigned depth)
{
	enum rc rc = RC_OK;

	observed |= f->shape.rules.mode == RULES_OBSERVE;
	for (size_t i = 0; rc == RC_OK && i < f->shape.include_count; i++) {
		const struct shape_include *include = &f->shape.includes[i];
		if (depth == RULES_FILES_DEPTH_MAX)
			return blame(j, &include->place, RC_LIMIT, include->path,
				     "lies too deep in files that include files");
		rc = read_file(j, include->path, &include->place, observed, depth + 1);
	}
	return rc;
}

static enum rc read_file(struct joining *j, const char *path, const struct rules_place *by,
			 bool observed, unsigned depth)
{
	CLEANUP(free_tree) struct tree *tree = NULL;
	const char *folder = folder_of(j->arena, path);
	struct file *f = NULL;
	struct fault cause;

	if (!folder)
		return no_memory(j);
	enum rc rc = enter(j, path, by, &f);
	if (rc != RC_OK)
		return rc;
	rc = tree_read(path, &tree, &cause);
	if (rc != RC_OK && by && rc != RC_INVALID)
		return fault(j->why, rc == RC_ABSENT ? RC_INVALID : rc, "%s:%u: %s", by->file,
			     by->line, cause.text);
	if (rc != RC_OK)
		return fault(j->why, rc, "%s", cause.text);
	rc = read_tree(j, tree, folder, observed, &f->shape);
	if (rc == RC_OK)
		rc = read_included(j, f, observed, depth);
	f->open = false;
	return rc;
}

/* ---- all of them as one ---- */

static const struct list {
	const char *name;
	size_t count, at; /* offsets in struct rules */
	size_t size, most;
} lists[] = {
	{ "markers", offsetof(struct rules, marker_count), offsetof(struct rules, markers),
	  sizeof(struct rules_marker), RULES_MARKERS_MAX },
	{ "rules", offsetof(struct rules, rule_count), offsetof(struct rules, rules),
	  sizeof(struct rules_rule), RULES_RULES_MAX },
	{ "destinations", offsetof(struct rules, destination_count),
	  offsetof(struct rules, destinations), sizeof(struct rules_destination),
	  RULES_DESTINATIONS_MAX },
	{ "tests", offsetof(struct rules, expectation_count), offsetof(struct rules, expectations),
	  sizeof(struct rules_expectation), RULES_EXPECTATIONS_MAX },
	{ "scales", offsetof(struct rules, scale_count), offsetof(struct rules, scales),
	  sizeof(struct rules_scale), RULES_SCALES_MAX },
};

static size_t *count_of(const struct list *list, const struct rules *rules)
{
	return (size_t *)((uintptr_t)rules + list->count);
}

static const char **items_of(const struct list *list, const struct rules *rules)
{
	return (const char **)((uintptr_t)rules + list->at);
}

static enum rc join_list(const struct joining *j, const struct list *list, struct rules *out)
{
	size_t total = 0, filled = 0;

	for (size_t i = 0; i < j->count; i++)
		total += *count_of(list, &j->files[i].shape.rules);
	if (total > list->most)
		return fault(j->why, RC_LIMIT,
			     "%s has %zu entries in all files: expected at most %zu", list->name,
			     total, list->most);
	char *items = arena_array(j->arena, list->size, total + 1);
	if (!items)
		return no_memory(j);
	for (size_t i = 0; i < j->count; i++) {
		const struct rules *rules = &j->files[i].shape.rules;
		size_t count = *count_of(list, rules);
		if (count)
			memcpy(items + filled * list->size, *items_of(list, rules),
			       count * list->size);
		filled += count;
	}
	*count_of(list, out) = total;
	*items_of(list, out) = items;
	return RC_OK;
}

static enum rc join(const struct joining *j, struct rules *out)
{
	struct rules joined = { .mode = j->files[0].shape.rules.mode };
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < sizeof lists / sizeof *lists; i++)
		rc = join_list(j, &lists[i], &joined);
	if (rc == RC_OK)
		*out = joined;
	return rc;
}

enum rc join_read(const char *path, struct arena *arena, struct buf *source, struct rules *out,
		  struct fault *why)
{
	struct joining j = { .arena = arena, .source = source, .why = why };
	enum rc rc = read_file(&j, path, NULL, false, 0);

	return rc == RC_OK ? join(&j, out) : rc;
}

enum rc join_parse(struct slice text, const char *name, struct arena *arena, struct buf *source,
		   struct rules *out, struct fault *why)
{
	CLEANUP(free_tree) struct tree *tree = NULL;
	struct joining j = { .arena = arena, .source = source, .count = 1, .why = why };
	struct shape *shape = &j.files[0].shape;
	enum rc rc = tree_parse(text, name, &tree, why);

	if (rc == RC_OK)
		rc = read_tree(&j, tree, NULL, false, shape);
	if (rc == RC_OK && shape->include_count)
		rc = fault(why, RC_INVALID, "%s:%u: no file can be included here",
			   shape->includes[0].place.file, shape->includes[0].place.line);
	return rc == RC_OK ? join(&j, out) : rc;
}
