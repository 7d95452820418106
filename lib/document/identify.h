/* document/identify.h: what bytes are, by what they begin with.
 *
 *     50 4B 03 04 …              archive "zip"
 *     25 50 44 46 2D …           PDF
 *     FF FE 34 00 31 00 …        text (UTF-16)
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

enum document_format {
	DOCUMENT_EMPTY,
	DOCUMENT_ARCHIVE,    /* several files in one */
	DOCUMENT_COMPRESSED, /* one file, or a tar */
	DOCUMENT_OLE,
	DOCUMENT_PDF,
	DOCUMENT_RTF,
	DOCUMENT_TNEF,
	DOCUMENT_XML,
	DOCUMENT_HTML,
	DOCUMENT_MESSAGE,
	DOCUMENT_CMS,    /* S/MIME: signed, encrypted, compressed */
	DOCUMENT_PGP,    /* encrypted */
	DOCUMENT_PKCS12, /* keys, encrypted */
	DOCUMENT_TEXT,
	DOCUMENT_IGNORED, /* pictures, sound, fonts */
	DOCUMENT_BINARY,  /* none of these */
};

enum { IDENTIFY_HEAD = 4096 /* bytes that are looked at */ };

/* name: of the file; it tells apart only what are all texts. *word: "zip". */
enum document_format document_identify(struct slice bytes, struct slice name, const char **word);

/* Whether the name ends in ".eml", for extension "eml". */
bool document_has_extension(struct slice name, const char *extension);

/* Whether the bytes end as a ZIP archive does, whatever they begin with. */
bool document_ends_as_zip(struct slice bytes);
