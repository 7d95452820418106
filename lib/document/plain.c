#include "document/plain.h"

#include "mime/charset.h"
#include "mime/encoding.h"
#include "mime/page.h"
#include "mime/uublock.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 4096 };

/* ---- charset and HTML ---- */

static const char *sniff(struct slice s)
{
	if (s.len >= 4 && memcmp(s.at, "\xFF\xFE\0\0", 4) == 0)
		return "utf-32le";
	if (s.len >= 4 && memcmp(s.at, "\0\0\xFE\xFF", 4) == 0)
		return "utf-32be";
	if (s.len >= 2 && memcmp(s.at, "\xFF\xFE", 2) == 0)
		return "utf-16le";
	if (s.len >= 2 && memcmp(s.at, "\xFE\xFF", 2) == 0)
		return "utf-16be";
	size_t zeros[2] = { 0 }, n = s.len < PIECE ? s.len : PIECE;
	for (size_t i = 0; i < n; i++)
		zeros[i % 2] += s.at[i] == '\0';
	if ((zeros[0] + zeros[1]) * 4 <= n)
		return "utf-8";
	return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

static void put(struct reading *r, struct mime_page *page, struct slice text)
{
	char piece[PIECE];

	if (!page) {
		reading_text(r, text);
		return;
	}
	while (text.len) {
		size_t n = mime_page_push(page, &text, piece, sizeof piece);
		reading_text(r, (struct slice){ piece, n });
	}
}

static void end_page(struct reading *r, struct mime_page *page)
{
	char piece[PIECE];
	size_t n = 1;

	while (n && reading_goes_on(r)) {
		n = mime_page_end(page, piece, sizeof piece);
		reading_text(r, (struct slice){ piece, n });
	}
	if (page->lost)
		reading_opaque(r, "hidden-text");
	if (page->encloses)
		reading_opaque(r, "data-uri");
}

static void put_all(struct reading *r, struct slice bytes, const char *charset,
		    struct mime_page *page)
{
	struct mime_charset cs;
	char space[PIECE];

	if (mime_charset_init(&cs, slice_of(charset)) != RC_OK)
		reading_opaque(r, "charset");
	while (bytes.len && reading_goes_on(r)) {
		/* In pieces, so that the clock is looked at. */
		struct slice piece = { bytes.at, bytes.len < PIECE ? bytes.len : PIECE };
		bytes = (struct slice){ bytes.at + piece.len, bytes.len - piece.len };
		while (piece.len)
			put(r, page, mime_charset_take(&cs, &piece, space, sizeof space));
	}
	put(r, page, mime_charset_end(&cs, space, sizeof space));
	if (page)
		end_page(r, page);
	mime_charset_fini(&cs);
}

void plain_add(struct reading *r, struct slice bytes, const char *charset)
{
	put_all(r, bytes, charset, NULL);
}

/* ---- uuencode ---- */

static bool decode_line(struct slice line, struct buf *out)
{
	size_t want = line.len ? ((unsigned char)*line.at - 32u) & 63 : 0;

	for (size_t i = 1; want > 0 && i + 1 < line.len; i += 4) {
		uint32_t bits = 0;
		for (size_t k = 0; k < 4; k++) {
			unsigned char c = i + k < line.len ? (unsigned char)line.at[i + k] : ' ';
			bits = bits << 6 | ((c - 32u) & 63);
		}
		for (size_t k = 0; k < 3 && want; k++, want--)
			if (buf_add_byte(out, (char)(bits >> (16 - 8 * k))) != RC_OK)
				return false;
	}
	return true;
}

static bool decode_base64(struct mime_base64 *b, struct slice line, struct buf *out)
{
	char piece[PIECE];

	while (line.len) {
		size_t n = mime_base64_push(b, &line, piece, sizeof piece);
		if (buf_add(out, piece, n) != RC_OK)
			return false;
	}
	return true;
}

/* "`" and " " stand for no bytes; "end" and "====" end it when that line is missing. */
static bool is_last(struct slice line)
{
	return line.len == 0 || slice_is(line, "`") || slice_is(line, " ") ||
	       slice_is(line, "end") || slice_is(line, "====");
}

/* A whole block, its first line included. */
static void read_block(struct reading *r, struct slice block)
{
	struct buf out = BUF_INIT(reading_room(r));
	struct mime_base64 b = { 0 };
	struct slice line = { 0 }, word;
	size_t mark;

	slice_take_line(&block, &line);
	bool base64 = slice_drop_prefix(&line, "begin-base64");
	for (int i = 0; i < 2; i++)
		slice_take_until(&line, ' ', &word);
	if (!reading_enter(r, line, &mark))
		return;
	struct slice name = line;
	bool fits = true;
	while (fits && slice_take_line(&block, &line) && reading_goes_on(r) && !is_last(line))
		fits = base64 ? decode_base64(&b, line, &out) : decode_line(line, &out);
	if (!fits)
		reading_opaque(r, "expansion-ratio");
	if (reading_unpacks(r, out.len)) {
		reading_file(r, name, buf_slice(&out));
		reading_document(r, buf_slice(&out), name);
	}
	reading_leave(r, mark);
	buf_free(&out);
}

static void read_blocks(struct reading *r, struct slice text)
{
	struct mime_uublock u = { 0 };
	struct slice piece, rest = text;
	const char *from = NULL;

	while (rest.len && reading_goes_on(r)) {
		const char *at = rest.at;
		enum mime_uublock_seen seen = mime_uublock_take(&u, &rest, &piece);
		if (seen == UUBLOCK_BEGIN)
			from = at;
		bool ends = seen == UUBLOCK_END || (u.inside && rest.len == 0);
		if (from && ends) {
			read_block(r, (struct slice){ from, (size_t)(rest.at - from) });
			from = NULL;
		}
	}
}

void plain_read(struct reading *r, struct slice bytes, bool html)
{
	struct mime_page page;

	mime_page_init(&page);
	reading_begin(r);
	put_all(r, bytes, sniff(bytes), html ? &page : NULL);
	mime_page_fini(&page);
	reading_end(r);
	if (!html && memmem(bytes.at, bytes.len, "begin", 5))
		read_blocks(r, bytes);
}

/* ---- runs ---- */

static bool is_shown(unsigned char c)
{
	return (c >= ' ' && c < 0x7F) || c == '\t';
}

static void runs_of_bytes(struct reading *r, struct slice s)
{
	for (size_t i = 0, from; i < s.len && reading_goes_on(r); i++) {
		from = i;
		while (i < s.len && is_shown((unsigned char)s.at[i]))
			i++;
		if (i - from < RUN_MIN)
			continue;
		plain_add(r, (struct slice){ s.at + from, i - from }, "utf-8");
		reading_byte(r, '\n');
	}
}

static uint32_t wide_at(struct slice s, size_t i)
{
	return (uint32_t)(unsigned char)s.at[i] | (uint32_t)(unsigned char)s.at[i + 1] << 8;
}

/* Latin letters, and what stands between them. Other scripts look like noise. */
static bool is_shown_wide(uint32_t c)
{
	if (c < 0x100)
		return is_shown((unsigned char)c) || c >= 0xA0;
	return c < 0x250 || (c >= 0x2000 && c < 0x2070) || (c >= 0xFF01 && c <= 0xFF5E);
}

static void runs_of_wide(struct reading *r, struct slice s, size_t from)
{
	for (size_t i = from, begin; i + 1 < s.len && reading_goes_on(r); i += 2) {
		begin = i;
		while (i + 1 < s.len && is_shown_wide(wide_at(s, i)))
			i += 2;
		if (i - begin < 2 * (size_t)RUN_MIN)
			continue;
		/* A length that stands before a text looks like a letter of it. */
		if (wide_at(s, begin) >= 0x100 && wide_at(s, begin + 2) < 0x80)
			begin += 2;
		for (size_t k = begin; k < i; k += 2)
			reading_character(r, wide_at(s, k));
		reading_byte(r, '\n');
	}
}

void plain_read_runs(struct reading *r, struct slice bytes)
{
	reading_begin(r);
	runs_of_bytes(r, bytes);
	runs_of_wide(r, bytes, 0);
	runs_of_wide(r, bytes, 1);
	reading_end(r);
}
