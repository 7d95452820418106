#include "document/filetype.h"

#include "document/identify.h"

#include <string.h>

static const struct {
	const char *bytes;
	size_t len;
	const char *word;
} magics[] = {
	{ "MZ", 2, "program" },
	{ "\x7F"
	  "ELF",
	  4, "program" },
	{ "\xFE\xED\xFA", 3, "program" },
	{ "\xCF\xFA\xED\xFE", 4, "program" },
	{ "#!", 2, "script" },
	{ "\x89PNG\r\n", 6, "png" },
	{ "\xFF\xD8\xFF", 3, "jpeg" },
	{ "GIF8", 4, "gif" },
	{ "II*\0", 4, "tiff" },
	{ "MM\0*", 4, "tiff" },
	{ "BM", 2, "bmp" },
	{ "SQLite format 3", 15, "sqlite" },
};

const char *filetype_of(struct slice head)
{
	const char *word;

	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (head.len >= magics[i].len &&
		    memcmp(head.at, magics[i].bytes, magics[i].len) == 0)
			return magics[i].word;
	switch (document_identify(head, (struct slice){ 0 }, &word)) {
	case DOCUMENT_XML:
	case DOCUMENT_HTML:
	case DOCUMENT_MESSAGE:
	case DOCUMENT_TEXT:
		return "text";
	case DOCUMENT_ARCHIVE:
	case DOCUMENT_COMPRESSED:
	case DOCUMENT_OLE:
	case DOCUMENT_PDF:
	case DOCUMENT_RTF:
	case DOCUMENT_TNEF:
	case DOCUMENT_CMS:
	case DOCUMENT_PGP:
	case DOCUMENT_PKCS12:
		return word;
	case DOCUMENT_IGNORED:
		return "media";
	case DOCUMENT_EMPTY:
	case DOCUMENT_BINARY:
		break;
	}
	return "";
}

/* What each extension may be; one that is not here says nothing. An office file with a
 * password is a compound file. */
static const struct {
	const char *extensions, *types;
} known[] = {
	{ "docx docm dotx xlsx xlsm xltx pptx pptm ppsx potx vsdx", "zip ole" },
	{ "odt ods odp odg odf ott epub jar apk kmz zip", "zip" },
	{ "doc dot", "ole rtf zip" },
	{ "xls xlt ppt pps msg msi vsd mpp", "ole" },
	{ "pdf", "pdf" },
	{ "rtf", "rtf" },
	{ "7z", "7z" },
	{ "rar", "rar" },
	{ "tar", "tar" },
	{ "gz tgz", "gzip" },
	{ "bz2 tbz", "bzip2" },
	{ "xz txz", "xz" },
	{ "zst", "zstd" },
	{ "cab", "cab" },
	{ "png", "png" },
	{ "jpg jpeg jpe jfif", "jpeg" },
	{ "gif", "gif" },
	{ "tif tiff", "tiff" },
	{ "bmp", "bmp" },
	{ "exe dll scr com sys", "program" },
	{ "txt csv tsv log md json xml html htm css eml ics vcf ini conf yml yaml svg",
	  "text script" },
	{ "p7m p7s p7c", "smime text" },
	{ "sqlite sqlite3", "sqlite" },
};

/* Whether a list, words with blanks between them, has the word. */
static bool has_word(const char *list, struct slice word)
{
	struct slice rest = slice_of(list), one;

	while (rest.len) {
		if (!slice_take_until(&rest, ' ', &one)) {
			one = rest;
			rest = (struct slice){ 0 };
		}
		if (slice_same_nocase(one, word))
			return true;
	}
	return false;
}

static struct slice extension_of(struct slice name)
{
	for (size_t i = name.len; i-- > 0;)
		if (name.at[i] == '.')
			return (struct slice){ name.at + i + 1, name.len - i - 1 };
	return (struct slice){ 0 };
}

bool filetype_fits(struct slice name, const char *type)
{
	struct slice extension = extension_of(name);

	for (size_t i = 0; extension.len && i < sizeof known / sizeof *known; i++)
		if (has_word(known[i].extensions, extension))
			return *type == '\0' || has_word(known[i].types, slice_of(type));
	return true;
}
