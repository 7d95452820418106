#include "mime/charset.h"

#include "mime/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

/* What mail and browsers write, and iconv's word for it. Superset where the
 * field uses it under the subset's name (gb2312, shift_jis, ks_c_5601). */
static const struct known {
	const char *name;
	enum mime_charset_kind kind;
	unsigned char unit;
	const char *iconv;
} known[] = {
	{ "utf-8", CHARSET_UTF8, 1, NULL },
	{ "utf8", CHARSET_UTF8, 1, NULL },
	{ "us-ascii", CHARSET_UTF8, 1, NULL },
	{ "ascii", CHARSET_UTF8, 1, NULL },
	{ "ansi_x3.4-1968", CHARSET_UTF8, 1, NULL },
	{ "iso-8859-1", CHARSET_LATIN1, 1, NULL },
	{ "iso8859-1", CHARSET_LATIN1, 1, NULL },
	{ "iso_8859-1", CHARSET_LATIN1, 1, NULL },
	{ "latin1", CHARSET_LATIN1, 1, NULL },
	{ "iso-8859-2", CHARSET_ICONV, 1, "ISO-8859-2" },
	{ "iso-8859-3", CHARSET_ICONV, 1, "ISO-8859-3" },
	{ "iso-8859-4", CHARSET_ICONV, 1, "ISO-8859-4" },
	{ "iso-8859-5", CHARSET_ICONV, 1, "ISO-8859-5" },
	{ "iso-8859-6", CHARSET_ICONV, 1, "ISO-8859-6" },
	{ "iso-8859-7", CHARSET_ICONV, 1, "ISO-8859-7" },
	{ "iso-8859-8", CHARSET_ICONV, 1, "ISO-8859-8" },
	{ "iso-8859-8-i", CHARSET_ICONV, 1, "ISO-8859-8" },
	{ "iso-8859-9", CHARSET_ICONV, 1, "ISO-8859-9" },
	{ "iso-8859-10", CHARSET_ICONV, 1, "ISO-8859-10" },
	{ "iso-8859-13", CHARSET_ICONV, 1, "ISO-8859-13" },
	{ "iso-8859-14", CHARSET_ICONV, 1, "ISO-8859-14" },
	{ "iso-8859-15", CHARSET_ICONV, 1, "ISO-8859-15" },
	{ "iso-8859-16", CHARSET_ICONV, 1, "ISO-8859-16" },
	{ "windows-874", CHARSET_ICONV, 1, "CP874" },
	{ "windows-1250", CHARSET_ICONV, 1, "CP1250" },
	{ "windows-1251", CHARSET_ICONV, 1, "CP1251" },
	{ "windows-1252", CHARSET_ICONV, 1, "CP1252" },
	{ "cp1252", CHARSET_ICONV, 1, "CP1252" },
	{ "windows-1253", CHARSET_ICONV, 1, "CP1253" },
	{ "windows-1254", CHARSET_ICONV, 1, "CP1254" },
	{ "windows-1255", CHARSET_ICONV, 1, "CP1255" },
	{ "windows-1256", CHARSET_ICONV, 1, "CP1256" },
	{ "windows-1257", CHARSET_ICONV, 1, "CP1257" },
	{ "windows-1258", CHARSET_ICONV, 1, "CP1258" },
	{ "koi8-r", CHARSET_ICONV, 1, "KOI8-R" },
	{ "koi8-u", CHARSET_ICONV, 1, "KOI8-U" },
	{ "ibm437", CHARSET_ICONV, 1, "IBM437" },
	{ "ibm850", CHARSET_ICONV, 1, "IBM850" },
	{ "ibm866", CHARSET_ICONV, 1, "IBM866" },
	{ "cp866", CHARSET_ICONV, 1, "IBM866" },
	{ "macintosh", CHARSET_ICONV, 1, "MACINTOSH" },
	{ "tis-620", CHARSET_ICONV, 1, "TIS-620" },
	{ "utf-7", CHARSET_ICONV, 1, "UTF-7" },
	{ "unicode-1-1-utf-7", CHARSET_ICONV, 1, "UTF-7" },
	{ "iso-2022-jp", CHARSET_ICONV, 1, "ISO-2022-JP" },
	{ "iso-2022-jp-2", CHARSET_ICONV, 1, "ISO-2022-JP-2" },
	{ "iso-2022-kr", CHARSET_ICONV, 1, "ISO-2022-KR" },
	{ "euc-jp", CHARSET_ICONV, 1, "EUC-JP" },
	{ "shift_jis", CHARSET_ICONV, 1, "CP932" },
	{ "shift-jis", CHARSET_ICONV, 1, "CP932" },
	{ "sjis", CHARSET_ICONV, 1, "CP932" },
	{ "windows-31j", CHARSET_ICONV, 1, "CP932" },
	{ "cp932", CHARSET_ICONV, 1, "CP932" },
	{ "euc-kr", CHARSET_ICONV, 1, "UHC" },
	{ "ks_c_5601-1987", CHARSET_ICONV, 1, "UHC" },
	{ "gb2312", CHARSET_ICONV, 1, "GB18030" },
	{ "gbk", CHARSET_ICONV, 1, "GB18030" },
	{ "gb18030", CHARSET_ICONV, 1, "GB18030" },
	{ "big5", CHARSET_ICONV, 1, "BIG5-HKSCS" },
	{ "big5-hkscs", CHARSET_ICONV, 1, "BIG5-HKSCS" },
	{ "utf-16le", CHARSET_ICONV, 2, "UTF-16LE" },
	{ "utf-16be", CHARSET_ICONV, 2, "UTF-16BE" },
	{ "utf-32le", CHARSET_ICONV, 4, "UTF-32LE" },
	{ "utf-32be", CHARSET_ICONV, 4, "UTF-32BE" },
	{ "utf-16", CHARSET_WIDE, 2, NULL },
	{ "unicode", CHARSET_WIDE, 2, NULL },
	{ "utf-32", CHARSET_WIDE, 4, NULL },
};

