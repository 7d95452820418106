/* inspect/matchers.h: all matchers of one set of rules, made together. For this layer's own use.
 *
 * To compile 1,000 expressions takes half a second, and 4 MiB of the compiler's own pages and
 * more of its heap stay resident behind it. So what was compiled once is kept on disk
 * (inspect/shelf.h), under a digest of all that it was made of: the expressions and what is
 * asked of them, libhs's version, the processor.
 *
 * Threads  any */
#pragma once

#include "inspect/inspect.h"
#include "inspect/matcher.h"

enum { MATCHERS_MAX = 8 };

struct matchers_plan {
	const struct matcher_pattern *patterns; /* ids and flags too are part of the digest */
	size_t count;                           /* 0: its matcher is NULL */
	enum matcher_mode mode;
};

/* keep may be NULL; its state and trouble are set otherwise. out has room for count matchers, at
 * most MATCHERS_MAX.
 *   RC_INVALID  as matcher_compile()
 *   RC_ABSENT   keep->only, and there are none
 *   RC_NOMEM */
enum rc matchers_make(const struct matchers_plan *plans, size_t count, struct inspect_keep *keep,
		      struct matcher **out, struct fault *why);
