/* json/line.h: one JSON object on one line, written and read back.
 *
 *     {"domain":"partner.example","assurance":"authenticated","mx":[{"host":"mx1…"}]}
 *
 * Keys stand in the order in which they are written. Strangers' bytes are safe
 * as values: what is not UTF-8 becomes U+FFFD, and what could end the line or
 * play with a terminal that shows it (controls, line separators, the
 * bidirectional controls) is escaped. Keys are our own literals.
 *
 * Standard  RFC 8259; reading refuses an object that says a key twice
 * Memory    writing: none of its own, a struct buf grows; reading: a tree
 * Threads   one user at a time per object */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

/* ---- writing ----
 *
 *     struct json_line line;
 *     json_line_begin(&line, &out);
 *     json_line_text(&line, "domain", domain);
 *     json_line_array(&line, "mx");
 *     json_line_object(&line, NULL);           (no key within an array)
 *     json_line_string(&line, "host", host);
 *     json_line_close(&line);
 *     json_line_close(&line);
 *     rc = json_line_end(&line); */

enum { JSON_LINE_DEPTH_MAX = 8 }; /* ours: no contract of ours nests deeper than four */

struct json_line {
	struct buf *out;
	size_t start; /* where in out the line begins */
	unsigned depth;
	bool any[JSON_LINE_DEPTH_MAX];   /* something stands at this depth: a comma is due */
	bool array[JSON_LINE_DEPTH_MAX]; /* what was opened there */
};

void json_line_begin(struct json_line *line, struct buf *out);
void json_line_text(struct json_line *line, const char *key, struct slice value);
void json_line_string(struct json_line *line, const char *key, const char *value); /* NULL: null */
void json_line_number(struct json_line *line, const char *key, int64_t value);
void json_line_bool(struct json_line *line, const char *key, bool value);
/* NULL: null. */
void json_line_maybe(struct json_line *line, const char *key, const bool *value);
void json_line_null(struct json_line *line, const char *key);
void json_line_object(struct json_line *line, const char *key); /* opens it */
void json_line_array(struct json_line *line, const char *key);  /* opens it */
void json_line_close(struct json_line *line); /* the object or array opened last */

/* Ends the object and the line. RC_OK, or what out met on the way (RC_LIMIT,
 * RC_NOMEM): then out holds what it held before the line began. */
enum rc json_line_end(struct json_line *line);

/* ---- reading ---- */

struct json_value; /* any value; all but the first belong to the first */

/* Reads line, with or without its line end, as one object.
 *   RC_OK       *out is the object, for json_value_free()
 *   RC_INVALID  not JSON, not an object, a key twice, bytes that are no UTF-8
 *   RC_NOMEM */
enum rc json_value_parse(struct slice line, struct json_value **out, struct fault *why);
void json_value_free(struct json_value *value); /* NULL is fine */

/* All of them: NULL or false when value is NULL or of another kind. Text is
 * borrowed from value and may hold NUL. */
const struct json_value *json_value_find(const struct json_value *object, const char *key);
size_t json_value_count(const struct json_value *array); /* 0 for what is no array */
const struct json_value *json_value_at(const struct json_value *array, size_t i);
bool json_value_text(const struct json_value *value, struct slice *out);
bool json_value_number(const struct json_value *value, int64_t *out); /* integers only */
bool json_value_bool(const struct json_value *value, bool *out);
bool json_value_is_null(const struct json_value *value); /* false for NULL itself */
