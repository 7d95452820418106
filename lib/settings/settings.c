#include "settings/settings.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "settings/option.h"
#include "settings/tree.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SNAPSHOT_MAX = 8 * SETTINGS_TEXT_MAX }; /* what the largest text can grow to */

/* What settings_read() hands out is the member seen. */
struct snapshot {
	struct settings seen;
	atomic_uint refs;
	struct arena *arena;
	const char **places; /* one for each option; "" for a default */
};

static struct snapshot *snapshot_of(const struct settings *settings)
{
	return (struct snapshot *)(uintptr_t)settings; /* its first member */
}

static void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	arena_free(snapshot->arena);
	free(snapshot->places);
	free(snapshot);
}

static void cleanup_snapshot(struct snapshot **snapshot)
{
	snapshot_free(*snapshot);
}

static void *field_of(struct snapshot *snapshot, const struct option *option)
{
	return (char *)&snapshot->seen + option->offset;
}

/* ---- storing one value ---- */

static void lower_case(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char)(*text - 'A' + 'a');
}

static char *copy_text(struct snapshot *snapshot, const struct option *option, struct slice text)
{
	char *copy = arena_text(snapshot->arena, text);

	if (copy && option->lower)
		lower_case(copy);
	return copy;
}

static bool set_text(struct snapshot *snapshot, const struct option *option, const char *text)
{
	char *copy = copy_text(snapshot, option, (struct slice){ text, strlen(text) });

	if (copy)
		*(const char **)field_of(snapshot, option) = copy;
	return copy != NULL;
}

/* words stand between blanks. */
static bool set_words(struct snapshot *snapshot, const struct option *option, const char *words)
{
	struct settings_list *list = field_of(snapshot, option);
	struct slice rest = { words, strlen(words) }, word;
	const char **at = ARENA_ARRAY(snapshot->arena, const char *, rest.len + 1);
	size_t count = 0;

	if (!at)
		return false;
	while (rest.len) {
		if (!slice_take_until(&rest, ' ', &word)) {
			word = rest;
			rest = (struct slice){ 0 };
		}
		at[count] = copy_text(snapshot, option, word);
		if (!at[count++])
			return false;
	}
	*list = (struct settings_list){ count, at };
	return true;
}

static bool set_default(struct snapshot *snapshot, const struct option *option)
{
	switch (option->type) {
	case OPTION_TEXT:
		return set_text(snapshot, option, option->text);
	case OPTION_TEXTS:
		return set_words(snapshot, option, option->text);
	case OPTION_FLAG:
		*(bool *)field_of(snapshot, option) = option->number;
		return true;
	case OPTION_NUMBER:
		*(unsigned *)field_of(snapshot, option) = option->number;
		return true;
	}
	return false;
}

static struct snapshot *snapshot_new(const char *file)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = calloc(1, sizeof *snapshot);

	if (!snapshot)
		return NULL;
	atomic_init(&snapshot->refs, 1);
	snapshot->arena = arena_new(SNAPSHOT_MAX);
	snapshot->places = calloc(option_count, sizeof *snapshot->places);
	if (!snapshot->arena || !snapshot->places)
		return NULL;
	snapshot->seen.file = arena_text(snapshot->arena, (struct slice){ file, strlen(file) });
	if (!snapshot->seen.file)
		return NULL;
	for (size_t i = 0; i < option_count; i++) {
		snapshot->places[i] = "";
		if (!set_default(snapshot, &options[i]))
			return NULL;
	}
	return TAKE(snapshot);
}

/* ---- reading one value ---- */

static enum rc nomem(struct fault *why)
{
	return fault(why, RC_NOMEM, "out of memory for the settings");
}

static enum rc wrong_type(const struct tree *tree, const config_setting_t *at,
			  const struct option *option, const char *expected, struct fault *why)
{
	return tree_fault(tree, at, why, "%s is %s: expected %s", option->path, tree_type_name(at),
			  expected);
}

static enum rc check_text(const struct tree *tree, const config_setting_t *at,
			  const struct option *option, const char *text, struct fault *why)
{
	const char *expected = option->check ? option->check(text) : NULL;

	if (expected)
		return tree_fault(tree, at, why, "%s is \"%.60s\": expected %s", option->path, text,
				  expected);
	return RC_OK;
}

static enum rc read_text(struct snapshot *snapshot, const struct tree *tree,
			 const config_setting_t *at, const struct option *option, struct fault *why)
{
	if (config_setting_type(at) != CONFIG_TYPE_STRING)
		return wrong_type(tree, at, option, "a text in quotes", why);

	const char *text = config_setting_get_string(at);
	if (text[0] == '\0' && option->text[0] && !option->may_be_empty)
		return tree_fault(tree, at, why, "%s must not be empty", option->path);
	enum rc rc = text[0] ? check_text(tree, at, option, text, why) : RC_OK;
	if (rc == RC_OK && !set_text(snapshot, option, text))
		rc = nomem(why);
	return rc;
}

