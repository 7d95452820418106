#include "mime/content.h"

#include "mime/param.h"

#include <string.h>

void mime_content_init(struct mime_content *c, bool digest)
{
	*c = (struct mime_content){
		.type = BUF_INIT(CONTENT_TEXT_MAX),
		.charset = BUF_INIT(CONTENT_TEXT_MAX),
		.boundary = BUF_INIT(CONTENT_TEXT_MAX),
		.filename = BUF_INIT(CONTENT_NAME_MAX),
		.name = BUF_INIT(CONTENT_NAME_MAX),
		.smime_type = BUF_INIT(CONTENT_TEXT_MAX),
	};
	if (!digest)
		c->lines = SOFTLINE_WRAPPED;
	(void)buf_add_text(&c->type, digest ? "message/rfc822" : "text/plain");
}

void mime_content_fini(struct mime_content *c)
{
	buf_free(&c->type);
	buf_free(&c->charset);
	buf_free(&c->boundary);
	buf_free(&c->filename);
	buf_free(&c->name);
	buf_free(&c->smime_type);
}

static void find(struct mime_content *c, struct slice value, const char *name, struct buf *out)
{
	buf_clear(out);
	enum rc rc = mime_param_find(value, name, out);
	if (rc != RC_OK && rc != RC_ABSENT)
		c->over = true;
}

static enum softline_kind lines_of(struct slice type, struct slice value)
{
	static const char *const folded[] = { "text/calendar", "text/vcard", "text/x-vcard",
					      "text/directory", "text/x-vcalendar" };
	struct buf word = BUF_INIT(CONTENT_TEXT_MAX);
	enum softline_kind kind = SOFTLINE_NONE;

	for (size_t i = 0; i < sizeof folded / sizeof *folded; i++)
		if (slice_is(type, folded[i]))
			return SOFTLINE_FOLDED;
	if (slice_is(type, "text/plain") && mime_param_find(value, "format", &word) == RC_OK &&
	    slice_same_nocase(buf_slice(&word), SLICE("flowed")))
		kind = SOFTLINE_FLOWED;
	else if (slice_is(type, "text/plain"))
		kind = SOFTLINE_WRAPPED;
	buf_clear(&word);
	if (kind == SOFTLINE_FLOWED && mime_param_find(value, "delsp", &word) == RC_OK &&
	    slice_same_nocase(buf_slice(&word), SLICE("yes")))
		kind = SOFTLINE_DELSP;
	buf_free(&word);
	return kind;
}

static void take_type(struct mime_content *c, struct slice value)
{
	struct buf type = BUF_INIT(CONTENT_TEXT_MAX);

	if (mime_param_head(value, &type) != RC_OK)
		c->over = true;
	/* The first field counts; readers differ, so a second one that differs is
	 * for the caller to report. A value that is no type is text (§5.2). */
	if (c->has_type) {
		c->bad_repeat |= !slice_same_nocase(buf_slice(&type), buf_slice(&c->type));
	} else {
		c->has_type = true;
		if (type.len && memchr(type.at, '/', type.len)) {
			buf_clear(&c->type);
			(void)buf_add_slice(&c->type, buf_slice(&type));
		}
		find(c, value, "charset", &c->charset);
		find(c, value, "boundary", &c->boundary);
		find(c, value, "name", &c->name);
		find(c, value, "smime-type", &c->smime_type);
		c->lines = lines_of(buf_slice(&c->type), value);
	}
	buf_free(&type);
}

static enum mime_encoding encoding_of(struct slice word)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} known[] = {
		{ "7bit", MIME_IDENTITY },   { "8bit", MIME_IDENTITY },
		{ "binary", MIME_IDENTITY }, { "", MIME_IDENTITY },
		{ "base64", MIME_BASE64 },   { "quoted-printable", MIME_QUOTED_PRINTABLE },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (slice_is(word, known[i].name))
			return known[i].encoding;
	return MIME_UNKNOWN_ENCODING;
}

static void take_encoding(struct mime_content *c, struct slice value)
{
	struct buf word = BUF_INIT(CONTENT_TEXT_MAX);
	enum mime_encoding encoding = MIME_UNKNOWN_ENCODING;

	if (mime_param_head(value, &word) == RC_OK)
		encoding = encoding_of(buf_slice(&word));
	buf_free(&word);
	if (c->has_encoding)
		c->bad_repeat |= encoding != c->encoding;
	else
		c->encoding = encoding;
	c->has_encoding = true;
}

static void take_disposition(struct mime_content *c, struct slice value)
{
	struct buf word = BUF_INIT(CONTENT_TEXT_MAX);

	/* What is not "inline" is shown as an attachment (RFC 2183 §2.8). */
	if (mime_param_head(value, &word) == RC_OK && word.len)
		c->attachment = !slice_is(buf_slice(&word), "inline");
	buf_free(&word);
	if (c->filename.len == 0)
		find(c, value, "filename", &c->filename);
}

void mime_content_take(struct mime_content *c, struct slice name, struct slice value)
{
	if (slice_same_nocase(name, SLICE("Content-Type")))
		take_type(c, value);
	else if (slice_same_nocase(name, SLICE("Content-Transfer-Encoding")))
		take_encoding(c, value);
	else if (slice_same_nocase(name, SLICE("Content-Disposition")))
		take_disposition(c, value);
}

