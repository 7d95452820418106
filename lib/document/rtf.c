#include "document/rtf.h"

#include "base/hex.h"
#include "document/bytes.h"
#include "document/plain.h"
#include "mime/charset.h"
#include "mime/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum place {
	TEXT,
	ASIDE,
	NOTHING,  /* pictures and the like */
	PROPERTY, /* its name is the group's word */
	NAME,     /* of a property of the user's */
	OBJECT,   /* hex digits of an embedded object */
};

struct group {
	enum place place;
	bool owns; /* it is the one that began the property or object */
	unsigned unicode_skip;
	char word[RTF_WORD_MAX + 1];
};

struct rtf {
	struct reading *r;
	struct slice in;
	struct group groups[RTF_DEPTH_MAX + 1];
	size_t depth;
	bool starred;  /* \* came: the next word names a destination that may be ignored */
	unsigned skip; /* characters that stand for the last \u, for old readers */
	uint32_t high; /* the first half of a surrogate pair */
	unsigned codepage;
	bool starved;          /* memory was out */
	bool aside_over, half; /* half: a hex digit of an object waits for its second */
	struct buf bytes;      /* in the code page, not decoded yet */
	struct buf aside, value, name;
	/* What comes after the text, which it must not cut: names and values, each with a
	 * NUL; objects, each after its length. */
	struct buf properties, objects;
	size_t object_at; /* of the one at hand */
};

static const struct destination {
	const char *word;
	enum place place;
} destinations[] = {
	{ "fonttbl", NOTHING },
	{ "colortbl", NOTHING },
	{ "pict", NOTHING },
	{ "themedata", NOTHING },
	{ "datastore", NOTHING },
	{ "colorschememapping", NOTHING },
	{ "blipuid", NOTHING },
	{ "blipuid", NOTHING },
	{ "rsidtbl", NOTHING },
	{ "generator", ASIDE },
	{ "stylesheet", ASIDE },
	{ "fldinst", ASIDE },
	{ "listtable", ASIDE },
	{ "bkmkstart", ASIDE },
	{ "bkmkend", ASIDE },
	{ "title", PROPERTY },
	{ "subject", PROPERTY },
	{ "author", PROPERTY },
	{ "manager", PROPERTY },
	{ "company", PROPERTY },
	{ "operator", PROPERTY },
	{ "category", PROPERTY },
	{ "keywords", PROPERTY },
	{ "doccomm", PROPERTY },
	{ "hlinkbase", PROPERTY },
	{ "staticval", PROPERTY },
	{ "propname", NAME },
	{ "objdata", OBJECT },
	{ "shppict", TEXT },
	{ "nonshppict", TEXT },
	{ "shpinst", TEXT },
	{ "shptxt", TEXT },
	{ "annotation", TEXT },
	{ "footnote", TEXT },
	{ "ud", TEXT },
	{ "background", TEXT },
	{ "do", TEXT },
	{ "dptxbxtext", TEXT },
	{ "userprops", ASIDE },
};

static const struct symbol {
	const char *word, *text;
} symbols[] = {
	{ "par", "\n" },      { "line", "\n" },      { "sect", "\n" },      { "page", "\n" },
	{ "row", "\n" },      { "nestrow", "\n" },   { "cell", "\n" },      { "nestcell", "\n" },
	{ "column", "\n" },   { "tab", " " },        { "emspace", " " },    { "enspace", " " },
	{ "qmspace", " " },   { "emdash", "-" },     { "endash", "-" },     { "lquote", "'" },
	{ "rquote", "'" },    { "ldblquote", "\"" }, { "rdblquote", "\"" }, { "bullet", "*" },
	{ "softline", "\n" },
};

static struct group *top(struct rtf *f)
{
	return &f->groups[f->depth];
}

/* ---- where text goes ---- */

