#include "mime/html.h"

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

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
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

static const struct reference {
	const char *name;
	uint32_t c;
	bool bare; /* browsers take it without its ";" too */
} references[] = {
	{ "amp", '&', true },
	{ "lt", '<', true },
	{ "gt", '>', true },
	{ "quot", '"', true },
	{ "AMP", '&', true },
	{ "LT", '<', true },
	{ "GT", '>', true },
	{ "QUOT", '"', true },
	{ "nbsp", 0xA0, true },
	{ "iexcl", 0xA1, true },
	{ "cent", 0xA2, true },
	{ "pound", 0xA3, true },
	{ "curren", 0xA4, true },
	{ "yen", 0xA5, true },
	{ "brvbar", 0xA6, true },
	{ "sect", 0xA7, true },
	{ "uml", 0xA8, true },
	{ "copy", 0xA9, true },
	{ "ordf", 0xAA, true },
	{ "laquo", 0xAB, true },
	{ "not", 0xAC, true },
	{ "shy", 0xAD, true },
	{ "reg", 0xAE, true },
	{ "macr", 0xAF, true },
	{ "deg", 0xB0, true },
	{ "plusmn", 0xB1, true },
	{ "sup2", 0xB2, true },
	{ "sup3", 0xB3, true },
	{ "acute", 0xB4, true },
	{ "micro", 0xB5, true },
	{ "para", 0xB6, true },
	{ "middot", 0xB7, true },
	{ "cedil", 0xB8, true },
	{ "sup1", 0xB9, true },
	{ "ordm", 0xBA, true },
	{ "raquo", 0xBB, true },
	{ "frac14", 0xBC, true },
	{ "frac12", 0xBD, true },
	{ "frac34", 0xBE, true },
	{ "iquest", 0xBF, true },
	{ "Agrave", 0xC0, true },
	{ "Aacute", 0xC1, true },
	{ "Acirc", 0xC2, true },
	{ "Atilde", 0xC3, true },
	{ "Auml", 0xC4, true },
	{ "Aring", 0xC5, true },
	{ "AElig", 0xC6, true },
	{ "Ccedil", 0xC7, true },
	{ "Egrave", 0xC8, true },
	{ "Eacute", 0xC9, true },
	{ "Ecirc", 0xCA, true },
	{ "Euml", 0xCB, true },
	{ "Igrave", 0xCC, true },
	{ "Iacute", 0xCD, true },
	{ "Icirc", 0xCE, true },
	{ "Iuml", 0xCF, true },
	{ "ETH", 0xD0, true },
	{ "Ntilde", 0xD1, true },
	{ "Ograve", 0xD2, true },
	{ "Oacute", 0xD3, true },
	{ "Ocirc", 0xD4, true },
	{ "Otilde", 0xD5, true },
	{ "Ouml", 0xD6, true },
	{ "times", 0xD7, true },
	{ "Oslash", 0xD8, true },
	{ "Ugrave", 0xD9, true },
	{ "Uacute", 0xDA, true },
	{ "Ucirc", 0xDB, true },
	{ "Uuml", 0xDC, true },
	{ "Yacute", 0xDD, true },
	{ "THORN", 0xDE, true },
	{ "szlig", 0xDF, true },
	{ "agrave", 0xE0, true },
	{ "aacute", 0xE1, true },
	{ "acirc", 0xE2, true },
	{ "atilde", 0xE3, true },
	{ "auml", 0xE4, true },
	{ "aring", 0xE5, true },
	{ "aelig", 0xE6, true },
	{ "ccedil", 0xE7, true },
	{ "egrave", 0xE8, true },
	{ "eacute", 0xE9, true },
	{ "ecirc", 0xEA, true },
	{ "euml", 0xEB, true },
	{ "igrave", 0xEC, true },
	{ "iacute", 0xED, true },
	{ "icirc", 0xEE, true },
	{ "iuml", 0xEF, true },
	{ "eth", 0xF0, true },
	{ "ntilde", 0xF1, true },
	{ "ograve", 0xF2, true },
	{ "oacute", 0xF3, true },
	{ "ocirc", 0xF4, true },
	{ "otilde", 0xF5, true },
	{ "ouml", 0xF6, true },
	{ "divide", 0xF7, true },
	{ "oslash", 0xF8, true },
	{ "ugrave", 0xF9, true },
	{ "uacute", 0xFA, true },
	{ "ucirc", 0xFB, true },
	{ "uuml", 0xFC, true },
	{ "yacute", 0xFD, true },
	{ "thorn", 0xFE, true },
	{ "yuml", 0xFF, true },
	{ "apos", '\'', false },
	{ "Tab", '\t', false },
	{ "NewLine", '\n', false },
	{ "excl", '!', false },
	{ "num", '#', false },
	{ "dollar", '$', false },
	{ "percnt", '%', false },
	{ "lpar", '(', false },
	{ "rpar", ')', false },
	{ "ast", '*', false },
	{ "plus", '+', false },
	{ "comma", ',', false },
	{ "period", '.', false },
	{ "sol", '/', false },
	{ "colon", ':', false },
	{ "semi", ';', false },
	{ "equals", '=', false },
	{ "quest", '?', false },
	{ "commat", '@', false },
	{ "lsqb", '[', false },
	{ "lbrack", '[', false },
	{ "bsol", '\\', false },
	{ "rsqb", ']', false },
	{ "rbrack", ']', false },
	{ "lowbar", '_', false },
	{ "lcub", '{', false },
	{ "lbrace", '{', false },
	{ "vert", '|', false },
	{ "rcub", '}', false },
	{ "rbrace", '}', false },
	{ "ensp", 0x2002, false },
	{ "emsp", 0x2003, false },
	{ "numsp", 0x2007, false },
	{ "puncsp", 0x2008, false },
	{ "thinsp", 0x2009, false },
	{ "hairsp", 0x200A, false },
	{ "ZeroWidthSpace", 0x200B, false },
	{ "zwnj", 0x200C, false },
	{ "zwj", 0x200D, false },
	{ "lrm", 0x200E, false },
	{ "rlm", 0x200F, false },
	{ "hyphen", 0x2010, false },
	{ "dash", 0x2010, false },
	{ "ndash", 0x2013, false },
	{ "mdash", 0x2014, false },
	{ "horbar", 0x2015, false },
	{ "minus", 0x2212, false },
	{ "lsquo", 0x2018, false },
	{ "rsquo", 0x2019, false },
	{ "ldquo", 0x201C, false },
	{ "rdquo", 0x201D, false },
	{ "bull", 0x2022, false },
	{ "hellip", 0x2026, false },
	{ "euro", 0x20AC, false },
	{ "trade", 0x2122, false },
	{ "NoBreak", 0x2060, false },
	{ "NonBreakingSpace", 0xA0, false },
	{ "InvisibleComma", 0x2063, false },
};