enum rc mime_charset_init(struct mime_charset *cs, struct slice name)
{
	*cs = (struct mime_charset){ .kind = CHARSET_UTF8, .unit = 1 };
	if (name.len == 0)
		return RC_OK;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		struct slice word = { known[i].name, strlen(known[i].name) };
		if (!slice_same_nocase(name, word))
			continue;
		if (known[i].kind == CHARSET_ICONV) {
			iconv_t cd = iconv_open("UTF-8", known[i].iconv);
			if (cd == (iconv_t)-1)
				return RC_INVALID; /* iconv's modules are not installed */
			cs->cd = cd;
		}
		cs->kind = known[i].kind;
		cs->unit = known[i].unit;
		return RC_OK;
	}
	return RC_INVALID;
}

void mime_charset_load_all(void)
{
	/* They stay open: iconv forgets a module when its last handle goes. */
	static iconv_t handles[sizeof known / sizeof *known];

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].iconv && !handles[i])
			handles[i] = iconv_open("UTF-8", known[i].iconv);
}

void mime_charset_fini(struct mime_charset *cs)
{
	if (cs->cd)
		iconv_close(cs->cd);
	cs->cd = NULL;
}

static void drop(struct slice *in, size_t n)
{
	*in = (struct slice){ in->at + n, in->len - n };
}

/* The first byte of the tail as Latin-1; the others move up. */
static size_t tail_as_latin1(struct mime_charset *cs, char *out)
{
	size_t n = mime_utf8_put((unsigned char)cs->tail[0], out);

	memmove(cs->tail, cs->tail + 1, --cs->tail_len);
	return n;
}

/* A byte order mark without a charset, or against it, is believed: no text in
 * UTF-8 begins so. False while more bytes are needed to see. */
static void see_mark(struct mime_charset *cs)
{
	if (cs->tail_len < 2)
		return;
	bool little = memcmp(cs->tail, "\xFF\xFE", 2) == 0;
	cs->begun = true;
	if (!little && memcmp(cs->tail, "\xFE\xFF", 2) != 0)
		return;
	iconv_t cd = iconv_open("UTF-8", little ? "UTF-16LE" : "UTF-16BE");
	if (cd == (iconv_t)-1)
		return;
	cs->cd = cd;
	cs->kind = CHARSET_ICONV;
	cs->unit = 2;
	cs->tail_len = 0;
}

static bool may_be_mark(const struct mime_charset *cs, struct slice in)
{
	unsigned char c = (unsigned char)in.at[0];

	return !cs->begun && cs->tail_len == 0 && (c == 0xFF || c == 0xFE);
}

/* A character that the last chunk cut: one byte more of it. */
static struct slice take_cut(struct mime_charset *cs, struct slice *in, char *space)
{
	uint32_t c;
	size_t n = 0;

	if (in->len && cs->tail_len < UTF8_MAX) {
		cs->tail[cs->tail_len++] = *in->at;
		drop(in, 1);
	}
	if (!cs->begun) {
		see_mark(cs);
		if (!cs->begun || cs->kind != CHARSET_UTF8)
			return (struct slice){ 0 };
	}
	while (cs->tail_len) {
		int len = mime_utf8_take((struct slice){ cs->tail, cs->tail_len }, &c);
		if (len < 0)
			break;
		if (len == 0) {
			n += tail_as_latin1(cs, space + n);
			continue;
		}
		memcpy(space + n, cs->tail, (size_t)len);
		n += (size_t)len;
		cs->tail_len = (unsigned char)(cs->tail_len - len);
		memmove(cs->tail, cs->tail + len, cs->tail_len);
	}
	return (struct slice){ space, n };
}

static struct slice take_utf8(struct mime_charset *cs, struct slice *in, char *space)
{
	struct slice good = { in->at, 0 };
	uint32_t c;

