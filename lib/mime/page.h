/* mime/page.h: all the text of an HTML page: what is shown, and behind it what is not.
 *
 *     <p>41<!-- 5500 0000 0000 0004 -->11 …<img alt="call me">   →   \n4111 …\n5500 0000 0000 0004 \ncall me\n
 *
 * Hidden text (mime/html.h) waits until the page ends, so that what it interrupts stays whole.
 * It is a page in its turn: tags in comments, references in attributes.
 *
 * Memory   mime_page_fini(): at most PAGE_HIDDEN_MAX bytes, twice
 * Threads  one user at a time */
#pragma once

#include "mime/html.h"

enum {
	/* Bytes of hidden text of one page that are kept: the largest that mail programs write
	 * (styles in comments) have some 30 KB. */
	PAGE_HIDDEN_MAX = 128 * 1024,
	/* Pages within hidden text of pages: a comment, an attribute in it, and one to spare. */
	PAGE_PASSES = 3,
};

struct mime_page {
	struct mime_html html;
	struct buf hidden, source; /* source: that which is being read */
	size_t at;                 /* bytes of it that were */
	unsigned pass;             /* 0: the page itself */
	bool encloses;             /* as in html */
	bool lost;                 /* a bound was met: not all hidden text came out */
};

void mime_page_init(struct mime_page *p);
void mime_page_fini(struct mime_page *p); /* a zeroed one is fine */

/* As mime_html_push(). */
size_t mime_page_push(struct mime_page *p, struct slice *in, char *out, size_t room);
/* What is left, until it gives nothing; room: at least twice HTML_ROOM. */
size_t mime_page_end(struct mime_page *p, char *out, size_t room);