static enum rc read_texts(struct snapshot *snapshot, const struct tree *tree,
			  const config_setting_t *at, const struct option *option,
			  struct fault *why)
{
	struct settings_list *list = field_of(snapshot, option);

	if (!config_setting_is_array(at) && !config_setting_is_list(at))
		return wrong_type(tree, at, option, "a list such as [ \"one\", \"two\" ]", why);

	size_t count = (size_t)config_setting_length(at);
	if (option->max && count > option->max)
		return tree_fault(tree, at, why, "%s has %zu entries: expected at most %u",
				  option->path, count, option->max);
	const char **texts = ARENA_ARRAY(snapshot->arena, const char *, count + 1);
	if (!texts)
		return nomem(why);
	for (size_t i = 0; i < count; i++) {
		const config_setting_t *one = config_setting_get_elem(at, (unsigned)i);
		if (config_setting_type(one) != CONFIG_TYPE_STRING)
			return wrong_type(tree, one, option, "texts in quotes in its list", why);
		const char *text = config_setting_get_string(one);
		enum rc rc = check_text(tree, one, option, text, why);
		if (rc != RC_OK)
			return rc;
		texts[i] = copy_text(snapshot, option, (struct slice){ text, strlen(text) });
		if (!texts[i])
			return nomem(why);
	}
	*list = (struct settings_list){ count, texts };
	return RC_OK;
}

static enum rc read_flag(struct snapshot *snapshot, const struct tree *tree,
			 const config_setting_t *at, const struct option *option, struct fault *why)
{
	if (config_setting_type(at) != CONFIG_TYPE_BOOL)
		return wrong_type(tree, at, option, "true or false", why);
	*(bool *)field_of(snapshot, option) = config_setting_get_bool(at);
	return RC_OK;
}

static enum rc read_number(struct snapshot *snapshot, const struct tree *tree,
			   const config_setting_t *at, const struct option *option,
			   struct fault *why)
{
	int type = config_setting_type(at);

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		return wrong_type(tree, at, option, "a whole number", why);
	long long value = type == CONFIG_TYPE_INT ? at->value.ival : at->value.llval;
	if (value < option->min || value > option->max)
		return tree_fault(tree, at, why, "%s is %lld: expected %u to %u%s%s", option->path,
				  value, option->min, option->max, option->unit[0] ? " " : "",
				  option->unit);
	*(unsigned *)field_of(snapshot, option) = (unsigned)value;
	return RC_OK;
}

static enum rc read_value(struct snapshot *snapshot, const struct tree *tree,
			  const config_setting_t *at, const struct option *option,
			  struct fault *why)
{
	const char *place =
		arena_format(snapshot->arena, "%s:%u", tree_file(tree, at), tree_line(at));

	if (!place)
		return nomem(why);
	snapshot->places[option - options] = place;
	switch (option->type) {
	case OPTION_TEXT:
		return read_text(snapshot, tree, at, option, why);
	case OPTION_TEXTS:
		return read_texts(snapshot, tree, at, option, why);
	case OPTION_FLAG:
		return read_flag(snapshot, tree, at, option, why);
	case OPTION_NUMBER:
		return read_number(snapshot, tree, at, option, why);
	}
	return RC_INVALID;
}

/* ---- walking the tree against the table ---- */

static enum rc unknown(const struct tree *tree, const config_setting_t *at, const char *path,
		       struct fault *why)
{
	const char *meant = option_suggest(path);

	if (meant)
		return tree_fault(tree, at, why, "%.80s is not a setting; did you mean %s?", path,
				  meant);
	return tree_fault(tree, at, why, "%.80s is not a setting", path);
}

