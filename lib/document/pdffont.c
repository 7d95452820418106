#include "document/pdffont.h"

#include "base/hex.h"
#include "document/bytes.h"

#include <stdlib.h>
#include <string.h>

static const uint32_t ligature_bit = 0x80000000;

/* ---- names of glyphs ---- */

static const struct glyph {
	const char *name;
	uint32_t c;
} glyphs[] = {
	{ "zero", '0' },
	{ "one", '1' },
	{ "two", '2' },
	{ "three", '3' },
	{ "four", '4' },
	{ "five", '5' },
	{ "six", '6' },
	{ "seven", '7' },
	{ "eight", '8' },
	{ "nine", '9' },
	{ "space", ' ' },
	{ "hyphen", '-' },
	{ "minus", '-' },
	{ "endash", '-' },
	{ "emdash", '-' },
	{ "period", '.' },
	{ "comma", ',' },
	{ "colon", ':' },
	{ "semicolon", ';' },
	{ "slash", '/' },
	{ "backslash", '\\' },
	{ "parenleft", '(' },
	{ "parenright", ')' },
	{ "bracketleft", '[' },
	{ "bracketright", ']' },
	{ "braceleft", '{' },
	{ "braceright", '}' },
	{ "underscore", '_' },
	{ "at", '@' },
	{ "numbersign", '#' },
	{ "percent", '%' },
	{ "ampersand", '&' },
	{ "asterisk", '*' },
	{ "plus", '+' },
	{ "equal", '=' },
	{ "less", '<' },
	{ "greater", '>' },
	{ "question", '?' },
	{ "exclam", '!' },
	{ "quotesingle", '\'' },
	{ "quoteright", '\'' },
	{ "quoteleft", '\'' },
	{ "quotedbl", '"' },
	{ "quotedblleft", '"' },
	{ "quotedblright", '"' },
	{ "dollar", '$' },
	{ "bar", '|' },
	{ "asciitilde", '~' },
	{ "grave", '`' },
	{ "asciicircum", '^' },
	{ "Euro", 0x20AC },
	{ "sterling", 0xA3 },
	{ "yen", 0xA5 },
	{ "section", 0xA7 },
	{ "adieresis", 0xE4 },
	{ "odieresis", 0xF6 },
	{ "udieresis", 0xFC },
	{ "Adieresis", 0xC4 },
	{ "Odieresis", 0xD6 },
	{ "Udieresis", 0xDC },
	{ "germandbls", 0xDF },
	{ "eacute", 0xE9 },
	{ "egrave", 0xE8 },
	{ "agrave", 0xE0 },
	{ "aacute", 0xE1 },
	{ "ccedilla", 0xE7 },
	{ "ntilde", 0xF1 },
	{ "aring", 0xE5 },
	{ "oslash", 0xF8 },
	{ "ae", 0xE6 },
	{ "ff", 0xFB00 },
	{ "fi", 0xFB01 },
	{ "fl", 0xFB02 },
	{ "ffi", 0xFB03 },
	{ "ffl", 0xFB04 },
	{ "nbspace", ' ' },
	{ "nonbreakingspace", ' ' },
	{ "sfthyphen", '-' },
};

static bool read_hex(struct slice s, uint32_t *out)
{
	uint32_t c = 0;

	for (size_t i = 0; i < s.len; i++) {
		int digit = hex_digit(s.at[i]);
		if (digit < 0)
			return false;
		c = c << 4 | (uint32_t)digit;
	}
	*out = c;
	return s.len >= 4 && s.len <= 6;
}

/* 0: a name that says nothing, such as "g23". Other words stand for a sign that we do
 * not know: U+FFFD. */
static uint32_t character_of(struct slice name)
{
	uint32_t c;

	for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
		if (slice_is(name, glyphs[i].name))
			return glyphs[i].c;
	if (name.len == 1)
		return (unsigned char)*name.at;
	struct slice hex = name;
	if ((slice_drop_prefix(&hex, "uni") || slice_drop_prefix(&hex, "u")) && read_hex(hex, &c))
		return c;
	/* "one.oldstyle", "four_tab": the front tells. */
	for (size_t i = 1; i < name.len; i++)
		if (name.at[i] == '.' || name.at[i] == '_')
			return character_of((struct slice){ name.at, i });
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] >= '0' && name.at[i] <= '9')
			return 0;
	return 0xFFFD;
}

/* ---- simple fonts ---- */

/* As WinAnsi, which differs little from the others where numbers and letters are. */
static uint32_t win_ansi(unsigned code)
{
	if (code >= 0x91 && code <= 0x94)
		return '\'';
	if (code == 0x96 || code == 0x97 || code == 0xAD)
		return '-';
	if (code == 0xA0)
		return ' ';
	return code >= 0x80 && code < 0xA0 ? 0xFFFD : code;
}

