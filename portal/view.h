/* portal/view.h: a page being put together.
 *
 *     struct view view;
 *     view_begin(&view, request);
 *     view_show(&view, "pickup");
 *     view_set(&view, "id", id);
 *     return view_answer(&view, request, 200);
 *
 * Sections and values are those of portal/pages/page.html; an inner section is found wherever
 * in the page its showing was asked for.
 *
 * Memory   values are borrowed until the page is answered */
#pragma once

#include "worker.h"

enum { VIEW_VALUES_MAX = 96, VIEW_SHOWN_MAX = 160 }; /* twice what our fullest page has */

struct view {
	size_t value_count, shown_count;
	struct page_value values[VIEW_VALUES_MAX];
	struct page_scope shown[VIEW_SHOWN_MAX];
	struct page_value languages[16][4]; /* of the list of languages */
	char urls[16][256];
	char id[2 * PAGE_ID_BYTES + 1];
};

/* With what all pages have, and the id of the request's path, if it has one. */
void view_begin(struct view *view, const struct request *request);
void view_set(struct view *view, const char *name, struct slice text);
void view_set_text(struct view *view, const char *name, const char *text);
void view_show(struct view *view, const char *section);
/* One showing with values of its own; those beyond VIEW_SHOWN_MAX are left out. */
void view_show_with(struct view *view, const char *section, const struct page_value *values,
		    size_t count);
/* A text of the catalogue in the reader's language; the name itself where there is none. */
struct slice view_text(const struct request *request, const char *name);
enum MHD_Result view_answer(const struct view *view, struct request *request, unsigned status);
