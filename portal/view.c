#include "view.h"

#include "answer.h"
#include "base/hex.h"
#include "base/log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void view_set(struct view *view, const char *name, struct slice text)
{
	assert(view->value_count < VIEW_VALUES_MAX);
	view->values[view->value_count++] = (struct page_value){ name, text };
}

void view_set_text(struct view *view, const char *name, const char *text)
{
	view_set(view, name, slice_of(text));
}

void view_show_with(struct view *view, const char *section, const struct page_value *values,
		    size_t count)
{
	if (view->shown_count < VIEW_SHOWN_MAX)
		view->shown[view->shown_count++] = (struct page_scope){
			.section = section,
			.values = values,
			.value_count = count,
		};
}

void view_show(struct view *view, const char *section)
{
	view_show_with(view, section, NULL, 0);
}

static void show_language(struct view *view, const struct worker *worker, size_t i)
{
	const struct asset_language *language = &asset_languages[i];
	struct page_value *values = view->languages[i];

	snprintf(view->urls[i], sizeof view->urls[i], "%s/static/%s", worker->prefix,
		 language->texts_file);
	values[0] = (struct page_value){ "language_code", slice_of(language->tag) };
	values[1] = (struct page_value){ "language_name", slice_of(language->name) };
	values[2] = (struct page_value){ "language_direction", slice_of(language->direction) };
	values[3] = (struct page_value){ "language_texts", slice_of(view->urls[i]) };
	view_show_with(view, "language", values, 4);
}

void view_begin(struct view *view, const struct request *request)
{
	const struct worker *worker = request->worker;

	view->value_count = view->shown_count = 0;
	for (size_t i = 0; i < worker->url_count; i++)
		view_set(view, worker->urls[i].name, worker->urls[i].text);
	view_set_text(view, "prefix", worker->prefix);
	view_set_text(view, "organisation", worker->organisation);
	view_set_text(view, "host", worker->host);
	view_set_text(view, "whom", worker->settings->portal.help);
	if (worker->settings->portal.help[0])
		view_show(view, "help");
	if (!request->post) /* a link asks for the page again, which an answer cannot be */
		view_show(view, "languages");
	for (size_t i = 0; i < asset_language_count; i++)
		show_language(view, worker, i);
	view_set_text(view, "texts", view->urls[request->language]);
	hex_format(request->target.id, sizeof request->target.id, view->id);
	view_set_text(view, "id", view->id);
}

struct slice view_text(const struct request *request, const char *name)
{
	const struct page_texts *texts = &asset_languages[request->language].texts;

	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->at[i].name, name) == 0)
			return texts->at[i].text;
	return slice_of(name);
}

enum MHD_Result view_answer(const struct view *view, struct request *request, unsigned status)
{
	const struct page_scope page = {
		.values = view->values,
		.value_count = view->value_count,
		.shown = view->shown,
		.shown_count = view->shown_count,
	};
	const struct asset_language *language = &asset_languages[request->language];
	struct buf html = BUF_SECRET(WORKER_PAGE_MAX);
	struct fault why;

	if (page_render(asset_page, &language->texts, &page, &html, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "a page cannot be made: %s", why.text);
		buf_wipe(&html);
		return answer_plain(request, MHD_HTTP_INTERNAL_SERVER_ERROR,
				    "This does not work now.\n");
	}
	return answer_give(request, status, "text/html; charset=utf-8", &html);
}
