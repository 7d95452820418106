#include "mime/uublock.h"

#include <string.h>

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* "begin 644 name" or "begin-base64 644 name" */
static bool is_begin(struct slice line)
{
	size_t digits = 0;

	if (!slice_drop_prefix(&line, "begin-base64 ") && !slice_drop_prefix(&line, "begin "))
		return false;
	while (digits < line.len && is_octal(line.at[digits]))
		digits++;
	return (digits == 3 || digits == 4) && line.len > digits + 1 && line.at[digits] == ' ' &&
	       line.at[digits + 1] != '\r';
}

static bool is_end(struct slice line)
{
	if (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return slice_is(line, "end") || slice_is(line, "====");
}

/* Whether a line of this first byte may begin or end a block. */
static bool may_matter(const struct mime_uublock *u, char first)
{
	return u->inside ? first == 'e' || first == '=' : first == 'b';
}

/* The line so far, as long as it can still matter. */
static void keep(struct mime_uublock *u, struct slice piece)
{
	if (u->len == 0 && !may_matter(u, *piece.at))
		u->skip = true;
	if (piece.len > sizeof u->line - u->len)
		u->skip = true;
	if (u->skip)
		return;
	memcpy(u->line + u->len, piece.at, piece.len);
	u->len = (unsigned char)(u->len + piece.len);
}

/* One line end is past; its bytes stay in u->line. */
static enum mime_uublock_seen end_line(struct mime_uublock *u, struct slice *piece)
{
	struct slice line = { u->line, u->skip ? 0 : u->len };
	struct slice word = { u->line, line.len ? line.len - 1 : 0 };

	u->skip = false;
	u->len = 0;
	if (u->inside) {
		u->inside = !is_end(word);
		return u->inside ? UUBLOCK_INSIDE : UUBLOCK_END;
	}
	u->inside = is_begin(word);
	if (u->inside)
		*piece = line;
	return u->inside ? UUBLOCK_BEGIN : UUBLOCK_NONE;
}

enum { LANES = 16 };

/* Bytes side by side: the compiler makes one instruction of each operation on them. */
typedef char lanes __attribute__((vector_size(LANES)));

static bool has_begin(const char *at)
{
	lanes before, first;
	uint64_t halves[2];

	memcpy(&before, at, sizeof before);
	memcpy(&first, at + 1, sizeof first);
	lanes found = (lanes)(before == '\n') & (lanes)(first == 'b');
	memcpy(halves, &found, sizeof halves);
	return halves[0] | halves[1];
}

/* Up to the first line that begins with "b", or the last that ends nowhere. */
static size_t lines_without_begin(struct slice in)
{
	size_t at = 0;

	if (in.len && *in.at == 'b')
		return 0;
	for (; at + 1 < in.len; at++) {
		while (at + LANES < in.len && !has_begin(in.at + at))
			at += LANES;
		if (at + 1 < in.len && in.at[at] == '\n' && in.at[at + 1] == 'b')
			return at + 1;
	}
	const char *end = in.len ? memrchr(in.at, '\n', in.len) : NULL;
	return end ? (size_t)(end - in.at) + 1 : 0;
}

/* Whole lines that say nothing. */
static size_t dull_lines(const struct mime_uublock *u, struct slice in)
{
	size_t at = 0;

	if (!u->inside)
		return lines_without_begin(in);
	while (at < in.len && !may_matter(u, in.at[at])) {
		const char *end = memchr(in.at + at, '\n', in.len - at);
		if (!end)
			break;
		at = (size_t)(end - in.at) + 1;
	}
	return at;
}

enum mime_uublock_seen mime_uublock_take(struct mime_uublock *u, struct slice *in,
					 struct slice *piece)
{
	size_t n = u->len == 0 && !u->skip ? dull_lines(u, *in) : 0;
	const char *end = NULL;

	if (n == 0) {
		end = memchr(in->at, '\n', in->len);
		n = end ? (size_t)(end - in->at) + 1 : in->len;
		keep(u, (struct slice){ in->at, n });
	}
	*piece = (struct slice){ in->at, n };
	*in = (struct slice){ in->at + n, in->len - n };
	if (end)
		return end_line(u, piece);
	return u->inside ? UUBLOCK_INSIDE : UUBLOCK_NONE;
}