static const struct rule {
	const char *type; /* whole, or with a final "/" the front of it */
	enum mime_kind kind;
	const char *format;
} rules[] = {
	{ "multipart/encrypted", MIME_OPAQUE, "pgp" },
	{ "multipart/", MIME_MULTIPART, NULL },
	{ "message/rfc822", MIME_MESSAGE, NULL },
	{ "message/global", MIME_MESSAGE, NULL },
	{ "message/news", MIME_MESSAGE, NULL },
	{ "message/partial", MIME_OPAQUE, "message/partial" },
	{ "message/external-body", MIME_OPAQUE, "message/external-body" },
	{ "message/", MIME_TEXT, NULL }, /* reports: fields in lines */
	{ "text/html", MIME_HTML, NULL },
	{ "application/xhtml+xml", MIME_HTML, NULL },
	{ "text/rtf", MIME_DOCUMENT, "rtf" },
	{ "application/rtf", MIME_DOCUMENT, "rtf" },
	{ "application/msword", MIME_DOCUMENT, "ole" },
	{ "text/xml", MIME_BINARY, "xml" },
	{ "text/enriched", MIME_HTML, NULL }, /* RFC 1896: tags within words, too */
	{ "text/richtext", MIME_HTML, NULL },
	{ "text/", MIME_TEXT, NULL },
	{ "image/svg+xml", MIME_TEXT, NULL },
	{ "image/", MIME_IGNORED, NULL },
	{ "audio/", MIME_IGNORED, NULL },
	{ "video/", MIME_IGNORED, NULL },
	{ "font/", MIME_IGNORED, NULL },
	{ "application/pkcs7-signature", MIME_DOCUMENT, "smime" },
	{ "application/x-pkcs7-signature", MIME_DOCUMENT, "smime" },
	{ "application/pkcs7-mime", MIME_DOCUMENT, "smime" },
	{ "application/x-pkcs7-mime", MIME_DOCUMENT, "smime" },
	{ "application/pgp-encrypted", MIME_OPAQUE, "pgp" },
	{ "application/ms-tnef", MIME_DOCUMENT, "tnef" },
	{ "application/vnd.ms-tnef", MIME_DOCUMENT, "tnef" },
	{ "application/pdf", MIME_DOCUMENT, "pdf" },
	{ "application/zip", MIME_DOCUMENT, "zip" },
	{ "application/x-zip-compressed", MIME_DOCUMENT, "zip" },
	{ "application/gzip", MIME_DOCUMENT, "gzip" },
	{ "application/x-gzip", MIME_DOCUMENT, "gzip" },
	{ "application/x-7z-compressed", MIME_DOCUMENT, "7z" },
	{ "application/vnd.rar", MIME_DOCUMENT, "rar" },
	{ "application/x-rar-compressed", MIME_DOCUMENT, "rar" },
	{ "application/x-tar", MIME_DOCUMENT, "tar" },
	{ "application/x-bzip2", MIME_DOCUMENT, "bzip2" },
	{ "application/x-xz", MIME_DOCUMENT, "xz" },
	{ "application/vnd.ms-excel", MIME_DOCUMENT, "ole" },
	{ "application/vnd.ms-powerpoint", MIME_DOCUMENT, "ole" },
	{ "application/vnd.ms-outlook", MIME_DOCUMENT, "ole" },
};

static bool covers(const char *pattern, struct slice type)
{
	if (pattern[strlen(pattern) - 1] == '/')
		return slice_drop_prefix(&type, pattern);
	return slice_is(type, pattern);
}

static bool contains(struct slice s, const char *text)
{
	return s.len && memmem(s.at, s.len, text, strlen(text));
}

bool mime_content_is_enveloped(const struct mime_content *c)
{
	return slice_same_nocase(buf_slice(&c->smime_type), SLICE("enveloped-data")) ||
	       slice_same_nocase(buf_slice(&c->smime_type), SLICE("authEnveloped-data"));
}

static bool ends_in(struct slice name, const char *extension)
{
	size_t len = strlen(extension);

	return name.len > len && slice_same_nocase((struct slice){ name.at + name.len - len, len },
						   (struct slice){ extension, len });
}

/* Where the type says nothing, readers go by the name. */
static enum mime_kind kind_of_name(struct slice name)
{
	static const struct {
		const char *extension;
		enum mime_kind kind;
	} known[] = {
		{ ".htm", MIME_HTML },    { ".html", MIME_HTML },   { ".xhtml", MIME_HTML },
		{ ".eml", MIME_MESSAGE }, { ".mht", MIME_MESSAGE }, { ".mhtml", MIME_MESSAGE },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (ends_in(name, known[i].extension))
			return known[i].kind;
	return MIME_BINARY;
}

enum mime_kind mime_content_kind(const struct mime_content *c, const char **format)
{
	struct slice type = buf_slice(&c->type);
	struct slice filename = buf_slice(c->filename.len ? &c->filename : &c->name);

	*format = "";
	if (slice_same_nocase(filename, SLICE("winmail.dat"))) {
		*format = "tnef";
		return MIME_DOCUMENT;
	}
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		if (!covers(rules[i].type, type))
			continue;
		if (rules[i].format)
			*format = rules[i].format;
		/* A file that is opened by its name: a page, a message. */
		bool file = c->attachment && slice_is(type, "text/plain");
		enum mime_kind named = file ? kind_of_name(filename) : MIME_BINARY;
		return named == MIME_BINARY ? rules[i].kind : named;
	}
	if (contains(type, "officedocument") || contains(type, "opendocument")) {
		*format = "zip";
		return MIME_DOCUMENT;
	}
	*format = "binary";
	return kind_of_name(filename);
}
