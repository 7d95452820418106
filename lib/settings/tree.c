#include "settings/tree.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "settings/settings.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tree {
	config_t config;
	char *name;        /* the file, or what the caller called the text */
	char *folder;      /* of the file; NULL for text from memory */
	struct buf source; /* what was read */
	size_t included_count;
	char *included[TREE_INCLUDES_MAX]; /* paths, as they were opened */
};

/* ---- the walk over the text that libconfig is then given ---- */

struct scan {
	struct tree *tree;
	const char *name; /* of the file being walked */
	struct slice rest;
	unsigned line;
	unsigned braces;
	unsigned depth; /* of includes; libconfig takes ten */
	struct fault *why;
};

enum { INCLUDE_DEPTH_MAX = 8 };

static enum rc scan_file(struct tree *tree, const char *name, unsigned depth, struct fault *why);

static enum rc scan_fault(const struct scan *s, enum rc rc, const char *what)
{
	return fault(s->why, rc, "%s:%u: %s", s->name, s->line, what);
}

static char scan_next(struct scan *s)
{
	char c = s->rest.at[0];

	if (c == '\n')
		s->line++;
	s->rest = (struct slice){ s->rest.at + 1, s->rest.len - 1 };
	return c;
}

static bool scan_at(const struct scan *s, const char *text)
{
	struct slice rest = s->rest;

	return slice_drop_prefix(&rest, text);
}

static enum rc scan_comment(struct scan *s)
{
	unsigned first = s->line;

	while (s->rest.len && !scan_at(s, "*/"))
		scan_next(s);
	if (s->rest.len == 0) {
		s->line = first;
		return scan_fault(s, RC_INVALID, "this comment never ends");
	}
	return RC_OK;
}

static void scan_line_comment(struct scan *s)
{
	while (s->rest.len && s->rest.at[0] != '\n')
		scan_next(s);
}

static enum rc scan_string(struct scan *s)
{
	unsigned first = s->line;

	while (s->rest.len) {
		char c = scan_next(s);
		if (c == '"')
			return RC_OK;
		if (c == '\\' && s->rest.len)
			scan_next(s);
	}
	s->line = first;
	return scan_fault(s, RC_INVALID, "this text has no closing quote");
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '*' || c == '-' || c == '.' || c == '+';
}

/* A whole number of more than 31 bits is cut by libconfig unless an L follows. */
static bool is_too_large(struct slice word)
{
	struct slice digits = word;
	uint64_t value = 0;

	if (slice_drop_prefix(&digits, "0x") || slice_drop_prefix(&digits, "0X"))
		return digits.len > 8 || (digits.len == 8 && digits.at[0] > '7');
	for (size_t i = 0; i < word.len; i++)
		if (word.at[i] < '0' || word.at[i] > '9')
			return word.at[i] == 'L' && i > 18;
	return !slice_to_u64(word, &value) || value > INT32_MAX;
}

static enum rc scan_word(struct scan *s)
{
	struct slice word = { s->rest.at, 0 };

	while (word.len < s->rest.len && is_word(word.at[word.len]))
		word.len++;
	s->rest = (struct slice){ word.at + word.len, s->rest.len - word.len };
	if (word.at[0] == '-' || word.at[0] == '+')
		word = (struct slice){ word.at + 1, word.len - 1 };
	if (word.len && word.at[0] >= '0' && word.at[0] <= '9' && is_too_large(word))
		return scan_fault(s, RC_INVALID, "this number is too large");
	return RC_OK;
}

static enum rc scan_include(struct scan *s)
{
	struct slice name;
	struct buf path = BUF_INIT(4096);

	if (!slice_drop_prefix(&s->rest, "include"))
		return scan_fault(s, RC_INVALID, "@ begins nothing but @include \"FILE\"");
	s->rest = slice_trim(s->rest);
	if (!slice_drop_prefix(&s->rest, "\"") || !slice_take_until(&s->rest, '"', &name) ||
	    name.len == 0 || memchr(name.at, '\n', name.len) || memchr(name.at, '\\', name.len))
		return scan_fault(s, RC_INVALID, "expected @include \"FILE\"");
	if (!s->tree->folder)
		return scan_fault(s, RC_INVALID, "no file can be included here");
	if (name.at[0] == '/')
		return scan_fault(s, RC_INVALID, "an included file is named relative to this one");
	if (s->depth == INCLUDE_DEPTH_MAX || s->tree->included_count == TREE_INCLUDES_MAX)
		return scan_fault(s, RC_LIMIT, "too many included files, or one includes itself");

	enum rc rc = buf_addf(&path, "%s/%.*s", s->tree->folder, SLICE_ARG(name));
	char *kept = rc == RC_OK ? strdup(buf_text(&path)) : NULL;
	if (kept)
		s->tree->included[s->tree->included_count++] = kept;
	else if (rc == RC_OK)
		rc = fault(s->why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = scan_file(s->tree, buf_text(&path), s->depth + 1, s->why);
	if (rc == RC_ABSENT)
		rc = fault(s->why, RC_INVALID, "%s:%u: there is no file %s", s->name, s->line,
			   buf_text(&path));
	buf_free(&path);
	return rc;
}

static enum rc scan_step(struct scan *s)
{
	if (is_word(s->rest.at[0]))
		return scan_word(s);

	char c = scan_next(s);
	if (c == '\0')
		return scan_fault(s, RC_INVALID, "there is a NUL byte");
	if (c == '"')
		return scan_string(s);
	if (c == '#' || (c == '/' && scan_at(s, "/")))
		scan_line_comment(s);
	if (c == '/' && scan_at(s, "*"))
		return scan_comment(s);
	if (c == '@')
		return scan_include(s);
	if (c == '{' || c == '(' || c == '[') {
		if (++s->braces > TREE_DEPTH_MAX)
			return scan_fault(s, RC_LIMIT, "too many braces within braces");
	} else if ((c == '}' || c == ')' || c == ']') && s->braces) {
		s->braces--;
	}
	return RC_OK;
}

static enum rc scan_text(struct tree *tree, const char *name, struct slice text, unsigned depth,
			 struct fault *why)
{
	struct scan s = { tree, name, text, 1, 0, depth, why };

