/* inspect/expression.h: what can be said of a regular expression by looking at it.
 *
 *     foo.{1,200}bar      200 characters of any kind, each a state of its own
 *     .*secret            begins with what says nothing
 *
 * A repeat of `.` or of a class of many characters is unrolled when the expression is
 * compiled, and the time that takes grows with the square of it and more: 0.3 s for
 * 100, 7 s for 300, seven minutes for 1,000. So it is counted before.
 *
 * This does not judge whether an expression is one: the matcher does. What is none is
 * counted somehow.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

enum {
	/* Characters of any kind, all repeats unrolled, in one expression that is still
	 * compiled: some 15 s of an operator's patience. */
	EXPRESSION_ANY_MAX = 400,
};

struct expression {
	uint64_t any;  /* characters of many kinds that bounded repeats stand for; large
	                * numbers are cut off at a million */
	bool leading;  /* begins with .* or the like: matches are the same without */
	bool trailing; /* ends so */
};

struct expression expression_look(struct slice text);