/* What browsers make of the C1 controls: Windows-1252 (HTML §13.2.5.80). */
static const uint16_t c1[32] = {
	0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
	0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

static size_t put_character(struct mime_html *h, uint32_t c, char *out)
{
	char text[UTF8_MAX];

	return put_text(h, text, mime_utf8_put(c, text), out);
}

static int digit_value(char c, unsigned base)
{
	if (is_digit(c))
		return c - '0';
	c = lower(c);
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "#52", "#x34": true with the character; *rest is what follows its digits. */
static bool read_number(struct slice name, uint32_t *c, struct slice *rest)
{
	unsigned base = 10;
	uint32_t value = 0;

	slice_drop_prefix(&name, "#");
	if (name.len && lower(*name.at) == 'x') {
		base = 16;
		name = (struct slice){ name.at + 1, name.len - 1 };
	}
	size_t digits = 0;
	for (int v; digits < name.len && (v = digit_value(name.at[digits], base)) >= 0; digits++)
		value = value > 0x10FFFF ? value : value * base + (uint32_t)v;
	*rest = (struct slice){ name.at + digits, name.len - digits };
	if (value >= 0x80 && value < 0xA0)
		value = c1[value - 0x80];
	*c = value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0xFFFD : value;
	return digits > 0;
}

/* The longest reference that name begins with; the whole of it where ended, else
 * one that browsers take without its ";". */
static const struct reference *find_reference(struct slice name, bool ended, struct slice *rest)
{
	const struct reference *best = NULL;

	for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
		struct slice tail = name;
		if (!slice_drop_prefix(&tail, references[i].name))
			continue;
		if (!references[i].bare && (tail.len || !ended))
			continue;
		if (best && tail.len > rest->len)
			continue;
		best = &references[i];
		*rest = tail;
	}
	return best;
}

static size_t reference_end(struct mime_html *h, bool ended, char *out)
{
	struct slice name = { h->name, h->name_len }, rest;
	const struct reference *r;
	uint32_t c;
	size_t n;

	h->state = TEXT;
	if (h->name_len && h->name[0] == '#' && read_number(name, &c, &rest)) {
		n = put_character(h, c, out);
		ended = ended && rest.len;
	} else if ((r = find_reference(name, ended, &rest))) {
		n = put_character(h, r->c, out);
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
		       (h->name_len == 2 || (h->name_len == 3 && lower(h->name[1]) == 'x')) &&
		       h->name[h->name_len - 1] == '0';

	if (leading) /* any number of zeros may lead; one is kept */
		return true;
	if (h->name_len < HTML_NAME &&
	    (is_letter(c) || is_digit(c) || (c == '#' && h->name_len == 0))) {
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
	if (is_letter(c) && (!h->raw || (end && lower(c) == 's'))) {
		name_begin(h, NAME);
		if (end)
			name_add(h, '/');
		name_add(h, lower(c));
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
		name_add(h, lower(c));
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
	if (c == '>')
		*n = tag_end(h, out);
	return true;
}

static void markup_take(struct mime_html *h, char c)
{
	if (c == '-' && ++h->dashes == 2)
		name_begin(h, COMMENT);
	else if (c != '-')
		h->state = c == '>' ? TEXT : BOGUS;
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
}

static size_t tag_take(struct mime_html *h, char c, char *out)
{
	bool bare = h->state == BARE || h->state == ATTRIBUTE || h->state == EQUALS;

	if (c == '>' && bare)
		return tag_end(h, out);
	if (h->state == ATTRIBUTE && c == '=')
		h->state = EQUALS;
	else if (h->state == EQUALS && !is_space(c))
		h->state = c == '"' ? DOUBLE : c == '\'' ? SINGLE : BARE;
	else if ((h->state == DOUBLE && c == '"') || (h->state == SINGLE && c == '\'') ||
		 (h->state == BARE && is_space(c)))
		h->state = ATTRIBUTE;
	return 0;
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
	case DOUBLE:
	case SINGLE:
	case BARE:
		*n = tag_take(h, c, out);
		return true;
	case MARKUP:
		markup_take(h, c);
		return true;
	case COMMENT:
		comment_take(h, c);
		return true;
	case BOGUS:
		if (c == '>')
			h->state = TEXT;
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
	*h = (struct mime_html){ 0 };
	return n;
}
