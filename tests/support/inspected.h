/* support/inspected.h: what inspection says of a message, as lines of text.
 *
 *     card body 1 @4 "4111 11** **** 1111"
 *     opaque 2: zip
 *     hit card
 *     subject: hello */
#pragma once

#include "base/buf.h"
#include "inspect/inspect.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static inline const char *inspected_where(enum rules_where where)
{
	static const char *const names[] = { "header",     "subject",  "body",
					     "attachment", "filename", "metadata" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((unsigned)where == 1u << i)
			return names[i];
	return "?";
}

/* The rules that the text holds; asserts that they are right. */
static inline struct inspect_rules *inspected_rules(const char *text, struct inspect_limits limits)
{
	struct slice source = { text, strlen(text) };
	const struct rules *rules = NULL;
	struct inspect_rules *compiled = NULL;
	struct fault why = { 0 };

	enum rc rc = rules_parse(source, "rules.conf", &rules, &why);
	if (rc == RC_OK)
		rc = inspect_compile(rules, limits, &compiled, &why);
	if (rc != RC_OK)
		fprintf(stderr, "%s\n", why.text);
	assert(rc == RC_OK);
	rules_unref(rules);
	return compiled;
}

static inline void inspected_format(const struct inspect_findings *f, const struct rules *rules,
				    struct buf *out)
{
	for (size_t i = 0; i < f->count; i++)
		(void)!buf_addf(out, "%s %s %s%s%s @%d \"%s\"\n", f->at[i].marker,
				inspected_where(f->at[i].where), f->at[i].part,
				*f->at[i].field ? ":" : "", f->at[i].field, (int)f->at[i].offset,
				f->at[i].evidence);
	if (f->total > f->count)
		(void)!buf_addf(out, "total %zu\n", f->total);
	for (size_t i = 0; i < f->opaque_count; i++)
		(void)!buf_addf(out, "opaque %s: %s\n", f->opaque[i].part, f->opaque[i].why);
	for (size_t i = 0; i < f->marker_count; i++)
		if (f->hit[i])
			(void)!buf_addf(out, "hit %zu%s%s\n", i, rules ? " " : "",
					rules ? rules->markers[i].name : "");
	if (f->clean_subject)
		(void)!buf_addf(out, "subject: %s\n", f->clean_subject);
}

/* The message in chunks of step bytes. buf_free() it. */
static inline struct buf inspected_message(struct inspect_rules *rules, struct slice in,
					   size_t step)
{
	struct buf out = BUF_INIT(1 << 20);
	struct inspect *m = inspect_open(rules);

	assert(m);
	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		inspect_message(m, chunk);
	}
	inspected_format(inspect_end(m), NULL, &out);
	inspect_free(m);
	return out;
}
