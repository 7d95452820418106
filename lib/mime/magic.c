#include "mime/magic.h"

#include <string.h>

struct magic {
	const char *bytes;
	size_t len;
	const char *format;
	size_t at;
};

static const struct magic documents[] = {
	{ "PK\3\4", 4, "zip" },
	{ "PK\5\6", 4, "zip" },
	{ "%PDF-", 5, "pdf" },
	{ "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, "ole" },
	{ "{\\rtf", 5, "rtf" },
	{ "\x1F\x8B\x08", 3, "gzip" },
	{ "7z\xBC\xAF\x27\x1C", 6, "7z" },
	{ "Rar!\x1A\x07", 6, "rar" },
	{ "BZh", 3, "bzip2" },
	{ "\xFD"
	  "7zXZ",
	  5, "xz" },
	{ "\x28\xB5\x2F\xFD", 4, "zstd" },
	{ "\x1F\x9D", 2, "compress" },
	{ "\x04\x22\x4D\x18", 4, "lz4" },
	{ "LZIP\1", 5, "lzip" },
	{ "\x78\x9F\x3E\x22", 4, "tnef" },
	{ "ustar", 5, "tar", 257 },
};

/* Pictures, whatever their header says. */
static const struct magic pictures[] = {
	{ "\x89PNG\r\n\x1A\n", 8 },
	{ "\xFF\xD8\xFF", 3 }, /* JPEG */
	{ "GIF87a", 6 },
	{ "GIF89a", 6 },
	{ "WEBP", 4, NULL, 8 },
};

/* Fewer bytes, or words: where the header says so, too. */
static const struct magic media[] = {
	{ "BM", 2 },
	{ "II*\0", 4 }, /* TIFF */
	{ "MM\0*", 4 },
	{ "\0\0\1\0", 4 }, /* ICO */
	{ "\0\0\0\x0CjP  ", 8 },
	{ "\0\0\0\x0CJXL ", 8 },
	{ "\xFF\x0A", 2 },
	{ " EMF", 4, NULL, 40 },
	{ "\xD7\xCD\xC6\x9A", 4 }, /* WMF */
	{ "8BPS", 4 },
	{ "ftyp", 4, NULL, 4 }, /* ISO media; HEIF and AVIF are of these */
	{ "RIFF", 4 },
	{ "OggS", 4 },
	{ "fLaC", 4 },
	{ "ID3", 3 },
	{ "\xFF\xFB", 2 }, /* MPEG sound */
	{ "\xFF\xF3", 2 },
	{ "\xFF\xF2", 2 },
	{ "\xFF\xF1", 2 },
	{ "\xFF\xF9", 2 },
	{ "\x1A\x45\xDF\xA3", 4 }, /* Matroska */
	{ "\0\0\1\xBA", 4 },       /* MPEG */
	{ "\0\0\1\xB3", 4 },
	{ "\x30\x26\xB2\x75", 4 }, /* ASF */
	{ "MThd", 4 },
	{ "#!AMR\n", 6 },
	{ "FORM", 4 }, /* AIFF */
	{ ".snd", 4 },
	{ "wOFF", 4 },
	{ "wOF2", 4 },
	{ "OTTO", 4 },
	{ "ttcf", 4 },
	{ "\0\1\0\0", 4 }, /* TrueType */
};

static const struct magic *find_magic(const struct magic *list, size_t count, struct slice head)
{
	for (size_t i = 0; i < count; i++) {
		const struct magic *m = &list[i];
		if (head.len >= m->at + m->len && memcmp(head.at + m->at, m->bytes, m->len) == 0)
			return m;
	}
	return NULL;
}

/* A text that begins with some format's letters is not of that format. */
static bool is_writing(struct slice head)
{
	for (size_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.at[i];
		if (c < ' ' && !strchr("\t\n\f\r\x1B", c | !c))
			return false;
	}
	return true;
}

static bool holds(struct slice text, const char *want)
{
	struct slice word = { want, strlen(want) };

	for (size_t i = 0; i + word.len <= text.len; i++)
		if (slice_same_nocase((struct slice){ text.at + i, word.len }, word))
			return true;
	return false;
}

bool mime_magic_is_source(struct slice head)
{
	static const char *const signs[] = { "\nmime-version:",
					     "\ncontent-type:",
					     "\ncontent-transfer-encoding:",
					     "\nreceived:",
					     "<html",
					     "<!doctype html",
					     "<body" };
	size_t n = 0;

	if (slice_drop_prefix(&head, "From ") || slice_drop_prefix(&head, "MIME-Version:") ||
	    slice_drop_prefix(&head, "Content-T"))
		return true;
	while (n < head.len && head.at[n] > ' ' && head.at[n] != ':')
		n++;
	bool field = n > 1 && n < head.len && head.at[n] == ':';
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if ((field || *signs[i] == '<') && holds(head, signs[i]))
			return true;
	return false;
}

bool mime_magic_is_binary(struct slice head)
{
	size_t odd = 0;

	for (size_t i = 0; i < head.len; i++) {
		unsigned char c = (unsigned char)head.at[i];
		/* Blanks and line ends, and what terminals and ISO-2022 begin with. */
		bool usual = (c >= '\b' && c <= '\r') || c == 0x1A || c == 0x1B;
		odd += c < ' ' && !usual;
	}
	return odd > 1 && odd * 24 > head.len;
}

enum mime_kind mime_magic_kind(struct slice head, bool declared, const char **format)
{
	const struct magic *m = find_magic(documents, sizeof documents / sizeof *documents, head);

	if (m) {
		*format = m->format;
		return MIME_DOCUMENT;
	}
	if (is_writing(head))
		return MIME_TEXT;
	m = find_magic(pictures, sizeof pictures / sizeof *pictures, head);
	if (!m && declared)
		m = find_magic(media, sizeof media / sizeof *media, head);
	return m ? MIME_IGNORED : MIME_TEXT;
}
