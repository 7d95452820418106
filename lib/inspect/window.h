/* inspect/window.h: the stretch of a part's text that is being matched.
 *
 *     … seen, kept to look back on │ new, given to the matcher │ room …
 *
 * A match in a stream tells where it ends. Its validator looks back on text that
 * went by, and ahead on text that may not have come yet: such candidates wait here
 * until it has, or the part ends.
 *
 * Memory   one block, fixed at birth, and the candidates: window_fini()
 * Threads  one user at a time */
#pragma once

#include "base/rc.h"
#include "base/slice.h"

enum {
	WINDOW_NEW = 6144, /* bytes matched at a time */
	WINDOW_CANDIDATES =
		4096, /* that wait at once, within `after` bytes: far more than sense makes */
};

struct window_candidate {
	unsigned id;
	uint64_t to; /* offset in the part */
};

struct window {
	char *text;
	size_t before, after, room, len, scanned;
	uint64_t base; /* offset in the part of text[0] */
	struct window_candidate *candidates;
	size_t candidate_count, candidate_room;
};

enum rc window_init(struct window *w, size_t before, size_t after);
void window_fini(struct window *w);  /* a zeroed one is fine */
void window_begin(struct window *w); /* a new part */

/* Where new text goes: *room bytes at the pointer; then window_added(). */
char *window_space(struct window *w, size_t *room);
void window_added(struct window *w, size_t len);

struct slice window_fresh(const struct window *w); /* text not scanned yet */
/* It has been: keeps what may be looked back on, makes room. */
void window_scanned(struct window *w);

/* RC_NOMEM, RC_LIMIT: it is lost. */
enum rc window_add_candidate(struct window *w, unsigned id, uint64_t to);

/* Whether enough text stands after a match that ends at `to`. */
bool window_is_ready(const struct window *w, uint64_t to);

/* The next candidate that is ready, or any when the part ends, in the order in which
 * they came; called before window_scanned(). */
bool window_take_candidate(struct window *w, bool ends, struct window_candidate *out);

struct slice window_text(const struct window *w);
