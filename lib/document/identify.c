#include "document/identify.h"

#include "base/ascii.h"
#include "mime/magic.h"

#include <string.h>

static const struct magic {
	const char *bytes;
	size_t len, at;
	enum document_format format;
	const char *word;
} magics[] = {
	{ "PK\3\4", 4, 0, DOCUMENT_ARCHIVE, "zip" },
	{ "PK\5\6", 4, 0, DOCUMENT_ARCHIVE, "zip" },
	{ "PK\7\10", 4, 0, DOCUMENT_ARCHIVE, "zip" },
	{ "PK00PK\3\4", 8, 0, DOCUMENT_ARCHIVE, "zip" },
	{ "7z\xBC\xAF\x27\x1C", 6, 0, DOCUMENT_ARCHIVE, "7z" },
	{ "Rar!\x1A\x07", 6, 0, DOCUMENT_ARCHIVE, "rar" },
	{ "MSCF\0\0\0\0", 8, 0, DOCUMENT_ARCHIVE, "cab" },
	{ "!<arch>\n", 8, 0, DOCUMENT_ARCHIVE, "ar" },
	{ "070701", 6, 0, DOCUMENT_ARCHIVE, "cpio" },
	{ "070702", 6, 0, DOCUMENT_ARCHIVE, "cpio" },
	{ "070707", 6, 0, DOCUMENT_ARCHIVE, "cpio" },
	{ "-lh", 3, 2, DOCUMENT_ARCHIVE, "lha" },
	{ "ustar", 5, 257, DOCUMENT_ARCHIVE, "tar" },
	{ "CD001", 5, 32769, DOCUMENT_ARCHIVE, "iso9660" },
	{ "\x1F\x8B\x08", 3, 0, DOCUMENT_COMPRESSED, "gzip" },
	{ "\x1F\x9D", 2, 0, DOCUMENT_COMPRESSED, "compress" },
	{ "BZh", 3, 0, DOCUMENT_COMPRESSED, "bzip2" },
	{ "\xFD"
	  "7zXZ\0",
	  6, 0, DOCUMENT_COMPRESSED, "xz" },
	{ "\x5D\0\0", 3, 0, DOCUMENT_COMPRESSED, "lzma" },
	{ "\x28\xB5\x2F\xFD", 4, 0, DOCUMENT_COMPRESSED, "zstd" },
	{ "\x04\x22\x4D\x18", 4, 0, DOCUMENT_COMPRESSED, "lz4" },
	{ "LZIP", 4, 0, DOCUMENT_COMPRESSED, "lzip" },
	{ "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8, 0, DOCUMENT_OLE, "ole" },
	{ "{\\rt", 4, 0, DOCUMENT_RTF, "rtf" },
	{ "\x78\x9F\x3E\x22", 4, 0, DOCUMENT_TNEF, "tnef" },
	{ "\x89PNG\r\n\x1A\n", 8, 0, DOCUMENT_IGNORED, "" },
	{ "\xFF\xD8\xFF", 3, 0, DOCUMENT_IGNORED, "" },
	{ "GIF87a", 6, 0, DOCUMENT_IGNORED, "" },
	{ "GIF89a", 6, 0, DOCUMENT_IGNORED, "" },
	{ "II*\0", 4, 0, DOCUMENT_IGNORED, "" },
	{ "MM\0*", 4, 0, DOCUMENT_IGNORED, "" },
	{ "WEBP", 4, 8, DOCUMENT_IGNORED, "" },
	{ "WAVE", 4, 8, DOCUMENT_IGNORED, "" },
	{ "AVI ", 4, 8, DOCUMENT_IGNORED, "" },
	{ "ftyp", 4, 4, DOCUMENT_IGNORED, "" },
	{ "ID3", 3, 0, DOCUMENT_IGNORED, "" },
	{ "OggS", 4, 0, DOCUMENT_IGNORED, "" },
	{ "\0\1\0\0\0", 5, 0, DOCUMENT_IGNORED, "" }, /* TrueType */
	{ "OTTO\0", 5, 0, DOCUMENT_IGNORED, "" },
	{ "wOFF", 4, 0, DOCUMENT_IGNORED, "" },
	{ "wOF2", 4, 0, DOCUMENT_IGNORED, "" },
	{ "\0\0\1\0", 4, 0, DOCUMENT_IGNORED, "" }, /* icons */
};

/* A header is hexadecimal digits, or octal ones, all through; a table of dates may begin with
 * the same six. */
static bool is_cpio(struct slice bytes)
{
	enum { HEADER = 76 /* bytes of the shortest */ };

	for (size_t i = 0; i < HEADER; i++) {
		char c = i < bytes.len ? bytes.at[i] : ' ';
		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'F') && !(c >= 'a' && c <= 'f'))
			return false;
	}
	return true;
}

