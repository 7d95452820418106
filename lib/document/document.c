#include "document/document.h"

#include "document/archive.h"
#include "document/cms.h"
#include "document/identify.h"
#include "document/letter.h"
#include "document/ole.h"
#include "document/pdf.h"
#include "document/plain.h"
#include "document/reading.h"
#include "document/rtf.h"
#include "document/tnef.h"
#include "document/xml.h"
#include "mime/charset.h"

#include <locale.h>
#include <stdlib.h>

void document_prepare(void)
{
	/* Names in archives are UTF-8 for libarchive. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	mime_charset_load_all();
}

static void read_unknown(struct reading *r, struct slice bytes, const char *word)
{
	plain_read_runs(r, bytes);
	reading_opaque(r, word);
}

static void read_as(struct reading *r, struct slice bytes, struct slice name,
		    enum document_format format, const char *word)
{
	switch (format) {
	case DOCUMENT_EMPTY:
	case DOCUMENT_IGNORED:
		break;
	case DOCUMENT_ARCHIVE:
		archive_document_read(r, bytes, word);
		break;
	case DOCUMENT_COMPRESSED:
		archive_compressed_read(r, bytes, name, word);
		break;
	case DOCUMENT_XML:
		xml_read(r, bytes);
		break;
	case DOCUMENT_HTML:
		plain_read(r, bytes, true);
		break;
	case DOCUMENT_MESSAGE:
		letter_read(r, bytes);
		break;
	case DOCUMENT_TEXT:
		plain_read(r, bytes, false);
		break;
	case DOCUMENT_PKCS12: /* that it is one tells what is in it */
		reading_property(r, SLICE("PKCS#12"), SLICE("private key"));
		reading_opaque(r, word);
		reading_opaque(r, "encrypted");
		break;
	case DOCUMENT_PGP:
		reading_opaque(r, word);
		reading_opaque(r, "encrypted");
		break;
	case DOCUMENT_OLE:
		ole_read(r, bytes);
		break;
	case DOCUMENT_RTF:
		rtf_read(r, bytes);
		break;
	case DOCUMENT_TNEF:
		tnef_read(r, bytes);
		break;
	case DOCUMENT_CMS:
		cms_read(r, bytes);
		break;
	case DOCUMENT_PDF:
		pdf_read(r, bytes);
		break;
	case DOCUMENT_BINARY:
		read_unknown(r, bytes, word);
		break;
	}
}

static bool is_archive(enum document_format format)
{
	return format == DOCUMENT_ARCHIVE || format == DOCUMENT_EMPTY;
}

void reading_document(struct reading *r, struct slice bytes, struct slice name)
{
	const char *word;
	enum document_format format = document_identify(bytes, name, &word);
	size_t mark;

	if (!reading_goes_on(r) || !reading_enter(r, (struct slice){ 0 }, &mark))
		return;
	read_as(r, bytes, name, format, word);
	/* Behind a picture or a program, and some readers open it there. */
	if (!is_archive(format) && !r->stopped && document_ends_as_zip(bytes))
		archive_document_read(r, bytes, "zip");
	reading_end(r);
	reading_leave(r, mark);
}

void document_read(struct slice bytes, struct slice name, const struct document_limits *limits,
		   const struct document_sink *sink)
{
	struct reading *r = malloc(sizeof *r);

	if (!r) {
		sink->opaque(sink->of, "", "memory");
		return;
	}
	reading_init(r, bytes, limits, sink);
	reading_document(r, bytes, name);
	reading_fini(r);
	free(r);
}
