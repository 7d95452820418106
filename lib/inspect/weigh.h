/* inspect/weigh.h: what an expression of the rules costs, for `postern lint`.
 *
 *     the[^\n]*zzz     1.5 ns a byte, a plain word 0.05: each mail is read so much slower
 *     foo.{1,200}bar   2 s to make ready at each start and reload
 *
 * Measured by the thread's processor time over a text of our own, on this machine, so
 * that figures are for comparing; what is counted is exact.
 *
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

struct weigh {
	unsigned shortest; /* bytes, at least, of a match */
	uint64_t any;      /* inspect/expression.h */
	bool leading, trailing;
	unsigned compile_ms;
	double ns_per_byte; /* over text in which it hits nothing, mostly */
	double plain_ns;    /* the same for a plain word */
};

/* Whether the expression matches one of the texts, which end with NULL. True also where that
 * cannot be found out. */
bool weigh_matches(const char *expression, const char *const *texts);

/* A test of the rules' body or subject. RC_INVALID, RC_LIMIT, RC_NOMEM: the matcher's. */
enum rc weigh_expression(const char *expression, struct weigh *out, struct fault *why);
