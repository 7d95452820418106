#include "inspect/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum rc window_init(struct window *w, size_t before, size_t after)
{
	*w = (struct window){ .before = before, .after = after };
	w->room = before + after + WINDOW_NEW;
	w->text = malloc(w->room);
	return w->text ? RC_OK : RC_NOMEM;
}

void window_fini(struct window *w)
{
	free(w->text);
	free(w->candidates);
	*w = (struct window){ 0 };
}

void window_begin(struct window *w)
{
	w->len = 0;
	w->scanned = 0;
	w->base = 0;
	w->candidate_count = 0;
}

char *window_space(struct window *w, size_t *room)
{
	*room = w->room - w->len;
	return w->text + w->len;
}

void window_added(struct window *w, size_t len)
{
	assert(len <= w->room - w->len);
	w->len += len;
}

struct slice window_fresh(const struct window *w)
{
	return (struct slice){ w->text + w->scanned, w->len - w->scanned };
}

void window_scanned(struct window *w)
{
	size_t keep = w->before + w->after;

	if (w->len > keep) {
		size_t gone = w->len - keep;
		memmove(w->text, w->text + gone, keep);
		w->len = keep;
		w->base += gone;
	}
	w->scanned = w->len;
}

enum rc window_add_candidate(struct window *w, unsigned id, uint64_t to)
{
	if (w->candidate_count == w->candidate_room) {
		size_t room = w->candidate_room ? w->candidate_room * 2 : 16;
		if (room > WINDOW_CANDIDATES)
			return RC_LIMIT;
		void *grown = realloc(w->candidates, room * sizeof *w->candidates);
		if (!grown)
			return RC_NOMEM;
		w->candidates = grown;
		w->candidate_room = room;
	}
	w->candidates[w->candidate_count++] = (struct window_candidate){ id, to };
	return RC_OK;
}

bool window_is_ready(const struct window *w, uint64_t to)
{
	return to + w->after <= w->base + w->len;
}

bool window_take_candidate(struct window *w, bool ends, struct window_candidate *out)
{
	for (size_t i = 0; i < w->candidate_count; i++) {
		if (!ends && !window_is_ready(w, w->candidates[i].to))
			continue;
		*out = w->candidates[i];
		w->candidate_count--;
		memmove(w->candidates + i, w->candidates + i + 1,
			(w->candidate_count - i) * sizeof *w->candidates);
		return true;
	}
	return false;
}

struct slice window_text(const struct window *w)
{
	return (struct slice){ w->text, w->len };
}
