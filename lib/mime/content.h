/* mime/content.h: what a part's header says about its body.
 *
 *     Content-Type: text/html; charset=iso-8859-1; name="offer.html"
 *     Content-Transfer-Encoding: base64
 *     Content-Disposition: attachment; filename="offer.html"
 *
 * Standard  RFC 2045 §5, §6; RFC 2183; defaults of RFC 2045 §5.2, RFC 2046 §5.1.5
 * Memory    mime_content_fini()
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"
#include "mime/softline.h"

enum {
	CONTENT_TEXT_MAX = 1024, /* bytes of a type, charset or boundary: far over any RFC's */
	CONTENT_NAME_MAX = 4096, /* bytes of a file name: file systems stop at 255 */
};

enum mime_encoding {
	MIME_IDENTITY, /* 7bit, 8bit, binary */
	MIME_BASE64,
	MIME_QUOTED_PRINTABLE,
	MIME_UNKNOWN_ENCODING, /* read as identity, and opaque */
};

enum mime_kind {
	MIME_TEXT,
	MIME_HTML,
	MIME_BINARY,   /* perhaps text: matched as it stands, opaque where it is none */
	MIME_IGNORED,  /* pictures, sound: nothing in it to read */
	MIME_OPAQUE,   /* may hold anything, and nobody here can read it */
	MIME_DOCUMENT, /* a format of its own, for a reader of documents */
	MIME_MULTIPART,
	MIME_MESSAGE,
};

struct mime_content {
	struct buf type, charset, boundary, filename, name, smime_type;
	enum mime_encoding encoding;
	enum softline_kind lines;    /* how its lines go on, for a text */
	bool attachment;             /* Content-Disposition says so */
	bool has_type, has_encoding; /* the field was there */
	bool bad_repeat;             /* a second Content-Type or transfer encoding that differs */
	bool over;                   /* a value did not fit */
};

/* digest: the part of a multipart/digest, which is a message by default. */
void mime_content_init(struct mime_content *c, bool digest);
void mime_content_fini(struct mime_content *c);

/* A header field; those that say nothing of the content are passed over. */
void mime_content_take(struct mime_content *c, struct slice name, struct slice value);

/* *format: for MIME_OPAQUE, MIME_DOCUMENT and MIME_BINARY its name in findings: "zip". */
enum mime_kind mime_content_kind(const struct mime_content *c, const char **format);

/* It says that it is encrypted (RFC 8551 §3.2.2), whatever its bytes look like. */
bool mime_content_is_enveloped(const struct mime_content *c);
