#include "mime/words.h"

#include "mail/base64.h"
#include "mime/charset.h"
#include "mime/encoding.h"
#include "mime/utf8.h"

#include <string.h>

/* One encoded word: =?charset*language?B?text?= */
struct word {
	struct slice charset, text;
	bool base64;
	size_t len;
};

/* *unended: nothing from here on can be a word, since none ends. */
static bool take_word(struct slice in, struct word *out, bool *unended)
{
	struct slice rest = in, language;
	struct word w = { 0 };

	if (!slice_drop_prefix(&rest, "=?") || !slice_take_until(&rest, '?', &w.charset))
		return false;
	if (w.charset.len == 0 || rest.len < 2 || rest.at[1] != '?')
		return false;
	w.base64 = rest.at[0] == 'B' || rest.at[0] == 'b';
	if (!w.base64 && rest.at[0] != 'Q' && rest.at[0] != 'q')
		return false;
	rest = (struct slice){ rest.at + 2, rest.len - 2 };
	/* The end is the first "?=": a Q text may hold a bare "?" only by mistake. */
	const char *end = memmem(rest.at, rest.len, "?=", 2);
	*unended = !end;
	if (!end)
		return false;
	w.text = (struct slice){ rest.at, (size_t)(end - rest.at) };
	w.len = (size_t)(end + 2 - in.at);
	struct slice name = w.charset;
	if (slice_take_until(&name, '*', &language))
		w.charset = language; /* what stands before the star */
	*out = w;
	return true;
}

/* The bytes of words that stand together and share a charset. */
struct joined {
	struct slice charset;
	struct buf bytes;
	bool open, unknown;
};

static void decode_text(const struct word *w, struct buf *bytes)
{
	struct slice in = w->text;
	char piece[256];

	if (w->base64) {
		struct mime_base64 b = { 0 };
		while (in.len)
			(void)buf_add(bytes, piece, mime_base64_push(&b, &in, piece, sizeof piece));
		(void)buf_add(bytes, piece, mime_base64_end(&b, piece));
		return;
	}
	/* Q is quoted-printable with "_" for a blank (RFC 2047 §4.2). */
	struct mime_qp q = { 0 };
	while (in.len) {
		struct slice run = in;
		if (*in.at == '_') {
			(void)buf_add(bytes, piece, mime_qp_end(&q, piece));
			(void)buf_add_byte(bytes, ' ');
			in = (struct slice){ in.at + 1, in.len - 1 };
			continue;
		}
		const char *score = memchr(in.at, '_', in.len);
		run.len = score ? (size_t)(score - in.at) : in.len;
		in = (struct slice){ in.at + run.len, in.len - run.len };
		while (run.len)
			(void)buf_add(bytes, piece, mime_qp_push(&q, &run, piece, sizeof piece));
	}
	(void)buf_add(bytes, piece, mime_qp_end(&q, piece));
}

static void convert(struct slice bytes, struct slice charset, struct buf *out, bool *unknown)
{
	struct mime_charset cs;
	char piece[256];

	if (mime_charset_init(&cs, charset) != RC_OK)
		*unknown = true;
	while (bytes.len)
		(void)buf_add_slice(out, mime_charset_take(&cs, &bytes, piece, sizeof piece));
	(void)buf_add_slice(out, mime_charset_end(&cs, piece, sizeof piece));
	mime_charset_fini(&cs);
}

static void flush(struct joined *j, struct buf *out)
{
	if (j->open)
		convert(buf_slice(&j->bytes), j->charset, out, &j->unknown);
	buf_clear(&j->bytes);
	j->open = false;
}

/* Text between words, its line ends dropped. */
static void add_plain(struct slice text, struct buf *out)
{
	bool unknown = false;

	while (text.len) {
		size_t run = 0;
		bool ascii = true;
		for (; run < text.len && text.at[run] != '\r' && text.at[run] != '\n'; run++)
			ascii = ascii && (signed char)text.at[run] > 0;
		struct slice line = { text.at, run };
		if (ascii)
			(void)buf_add_slice(out, line);
		else
			convert(line, (struct slice){ 0 }, out, &unknown);
		run += run < text.len;
		text = (struct slice){ text.at + run, text.len - run };
	}
}

static bool is_blank(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!memchr(" \t\r\n", s.at[i], 4))
			return false;
	return true;
}

/* The next word at or after *at; what stands before it in *plain. */
static bool find_word(struct slice value, size_t at, struct slice *plain, struct word *w)
{
	bool unended = false;

	for (size_t i = at; i + 1 < value.len && !unended; i++) {
		const char *mark = memmem(value.at + i, value.len - i, "=?", 2);
		if (!mark)
			return false;
		i = (size_t)(mark - value.at);
		*plain = (struct slice){ value.at + at, i - at };
		if (take_word((struct slice){ mark, value.len - i }, w, &unended))
			return true;
	}
	return false;
}

enum rc mime_words_decode(struct slice value, struct buf *out, bool *unknown)
{
	struct joined j = { .bytes = BUF_INIT(value.len) };
	struct slice plain;
	struct word w;
	size_t at = 0;

	while (find_word(value, at, &plain, &w)) {
		bool beside = j.open && is_blank(plain);
		if (!beside || !slice_same_nocase(j.charset, w.charset))
			flush(&j, out);
		if (!beside)
			add_plain(plain, out);
		decode_text(&w, &j.bytes);
		j.open = true;
		j.charset = w.charset;
		at += plain.len + w.len;
	}
	flush(&j, out);
	add_plain((struct slice){ value.at + at, value.len - at }, out);
	enum rc rc = buf_state(&j.bytes);
	buf_free(&j.bytes);
	if (unknown && j.unknown)
		*unknown = true;
	return rc != RC_OK ? rc : buf_state(out);
}

enum {
	COLUMNS = 76,    /* RFC 2047 §2: a line with encoded words */
	NAME_ROOM = 9,   /* "Subject: " */
	WORD_BYTES = 42, /* in base64 with "=?utf-8?B?" and "?=", 68 columns */
};

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return !memmem(text.at, text.len, "=?", 2);
}

static enum rc encode_plain(struct slice text, struct buf *out)
{
	size_t column = NAME_ROOM;

	while (text.len) {
		size_t n = 1; /* a blank, if any, and the word after it */
		while (n < text.len && text.at[n] != ' ')
			n++;
		if (column + n > COLUMNS && text.at[0] == ' ' && n > 1 && column > 1) {
			(void)buf_add_byte(out, '\n');
			column = 0;
		}
		(void)buf_add(out, text.at, n);
		column += n;
		text = (struct slice){ text.at + n, text.len - n };
	}
	return buf_state(out);
}

enum rc mime_words_encode(struct slice text, struct buf *out)
{
	if (is_plain(text))
		return encode_plain(text, out);

	char digits[(WORD_BYTES + 2) / 3 * 4];
	for (bool first = true; text.len; first = false) {
		size_t n = text.len < WORD_BYTES ? text.len : WORD_BYTES;
		while (n < text.len && n > 1 && ((unsigned char)text.at[n] & 0xC0) == 0x80)
			n--; /* each word holds whole characters (RFC 2047 §5) */
		(void)buf_add_text(out, first ? "=?utf-8?B?" : "\n =?utf-8?B?");
		(void)buf_add(out, digits, mail_base64_digits((const uint8_t *)text.at, n, digits));
		(void)buf_add_text(out, "?=");
		text = (struct slice){ text.at + n, text.len - n };
	}
	return buf_state(out);
}