static void set_simple(struct pdf_font *f, struct slice encoding)
{
	struct pdf_value differences = pdf_find(encoding, "Differences"), v;
	uint32_t code = 0, named = 0, unknown = 0;

	for (unsigned i = 1; i < 256; i++)
		f->map[i] = win_ansi(i);
	if (differences.kind != PDF_ARRAY)
		return;
	while ((v = pdf_take(&differences.raw)).kind != PDF_NOTHING) {
		if (v.kind == PDF_NUMBER)
			code = pdf_number(v);
		if (v.kind != PDF_NAME || code > 255)
			continue;
		f->map[code] = character_of(v.raw);
		unknown += f->map[code] == 0 && !slice_is(v.raw, ".notdef");
		named++;
		code++;
	}
	f->unreadable = unknown && unknown * 2 >= named;
}

static void set_simple_widths(struct pdf_font *f, const struct pdf_font_source *s)
{
	uint32_t code = pdf_number(pdf_find(s->font, "FirstChar"));
	struct slice list = s->widths;
	struct pdf_value v;

	while (code < 256 && (v = pdf_take(&list)).kind != PDF_NOTHING)
		f->widths[code++] = v.kind == PDF_NUMBER ? (float)(v.number / 1000) : -1;
}

/* ---- CID fonts ---- */

/* "c [w1 w2 …]" and "from to w" (§9.7.4.3). */
static void set_wide_widths(struct pdf_font *f, const struct pdf_font_source *s)
{
	struct pdf_value usual = pdf_find(s->descendant, "DW"), v;
	struct slice list = s->cid_widths;
	float all = usual.kind == PDF_NUMBER ? (float)(usual.number / 1000) : 1;

	for (uint32_t i = 0; i < PDF_CODES; i++)
		f->widths[i] = all;
	while ((v = pdf_take(&list)).kind == PDF_NUMBER) {
		uint32_t from = pdf_number(v), to;
		v = pdf_take(&list);
		if (v.kind == PDF_ARRAY) {
			struct pdf_value w;
			while ((w = pdf_take(&v.raw)).kind == PDF_NUMBER && from < PDF_CODES)
				f->widths[from++] = (float)(w.number / 1000);
			continue;
		}
		to = pdf_number(v);
		v = pdf_take(&list);
		for (; from <= to && from < PDF_CODES; from++)
			f->widths[from] = (float)(v.number / 1000);
	}
}

static void set_wide(struct pdf_font *f, struct slice encoding_name)
{
	bool unicode = memmem(encoding_name.at, encoding_name.len, "UCS2", 4) ||
		       memmem(encoding_name.at, encoding_name.len, "UTF16", 5);

	for (uint32_t i = 1; unicode && i < PDF_CODES; i++)
		f->map[i] = i;
	f->unreadable = !unicode;
}

/* ---- maps to Unicode (§9.10.3) ---- */

static uint32_t code_of(struct pdf_font *f, struct pdf_value v)
{
	struct buf bytes = BUF_INIT(16);
	uint32_t code = 0;

	pdf_add_bytes(v, &bytes);
	for (size_t i = 0; i < bytes.len; i++)
		code = code << 8 | (unsigned char)bytes.at[i];
	f->starved |= buf_state(&bytes) == RC_NOMEM;
	buf_free(&bytes);
	return code;
}

/* The characters of a UTF-16 string; one of several is kept as a ligature. plus is
 * added to the last. */
static uint32_t target_of(struct pdf_font *f, struct pdf_value v, uint32_t plus)
{
	uint32_t characters[PDF_LIGATURE] = { 0 }, count = 0;
	struct buf bytes = BUF_INIT(4 * PDF_LIGATURE);

	pdf_add_bytes(v, &bytes);
	for (size_t i = 0; i < bytes.len && count < PDF_LIGATURE; i += 2) {
		uint32_t c = (unsigned char)bytes.at[i];
		if (i + 1 < bytes.len)
			c = c << 8 | (unsigned char)bytes.at[i + 1];
		if (c >= 0xDC00 && c < 0xE000 && count && characters[count - 1] >= 0xD800 &&
		    characters[count - 1] < 0xDC00)
			characters[count - 1] =
				0x10000 + ((characters[count - 1] - 0xD800) << 10) + (c - 0xDC00);
		else
			characters[count++] = c;
	}
	f->starved |= buf_state(&bytes) == RC_NOMEM;
	buf_free(&bytes);
	if (count == 0)
		return 0;
	characters[count - 1] += plus;
	if (count == 1)
		return characters[0] & ~ligature_bit;
	if (f->ligature_count == PDF_LIGATURES)
		return 0xFFFD;
	memcpy(f->ligatures[f->ligature_count], characters, sizeof characters);
	return ligature_bit | (uint32_t)f->ligature_count++;
}

