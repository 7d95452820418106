#include "mime/html.h"

#include "base/ascii.h"
#include "mime/reference.h"
#include "mime/utf8.h"

#include <string.h>

enum state {
	TEXT,
	OPEN,      /* after "<" */
	END_OPEN,  /* after "</" */
	NAME,      /* in a tag's name, kept with its "/" */
	ATTRIBUTE, /* in a tag, outside values */
	EQUALS,    /* after an attribute's "=" */
	DOUBLE,
	SINGLE,
	BARE,   /* in a value: "…", '…', … */
	MARKUP, /* after "<!" */
	COMMENT,
	BOGUS,     /* to the next ">" */
	REFERENCE, /* after "&", what follows in name */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
}

static size_t put(struct mime_html *h, char c, char *out)
{
	if (is_space(c) && h->blank)
		return 0;
	h->blank = is_space(c);
	h->line = false;
	*out = h->blank ? ' ' : c;
	return 1;
}

static size_t put_text(struct mime_html *h, const char *text, size_t len, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += put(h, text[i], out + n);
	return n;
}

/* What is hidden ends with a line end. A buffer that is full tells by its state. */
static void hide(struct mime_html *h, char c)
{
	if (h->hidden)
		(void)buf_add_byte(h->hidden, c);
}

static void name_begin(struct mime_html *h, enum state state)
{
	h->state = (unsigned char)state;
	h->name_len = 0;
}

static void name_add(struct mime_html *h, char c)
{
	/* One past the room marks a name as too long to be one of ours. */
	if (h->name_len < HTML_NAME)
		h->name[h->name_len] = c;
	if (h->name_len <= HTML_NAME)
		h->name_len++;
}

static bool name_is(const struct mime_html *h, const char *text)
{
	return h->name_len <= HTML_NAME && slice_is((struct slice){ h->name, h->name_len }, text);
}

