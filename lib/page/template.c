#include "page/template.h"

#include "base/utf8.h"

#include <string.h>

struct frame {
	const struct page_scope *scope;
	const struct frame *outer;
};

struct render {
	const struct page_texts *texts;
	struct buf *out;
	struct fault *why;
};

static bool is_shown(uint32_t code)
{
	if (code == '\t' || code == '\n')
		return true;
	return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

enum rc page_escape(struct slice text, struct buf *out)
{
	static const char *const names[128] = {
		['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
	};

	while (text.len) {
		const char *at = text.at;
		uint32_t code;

		if (!utf8_take(&text, &code))
			(void)buf_add_text(out, "\xef\xbf\xbd");
		else if (code < 128 && names[code])
			(void)buf_add_text(out, names[code]);
		else if (is_shown(code))
			(void)buf_add(out, at, (size_t)(text.at - at));
	}
	return buf_state(out);
}

static const struct page_value *find_value(const struct frame *frame, struct slice name)
{
	for (; frame; frame = frame->outer)
		for (size_t i = 0; i < frame->scope->value_count; i++)
			if (slice_is(name, frame->scope->values[i].name))
				return &frame->scope->values[i];
	return NULL;
}

static const struct page_value *find_text(const struct page_texts *texts, struct slice name)
{
	size_t low = 0, high = texts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *other = texts->at[middle].name;
		size_t len = strlen(other), least = len < name.len ? len : name.len;
		int order = memcmp(name.at, other, least);

		if (order == 0 && len == name.len)
			return &texts->at[middle];
		if (order < 0 || (order == 0 && name.len < len))
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Moves what stands before mark to *head and drops the mark. */
static bool take_to(struct slice *s, const char *mark, struct slice *head)
{
	const char *at = s->len ? memmem(s->at, s->len, mark, strlen(mark)) : NULL;

	if (!at)
		return false;
	*head = (struct slice){ s->at, (size_t)(at - s->at) };
	*s = (struct slice){ at + strlen(mark), s->len - head->len - strlen(mark) };
	return true;
}

static enum rc put_value(struct render *r, const struct frame *frame, struct slice name)
{
	const struct page_value *value = find_value(frame, name);

	if (!value)
		return fault(r->why, RC_INVALID, "no value \"%.*s\"", SLICE_ARG(name));
	return page_escape(value->text, r->out);
}

/* A catalogue's text, whose values stand in it. */
static enum rc put_text(struct render *r, const struct frame *frame, struct slice name)
{
	const struct page_value *found = find_text(r->texts, name);
	struct slice head, value;
	enum rc rc = RC_OK;

	if (!found)
		return fault(r->why, RC_INVALID, "no text \"%.*s\"", SLICE_ARG(name));
	struct slice text = found->text;
	while (rc == RC_OK && take_to(&text, "{{=", &head)) {
		rc = page_escape(head, r->out);
		if (!take_to(&text, "}}", &value))
			return fault(r->why, RC_INVALID, "text \"%.*s\" has no }}",
				     SLICE_ARG(name));
		if (rc == RC_OK)
			rc = put_value(r, frame, value);
	}
	return rc == RC_OK ? page_escape(text, r->out) : rc;
}

static enum rc put_plain(struct render *r, const struct frame *frame, struct slice text)
{
	struct slice head, name;
	enum rc rc = RC_OK;

	while (rc == RC_OK && take_to(&text, "{{", &head)) {
		(void)buf_add_slice(r->out, head);
		if (!take_to(&text, "}}", &name))
			return fault(r->why, RC_INVALID, "a {{ has no }}");
		if (slice_drop_prefix(&name, "="))
			rc = put_value(r, frame, name);
		else
			rc = put_text(r, frame, name);
	}
	return rc == RC_OK ? buf_add_slice(r->out, text) : rc;
}

/* The next section of text: what stands before it, its name and its body. */
static enum rc take_section(struct slice *text, struct slice *before, struct slice *name,
			    struct slice *body, struct fault *why)
{
	struct slice rest = *text;
	char end[80];

	if (!take_to(&rest, "<!-- begin ", before))
		return RC_ABSENT;
	if (!take_to(&rest, " -->", name) || name->len == 0 || name->len > 40)
		return fault(why, RC_INVALID, "a section has no name");
	memcpy(end, "<!-- end ", 9);
	memcpy(end + 9, name->at, name->len);
	memcpy(end + 9 + name->len, " -->", 5);
	if (memchr(name->at, 0, name->len) || !take_to(&rest, end, body))
		return fault(why, RC_INVALID, "section \"%.*s\" has no end", SLICE_ARG(*name));
	*text = rest;
	return RC_OK;
}

/* The innermost scope that shows the section. */
static const struct frame *find_shower(const struct frame *frame, struct slice name)
{
	for (; frame; frame = frame->outer)
		for (size_t i = 0; i < frame->scope->shown_count; i++)
			if (slice_is(name, frame->scope->shown[i].section))
				return frame;
	return NULL;
}

static enum rc put_part(struct render *r, const struct frame *frame, struct slice text,
			unsigned depth);

static enum rc put_section(struct render *r, const struct frame *frame, struct slice name,
			   struct slice body, unsigned depth)
{
	const struct frame *shower = find_shower(frame, name);
	enum rc rc = RC_OK;

	for (size_t i = 0; shower && rc == RC_OK && i < shower->scope->shown_count; i++) {
		const struct frame inner = { &shower->scope->shown[i], frame };
		if (slice_is(name, inner.scope->section))
			rc = put_part(r, &inner, body, depth + 1);
	}
	return rc;
}

static enum rc put_part(struct render *r, const struct frame *frame, struct slice text,
			unsigned depth)
{
	struct slice before, name = { 0 }, body;
	enum rc rc;

	if (depth > PAGE_SECTION_DEPTH)
		return fault(r->why, RC_LIMIT, "sections stand too deep in each other");
	while ((rc = take_section(&text, &before, &name, &body, r->why)) == RC_OK) {
		rc = put_plain(r, frame, before);
		if (rc == RC_OK)
			rc = put_section(r, frame, name, body, depth);
		if (rc != RC_OK)
			return rc;
	}
	return rc == RC_ABSENT ? put_plain(r, frame, text) : rc;
}

enum rc page_render(struct slice template, const struct page_texts *texts,
		    const struct page_scope *page, struct buf *out, struct fault *why)
{
	struct render r = { .texts = texts, .out = out, .why = why };
	const struct frame frame = { page, NULL };
	enum rc rc = put_part(&r, &frame, template, 0);

	if (rc == RC_LIMIT || rc == RC_NOMEM)
		return fault(why, rc, "the page does not fit");
	return rc;
}
