/* settings/shape.h: the rules file's grammar, as tables of settings/field.h.
 *
 *     mode = "observe";  include = [ FILE, … ];
 *     markers = ( MARKER, … );  rules = ( RULE, … );
 *     destinations = ( DESTINATION, … );  tests = ( EXPECTATION, … );
 *
 * What each group may hold stands here once. Files are joined in settings/join.c;
 * whether the groups fit together is for settings/whole.c. Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

struct shape_include {    /* a file that the tree names */
	const char *path; /* resolved against the reader's folder */
	struct rules_place place;
};

struct shape {
	struct rules rules; /* of this file alone */
	size_t include_count;
	struct shape_include *includes;
};

/* The words of `require` and `assurance`. */
extern const struct field_word shape_requires[];

/* The whole tree into out, whose texts live in the reader's arena. */
enum rc shape_read(struct reader *r, struct shape *out);