static void set_range(struct pdf_font *f, uint32_t from, uint32_t to, struct pdf_value target)
{
	struct pdf_value first = target;

	for (uint32_t code = from; code <= to && code < PDF_CODES && f->mapped < PDF_MAPPED;
	     code++, f->mapped++) {
		if (target.kind == PDF_ARRAY) {
			first = pdf_take(&target.raw);
			if (first.kind == PDF_NOTHING)
				break;
		}
		f->map[code] = target_of(f, first, target.kind == PDF_ARRAY ? 0 : code - from);
	}
}

static bool is_string(struct pdf_value v)
{
	return v.kind == PDF_HEX || v.kind == PDF_STRING;
}

/* "<00> <FF>": how long codes are. */
static void read_codespace(struct pdf_font *f, struct slice *in)
{
	struct pdf_value v;

	while (is_string(v = pdf_take_plain(in)))
		f->wide = v.kind == PDF_HEX ? v.raw.len > 2 : v.raw.len > 1;
}

static void read_characters(struct pdf_font *f, struct slice *in)
{
	struct pdf_value from;

	while (is_string(from = pdf_take_plain(in))) {
		uint32_t code = code_of(f, from);
		struct pdf_value to = pdf_take_plain(in);
		if (code < PDF_CODES && is_string(to))
			f->map[code] = target_of(f, to, 0);
	}
}

static void read_ranges(struct pdf_font *f, struct slice *in)
{
	struct pdf_value from;

	while (is_string(from = pdf_take_plain(in))) {
		struct pdf_value to = pdf_take_plain(in);
		set_range(f, code_of(f, from), code_of(f, to), pdf_take_plain(in));
	}
}

static void read_map(struct pdf_font *f, struct slice in)
{
	struct pdf_value v;

	memset(f->map, 0, PDF_CODES * sizeof *f->map);
	while (in.len) {
		v = pdf_take_plain(&in);
		if (v.kind == PDF_NOTHING)
			in = bytes_after(pdf_skip_blank(in), 1);
		else if (slice_is(v.raw, "begincodespacerange"))
			read_codespace(f, &in);
		else if (slice_is(v.raw, "beginbfchar"))
			read_characters(f, &in);
		else if (slice_is(v.raw, "beginbfrange"))
			read_ranges(f, &in);
	}
	f->unreadable = false;
}

struct pdf_font *pdf_font_new(const struct pdf_font_source *s)
{
	struct pdf_font *f = calloc(1, sizeof *f);

	if (f) {
		f->map = calloc(PDF_CODES, sizeof *f->map);
		f->widths = calloc(PDF_CODES, sizeof *f->widths);
	}
	if (!f || !f->map || !f->widths) {
		pdf_font_free(f);
		return NULL;
	}
	for (uint32_t i = 0; i < 256; i++)
		f->widths[i] = -1;
	f->wide = pdf_is_name(pdf_find(s->font, "Subtype"), "Type0");
	if (f->wide) {
		set_wide(f, s->encoding_name);
		set_wide_widths(f, s);
	} else {
		set_simple(f, s->encoding);
		set_simple_widths(f, s);
	}
	if (s->to_unicode.len)
		read_map(f, s->to_unicode);
	if (f->starved) {
		pdf_font_free(f);
		return NULL;
	}
	return f;
}

void pdf_font_free(struct pdf_font *f)
{
	if (!f)
		return;
	free(f->map);
	free(f->widths);
	free(f);
}

size_t pdf_font_take(const struct pdf_font *f, struct slice *bytes, uint32_t out[PDF_LIGATURE],
		     double *width, uint32_t *code)
{
	size_t n = f->wide && bytes->len > 1 ? 2 : 1, count = 0;
	uint32_t c = (unsigned char)bytes->at[0];

	if (n == 2)
		c = c << 8 | (unsigned char)bytes->at[1];
	*bytes = bytes_after(*bytes, n);
	*code = c;
	*width = f->widths[c];
	uint32_t meant = f->map[c];
	if (meant & ligature_bit) {
		const uint32_t *all = f->ligatures[meant & ~ligature_bit];
		while (count < PDF_LIGATURE && all[count]) {
			out[count] = all[count];
			count++;
		}
	} else if (meant) {
		out[count++] = meant;
	}
	return count;
}
