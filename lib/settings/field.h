/* settings/field.h: groups of a settings file read into structs, row by row.
 *
 *     static const struct field near_fields[] = {
 *             { "words", field_texts, offsetof(struct near, words), .required = true },
 *             { "before", field_number, offsetof(struct near, before), .max = 1000 },
 *             { 0 },
 *     };
 *
 * A row reads one key; what no row knows is an error with its line, and so is a
 * required key that is missing. Used by this layer only.
 *
 * Memory   texts are copied to the reader's arena
 * Threads  one user at a time */
#pragma once

#include "base/arena.h"
#include "settings/rules.h"
#include "settings/tree.h"

#include <stddef.h>

struct reader {
	const struct tree *tree;
	struct arena *arena;
	const char *folder;   /* that file names are relative to */
	struct buf *source;   /* gets the bytes of files that are read on the way; may be NULL */
	enum rules_mode mode; /* of the file */
	bool observed;        /* a file that includes it observes */
	struct fault *why;
};

struct field_word { /* an enum's value and how it is written */
	const char *text;
	unsigned value;
};

struct field {
	const char *name;
	enum rc (*read)(struct reader *r, const config_setting_t *at, const struct field *field,
			void *out);
	size_t offset;
	unsigned min, max;                      /* of a number */
	const char *(*check)(const char *text); /* of a text: NULL, or what was expected */
	const struct field_word *words;         /* of a word; ends with a text of NULL */
	const struct field *fields;             /* of a group; of the last row, without a name: the
						 * table that follows, for the same object */
	const char *what;                       /* of a group: "a rule" */
	bool required;
};

/* For the rows. out is the field's own address. A text is never empty, a list of
 * texts neither. */
enum rc field_text(struct reader *r, const config_setting_t *at, const struct field *f, void *out);
enum rc field_texts(struct reader *r, const config_setting_t *at, const struct field *f, void *out);
enum rc field_flag(struct reader *r, const config_setting_t *at, const struct field *f, void *out);
enum rc field_number(struct reader *r, const config_setting_t *at, const struct field *f,
		     void *out); /* unsigned */
enum rc field_size(struct reader *r, const config_setting_t *at, const struct field *f,
		   void *out); /* uint64_t; max 0 is no bound */
enum rc field_word(struct reader *r, const config_setting_t *at, const struct field *f,
		   void *out); /* an enum */
enum rc field_file(struct reader *r, const config_setting_t *at, const struct field *f,
		   void *out); /* a path, resolved against the folder */
enum rc field_group(struct reader *r, const config_setting_t *at, const struct field *f, void *out);

/* at's members into object; what is "a rule", for sentences. */
enum rc field_read_all(struct reader *r, const config_setting_t *at, const char *what,
		       const struct field *fields, void *object);

/* "FILE:LINE: TEXT", RC_INVALID. */
enum rc field_fault(struct reader *r, const config_setting_t *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
enum rc field_nomem(struct reader *r);

/* The value of a word, or an error that names the nearest. */
enum rc field_word_value(struct reader *r, const config_setting_t *at, const char *key,
			 const struct field_word *words, const char *text, unsigned *out);

/* ( ITEM, ... ) as an array of *count items of size bytes, each zeroed and then read
 * by read; at most so many. name is the list's, for sentences. */
typedef enum rc field_item(struct reader *r, const config_setting_t *at, void *item);
enum rc field_items(struct reader *r, const config_setting_t *at, const char *name, size_t most,
		    size_t size, field_item *read, size_t *count, const void **items);

/* Where at stands, to be kept. */
struct rules_place field_place(struct reader *r, const config_setting_t *at);
