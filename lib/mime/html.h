/* mime/html.h: the text of an HTML page, as it arrives.
 *
 *     <p>41<b>11</b> 1111&nbsp;&#49;111</p>   →   \n4111 1111 1111\n
 *
 * Tags and comments go without a trace, so that a token that they split is whole
 * again; those that begin a new line or cell leave a line end. Runs of white
 * space become one blank, as a browser shows them. Character references are
 * decoded. What stands in script, style and title is text: it may hold what must
 * not leave. So may what a browser does not show at its place: comments, declarations and the
 * attributes that people read go to *hidden, a line each, as they are written
 * (mime/page.h makes them text).
 *
 * Input and output are valid UTF-8. However the input is cut, the same comes out.
 *
 * Standard  HTML Living Standard §13.2.5 (the tokenizer, as far as text needs it)
 * Threads   one user of a state at a time */
#pragma once

#include "base/buf.h"

enum {
	HTML_ROOM = 64,      /* bytes: the least room a push needs to go on */
	HTML_NAME = 32,      /* bytes of a tag or reference; longer ones are none of ours */
	HTML_ATTRIBUTE = 12, /* bytes of an attribute's name, likewise */
	HTML_FRONT = 10,     /* bytes that tell a picture in a value: "data:image" */
};

struct mime_html {
	unsigned char state, dashes, name_len;
	bool blank;   /* the last byte put out was white space */
	bool line;    /* and that a line end */
	bool raw;     /* inside script or style: only its end tag counts */
	char raw_tag; /* 's'cript or s't'yle */
	char name[HTML_NAME];
	bool attribute_over; /* the name is whole: a "=" or the next one may follow */
	unsigned char attribute_len;
	char attribute[HTML_ATTRIBUTE];
	struct buf *hidden; /* borrowed; NULL: nobody wants it */
	/* A value began with "data:" (RFC 2397), and is no picture: a file stands in the page. */
	bool encloses;
	unsigned char front_len;
	char front[HTML_FRONT]; /* of the value at hand */
};

size_t mime_html_push(struct mime_html *h, struct slice *in, char *out, size_t room);
/* HTML_ROOM bytes suffice. *h is then as at the start. */
size_t mime_html_end(struct mime_html *h, char *out);
