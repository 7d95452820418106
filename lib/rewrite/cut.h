/* rewrite/cut.h: what is taken out of a message, so that the rest may go on.
 *
 *     findings in "2"       mixed { text, pdf }                    →  the pdf
 *     findings in "1.2"     mixed { alternative { text, html } }   →  the alternative
 *     findings in "1"       text/plain                             →  the whole body
 *
 * A part is taken out alone where its neighbours are complete without it: of a multipart/
 * mixed, digest or parallel. The parts of any other multipart belong together (alternatives
 * say the same, RFC 2046 §5.1.4) and are taken out with it; unknown ones too, which is more
 * than RFC 2046 §5.1.3 asks for and never less than must be sealed. What is signed as a
 * whole is not touched.
 *
 * Memory   in the arena
 * Threads  pure functions */
#pragma once

#include "mime/extents.h"
#include "settings/rules.h"

struct rewrite_cut {
	uint64_t begin, end; /* in the body */
	bool outside;        /* text before or after parts: nothing takes its place */
};

struct rewrite_cuts {
	bool whole; /* all of the body; then count is 0 */
	size_t count;
	const struct rewrite_cut *at; /* rising, none within another, none empty */
};

/* paths: where something was found, for RULES_REWRITE_FINDINGS.
 *   RC_ABSENT  it cannot be done; *why is a clause that says so     RC_NOMEM */
enum rc rewrite_cut_make(const struct mime_extents *parts, enum rules_rewrite what,
			 const char *const *paths, size_t path_count, struct arena *arena,
			 struct rewrite_cuts *out, struct fault *why);