static void put_utf8(struct rtf *f, struct slice text)
{
	switch (top(f)->place) {
	case TEXT:
		reading_text(f->r, text);
		break;
	case ASIDE:
		f->aside_over |= buf_add_slice(&f->aside, text) != RC_OK;
		break;
	case PROPERTY:
		f->starved |= buf_add_slice(&f->value, text) == RC_NOMEM;
		break;
	case NAME:
		f->starved |= buf_add_slice(&f->name, text) == RC_NOMEM;
		break;
	case OBJECT:
	case NOTHING:
		break;
	}
}

/* What \'hh has left, in one go: a character may take two of them. */
static void flush(struct rtf *f)
{
	struct slice in = buf_slice(&f->bytes);
	struct mime_charset cs;
	char name[32], space[1024];

	if (in.len == 0)
		return;
	snprintf(name, sizeof name, f->codepage == 932 ? "cp932" : "windows-%u", f->codepage);
	if (mime_charset_init(&cs, slice_of(name)) != RC_OK)
		(void)!mime_charset_init(&cs, SLICE("windows-1252"));
	while (in.len)
		put_utf8(f, mime_charset_take(&cs, &in, space, sizeof space));
	put_utf8(f, mime_charset_end(&cs, space, sizeof space));
	mime_charset_fini(&cs);
	buf_clear(&f->bytes);
}

/* A byte in the code page. */
static void put_byte(struct rtf *f, char c)
{
	if (f->skip) {
		f->skip--;
		return;
	}
	if (f->bytes.len > 4096)
		flush(f);
	f->starved |= buf_add_byte(&f->bytes, c) == RC_NOMEM;
}

static void put_unit(struct rtf *f, uint32_t unit)
{
	char out[UTF8_MAX];

	flush(f);
	if (unit >= 0xD800 && unit < 0xDC00) {
		f->high = unit;
		return;
	}
	if (unit >= 0xDC00 && unit < 0xE000)
		unit = f->high ? 0x10000 + ((f->high - 0xD800) << 10) + (unit - 0xDC00) : 0xFFFD;
	f->high = 0;
	put_utf8(f, (struct slice){ out, mime_utf8_put(unit, out) });
}

/* ---- groups ---- */

static void open_group(struct rtf *f)
{
	flush(f);
	if (f->depth == RTF_DEPTH_MAX) {
		reading_opaque(f->r, "rtf-depth");
		f->r->stopped = true;
		return;
	}
	struct group *outer = top(f);
	f->depth++;
	*top(f) = *outer;
	top(f)->owns = false;
	f->starred = false;
}

/* Each text up to its first NUL: a value with one in it says nothing more. */
static void keep_property(struct rtf *f)
{
	bool own = strcmp(top(f)->word, "staticval") == 0 && f->name.len;

	if (f->value.len == 0)
		return;
	(void)!buf_add_text(&f->properties, own ? buf_text(&f->name) : top(f)->word);
	(void)!buf_add_byte(&f->properties, '\0');
	(void)!buf_add_text(&f->properties, buf_text(&f->value));
	(void)!buf_add_byte(&f->properties, '\0');
}

static void begin_object(struct rtf *f)
{
	f->half = false;
	f->object_at = f->objects.len;
	(void)!buf_add(&f->objects, "\0\0\0", 4);
}

static void end_object(struct rtf *f)
{
	size_t len = f->objects.len - f->object_at;

	for (size_t i = 0; i < 4 && len >= 4; i++)
		f->objects.at[f->object_at + i] = (char)((len - 4) >> (8 * i));
}

static void close_group(struct rtf *f)
{
	struct group *g = top(f);

	flush(f);
	if (g->owns && g->place == PROPERTY)
		keep_property(f);
	if (g->owns && g->place == OBJECT)
		end_object(f);
	if (g->owns && g->place == ASIDE)
		f->aside_over |= buf_add_byte(&f->aside, '\n') != RC_OK;
	f->depth -= f->depth > 0;
	f->starred = false;
}

