#include "document/pdffilter.h"

#include "base/hex.h"
#include "deflate/inflate.h"
#include "document/bytes.h"

#include <string.h>

/* ---- ASCII filters ---- */

static enum rc undo_hex(struct slice in, struct buf *out)
{
	struct pdf_value v = { .kind = PDF_HEX, .raw = in };
	const char *end = in.len ? memchr(in.at, '>', in.len) : NULL;

	if (end)
		v.raw.len = (size_t)(end - in.at);
	pdf_add_bytes(v, out);
	return buf_state(out);
}

/* Up to five digits of base 85 as up to four bytes. */
static enum rc put_85(const unsigned *digits, size_t count, struct buf *out)
{
	uint32_t word = 0;
	char bytes[4];

	for (size_t i = 0; i < 5; i++)
		word = word * 85 + (i < count ? digits[i] : 84);
	for (size_t i = 0; i < 4; i++)
		bytes[i] = (char)(word >> (24 - 8 * i));
	return count < 2 ? RC_OK : buf_add(out, bytes, count - 1);
}

static enum rc undo_85(struct slice in, struct buf *out)
{
	unsigned digits[5];
	size_t count = 0;
	enum rc rc = RC_OK;

	for (size_t i = 0; i < in.len && in.at[i] != '~' && rc == RC_OK; i++) {
		char c = in.at[i];
		if (c == 'z' && count == 0) {
			rc = buf_add(out, "\0\0\0", 4);
		} else if (c >= '!' && c <= 'u') {
			digits[count++] = (unsigned)(c - '!');
			if (count < 5)
				continue;
			rc = put_85(digits, count, out);
			count = 0;
		}
	}
	return rc == RC_OK ? put_85(digits, count, out) : rc;
}

/* ---- LZW and run lengths ---- */

enum { LZW_CODES = 4096, LZW_CLEAR = 256, LZW_END = 257 };

struct lzw {
	uint16_t before[LZW_CODES];
	uint16_t len[LZW_CODES]; /* bytes that a code stands for */
	char last[LZW_CODES], first[LZW_CODES];
	unsigned next, width;
};

static void lzw_clear(struct lzw *l)
{
	l->next = 258;
	l->width = 9;
}

static void lzw_init(struct lzw *l)
{
	for (unsigned i = 0; i < 256; i++) {
		l->len[i] = 1;
		l->first[i] = l->last[i] = (char)i;
	}
	lzw_clear(l);
}

/* The bytes of a code, written from its end. */
static enum rc lzw_put(const struct lzw *l, unsigned code, struct buf *out)
{
	size_t len = l->len[code];
	char *space;
	enum rc rc = buf_reserve(out, len, &space);

	if (rc != RC_OK)
		return rc;
	for (size_t i = len; i-- > 0; code = l->before[code])
		space[i] = l->last[code];
	buf_added(out, len);
	return RC_OK;
}

static void lzw_learn(struct lzw *l, unsigned before, char last)
{
	if (l->next == LZW_CODES)
		return;
	l->before[l->next] = (uint16_t)before;
	l->len[l->next] = (uint16_t)(l->len[before] + 1);
	l->first[l->next] = l->first[before];
	l->last[l->next++] = last;
}

/* early: a code's width grows one code too soon, as most writers have it (§7.4.4.3). */
static enum rc lzw_run(struct lzw *l, struct slice in, unsigned early, struct buf *out)
{
	uint32_t bits = 0;
	unsigned have = 0, before = LZW_CLEAR;

	for (size_t i = 0; i < in.len;) {
		while (have < l->width && i < in.len) {
			bits = bits << 8 | (unsigned char)in.at[i++];
			have += 8;
		}
		if (have < l->width)
			break;
		unsigned code = bits >> (have - l->width) & ((1u << l->width) - 1);
		have -= l->width;
		if (code == LZW_END)
			return RC_OK;
		if (code == LZW_CLEAR) {
			lzw_clear(l);
		} else {
			bool fresh = before != LZW_CLEAR && code == l->next;
			if (code > l->next || (code == l->next && !fresh))
				return RC_INVALID;
			if (before != LZW_CLEAR)
				lzw_learn(l, before, l->first[fresh ? before : code]);
			if (code >= l->next)
				return RC_INVALID;
			enum rc rc = lzw_put(l, code, out);
			if (rc != RC_OK)
				return rc;
		}
		before = code;
		while (l->width < 12 && l->next + early >= 1u << l->width)
			l->width++;
	}
	return RC_OK;
}

static enum rc undo_lzw(struct slice in, unsigned early, struct buf *out)
{
	struct lzw l;

	memset(&l, 0, sizeof l);
	lzw_init(&l);
	return lzw_run(&l, in, early, out);
}

static enum rc undo_runs(struct slice in, struct buf *out)
{
	enum { END = 128 };
	enum rc rc = RC_OK;

	for (size_t i = 0; i < in.len && rc == RC_OK;) {
		unsigned n = (unsigned char)in.at[i++];
		if (n == END)
			return RC_OK;
		if (n < END) {
			struct slice run = bytes_part(in, i, n + 1u);
			rc = buf_add_slice(out, run);
			i += run.len;
		} else if (i < in.len) {
			for (unsigned k = 0; k < 257 - n && rc == RC_OK; k++)
				rc = buf_add_byte(out, in.at[i]);
			i++;
		}
	}
	return rc;
}

