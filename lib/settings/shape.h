/* settings/shape.h: the rules file's grammar, as tables of settings/field.h.
 *
 *     markers = ( MARKER, … );  rules = ( RULE, … );
 *     destinations = ( DESTINATION, … );  tests = ( EXPECTATION, … );
 *
 * What each group may hold stands here once. Whether the groups fit together is
 * for settings/rules.c. Used by this layer only. */
#pragma once

#include "settings/field.h"
#include "settings/rules.h"

/* The whole tree into out, whose texts live in the reader's arena. */
enum rc shape_read(struct reader *r, struct rules *out);
