#include "document/pdfvalue.h"

#include "base/hex.h"
#include "document/bytes.h"
#include "mime/utf8.h"

#include <string.h>

bool pdf_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\0';
}

static bool is_delimiter(char c)
{
	return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
	       c == '}' || c == '/' || c == '%';
}

struct slice pdf_skip_blank(struct slice s)
{
	size_t i = 0;

	while (i < s.len && (pdf_is_blank(s.at[i]) || s.at[i] == '%')) {
		bool comment = s.at[i] == '%';
		i++;
		while (comment && i < s.len && s.at[i] != '\r' && s.at[i] != '\n')
			i++;
	}
	return bytes_after(s, i);
}

/* ---- how far a value goes ---- */

static size_t regular_run(struct slice s, size_t at)
{
	while (at < s.len && !pdf_is_blank(s.at[at]) && !is_delimiter(s.at[at]))
		at++;
	return at;
}

/* Behind the parenthesis that closes, which may be nested (§7.3.4.2). */
static size_t string_end(struct slice s, size_t at)
{
	size_t open = 1;

	for (at++; at < s.len; at++) {
		if (s.at[at] == '\\')
			at++;
		else if (s.at[at] == '(')
			open++;
		else if (s.at[at] == ')' && --open == 0)
			return at;
	}
	return s.len;
}

static size_t hex_end(struct slice s, size_t at)
{
	while (at < s.len && s.at[at] != '>')
		at++;
	return at;
}

/* Behind what stands here, brackets counted as single values. */
static size_t step(struct slice s, size_t at)
{
	char c = s.at[at];
	bool twice = at + 1 < s.len && s.at[at + 1] == c;

	if (c == '(')
		return string_end(s, at) + 1;
	if (c == '<' && !twice)
		return hex_end(s, at) + 1;
	if ((c == '<' || c == '>') && twice)
		return at + 2;
	if (c == '%') {
		struct slice rest = pdf_skip_blank(bytes_after(s, at));
		return s.len - rest.len;
	}
	if (c == '/' || (!pdf_is_blank(c) && !is_delimiter(c)))
		return regular_run(s, at + 1);
	return at + 1;
}

/* Where the bracket is that closes the one before at; the end where it is missing, or
 * they are nested deeper than we follow. */
static size_t closing(struct slice s, size_t at)
{
	unsigned depth = 1;

	while (at < s.len && depth <= PDF_NEST_MAX) {
		bool twice = at + 1 < s.len && s.at[at + 1] == s.at[at];
		if (s.at[at] == '[' || (s.at[at] == '<' && twice))
			depth++;
		else if ((s.at[at] == ']' || (s.at[at] == '>' && twice)) && --depth == 0)
			return at;
		at = step(s, at);
	}
	return s.len;
}

/* ---- values ---- */