static struct slice head_of(struct slice bytes, size_t max)
{
	return (struct slice){ bytes.at, bytes.len < max ? bytes.len : max };
}

/* Where the text stands, without regard to case; or -1. */
static long find_nocase(struct slice in, const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i + len <= in.len; i++) {
		size_t n = 0;
		while (n < len && ascii_lower(in.at[i + n]) == text[n])
			n++;
		if (n == len)
			return (long)i;
	}
	return -1;
}

bool document_has_extension(struct slice name, const char *extension)
{
	size_t len = strlen(extension);

	if (name.len <= len || name.at[name.len - len - 1] != '.')
		return false;
	return slice_same_nocase((struct slice){ name.at + name.len - len, len },
				 (struct slice){ extension, len });
}

bool document_ends_as_zip(struct slice bytes)
{
	enum { TAIL = 64 * 1024 + 22, END = 22, ENTRY = 4 };
	size_t from = bytes.len > TAIL ? bytes.len - TAIL : 0;
	struct slice tail = { bytes.at + from, bytes.len - from };

	while (tail.len >= END) {
		const char *at = memmem(tail.at, tail.len, "PK\5\6", 4);
		if (!at || bytes.at + bytes.len - at < END)
			return false;
		/* The directory's entries stand before its end. */
		size_t before = (size_t)(at - bytes.at);
		size_t look = before < TAIL ? before : TAIL;
		if (look >= ENTRY && memmem(at - look, look, "PK\1\2", ENTRY))
			return true;
		tail = (struct slice){ at + 4, tail.len - 4 - (size_t)(at - tail.at) };
	}
	return false;
}

/* ---- texts of several kinds ---- */

static bool is_html(struct slice head, struct slice name)
{
	static const char *const tags[] = { "<html", "<!doctype html", "<body", "<head>" };

	if (document_has_extension(name, "htm") || document_has_extension(name, "html") ||
	    document_has_extension(name, "xhtml"))
		return true;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (find_nocase(head, tags[i]) >= 0)
			return true;
	return false;
}

static struct slice skip_blank(struct slice s)
{
	slice_drop_prefix(&s, "\xEF\xBB\xBF");
	while (s.len && (*s.at == ' ' || *s.at == '\t' || *s.at == '\r' || *s.at == '\n'))
		s = (struct slice){ s.at + 1, s.len - 1 };
	return s;
}

/* Its first element names a namespace. */
static bool has_namespace(struct slice text)
{
	const char *end = memchr(text.at, '>', text.len);

	return memmem(text.at, end ? (size_t)(end - text.at) : text.len, " xmlns", 6) != NULL;
}

static bool is_xml(struct slice head, struct slice name)
{
	struct slice text = skip_blank(head);
	bool named = document_has_extension(name, "xml") || document_has_extension(name, "rels") ||
		     document_has_extension(name, "svg") || document_has_extension(name, "vml");

	if (slice_drop_prefix(&text, "<?xml"))
		return true;
	if (head.len > 3 &&
	    (memcmp(head.at, "\xFF\xFE<\0", 4) == 0 || memcmp(head.at, "\xFE\xFF\0<", 4) == 0))
		return true;
	if (text.len == 0 || *text.at != '<')
		return false;
	return named || has_namespace(text);
}