static void begin_destination(struct rtf *f, const char *word, enum place place)
{
	struct group *g = top(f);

	/* What is within a picture is no text again, and nothing within an object. */
	if (g->place == NOTHING || g->place == OBJECT)
		return;
	g->place = place;
	g->owns = true;
	snprintf(g->word, sizeof g->word, "%s", word);
	if (place == NAME)
		buf_clear(&f->name);
	if (place == PROPERTY)
		buf_clear(&f->value);
	if (place == OBJECT)
		begin_object(f);
}

/* ---- control words ---- */

static bool take_destination(struct rtf *f, const char *word)
{
	for (size_t i = 0; i < sizeof destinations / sizeof *destinations; i++) {
		if (strcmp(destinations[i].word, word) != 0)
			continue;
		begin_destination(f, word, destinations[i].place);
		return true;
	}
	return false;
}

static bool take_symbol(struct rtf *f, const char *word)
{
	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
		if (strcmp(symbols[i].word, word) != 0)
			continue;
		flush(f);
		put_utf8(f, slice_of(symbols[i].text));
		return true;
	}
	return false;
}

static void take_word(struct rtf *f, const char *word, bool has_number, long number)
{
	bool starred = f->starred;

	f->starred = false;
	if (strcmp(word, "u") == 0 && has_number) {
		put_unit(f, (uint32_t)number & 0xFFFF);
		f->skip = top(f)->unicode_skip;
	} else if (strcmp(word, "uc") == 0) {
		top(f)->unicode_skip = number >= 0 && number < 16 ? (unsigned)number : 1;
	} else if (strcmp(word, "ansicpg") == 0) {
		f->codepage = number > 0 && number < 65536 ? (unsigned)number : 1252;
	} else if (strcmp(word, "bin") == 0) {
		f->in = bytes_after(f->in, number > 0 ? (uint64_t)number : 0);
	} else if (!take_destination(f, word) && !take_symbol(f, word) && starred) {
		begin_destination(f, word, ASIDE);
	}
}

/* After a backslash and a letter. */
static void read_word(struct rtf *f)
{
	char word[RTF_WORD_MAX + 1];
	size_t len = 0, at = 0;
	long number = 0;

	while (at < f->in.len && ((f->in.at[at] >= 'a' && f->in.at[at] <= 'z') ||
				  (f->in.at[at] >= 'A' && f->in.at[at] <= 'Z'))) {
		if (len < RTF_WORD_MAX)
			word[len++] = f->in.at[at];
		at++;
	}
	word[len] = '\0';
	bool minus = at < f->in.len && f->in.at[at] == '-';
	size_t digits = at + minus;
	at = digits;
	while (at < f->in.len && f->in.at[at] >= '0' && f->in.at[at] <= '9') {
		number = number < 100000000 ? number * 10 + (f->in.at[at] - '0') : number;
		at++;
	}
	bool has_number = at > digits;
	at = has_number ? at : digits - minus;
	at += at < f->in.len && f->in.at[at] == ' ';
	f->in = bytes_after(f->in, at);
	take_word(f, word, has_number, minus ? -number : number);
}

static void read_hex(struct rtf *f)
{
	int high = f->in.len > 1 ? hex_digit(f->in.at[0]) : -1;
	int low = f->in.len > 1 ? hex_digit(f->in.at[1]) : -1;

	if (high < 0 || low < 0)
		return;
	f->in = bytes_after(f->in, 2);
	put_byte(f, (char)(high << 4 | low));
}