static bool read_number(struct slice s, double *out)
{
	double number = 0, scale = 1;
	size_t i = s.len && (*s.at == '-' || *s.at == '+'), digits = 0;
	bool point = false;

	for (; i < s.len; i++) {
		if (s.at[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (s.at[i] < '0' || s.at[i] > '9')
			break;
		digits++;
		number = number * 10 + (s.at[i] - '0');
		scale *= point ? 10 : 1;
	}
	/* "--5" and "5-3" are seen in the field; what begins as a number is one. */
	if (digits == 0 || digits > 30)
		return false;
	*out = (*s.at == '-' ? -number : number) / scale;
	return true;
}

static struct pdf_value taken(struct slice *in, enum pdf_kind kind, size_t from, size_t to,
			      size_t after)
{
	struct pdf_value v = { .kind = kind, .raw = bytes_part(*in, from, to - from) };

	*in = bytes_after(*in, after);
	return v;
}

struct pdf_value pdf_take_plain(struct slice *in)
{
	struct slice s = pdf_skip_blank(*in);
	struct pdf_value v = { 0 };
	size_t end;

	if (s.len == 0 || *s.at == ']' || *s.at == ')' || *s.at == '>' || *s.at == '}')
		return v;
	*in = s;
	bool twice = s.len > 1 && s.at[1] == *s.at;
	switch (*s.at) {
	case '(':
		end = string_end(s, 0);
		return taken(in, PDF_STRING, 1, end, end + 1);
	case '[':
		end = closing(s, 1);
		return taken(in, PDF_ARRAY, 1, end, end + 1);
	case '<':
		end = twice ? closing(s, 2) : hex_end(s, 1);
		return twice ? taken(in, PDF_DICTIONARY, 2, end, end + 2)
			     : taken(in, PDF_HEX, 1, end, end + 1);
	case '/':
		end = regular_run(s, 1);
		return taken(in, PDF_NAME, 1, end, end);
	case '{':
		return taken(in, PDF_WORD, 0, 1, 1);
	default:
		break;
	}
	end = regular_run(s, 0);
	v = taken(in, PDF_WORD, 0, end, end);
	if (read_number(v.raw, &v.number))
		v.kind = PDF_NUMBER;
	return v;
}

struct pdf_value pdf_take(struct slice *in)
{
	struct pdf_value v = pdf_take_plain(in);
	struct slice rest = *in;

	if (v.kind != PDF_NUMBER || v.number < 0)
		return v;
	struct pdf_value generation = pdf_take_plain(&rest);
	if (generation.kind != PDF_NUMBER)
		return v;
	struct pdf_value r = pdf_take_plain(&rest);
	if (r.kind != PDF_WORD || !slice_is(r.raw, "R"))
		return v;
	*in = rest;
	v.kind = PDF_REFERENCE;
	return v;
}

bool pdf_is_name(struct pdf_value v, const char *name)
{
	struct slice s = v.raw;

	if (v.kind != PDF_NAME)
		return false;
	for (; *name; name++) {
		int high = s.len > 2 ? hex_digit(s.at[1]) : -1;
		int low = s.len > 2 ? hex_digit(s.at[2]) : -1;
		bool escaped = s.len > 2 && *s.at == '#' && high >= 0 && low >= 0;
		if (s.len == 0 || (escaped ? (char)(high << 4 | low) : *s.at) != *name)
			return false;
		s = bytes_after(s, escaped ? 3 : 1);
	}
	return s.len == 0;
}

struct pdf_value pdf_find(struct slice dictionary, const char *key)
{
	struct pdf_value v = { 0 };

	for (;;) {
		struct pdf_value name = pdf_take(&dictionary);
		if (name.kind == PDF_NOTHING)
			return v;
		if (name.kind != PDF_NAME)
			continue;
		struct slice before = dictionary;
		struct pdf_value value = pdf_take(&dictionary);
		if (pdf_is_name(name, key))
			return value;
		/* A key without a value: what follows is the next key. */
		if (value.kind == PDF_NOTHING)
			dictionary = before;
	}
}

uint32_t pdf_number(struct pdf_value v)
{
	bool number = v.kind == PDF_NUMBER || v.kind == PDF_REFERENCE;

	return number && v.number >= 0 && v.number < 4294967295.0 ? (uint32_t)v.number : 0;
}

/* ---- strings ---- */

static void add_hex(struct slice s, struct buf *out)
{
	int high = -1;

	for (size_t i = 0; i < s.len; i++) {
		int digit = hex_digit(s.at[i]);
		if (digit < 0)
			continue;
		if (high >= 0)
			(void)!buf_add_byte(out, (char)(high << 4 | digit));
		high = high >= 0 ? -1 : digit;
	}
	if (high >= 0) /* an odd digit counts as if a zero followed (§7.3.4.3) */
		(void)!buf_add_byte(out, (char)(high << 4));
}

static size_t add_octal(struct slice s, size_t at, struct buf *out)
{
	unsigned c = 0;
	size_t end = at + 3;

	while (at < end && at < s.len && s.at[at] >= '0' && s.at[at] <= '7')
		c = c * 8 + (unsigned)(s.at[at++] - '0');
	(void)!buf_add_byte(out, (char)c);
	return at - 1;
}

/* What a backslash makes of the character after it; NUL for nothing. */
static char escape(char c)
{
	static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
	const char *at = strchr(from, c);

	return c && at ? to[at - from] : c;
}

static void add_literal(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (c != '\\' || i + 1 == s.len) {
			(void)!buf_add_byte(out, c);
			continue;
		}
		c = s.at[++i];
		if (c >= '0' && c <= '7')
			i = add_octal(s, i, out);
		else if (c == '\r' || c == '\n') /* the line goes on */
			i += c == '\r' && i + 1 < s.len && s.at[i + 1] == '\n';
		else
			(void)!buf_add_byte(out, escape(c));
	}
}

static void add_name(struct slice s, struct buf *out)
{
	for (size_t i = 0; i < s.len; i++) {
		int high = i + 2 < s.len ? hex_digit(s.at[i + 1]) : -1;
		int low = i + 2 < s.len ? hex_digit(s.at[i + 2]) : -1;
		if (s.at[i] == '#' && high >= 0 && low >= 0) {
			(void)!buf_add_byte(out, (char)(high << 4 | low));
			i += 2;
		} else {
			(void)!buf_add_byte(out, s.at[i]);
		}
	}
}

void pdf_add_bytes(struct pdf_value v, struct buf *out)
{
	if (v.kind == PDF_HEX)
		add_hex(v.raw, out);
	else if (v.kind == PDF_STRING)
		add_literal(v.raw, out);
	else if (v.kind == PDF_NAME)
		add_name(v.raw, out);
}

static void add_character(uint32_t c, struct buf *out)
{
	char text[UTF8_MAX];

	if (c >= 0xD800 && c <= 0xDFFF)
		c = 0xFFFD;
	(void)!buf_add(out, text, mime_utf8_put(c, text));
}

static void add_utf16(struct slice s, struct buf *out)
{
	for (size_t i = 0; i + 1 < s.len; i += 2) {
		uint32_t c = bytes_u16(s, i), low;
		c = (c >> 8 | c << 8) & 0xFFFF;
		low = bytes_u16(s, i + 2);
		low = (low >> 8 | low << 8) & 0xFFFF;
		if (c >= 0xD800 && c < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
			i += 2;
		}
		add_character(c, out);
	}
}

void pdf_add_text(struct pdf_value v, struct buf *out)
{
	struct buf bytes = BUF_INIT(v.raw.len + 1);

	pdf_add_bytes(v, &bytes);
	struct slice s = buf_slice(&bytes);
	if (slice_drop_prefix(&s, "\xFE\xFF"))
		add_utf16(s, out);
	else if (slice_drop_prefix(&s, "\xEF\xBB\xBF"))
		(void)!buf_add_slice(out, s);
	else
		for (size_t i = 0; i < s.len; i++)
			add_character((unsigned char)s.at[i], out);
	if (buf_state(&bytes) == RC_NOMEM)
		out->state = RC_NOMEM;
	buf_free(&bytes);
}
