#include "json/line.h"

#include "base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

/* A buffer remembers its first failure, so single additions go unchecked and
 * json_line_end() looks once. */
static void put(struct buf *out, const char *text)
{
	(void)buf_add_text(out, text);
}

/* Whether a character is escaped though JSON would take it as it is: DEL and C1
 * controls, zero-width and bidirectional marks, line and paragraph separators,
 * the byte order mark. */
static bool is_tricky(uint32_t code)
{
	return (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

static void put_string(struct buf *out, struct slice text)
{
	put(out, "\"");
	while (text.len && buf_state(out) == RC_OK) {
		struct slice rest = text;
		uint32_t code;

		if (!utf8_take(&rest, &code))
			put(out, "\xef\xbf\xbd");
		else if (code == '"' || code == '\\')
			(void)buf_addf(out, "\\%c", (int)code);
		else if (code < 0x20 || is_tricky(code))
			(void)buf_addf(out, "\\u%04" PRIx32, code);
		else
			(void)buf_add(out, text.at, text.len - rest.len);
		text = rest;
	}
	put(out, "\"");
}

static void begin_value(struct json_line *line, const char *key)
{
	assert(line->array[line->depth] == !key); /* a key in objects and only there */
	if (line->any[line->depth])
		put(line->out, ",");
	line->any[line->depth] = true;
	if (!key)
		return;
	put_string(line->out, (struct slice){ key, strlen(key) });
	put(line->out, ":");
}

static void open_level(struct json_line *line, bool array)
{
	assert(line->depth + 1 < JSON_LINE_DEPTH_MAX);
	line->depth++;
	line->any[line->depth] = false;
	line->array[line->depth] = array;
	put(line->out, array ? "[" : "{");
}

void json_line_begin(struct json_line *line, struct buf *out)
{
	*line = (struct json_line){ .out = out, .start = out->len };
	put(out, "{");
}

void json_line_text(struct json_line *line, const char *key, struct slice value)
{
	begin_value(line, key);
	put_string(line->out, value);
}

void json_line_string(struct json_line *line, const char *key, const char *value)
{
	if (!value)
		json_line_null(line, key);
	else
		json_line_text(line, key, (struct slice){ value, strlen(value) });
}

void json_line_number(struct json_line *line, const char *key, int64_t value)
{
	begin_value(line, key);
	(void)buf_addf(line->out, "%" PRId64, value);
}

void json_line_bool(struct json_line *line, const char *key, bool value)
{
	begin_value(line, key);
	put(line->out, value ? "true" : "false");
}

void json_line_maybe(struct json_line *line, const char *key, const bool *value)
{
	if (value)
		json_line_bool(line, key, *value);
	else
		json_line_null(line, key);
}

void json_line_null(struct json_line *line, const char *key)
{
	begin_value(line, key);
	put(line->out, "null");
}

void json_line_object(struct json_line *line, const char *key)
{
	begin_value(line, key);
	open_level(line, false);
}

void json_line_array(struct json_line *line, const char *key)
{
	begin_value(line, key);
	open_level(line, true);
}

void json_line_close(struct json_line *line)
{
	assert(line->depth > 0);
	put(line->out, line->array[line->depth] ? "]" : "}");
	line->depth--;
}

enum rc json_line_end(struct json_line *line)
{
	assert(line->depth == 0);
	put(line->out, "}\n");
	if (buf_state(line->out) != RC_OK && line->out->at) {
		line->out->len = line->start;
		line->out->at[line->start] = '\0';
	}
	return buf_state(line->out);
}

/* A struct json_value is jansson's json_t under a name of our own. */
static json_t *inner(const struct json_value *value)
{
	return (json_t *)(uintptr_t)value;
}

static const struct json_value *outer(json_t *value)
{
	return (const struct json_value *)value;
}

enum rc json_value_parse(struct slice line, struct json_value **out, struct fault *why)
{
	json_error_t error;

	if (line.len == 0)
		return fault(why, RC_INVALID, "an empty line is no JSON object");
	json_t *value =
		json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (!value && json_error_code(&error) == json_error_out_of_memory)
		return fault(why, RC_NOMEM, "out of memory");
	if (!value)
		return fault(why, RC_INVALID, "not JSON at byte %d: %s", error.position,
			     error.text);
	if (!json_is_object(value)) {
		json_decref(value);
		return fault(why, RC_INVALID, "JSON, but no object");
	}
	*out = (struct json_value *)value;
	return RC_OK;
}

void json_value_free(struct json_value *value)
{
	json_decref(inner(value));
}

const struct json_value *json_value_find(const struct json_value *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

size_t json_value_count(const struct json_value *array)
{
	return json_array_size(inner(array));
}

const struct json_value *json_value_at(const struct json_value *array, size_t i)
{
	return outer(json_array_get(inner(array), i));
}

bool json_value_text(const struct json_value *value, struct slice *out)
{
	if (!json_is_string(inner(value)))
		return false;
	*out = (struct slice){ json_string_value(inner(value)), json_string_length(inner(value)) };
	return true;
}

bool json_value_number(const struct json_value *value, int64_t *out)
{
	if (!json_is_integer(inner(value)))
		return false;
	*out = json_integer_value(inner(value));
	return true;
}

bool json_value_bool(const struct json_value *value, bool *out)
{
	if (!json_is_boolean(inner(value)))
		return false;
	*out = json_is_true(inner(value));
	return true;
}

bool json_value_is_null(const struct json_value *value)
{
	return json_is_null(inner(value));
}
