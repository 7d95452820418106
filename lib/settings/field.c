#include "settings/field.h"

#include "settings/option.h"

#include <stdarg.h>
#include <string.h>

enum rc field_nomem(struct reader *r)
{
	return fault(r->why, RC_NOMEM, "out of memory for the rules");
}

enum rc field_fault(struct reader *r, const config_setting_t *at, const char *format, ...)
{
	struct buf text = BUF_INIT(2048);
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(&text, format, args);
	va_end(args);
	rc = tree_fault(r->tree, at, r->why, "%s",
			rc == RC_OK ? buf_text(&text) : "not as expected");
	buf_free(&text);
	return rc;
}

static enum rc wrong_type(struct reader *r, const config_setting_t *at, const char *key,
			  const char *expected)
{
	return field_fault(r, at, "%s is %s: expected %s", key, tree_type_name(at), expected);
}

static enum rc copy_text(struct reader *r, const config_setting_t *at, const struct field *f,
			 const char **out)
{
	if (config_setting_type(at) != CONFIG_TYPE_STRING)
		return wrong_type(r, at, f->name, "a text in quotes");

	const char *text = config_setting_get_string(at);
	const char *expected = f->check ? f->check(text) : NULL;
	if (text[0] == '\0')
		return field_fault(r, at, "%s must not be empty", f->name);
	if (expected)
		return field_fault(r, at, "%s is \"%.60s\": expected %s", f->name, text, expected);
	*out = arena_text(r->arena, (struct slice){ text, strlen(text) });
	return *out ? RC_OK : field_nomem(r);
}

enum rc field_text(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	return copy_text(r, at, f, out);
}

enum rc field_texts(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	if (!config_setting_is_array(at) && !config_setting_is_list(at))
		return wrong_type(r, at, f->name, "a list such as [ \"one\", \"two\" ]");

	size_t count = (size_t)config_setting_length(at);
	if (count == 0)
		return field_fault(r, at, "%s is an empty list: leave it out, or fill it", f->name);
	const char **texts = ARENA_ARRAY(r->arena, const char *, count);
	if (!texts)
		return field_nomem(r);
	for (size_t i = 0; i < count; i++) {
		enum rc rc = copy_text(r, config_setting_get_elem(at, (unsigned)i), f, &texts[i]);
		if (rc != RC_OK)
			return rc;
	}
	*(struct rules_list *)out = (struct rules_list){ count, texts };
	return RC_OK;
}

enum rc field_flag(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	if (config_setting_type(at) != CONFIG_TYPE_BOOL)
		return wrong_type(r, at, f->name, "true or false");
	*(bool *)out = config_setting_get_bool(at);
	return RC_OK;
}

static bool whole_number(const config_setting_t *at, long long *out)
{
	int type = config_setting_type(at);

	if (type == CONFIG_TYPE_INT)
		*out = at->value.ival;
	else if (type == CONFIG_TYPE_INT64)
		*out = at->value.llval;
	return type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64;
}

enum rc field_number(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	long long number;

	if (!whole_number(at, &number))
		return wrong_type(r, at, f->name, "a whole number");
	if (number < f->min || number > f->max)
		return field_fault(r, at, "%s is %lld: expected %u to %u", f->name, number, f->min,
				   f->max);
	*(unsigned *)out = (unsigned)number;
	return RC_OK;
}

enum rc field_size(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	long long number;

	if (!whole_number(at, &number))
		return wrong_type(r, at, f->name, "a whole number");
	if (number < 1)
		return field_fault(r, at, "%s is %lld: expected 1 or more", f->name, number);
	*(uint64_t *)out = (uint64_t)number;
	return RC_OK;
}

enum { WORDS_MAX = 64 }; /* rows of the longest table of words, and more */

enum rc field_word_value(struct reader *r, const config_setting_t *at, const char *key,
			 const struct field_word *words, const char *text, unsigned *out)
{
	const char *known[WORDS_MAX] = { NULL };
	size_t count = 0;

	for (const struct field_word *w = words; w->text && count < WORDS_MAX; w++) {
		if (strcmp(w->text, text) == 0) {
			*out = w->value;
			return RC_OK;
		}
		known[count++] = w->text;
	}
	const char *meant = option_nearest(text, known, count);
	if (meant)
		return field_fault(r, at, "%s is \"%.60s\"; did you mean \"%s\"?", key, text,
				   meant);
	if (count > 8) /* too many to say */
		return field_fault(r, at, "%s is \"%.60s\", which is not known", key, text);

	struct buf list = BUF_INIT(512);
	for (size_t i = 0; i < count; i++)
		(void)!buf_addf(&list, "%s\"%s\"", i ? ", " : "", known[i]);
	enum rc rc = field_fault(r, at, "%s is \"%.40s\": expected %s%s", key, text,
				 count > 1 ? "one of " : "", buf_text(&list));
	buf_free(&list);
	return rc;
}

