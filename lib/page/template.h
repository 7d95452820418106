/* page/template.h: a page filled in: texts in the reader's language, values of ours.
 *
 *     <h1>{{title}}</h1> <p>{{=sender}}</p>
 *     <!-- begin attachment --><li>{{=name}}, {{=size}}</li><!-- end attachment -->
 *
 * {{name}} is a text of the catalogue, {{=name}} a value; both are escaped for HTML, inside
 * quoted attributes too. A catalogue's text may itself hold {{=name}}. A section is left out
 * unless it is shown, and stands once for each showing. There is nothing else: no condition, no
 * loop, no call, no raw value, so nothing that a stranger sends can become markup or code.
 *
 * Memory   values and texts are borrowed while rendering
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum { PAGE_SECTION_DEPTH = 4 }; /* sections within each other; our pages have two */

struct page_value {
	const char *name;
	struct slice text; /* UTF-8; what is not comes out as U+FFFD */
};

/* A page, or one showing of a section. What it does not have itself is looked for in the
 * one around it. */
struct page_scope {
	const char *section; /* its name; NULL for the page */
	size_t value_count;
	const struct page_value *values;
	size_t shown_count;
	const struct page_scope *shown; /* in the order in which they are to stand */
};

struct page_texts { /* a catalogue, its names sorted */
	size_t count;
	const struct page_value *at;
};

/* Adds the page to out.
 *   RC_INVALID  the template is broken, or wants a text or a value that is not there
 *   RC_LIMIT    sections too deep, or out may not grow so far */
enum rc page_render(struct slice template, const struct page_texts *texts,
		    const struct page_scope *page, struct buf *out, struct fault *why);

/* Adds text as it stands in HTML; without the control characters that HTML has not. */
enum rc page_escape(struct slice text, struct buf *out);