/* Tags that begin a new line, paragraph or cell. */
static bool breaks_line(const struct mime_html *h)
{
	static const char *const names[] = {
		"address",  "article", "aside",      "blockquote", "body",   "br",     "caption",
		"center",   "dd",      "details",    "dialog",     "div",    "dl",     "dt",
		"fieldset", "figure",  "figcaption", "footer",     "form",   "h1",     "h2",
		"h3",       "h4",      "h5",         "h6",         "head",   "header", "hr",
		"html",     "legend",  "li",         "main",       "nav",    "ol",     "option",
		"p",        "pre",     "script",     "section",    "select", "style",  "summary",
		"table",    "tbody",   "td",         "textarea",   "tfoot",  "th",     "thead",
		"title",    "tr",      "ul",
	};
	struct slice name = { h->name, h->name_len };

	if (h->name_len > HTML_NAME)
		return false;
	slice_drop_prefix(&name, "/");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

/* At the ">" of a tag. */
static size_t tag_end(struct mime_html *h, char *out)
{
	size_t n = 0;

	if (breaks_line(h)) {
		if (!h->line)
			out[n++] = '\n';
		h->blank = h->line = true;
	}
	if (name_is(h, "script") || name_is(h, "style")) {
		h->raw = true;
		h->raw_tag = h->name[1];
	} else if (name_is(h, "/script") || name_is(h, "/style")) {
		h->raw = false;
	}
	h->state = TEXT;
	return n;
}

static size_t put_character(struct mime_html *h, uint32_t c, char *out)
{
	char text[UTF8_MAX];

	return put_text(h, text, mime_utf8_put(c, text), out);
}

static size_t reference_end(struct mime_html *h, bool ended, char *out)
{
	struct slice name = { h->name, h->name_len }, rest;
	uint32_t c;
	size_t n;

	h->state = TEXT;
	if (mime_reference_read(name, ended, &c, &rest)) {
		n = put_character(h, c, out);
		ended = ended && rest.len;
	} else {
		n = put(h, '&', out);
		rest = name;
	}
	n += put_text(h, rest.at, rest.len, out + n);
	return ended ? n + put(h, ';', out + n) : n;
}

/* False: c ends the reference and is to be read again. */
static bool reference_take(struct mime_html *h, char c, char *out, size_t *n)
{
	bool number = h->name_len && h->name[0] == '#';
	bool leading = number && c == '0' &&
		       (h->name_len == 2 || (h->name_len == 3 && ascii_lower(h->name[1]) == 'x')) &&
		       h->name[h->name_len - 1] == '0';

	if (leading) /* any number of zeros may lead; one is kept */
		return true;
	if (h->name_len < HTML_NAME &&
	    (is_letter(c) || ascii_is_digit(c) || (c == '#' && h->name_len == 0))) {
		name_add(h, c);
		return true;
	}
	*n = reference_end(h, c == ';', out);
	return c == ';';
}

/* Text up to something that is none. */
static size_t take_text(struct mime_html *h, struct slice *in, char *out, size_t room)
{
	size_t i = 0, n = 0;

	for (; i < in->len && n < room; i++) {
		char c = in->at[i];
		if (c == '<' || (c == '&' && !h->raw))
			break;
		n += put(h, c, out + n);
	}
	*in = (struct slice){ in->at + i, in->len - i };
	return n;
}

static size_t literal(struct mime_html *h, const char *text, char *out)
{
	h->state = TEXT;
	return put_text(h, text, strlen(text), out);
}

/* After "<" or "</". False: c is to be read again, as text. */
static bool open_take(struct mime_html *h, char c, char *out, size_t *n)
{
	bool end = h->state == END_OPEN;

	if (!end && c == '/') {
		h->state = END_OPEN;
		return true;
	}
	if (is_letter(c) && (!h->raw || (end && ascii_lower(c) == 's'))) {
		name_begin(h, NAME);
		if (end)
			name_add(h, '/');
		name_add(h, ascii_lower(c));
		return true;
	}
	if (h->raw || (!end && c != '!' && c != '?')) {
		*n = literal(h, end ? "</" : "<", out);
		return false;
	}
	h->state = c == '!' && !end ? MARKUP : c == '>' ? TEXT : BOGUS;
	h->dashes = 0;
	return true;
}

/* In a name. In script and style only their own end tag is one. */
static bool name_take(struct mime_html *h, char c, char *out, size_t *n)
{
	if (c != '>' && c != '/' && !is_space(c)) {
		name_add(h, ascii_lower(c));
		if (!h->raw || h->name_len <= sizeof "/script")
			return true;
	}
	if (h->raw && !name_is(h, h->raw_tag == 'c' ? "/script" : "/style")) {
		size_t len = h->name_len < HTML_NAME ? h->name_len : HTML_NAME;
		*n = literal(h, "<", out);
		*n += put_text(h, h->name, len, out + *n);
		return c != '>' && c != '/' && !is_space(c);
	}
	h->state = ATTRIBUTE;
	h->attribute_over = true;
	if (c == '>')
		*n = tag_end(h, out);
	return true;
}

static void markup_take(struct mime_html *h, char c)
{
	if (c == '-' && ++h->dashes == 2) {
		name_begin(h, COMMENT);
	} else if (c != '-') {
		h->state = c == '>' ? TEXT : BOGUS;
		hide(h, c == '>' ? '\n' : c);
	}
}

static void bogus_take(struct mime_html *h, char c)
{
	hide(h, c == '>' ? '\n' : c);
	if (c == '>')
		h->state = TEXT;
}

/* A comment ends with "-->" or "--!>", and "<!-->" is one. One that begins with
 * "[if" is text to some readers: it ends with its first ">". */
static void comment_take(struct mime_html *h, char c)
{
	name_add(h, c);
	if (name_is(h, "[if"))
		h->state = BOGUS;
	else if (c == '>' && h->dashes >= 2)
		h->state = TEXT;
	else if (c == '-')
		h->dashes = (unsigned char)(h->dashes < 2 ? h->dashes + 1 : 2);
	else if (c != '!' || h->dashes < 2)
		h->dashes = 0;
	hide(h, h->state == TEXT ? '\n' : c);
}

static void attribute_add(struct mime_html *h, char c)
{
	bool apart = is_space(c) || c == '/';

	if (h->attribute_over && !apart)
		h->attribute_len = 0;
	h->attribute_over = apart;
	if (apart)
		return;
	if (h->attribute_len < HTML_ATTRIBUTE)
		h->attribute[h->attribute_len] = ascii_lower(c);
	if (h->attribute_len <= HTML_ATTRIBUTE)
		h->attribute_len++;
}

/* Attributes whose values are words for people, or for those who know where to look. */
static bool is_read(const struct mime_html *h)
{
	static const char *const names[] = { "alt",   "aria-label",  "content", "label",
					     "value", "placeholder", "summary", "title" };
	bool whole = h->attribute_len <= HTML_ATTRIBUTE;
	struct slice name = { h->attribute, whole ? h->attribute_len : HTML_ATTRIBUTE };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (whole && slice_is(name, names[i]))
			return true;
	return slice_drop_prefix(&name, "data-");
}

static void note_front(struct mime_html *h, char c)
{
	struct slice front = { h->front, HTML_FRONT };

	if (h->front_len == HTML_FRONT || (h->front_len == 0 && is_space(c)))
		return;
	h->front[h->front_len++] = ascii_lower(c);
	if (h->front_len == HTML_FRONT && slice_drop_prefix(&front, "data:") &&
	    !slice_is(front, "image"))
		h->encloses = true;
}

/* Outside a value. */
static size_t attribute_take(struct mime_html *h, char c, char *out)
{
	if (c == '>')
		return tag_end(h, out);
	if (h->state == EQUALS && !is_space(c)) {
		h->state = c == '"' ? DOUBLE : c == '\'' ? SINGLE : BARE;
		h->front_len = 0;
		if (h->state == BARE)
			note_front(h, c);
		if (h->state == BARE && is_read(h))
			hide(h, c);
	} else if (h->state == ATTRIBUTE && c == '=') {
		h->state = EQUALS;
	} else if (h->state == ATTRIBUTE) {
		attribute_add(h, c);
	}
	return 0;
}

static size_t value_take(struct mime_html *h, char c, char *out)
{
	bool ends = (h->state == DOUBLE && c == '"') || (h->state == SINGLE && c == '\'') ||
		    (h->state == BARE && (is_space(c) || c == '>'));

	if (is_read(h))
		hide(h, ends ? '\n' : c);
	if (!ends)
		note_front(h, c);
	if (!ends)
		return 0;
	h->state = ATTRIBUTE;
	h->attribute_over = true;
	return c == '>' ? tag_end(h, out) : 0;
}

/* One byte. False: it is to be read again. */
static bool take(struct mime_html *h, char c, char *out, size_t *n)
{
	switch ((enum state)h->state) {
	case TEXT:
		name_begin(h, c == '<' ? OPEN : REFERENCE);
		return true;
	case OPEN:
	case END_OPEN:
		return open_take(h, c, out, n);
	case NAME:
		return name_take(h, c, out, n);
	case ATTRIBUTE:
	case EQUALS:
		*n = attribute_take(h, c, out);
		return true;
	case DOUBLE:
	case SINGLE:
	case BARE:
		*n = value_take(h, c, out);
		return true;
	case MARKUP:
		markup_take(h, c);
		return true;
	case COMMENT:
		comment_take(h, c);
		return true;
	case BOGUS:
		bogus_take(h, c);
		return true;
	case REFERENCE:
		return reference_take(h, c, out, n);
	}
	return true;
}

size_t mime_html_push(struct mime_html *h, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	while (in->len && room - n >= HTML_ROOM) {
		size_t put_out = 0;
		if (h->state == TEXT) {
			n += take_text(h, in, out + n, room - n);
			if (in->len == 0 || room - n < HTML_ROOM)
				break;
		}
		if (take(h, *in->at, out + n, &put_out))
			*in = (struct slice){ in->at + 1, in->len - 1 };
		n += put_out;
	}
	return n;
}

size_t mime_html_end(struct mime_html *h, char *out)
{
	size_t n = 0;

	if (h->state == REFERENCE)
		n = reference_end(h, false, out);
	else if (h->state == OPEN || h->state == END_OPEN)
		n = literal(h, h->state == OPEN ? "<" : "</", out);
	*h = (struct mime_html){ .hidden = h->hidden };
	return n;
}