enum rc field_word(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	if (config_setting_type(at) != CONFIG_TYPE_STRING)
		return wrong_type(r, at, f->name, "a word in quotes");
	return field_word_value(r, at, f->name, f->words, config_setting_get_string(at), out);
}

enum rc field_file(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	const char *name;
	enum rc rc = copy_text(r, at, f, &name);

	if (rc != RC_OK)
		return rc;
	const char *path = name[0] == '/' ? name : arena_format(r->arena, "%s/%s", r->folder, name);
	if (!path)
		return field_nomem(r);
	*(const char **)out = path;
	return RC_OK;
}

enum rc field_group(struct reader *r, const config_setting_t *at, const struct field *f, void *out)
{
	return field_read_all(r, at, f->what, f->fields, out);
}

enum { FIELDS_MAX = 32 }; /* rows of the longest table, and more */

/* The row itself, or the first of the table that the last row goes on with. */
static const struct field *row(const struct field *f)
{
	while (!f->name && f->fields)
		f = f->fields;
	return f;
}

static enum rc unknown(struct reader *r, const config_setting_t *at, const char *what,
		       const struct field *fields)
{
	const char *known[FIELDS_MAX] = { NULL }, *name = config_setting_name(at);
	size_t count = 0;

	for (const struct field *f = row(fields); f->name && count < FIELDS_MAX; f = row(f + 1))
		known[count++] = f->name;
	const char *meant = option_nearest(name, known, count);
	if (meant)
		return field_fault(r, at, "%.60s is not known in %s; did you mean %s?", name, what,
				   meant);
	return field_fault(r, at, "%.60s is not known in %s", name, what);
}

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (const struct field *f = row(fields); f->name; f = row(f + 1))
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

enum rc field_read_all(struct reader *r, const config_setting_t *at, const char *what,
		       const struct field *fields, void *object)
{
	if (!config_setting_is_group(at))
		return field_fault(r, at, "%s is { NAME = VALUE; }: this is %s", what,
				   tree_type_name(at));

	int count = config_setting_length(at);
	for (int i = 0; i < count; i++) {
		const config_setting_t *member = config_setting_get_elem(at, (unsigned)i);
		const struct field *f = find_field(fields, config_setting_name(member));
		if (!f)
			return unknown(r, member, what, fields);
		enum rc rc = f->read(r, member, f, (char *)object + f->offset);
		if (rc != RC_OK)
			return rc;
	}
	for (const struct field *f = row(fields); f->name; f = row(f + 1))
		if (f->required && !config_setting_get_member(at, f->name))
			return field_fault(r, at, "%s needs %s", what, f->name);
	return RC_OK;
}

enum rc field_items(struct reader *r, const config_setting_t *at, const char *name, size_t most,
		    size_t size, field_item *read, size_t *count, const void **items)
{
	if (!config_setting_is_list(at) && !config_setting_is_array(at))
		return field_fault(r, at, "%s is %s: expected ( { NAME = VALUE; }, ... )", name,
				   tree_type_name(at));
	size_t n = (size_t)config_setting_length(at);
	if (n > most)
		return field_fault(r, at, "%s has %zu entries: expected at most %zu", name, n,
				   most);
	char *array = arena_array(r->arena, size, n ? n : 1);
	if (!array)
		return field_nomem(r);
	for (size_t i = 0; i < n; i++) {
		enum rc rc = read(r, config_setting_get_elem(at, (unsigned)i), array + i * size);
		if (rc != RC_OK)
			return rc;
	}
	*count = n;
	*items = array;
	return RC_OK;
}

struct rules_place field_place(struct reader *r, const config_setting_t *at)
{
	const char *file = tree_file(r->tree, at);

	file = arena_text(r->arena, (struct slice){ file, strlen(file) });
	return (struct rules_place){ file ? file : "", tree_line(at) };
}
