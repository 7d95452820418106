#include "mime/fold.h"

#include "mime/utf8.h"

#include <string.h>
#include <utf8proc.h>

struct range {
	uint32_t first, last;
};

static bool within(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && c >= ranges[i].first; i++) /* they ascend */
		if (c <= ranges[i].last)
			return true;
	return false;
}
#define WITHIN(c, ranges) within((c), (ranges), sizeof(ranges) / sizeof *(ranges))

/* What is not seen: soft hyphen, joiners, direction marks, variation selectors,
 * invisible operators, fillers, the byte order mark, tags, keycap frames; and lines through or
 * below letters, which no alphabet needs. */
static const struct range unseen[] = {
	{ 0x00, 0x00 },     { 0xAD, 0xAD },       { 0x332, 0x338 },     { 0x34F, 0x34F },
	{ 0x61C, 0x61C },   { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },   { 0x180B, 0x180F },
	{ 0x200B, 0x200F }, { 0x202A, 0x202E },   { 0x2060, 0x206F },   { 0x20DD, 0x20E4 },
	{ 0x3164, 0x3164 }, { 0xFE00, 0xFE0F },   { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },
	{ 0xFFF9, 0xFFFB }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
};

/* Letters and signs that NFKC leaves alone, and that nothing in these ranges can
 * join: most text of most scripts needs no more than this look. */
static const struct range settled[] = {
	{ 0x21, 0x7E },     { 0xC0, 0x131 },    { 0x134, 0x13E },   { 0x141, 0x148 },
	{ 0x14A, 0x17E },   { 0x391, 0x3C9 },   { 0x400, 0x45F },   { 0x5D0, 0x5EA },
	{ 0x621, 0x64A },   { 0x2018, 0x201A }, { 0x201C, 0x201E }, { 0x2020, 0x2022 },
	{ 0x20AC, 0x20AC }, { 0x3001, 0x3002 }, { 0x3041, 0x3096 }, { 0x30A1, 0x30FA },
	{ 0x4E00, 0x9FFF }, { 0xAC00, 0xD7A3 },
};

/* The zero of each run of ten decimal digits (UnicodeData, general category Nd);
 * the mathematical and full-width ones fall to NFKC. */
static const uint32_t zeros[] = {
	0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,
	0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,
	0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,
	0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,  0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136,
	0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
	0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950,
};

static const struct range dashes[] = {
	{ 0x58A, 0x58A },   { 0x5BE, 0x5BE },   { 0x1806, 0x1806 }, { 0x2010, 0x2015 },
	{ 0x2043, 0x2043 }, { 0x2212, 0x2212 }, { 0xFE58, 0xFE58 },
};

static const struct range blanks[] = {
	{ 0xA0, 0xA0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200A }, { 0x202F, 0x202F },
	{ 0x205F, 0x205F }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
};

/* Accents, strokes and frames: on what is no letter they are ornament. */
static const struct range marks[] = {
	{ 0x300, 0x36F },   { 0x483, 0x489 },   { 0x1AB0, 0x1AFF },
	{ 0x1DC0, 0x1DFF }, { 0x20D0, 0x20F0 }, { 0xFE20, 0xFE2F },
};

static uint32_t plain_form(uint32_t c)
{
	if (c < 0x80)
		return c;
	if (WITHIN(c, dashes))
		return '-';
	if (WITHIN(c, blanks))
		return ' ';
	for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return '0' + (c - zeros[i]);
	return c;
}

/* Takes the run apart: what is seen goes to text; true when all of it is settled. */
static bool sift(struct mime_fold *f, char *text, size_t *len)
{
	struct slice rest = { f->held, f->len };
	bool all_settled = true;
	uint32_t c;

	*len = 0;
	while (rest.len) {
		int n = mime_utf8_take(rest, &c);
		if (n <= 0) { /* not valid after all: a byte at a time */
			c = 0xFFFD;
			n = 1;
		}
		rest = (struct slice){ rest.at + n, rest.len - (size_t)n };
		if (!WITHIN(c, settled))
			all_settled = false;
		if (!WITHIN(c, unseen) && *len + UTF8_MAX <= FOLD_RUN + UTF8_MAX)
			*len += mime_utf8_put(c, text + *len);
	}
	return all_settled;
}

static size_t normalise(struct mime_fold *f, char *out)
{
	enum { POINTS = FOLD_ROOM / UTF8_MAX };
	utf8proc_option_t options = UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_STABLE;
	utf8proc_int32_t points[POINTS];
	char text[FOLD_RUN + 2 * UTF8_MAX];
	size_t len, n = 0;

	if (f->len == 1) { /* a letter that no accent followed */
		*out = f->held[0];
		f->len = 0;
		return 1;
	}
	bool done = sift(f, text, &len);
	f->len = 0;
	utf8proc_ssize_t count = -1;
	if (!done)
		count = utf8proc_decompose((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len,
					   points, POINTS, options);
	if (count >= 0 && count <= POINTS)
		count = utf8proc_normalize_utf32(points, count, options);
	if (count < 0 || count > POINTS) {
		memcpy(out, text, len);
		return len;
	}
	bool letter = false; /* what stands before the run is none */
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		uint32_t c = plain_form((uint32_t)points[i]);
		if (WITHIN(c, unseen) || (!letter && WITHIN(c, marks)))
			continue;
		letter = c >= 'A' && (c < '[' || c >= 'a');
		n += mime_utf8_put(c, out + n);
	}
	return n;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* ASCII goes straight on, but for a letter that an accent may follow. */
static size_t take_ascii(struct mime_fold *f, struct slice *in, char *out, size_t room)
{
	size_t run = mime_ascii_run((struct slice){ in->at, in->len < room ? in->len : room });
	bool more = run < in->len, hold = false;

	if (run && is_letter(in->at[run - 1]))
		hold = !more || (signed char)in->at[run] <= 0;
	size_t n = hold ? run - 1 : run;
	memcpy(out, in->at, n);
	if (hold)
		f->held[f->len++] = in->at[n];
	*in = (struct slice){ in->at + run, in->len - run };
	return n;
}

size_t mime_fold_push(struct mime_fold *f, struct slice *in, char *out, size_t room)
{
	size_t n = 0;

	while (in->len && room - n >= FOLD_ROOM) {
		char c = *in->at;
		if (c > 0 && (signed char)c > 0) {
			n += f->len ? normalise(f, out + n) : 0;
			if (room - n >= FOLD_ROOM)
				n += take_ascii(f, in, out + n, room - n);
			continue;
		}
		bool begins = ((unsigned char)c & 0xC0) != 0x80;
		if (begins && f->len > FOLD_RUN - UTF8_MAX) {
			n += normalise(f, out + n);
			continue;
		}
		if (c != '\0' && f->len < FOLD_RUN)
			f->held[f->len++] = c;
		*in = (struct slice){ in->at + 1, in->len - 1 };
	}
	return n;
}

size_t mime_fold_end(struct mime_fold *f, char *out)
{
	return f->len ? normalise(f, out) : 0;
}