	if (cs->tail_len)
		return take_cut(cs, in, space);
	if (may_be_mark(cs, *in)) {
		cs->tail[cs->tail_len++] = *in->at;
		drop(in, 1);
		return (struct slice){ 0 };
	}
	cs->begun = true;
	while (in->len) {
		size_t run = mime_ascii_run(*in);
		good.len += run;
		drop(in, run);
		if (in->len == 0)
			break;
		int len = mime_utf8_take(*in, &c);
		if (len <= 0)
			break;
		good.len += (size_t)len;
		drop(in, (size_t)len);
	}
	if (good.len || in->len == 0)
		return good;
	if (mime_utf8_take(*in, &c) < 0) {
		cs->tail_len = (unsigned char)in->len;
		memcpy(cs->tail, in->at, in->len);
		drop(in, in->len);
		return (struct slice){ 0 };
	}
	size_t n = mime_utf8_put((unsigned char)*in->at, space);
	drop(in, 1);
	return (struct slice){ space, n };
}

static struct slice take_latin1(struct slice *in, char *space, size_t room)
{
	size_t run = mime_ascii_run(*in), n = 0;

	if (run) {
		struct slice good = { in->at, run };
		drop(in, run);
		return good;
	}
	while (in->len && room - n >= UTF8_MAX && (*in->at == '\0' || (signed char)*in->at < 0)) {
		n += mime_utf8_put((unsigned char)*in->at, space + n);
		drop(in, 1);
	}
	return (struct slice){ space, n };
}

/* iconv from *from on, as far as it goes; a bad character becomes U+FFFD. False
 * when what is left is a character cut short. */
static bool convert(struct mime_charset *cs, struct slice *in, char **to, size_t *room)
{
	char *from = (char *)(uintptr_t)in->at; /* iconv reads it only */
	size_t left = in->len;

	bool done = iconv(cs->cd, &from, &left, to, room) != (size_t)-1;
	bool cut = !done && errno == EINVAL, bad = !done && errno == EILSEQ;
	drop(in, in->len - left);
	if ((bad || (cut && left >= CHARSET_TAIL)) && *room >= UTF8_MAX) {
		size_t n = mime_utf8_put(0xFFFD, *to);
		*to += n;
		*room -= n;
		drop(in, left < cs->unit ? left : cs->unit);
		cut = false;
	}
	return !cut;
}

static struct slice take_tail(struct mime_charset *cs, char *space, size_t room)
{
	struct slice tail = { cs->tail, cs->tail_len };
	char *to = space;

	while (tail.len && convert(cs, &tail, &to, &room))
		;
	memmove(cs->tail, tail.at, tail.len);
	cs->tail_len = (unsigned char)tail.len;
	return (struct slice){ space, (size_t)(to - space) };
}

static struct slice take_iconv(struct mime_charset *cs, struct slice *in, char *space, size_t room)
{
	char *to = space;

	if (cs->tail_len) {
		cs->tail[cs->tail_len++] = *in->at;
		drop(in, 1);
		return take_tail(cs, space, room);
	}
	if (!convert(cs, in, &to, &room)) {
		cs->tail_len = (unsigned char)in->len;
		memcpy(cs->tail, in->at, in->len);
		drop(in, in->len);
	}
	return (struct slice){ space, (size_t)(to - space) };
}

/* RFC 2781 §4.3: a byte order mark decides. Without one the RFC says big-endian
 * and most writers mean little: the place of the zero byte in a first ASCII
 * character tells them apart. */
static struct slice take_wide(struct mime_charset *cs, struct slice *in, char *space, size_t room)
{
	cs->tail[cs->tail_len++] = *in->at;
	drop(in, 1);
	if (cs->tail_len < cs->unit)
		return (struct slice){ 0 };
	bool big = cs->tail[0] == '\0' || (unsigned char)cs->tail[0] == 0xFE;
	const char *name =
		cs->unit == 2 ? (big ? "UTF-16BE" : "UTF-16LE") : (big ? "UTF-32BE" : "UTF-32LE");
	iconv_t cd = iconv_open("UTF-8", name);
	cs->kind = cd == (iconv_t)-1 ? CHARSET_LATIN1 : CHARSET_ICONV;
	if (cd == (iconv_t)-1)
		return (struct slice){ 0 };
	cs->cd = cd;
	return take_tail(cs, space, room);
}

struct slice mime_charset_take(struct mime_charset *cs, struct slice *in, char *space, size_t room)
{
	if (in->len == 0)
		return (struct slice){ 0 };
	switch (cs->kind) {
	case CHARSET_UTF8:
		return take_utf8(cs, in, space);
	case CHARSET_LATIN1:
		return take_latin1(in, space, room);
	case CHARSET_WIDE:
		return take_wide(cs, in, space, room);
	case CHARSET_ICONV:
		return take_iconv(cs, in, space, room);
	}
	return (struct slice){ 0 };
}

struct slice mime_charset_end(struct mime_charset *cs, char *space, size_t room)
{
	char *to = space;

	if (cs->cd) {
		iconv(cs->cd, NULL, NULL, &to, &room);
		if (cs->tail_len)
			to += mime_utf8_put(0xFFFD, to);
	} else {
		while (cs->tail_len)
			to += tail_as_latin1(cs, to);
	}
	cs->tail_len = 0;
	return (struct slice){ space, (size_t)(to - space) };
}