/* A header field stands first, and one of those that mail has is near. */
static bool is_message(struct slice head, struct slice name)
{
	static const char *const fields[] = {
		"\nmime-version:", "\ncontent-type:", "\ncontent-transfer-encoding:",
		"\nmessage-id:",   "\nreceived:",     "\nsubject:",
		"\nfrom:"
	};
	struct slice text = head;
	size_t n = 0;

	if (document_has_extension(name, "eml") || document_has_extension(name, "mht") ||
	    document_has_extension(name, "mhtml") || document_has_extension(name, "mbox"))
		return true;
	while (n < text.len && n < 40 &&
	       (text.at[n] == '-' ||
		(ascii_lower(text.at[n]) >= 'a' && ascii_lower(text.at[n]) <= 'z')))
		n++;
	if (n < 2 || n == text.len || text.at[n] != ':')
		return slice_drop_prefix(&text, "From ");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (find_nocase(head, fields[i]) >= 0)
			return true;
	return false;
}

/* Text in two bytes a character, most of them with a zero at the same place. */
static bool is_wide(struct slice head)
{
	size_t zeros[2] = { 0 };

	for (size_t i = 0; i < head.len; i++)
		zeros[i % 2] += head.at[i] == '\0';
	size_t pairs = head.len / 2, more = zeros[0] > zeros[1] ? zeros[0] : zeros[1];
	size_t less = zeros[0] + zeros[1] - more;
	return pairs >= 4 && more * 4 >= pairs * 3 && less * 16 <= pairs;
}

static bool is_text(struct slice head)
{
	if (head.len >= 2 &&
	    (memcmp(head.at, "\xFF\xFE", 2) == 0 || memcmp(head.at, "\xFE\xFF", 2) == 0))
		return true;
	return is_wide(head) || !(memchr(head.at, '\0', head.len) || mime_magic_is_binary(head));
}

/* ContentInfo: a sequence that begins with an OID of PKCS #7. */
static bool is_cms(struct slice head)
{
	return head.len > 20 && head.at[0] == 0x30 &&
	       (memmem(head.at, 20, "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", 10) ||
		memmem(head.at, 20, "\x06\x0B\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01", 12));
}

/* PFX (RFC 7292 §4): version 3 and then a ContentInfo of PKCS #7. */
static bool is_pkcs12(struct slice head)
{
	const char *version = head.len > 32 && head.at[0] == 0x30
				      ? memmem(head.at, 10, "\x02\x01\x03\x30", 4)
				      : NULL;

	return version && memmem(version, 18, "\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07", 10);
}

static bool is_pgp(struct slice head, struct slice name)
{
	if (memmem(head.at, head.len, "-----BEGIN PGP MESSAGE-----", 27))
		return true;
	bool named = document_has_extension(name, "pgp") || document_has_extension(name, "gpg");
	return named && ((unsigned char)*head.at & 0x80);
}

static enum document_format identify_text(struct slice head, struct slice name)
{
	if (is_xml(head, name) && !is_html(head, name))
		return DOCUMENT_XML;
	if (is_message(head, name))
		return DOCUMENT_MESSAGE;
	return is_html(head, name) ? DOCUMENT_HTML : DOCUMENT_TEXT;
}

enum document_format document_identify(struct slice bytes, struct slice name, const char **word)
{
	struct slice head = head_of(bytes, IDENTIFY_HEAD);

	*word = "";
	if (bytes.len == 0)
		return DOCUMENT_EMPTY;
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
		const struct magic *m = &magics[i];
		if (bytes.len < m->at + m->len || memcmp(bytes.at + m->at, m->bytes, m->len) != 0)
			continue;
		if (strcmp(m->word, "cpio") == 0 && !is_cpio(bytes))
			continue;
		*word = m->word;
		return m->format;
	}
	if (memmem(head.at, head.len < 1024 ? head.len : 1024, "%PDF-", 5)) {
		*word = "pdf";
		return DOCUMENT_PDF;
	}
	if (is_pkcs12(head)) {
		*word = "pkcs12";
		return DOCUMENT_PKCS12;
	}
	if (is_cms(head)) {
		*word = "smime";
		return DOCUMENT_CMS;
	}
	if (is_pgp(head, name)) {
		*word = "pgp";
		return DOCUMENT_PGP;
	}
	if (is_text(head))
		return identify_text(head, name);
	*word = "binary";
	return DOCUMENT_BINARY;
}