/* ---- predictors (§7.4.4.4), those of PNG ---- */

static unsigned char paeth(unsigned a, unsigned b, unsigned c)
{
	int p = (int)(a + b) - (int)c;
	int pa = p > (int)a ? p - (int)a : (int)a - p, pb = p > (int)b ? p - (int)b : (int)b - p;
	int pc = p > (int)c ? p - (int)c : (int)c - p;

	return (unsigned char)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

static void undo_row(unsigned kind, unsigned char *row, const unsigned char *above, size_t len,
		     size_t pixel)
{
	for (size_t i = 0; i < len; i++) {
		unsigned a = i >= pixel ? row[i - pixel] : 0, b = above ? above[i] : 0;
		unsigned c = above && i >= pixel ? above[i - pixel] : 0, add = 0;
		if (kind == 1)
			add = a;
		else if (kind == 2)
			add = b;
		else if (kind == 3)
			add = (a + b) / 2;
		else if (kind == 4)
			add = paeth(a, b, c);
		row[i] = (unsigned char)(row[i] + add);
	}
}

static void undo_predictor(struct slice parameters, struct buf *data)
{
	uint64_t colors = pdf_number(pdf_find(parameters, "Colors"));
	uint64_t bits = pdf_number(pdf_find(parameters, "BitsPerComponent"));
	uint64_t columns = pdf_number(pdf_find(parameters, "Columns"));
	uint64_t pixel = ((colors ? colors : 1) * (bits ? bits : 8) + 7) / 8;
	uint64_t row =
		((colors ? colors : 1) * (bits ? bits : 8) * (columns ? columns : 1) + 7) / 8;
	unsigned char *at = (unsigned char *)data->at, *above = NULL;
	size_t to = 0;

	if (row == 0 || row >= data->len || pixel > row)
		return;
	for (size_t from = 0; from + row < data->len; from += row + 1) {
		unsigned kind = at[from];
		memmove(at + to, at + from + 1, row);
		undo_row(kind, at + to, above, row, pixel);
		above = at + to;
		to += row;
	}
	data->len = to;
}

/* ---- all in a row ---- */

static enum rc undo(struct pdf_value filter, struct slice parameters, struct slice in,
		    struct buf *out)
{
	enum rc rc = RC_ABSENT;

	if (pdf_is_name(filter, "FlateDecode") || pdf_is_name(filter, "Fl")) {
		rc = inflate_zlib(in, out);
	} else if (pdf_is_name(filter, "LZWDecode") || pdf_is_name(filter, "LZW")) {
		struct pdf_value early = pdf_find(parameters, "EarlyChange");
		rc = undo_lzw(in, early.kind == PDF_NUMBER ? pdf_number(early) & 1 : 1, out);
	} else if (pdf_is_name(filter, "ASCII85Decode") || pdf_is_name(filter, "A85")) {
		rc = undo_85(in, out);
	} else if (pdf_is_name(filter, "ASCIIHexDecode") || pdf_is_name(filter, "AHx")) {
		rc = undo_hex(in, out);
	} else if (pdf_is_name(filter, "RunLengthDecode") || pdf_is_name(filter, "RL")) {
		rc = undo_runs(in, out);
	} else if (pdf_is_name(filter, "Crypt")) {
		rc = buf_add_slice(out, in);
	}
	if ((rc == RC_OK || rc == RC_INVALID) &&
	    pdf_number(pdf_find(parameters, "Predictor")) >= 10)
		undo_predictor(parameters, out);
	return rc;
}

/* The n-th of an array, or a value that stands for itself alone. */
static struct pdf_value nth(struct pdf_value v, size_t n)
{
	struct pdf_value one = n == 0 ? v : (struct pdf_value){ 0 };

	for (size_t i = 0; v.kind == PDF_ARRAY && i <= n; i++)
		one = pdf_take(&v.raw);
	return one;
}

static struct pdf_value find_either(struct slice dictionary, const char *key,
				    const char *abbreviated)
{
	struct pdf_value v = pdf_find(dictionary, key);

	return v.kind == PDF_NOTHING ? pdf_find(dictionary, abbreviated) : v;
}

enum rc pdf_unfilter(struct slice dictionary, struct slice bytes, struct buf *out)
{
	struct pdf_value filters = find_either(dictionary, "Filter", "F");
	struct pdf_value parameters = find_either(dictionary, "DecodeParms", "DP");
	struct buf held = BUF_INIT(out->max - out->len);
	enum rc rc = RC_OK, worst = RC_OK;

	for (size_t i = 0; i < PDF_FILTERS_MAX; i++) {
		struct pdf_value filter = nth(filters, i);
		if (filter.kind != PDF_NAME)
			break;
		struct buf next = BUF_INIT(held.max);
		rc = undo(filter, nth(parameters, i).raw, bytes, &next);
		buf_free(&held);
		held = next;
		bytes = buf_slice(&held);
		worst = rc == RC_OK ? worst : rc;
		if (rc != RC_OK && rc != RC_INVALID)
			break;
	}
	if (worst == RC_OK || worst == RC_INVALID || worst == RC_LIMIT)
		rc = buf_add_slice(out, bytes);
	buf_free(&held);
	return worst != RC_OK ? worst : rc;
}