	if (text.len && memchr(text.at, '\0', text.len))
		return scan_fault(&s, RC_INVALID, "there is a NUL byte in this file");
	while (s.rest.len) {
		enum rc rc = scan_step(&s);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc scan_file(struct tree *tree, const char *name, unsigned depth, struct fault *why)
{
	struct buf text = BUF_INIT(SETTINGS_TEXT_MAX - tree->source.len);
	enum rc rc = file_read(name, &text, why);

	if (rc == RC_OK)
		rc = buf_add_slice(&tree->source, buf_slice(&text));
	if (rc == RC_OK)
		rc = scan_text(tree, name, buf_slice(&text), depth, why);
	buf_free(&text);
	return rc;
}

/* ---- the tree ---- */

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	config_destroy(&tree->config);
	buf_free(&tree->source);
	for (size_t i = 0; i < tree->included_count; i++)
		free(tree->included[i]);
	free(tree->name);
	free(tree->folder);
	free(tree);
}

static void cleanup_tree(struct tree **tree)
{
	tree_free(*tree);
}

static struct tree *tree_new(const char *name)
{
	struct tree *tree = calloc(1, sizeof *tree);

	if (!tree)
		return NULL;
	config_init(&tree->config);
	tree->source = BUF_INIT(SETTINGS_TEXT_MAX);
	tree->name = strdup(name);
	if (tree->name)
		return tree;
	tree_free(tree);
	return NULL;
}

/* libconfig names a file as the @include does: without the folder. NULL: the first file. */
static const char *path_of(const struct tree *tree, const char *file)
{
	size_t folder = tree->folder ? strlen(tree->folder) + 1 : 0;

	for (size_t i = 0; file && i < tree->included_count; i++)
		if (strcmp(tree->included[i] + folder, file) == 0)
			return tree->included[i];
	return file ? file : tree->name;
}

/* text is the first file's, followed in memory by others' that it includes. */
static enum rc tree_build(struct tree *tree, struct slice text, struct fault *why)
{
	CLEANUP(cleanup_free) char *plain = strndup(text.len ? text.at : "", text.len);

	if (!plain)
		return fault(why, RC_NOMEM, "out of memory");
	if (config_read_string(&tree->config, plain))
		return RC_OK;

	const char *file = path_of(tree, config_error_file(&tree->config));
	return fault(why, RC_INVALID, "%s:%d: %s", file, config_error_line(&tree->config),
		     config_error_text(&tree->config));
}

enum rc tree_parse(struct slice text, const char *name, struct tree **out, struct fault *why)
{
	CLEANUP(cleanup_tree) struct tree *tree = tree_new(name);

	if (!tree)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = buf_add_slice(&tree->source, text);
	if (rc != RC_OK)
		return fault(why, rc, "%s is larger than %d bytes", name, SETTINGS_TEXT_MAX);
	rc = scan_text(tree, name, text, 0, why);
	if (rc == RC_OK)
		rc = tree_build(tree, text, why);
	if (rc == RC_OK)
		*out = TAKE(tree);
	return rc;
}

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

enum rc tree_read(const char *path, struct tree **out, struct fault *why)
{
	CLEANUP(cleanup_tree) struct tree *tree = tree_new(path);
	struct buf text = BUF_INIT(SETTINGS_TEXT_MAX);

	if (tree)
		tree->folder = folder_of(path);
	if (!tree || !tree->folder)
		return fault(why, RC_NOMEM, "out of memory");
	config_set_include_dir(&tree->config, tree->folder);

	enum rc rc = file_read(path, &text, why);
	if (rc == RC_OK)
		rc = buf_add_slice(&tree->source, buf_slice(&text));
	if (rc == RC_OK)
		rc = scan_text(tree, path, buf_slice(&text), 0, why);
	if (rc == RC_OK)
		rc = tree_build(tree, buf_slice(&text), why);
	buf_free(&text);
	if (rc == RC_OK)
		*out = TAKE(tree);
	return rc;
}

const config_setting_t *tree_root(const struct tree *tree)
{
	return config_root_setting(&tree->config);
}

struct slice tree_source(const struct tree *tree)
{
	return buf_slice(&tree->source);
}

const char *tree_file(const struct tree *tree, const config_setting_t *at)
{
	return path_of(tree, config_setting_source_file(at));
}

unsigned tree_line(const config_setting_t *at)
{
	return at->line;
}

enum rc tree_fault(const struct tree *tree, const config_setting_t *at, struct fault *why,
		   const char *format, ...)
{
	struct buf text = BUF_INIT(2048);
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(&text, format, args);
	va_end(args);
	rc = fault(why, RC_INVALID, "%s:%u: %s", tree_file(tree, at), tree_line(at),
		   rc == RC_OK ? buf_text(&text) : "not as expected");
	buf_free(&text);
	return rc;
}

const char *tree_type_name(const config_setting_t *at)
{
	switch (config_setting_type(at)) {
	case CONFIG_TYPE_GROUP:
		return "a group";
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		return "a number";
	case CONFIG_TYPE_FLOAT:
		return "a number with a fraction";
	case CONFIG_TYPE_STRING:
		return "a text";
	case CONFIG_TYPE_BOOL:
		return "true or false";
	case CONFIG_TYPE_ARRAY:
	case CONFIG_TYPE_LIST:
		return "a list";
	}
	return "nothing";
}
