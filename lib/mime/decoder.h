/* mime/decoder.h: a message goes in as it arrives, its parts' text comes out.
 *
 *     Content-Type: multipart/mixed; boundary=b        field  ""  Content-Type
 *
 *     --b                                              field "1"  Content-Type
 *     Content-Type: text/html                          part  "1"  text/html
 *
 *     41<b>11</b>                                      text  "1"  4111
 *     --b--                                            end   "1"
 *
 * It never writes MIME and keeps no bytes but those that it must see whole: a
 * header field, a line that may be a boundary, a cut character. What it cannot
 * read, or what readers read in different ways, it names as opaque and reads as
 * far as it goes.
 *
 * Parts are numbered as in IMAP: "1", "1.2"; the body of a message without parts
 * is "1", of a nested one "2.1". What stands before and after the parts is the part
 * "preamble" or "epilogue", "2/preamble" in a nested multipart.
 *
 * Standard  RFC 2045, RFC 2046 §5.1 (multipart), §5.2.1 (message), RFC 2047,
 *           RFC 2183, RFC 2231, RFC 3501 §6.4.5 (numbers)
 * Memory    mime_decoder_free(); about 2 KB, and what the limits allow of a field
 * Threads   one user at a time */
#pragma once

#include "base/slice.h"

struct mime_decoder;

struct mime_limits {
	unsigned depth;         /* [depth] multiparts and messages within each other */
	unsigned parts;         /* [parts] */
	size_t header_bytes;    /* [header-bytes] of the header of the message or of a part */
	uint64_t decoded_bytes; /* [decoded-bytes] of text handed out */
};

struct mime_field {
	const char *path; /* that of the part whose header it stands in, "" for the message */
	bool nested;      /* in a nested message */
	struct slice name, value; /* value: decoded, without folds */
};

struct mime_part {
	const char *path;
	const char *type;     /* lower case: "text/html" */
	const char *filename; /* Content-Disposition's, UTF-8; "" for none */
	const char *name;     /* Content-Type's; "" for none */
	/* Not shown as part of the message: an attachment by its disposition, a name
	 * or a type that is no text, or inside a nested message. */
	bool attached;
};

/* What has a format of its own: an archive, an office document, or a uuencoded file
 * in a text. */
struct mime_document {
	const char *path;   /* of the part */
	const char *format; /* as far as its header or first bytes tell: "zip" */
	const char *name;   /* of its file, UTF-8; "" for none, or within */
	bool within;        /* in a part's text; its bytes begin with the "begin" line */
};

/* Where a part stands in the message's body, byte for byte: from the front of its header to
 * the line end that belongs to the next boundary line. */
struct mime_extent {
	const char *path;    /* "" for the message's own multipart */
	const char *type;    /* lower case; "" for a part beyond the limit on them */
	uint64_t begin, end; /* offsets into the body */
	bool attached;
	bool multipart;
	bool closed; /* a multipart: its last boundary line is there */
};

/* Everything handed to it lives until it returns. A multipart has no part(), text()
 * and end() of its own, a nested message no text(); their headers' fields are told. */
struct mime_handler {
	void (*field)(void *of, const struct mime_field *field);
	void (*part)(void *of, const struct mime_part *part);
	void (*text)(void *of, struct slice utf8); /* of the part that was begun last */
	void (*end)(void *of);
	/* why: a bound's name as in mime_limits, a format, "charset x", "boundary",
	 * "transfer-encoding", "repeated-field", "bare-cr", "memory". */
	void (*opaque)(void *of, const char *path, const char *why);
	/* A document begins, in the part that was begun last; true: its bytes are wanted.
	 * False, or NULL: the format is told as opaque. One at a time,
	 * and each ends before its part. */
	bool (*document)(void *of, const struct mime_document *document);
	void (*data)(void *of, struct slice bytes);
	void (*document_end)(void *of);
	/* Every byte of a part that holds no parts, as its file would have them; NULL: they
	 * are not wanted, which saves the decoding of pictures. */
	void (*raw)(void *of, struct slice bytes);
	/* Of each part of the message as it ends, a multipart after its parts; none of what
	 * stands in a nested message, whose bytes may be encoded. May be NULL. */
	void (*extent)(void *of, const struct mime_extent *extent);
};

/* *handler lives as long as the decoder. NULL: out of memory. */
struct mime_decoder *mime_decoder_new(struct mime_limits limits, const struct mime_handler *handler,
				      void *of);
void mime_decoder_free(struct mime_decoder *d); /* NULL is fine */

/* Either header by header, as a milter is given them, and the body in chunks: */
void mime_decoder_header(struct mime_decoder *d, struct slice name, struct slice value);
void mime_decoder_headers_end(struct mime_decoder *d);
void mime_decoder_body(struct mime_decoder *d, struct slice bytes);
/* or the whole message in chunks, header first: */
void mime_decoder_message(struct mime_decoder *d, struct slice bytes);
/* and then: */
void mime_decoder_end(struct mime_decoder *d);

/* Text that was found elsewhere, in the message's documents, counts as well: takes so
 * many bytes of decoded_bytes; false: they are beyond it. */
bool mime_decoder_spend(struct mime_decoder *d, uint64_t bytes);
uint64_t mime_decoder_left(const struct mime_decoder *d);