/* After a backslash: a sign, or a word. */
static void read_control(struct rtf *f)
{
	char c = f->in.len ? *f->in.at : '\0';

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
		read_word(f);
		return;
	}
	f->in = bytes_after(f->in, 1);
	switch (c) {
	case '\'':
		read_hex(f);
		break;
	case '*':
		f->starred = true;
		break;
	case '~':
		put_byte(f, ' ');
		break;
	case '_':
		put_byte(f, '-');
		break;
	case '\\':
	case '{':
	case '}':
		put_byte(f, c);
		break;
	case '\r':
	case '\n':
		flush(f);
		put_utf8(f, SLICE("\n"));
		break;
	default: /* "\-" is a hyphen that may be, and others mean nothing */
		break;
	}
}

static void put_digit(struct rtf *f, char c)
{
	int digit = hex_digit(c);

	if (digit < 0)
		return;
	if (!f->half)
		f->half = buf_add_byte(&f->objects, (char)(digit << 4)) == RC_OK;
	else {
		char *last = &f->objects.at[f->objects.len - 1];
		*last = (char)(*last | digit);
		f->half = false;
	}
}

static void read_all(struct rtf *f)
{
	while (f->in.len && reading_goes_on(f->r)) {
		char c = *f->in.at;
		f->in = bytes_after(f->in, 1);
		if (c == '{')
			open_group(f);
		else if (c == '}')
			close_group(f);
		else if (c == '\\')
			read_control(f);
		else if (top(f)->place == OBJECT)
			put_digit(f, c);
		else if (c != '\r' && c != '\n')
			put_byte(f, c);
	}
	while (f->depth)
		close_group(f);
}

/* ---- after the text ---- */

static void tell_properties(struct rtf *f)
{
	struct slice rest = buf_slice(&f->properties);

	while (rest.len) {
		struct slice name = bytes_take_text(&rest);
		reading_property(f->r, name, bytes_take_text(&rest));
	}
}

/* An object's storage, or whatever else can be told from its bytes. */
static void read_object(struct reading *r, struct slice bytes)
{
	const char *at = bytes.len ? memmem(bytes.at, bytes.len, "\xD0\xCF\x11\xE0", 4) : NULL;

	if (at)
		reading_document(r, bytes_after(bytes, (uint64_t)(at - bytes.at)),
				 (struct slice){ 0 });
	plain_read_runs(r, bytes);
}

static void read_objects(struct rtf *f)
{
	struct slice rest = buf_slice(&f->objects);
	size_t mark;

	reading_name(f->r, SLICE("object"), &mark);
	while (rest.len && reading_unpacks(f->r, 4 + (uint64_t)bytes_u32(rest, 0))) {
		read_object(f->r, bytes_part(rest, 4, bytes_u32(rest, 0)));
		rest = bytes_after(rest, 4 + (uint64_t)bytes_u32(rest, 0));
	}
	reading_unname(f->r, mark);
}

static void rtf_free(struct rtf *f)
{
	buf_free(&f->bytes);
	buf_free(&f->aside);
	buf_free(&f->value);
	buf_free(&f->name);
	buf_free(&f->properties);
	buf_free(&f->objects);
	free(f);
}

void rtf_read(struct reading *r, struct slice bytes)
{
	struct rtf *f = calloc(1, sizeof *f);

	if (!f) {
		reading_opaque(r, "memory");
		return;
	}
	f->r = r;
	f->in = bytes;
	f->codepage = 1252;
	f->groups[0].unicode_skip = 1;
	f->bytes = BUF_INIT(8192);
	f->aside = f->value = f->properties = BUF_INIT(RTF_ASIDE_MAX);
	f->name = BUF_INIT(READING_VALUE);
	f->objects = BUF_INIT(2 * bytes.len + 8);
	reading_begin(r);
	read_all(f);
	flush(f);
	reading_byte(r, '\n');
	reading_text(r, buf_slice(&f->aside));
	reading_end(r);
	tell_properties(f);
	read_objects(f);
	if (f->aside_over || buf_state(&f->properties) != RC_OK)
		reading_opaque(r, "rtf-groups");
	if (f->starved || buf_state(&f->objects) == RC_NOMEM)
		reading_opaque(r, "memory");
	rtf_free(f);
}