static enum rc read_group(struct snapshot *snapshot, const struct tree *tree,
			  const config_setting_t *group, const char *prefix, struct fault *why)
{
	int count = config_setting_length(group);

	for (int i = 0; i < count; i++) {
		const config_setting_t *at = config_setting_get_elem(group, (unsigned)i);
		const char *path = arena_format(snapshot->arena, "%s%s%s", prefix,
						prefix[0] ? "." : "", config_setting_name(at));
		if (!path)
			return nomem(why);
		const struct option *option = option_find(path);
		enum rc rc;

		if (option)
			rc = read_value(snapshot, tree, at, option, why);
		else if (prefix[0] || !option_is_group(path))
			rc = unknown(tree, at, path, why);
		else if (config_setting_is_group(at))
			rc = read_group(snapshot, tree, at, path, why);
		else
			rc = tree_fault(tree, at, why, "%s is %s: expected { NAME = VALUE; }", path,
					tree_type_name(at));
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* ---- what no single value shows ---- */

static bool is_under(const char *path, const char *folder)
{
	struct slice rest = { path, strlen(path) };

	return slice_drop_prefix(&rest, folder) && (rest.len == 0 || rest.at[0] == '/');
}

/* "/var//lib/./x/" as "/var/lib/x", so that folders can be compared. */
static const char *plain_path(struct arena *arena, const char *path)
{
	struct slice rest = { path, strlen(path) }, part;
	struct buf plain = BUF_INIT(rest.len + 1);
	bool more = true;

	while (more) {
		more = slice_take_until(&rest, '/', &part);
		if (!more)
			part = rest;
		if (part.len && !slice_is(part, ".") && buf_add_text(&plain, "/") == RC_OK &&
		    buf_add_slice(&plain, part) != RC_OK)
			break;
	}
	const char *copy = buf_state(&plain) == RC_OK ? arena_text(arena, buf_slice(&plain)) : NULL;
	buf_free(&plain);
	return copy;
}

static enum rc check_folders(struct snapshot *snapshot, struct fault *why)
{
	struct settings *s = &snapshot->seen;
	const char *place = settings_place(s, "keys");

	s->state = plain_path(snapshot->arena, s->state);
	s->keys = plain_path(snapshot->arena, s->keys);
	if (!s->state || !s->keys)
		return nomem(why);
	if (place[0] == '\0')
		place = settings_place(s, "state");
	if (is_under(s->keys, s->state))
		return fault(why, RC_INVALID,
			     "%s: keys is %s, which is under state: expected another folder, so "
			     "that a copy of the one does not open the other",
			     place, s->keys);
	return RC_OK;
}

static enum rc finish(struct snapshot *snapshot, const struct settings **out, struct fault *why)
{
	enum rc rc = check_folders(snapshot, why);

	if (rc != RC_OK)
		return rc;
	snapshot->seen.rules_set = settings_place(&snapshot->seen, "rules")[0] != '\0';
	*out = &snapshot->seen;
	return RC_OK;
}

static enum rc from_tree(const struct tree *tree, const char *name, const struct settings **out,
			 struct fault *why)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = snapshot_new(name);

	if (!snapshot)
		return nomem(why);
	enum rc rc = read_group(snapshot, tree, tree_root(tree), "", why);
	if (rc == RC_OK)
		rc = finish(snapshot, out, why);
	if (rc == RC_OK)
		snapshot = NULL;
	return rc;
}

enum rc settings_read(const char *path, const struct settings **out, struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_read(path, &tree, why);

	if (rc != RC_OK)
		return rc;
	rc = from_tree(tree, path, out, why);
	tree_free(tree);
	return rc;
}

enum rc settings_parse(struct slice text, const char *name, const struct settings **out,
		       struct fault *why)
{
	struct tree *tree;
	enum rc rc = tree_parse(text, name, &tree, why);

	if (rc != RC_OK)
		return rc;
	rc = from_tree(tree, name, out, why);
	tree_free(tree);
	return rc;
}

enum rc settings_defaults(const struct settings **out, struct fault *why)
{
	CLEANUP(cleanup_snapshot) struct snapshot *snapshot = snapshot_new("");

	if (!snapshot)
		return nomem(why);
	enum rc rc = finish(snapshot, out, why);
	if (rc == RC_OK)
		snapshot = NULL;
	return rc;
}

static const char *file_of(const struct settings *s)
{
	return s->file[0] ? s->file : SETTINGS_FILE;
}

static enum rc check_url(const struct settings *s, struct fault *why)
{
	if (s->portal.url[0] == '\0')
		return fault(why, RC_INVALID,
			     "%s: portal.url is not set: expected the portal's address, as in "
			     "portal = { url = \"https://secure.our.example\"; };",
			     file_of(s));
	return RC_OK;
}

enum rc settings_check_milter(const struct settings *s, struct fault *why)
{
	if (s->outbound.domains.count == 0)
		return fault(why, RC_INVALID,
			     "%s: outbound.domains is not set: expected your own domains, as in "
			     "outbound = { domains = [ \"our.example\" ]; };",
			     file_of(s));
	return check_url(s, why);
}

enum rc settings_check_portal(const struct settings *s, struct fault *why)
{
	bool certificate = s->portal.certificate[0], key = s->portal.private_key[0];

	if (certificate != key)
		return fault(why, RC_INVALID, "%s: portal.%s is set, and portal.%s is not",
			     file_of(s), certificate ? "certificate" : "key",
			     certificate ? "key" : "certificate");
	return check_url(s, why);
}

const char *settings_place(const struct settings *settings, const char *path)
{
	const struct option *option = option_find(path);

	return option ? snapshot_of(settings)->places[option - options] : "";
}

const struct settings *settings_ref(const struct settings *settings)
{
	atomic_fetch_add_explicit(&snapshot_of(settings)->refs, 1, memory_order_relaxed);
	return settings;
}

void settings_unref(const struct settings *settings)
{
	struct snapshot *snapshot = snapshot_of(settings);

	if (snapshot && atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) == 1)
		snapshot_free(snapshot);
}

const char *settings_way(const struct settings_outbound *outbound, const char *domain)
{
	return *outbound->relay ? outbound->relay : domain;
}
