#include "mime/leaf.h"

#include <string.h>

enum {
	PIECE = 4096, /* bytes decoded at a time, on the stack */
	/* Bytes before the end of a ZIP archive at which what ends it may begin: its comment is as
	 * long as that (APPNOTE.TXT 4.3.16). */
	ZIP_END = 22 + 65535,
};

/* "charset x-none". A name is a stranger's word that goes into logs: what is not
 * printable is "?", and so are digits beyond the few that real names have. */
static void report_charset(struct mime_leaf *l, const struct mime_content *c)
{
	char why[96] = "charset ";
	size_t n = c->charset.len < 64 ? c->charset.len : 64, digits = 0;

	memcpy(why + strlen(why), buf_text(&c->charset), n);
	for (char *at = why + strlen("charset "); *at; at++) {
		digits += *at >= '0' && *at <= '9';
		if (*at <= ' ' || *at > '~' || (*at >= '0' && *at <= '9' && digits > 6))
			*at = '?';
	}
	l->sink->opaque(l->sink->of, why);
}

/* Nobody wants more of this part. */
static bool is_mute(const struct mime_leaf *l)
{
	return l->no_text && !l->document && !l->picture && !l->sink->raw;
}

static bool open_document(struct mime_leaf *l, const char *format)
{
	l->document = l->sink->document && l->sink->document(l->sink->of, format, false);
	return l->document;
}

void mime_leaf_init(struct mime_leaf *l, const struct mime_content *c, enum mime_kind kind,
		    const char *format, const struct mime_sink *sink)
{
	*l = (struct mime_leaf){
		.sink = sink, .kind = kind, .encoding = c->encoding, .format = format
	};
	mime_page_init(&l->page);
	l->lines.kind = kind == MIME_TEXT ? c->lines : SOFTLINE_NONE;
	if (kind == MIME_OPAQUE || (kind == MIME_DOCUMENT && !open_document(l, format)))
		sink->opaque(sink->of, format);
	if (kind == MIME_OPAQUE && strcmp(format, "pgp") == 0)
		sink->opaque(sink->of, "encrypted");
	if (kind == MIME_OPAQUE || kind == MIME_DOCUMENT)
		l->no_text = l->looked = true;
	if (c->encoding == MIME_UNKNOWN_ENCODING)
		sink->opaque(sink->of, "transfer-encoding");
	bool text = kind == MIME_TEXT || kind == MIME_HTML || kind == MIME_BINARY;
	struct slice name = text ? buf_slice(&c->charset) : (struct slice){ 0 };
	if (mime_charset_init(&l->charset, slice_trim(name)) != RC_OK)
		report_charset(l, c);
}

void mime_leaf_fini(struct mime_leaf *l)
{
	mime_charset_fini(&l->charset);
	mime_page_fini(&l->page);
}

static void put(struct mime_leaf *l, struct slice text)
{
	if (text.len && !l->no_text)
		l->no_text = !l->sink->text(l->sink->of, text);
}

static void put_lines(struct mime_leaf *l, struct slice text)
{
	char piece[PIECE];

	while (text.len && !l->no_text) {
		size_t n = mime_softline_push(&l->lines, &text, piece, sizeof piece);
		put(l, (struct slice){ piece, n });
	}
}

static void end_lines(struct mime_leaf *l)
{
	char piece[SOFTLINE_ROOM];

	put(l, (struct slice){ piece, mime_softline_end(&l->lines, piece) });
}

static void put_html(struct mime_leaf *l, struct slice text)
{
	char piece[PIECE];

	while (text.len && !l->no_text) {
		size_t n = mime_page_push(&l->page, &text, piece, sizeof piece);
		put(l, (struct slice){ piece, n });
	}
}

static void end_page(struct mime_leaf *l)
{
	char piece[PIECE];
	size_t n = 1;

	while (n && !l->no_text) {
		n = mime_page_end(&l->page, piece, sizeof piece);
		put(l, (struct slice){ piece, n });
	}
	if (l->page.lost)
		l->sink->opaque(l->sink->of, "hidden-text");
	if (l->page.encloses)
		l->sink->opaque(l->sink->of, "data-uri");
}

static void end_block(struct mime_leaf *l)
{
	if (l->block)
		l->sink->document_end(l->sink->of);
	l->block = false;
}

/* Files that stand in the text, for those who read documents. */
static void look_for_blocks(struct mime_leaf *l, struct slice text)
{
	while (text.len) {
		struct slice piece;
		enum mime_uublock_seen seen = mime_uublock_take(&l->uublock, &text, &piece);
		if (seen == UUBLOCK_BEGIN) {
			l->block = l->sink->document(l->sink->of, "uuencode", true);
			if (!l->block)
				l->sink->opaque(l->sink->of, "uuencode");
		}
		if (l->block)
			l->sink->data(l->sink->of, piece);
		if (seen == UUBLOCK_END)
			end_block(l);
	}
}

static void put_utf8(struct mime_leaf *l, struct slice text)
{
	if (l->kind == MIME_BINARY && l->format && text.len && memchr(text.at, '\0', text.len)) {
		l->sink->opaque(l->sink->of, l->format);
		l->format = NULL; /* told once */
	}
	if (l->kind == MIME_HTML) {
		put_html(l, text);
		return;
	}
	if (l->sink->document && !l->document)
		look_for_blocks(l, text);
	if (l->lines.kind == SOFTLINE_NONE)
		put(l, text);
	else
		put_lines(l, text);
}

static void note_end(struct mime_leaf *l, struct slice bytes, uint64_t from)
{
	static const char mark[] = { 'P', 'K', 5, 6 };
	const char *at;

	while ((at = memmem(bytes.at, bytes.len, mark, sizeof mark))) {
		size_t past = (size_t)(at - bytes.at) + 1;
		l->archive_end = from += past;
		bytes = (struct slice){ bytes.at + past, bytes.len - past };
	}
}

/* A picture's bytes: do any of them end an archive? */
static void watch(struct mime_leaf *l, struct slice bytes)
{
	char seam[2 * sizeof l->last];
	size_t front = bytes.len < sizeof l->last ? bytes.len : sizeof l->last;
	struct slice joint = { seam, l->last_len + front };

	memcpy(seam, l->last, l->last_len);
	memcpy(seam + l->last_len, bytes.at, front);
	note_end(l, joint, l->seen - l->last_len);
	note_end(l, bytes, l->seen);
	l->seen += bytes.len;
	if (bytes.len < sizeof l->last)
		bytes = joint;
	l->last_len = (unsigned char)(bytes.len < sizeof l->last ? bytes.len : sizeof l->last);
	memcpy(l->last, bytes.at + bytes.len - l->last_len, l->last_len);
}

static void put_bytes(struct mime_leaf *l, struct slice bytes)
{
	char space[PIECE];

	if (l->kind == MIME_MESSAGE) {
		l->sink->bytes(l->sink->of, bytes);
		return;
	}
	if (l->document)
		l->sink->data(l->sink->of, bytes);
	if (l->picture && bytes.len)
		watch(l, bytes);
	while (bytes.len && !l->no_text)
		put_utf8(l, mime_charset_take(&l->charset, &bytes, space, sizeof space));
}

/* Markup, a message's source, or bytes that are none of a text. */
static bool is_strange(struct slice head)
{
	if (head.len && (memchr(head.at, '\0', head.len) || mime_magic_is_binary(head) ||
			 mime_magic_is_source(head)))
		return true;
	slice_drop_prefix(&head, "\xEF\xBB\xBF");
	while (head.len && memchr(" \t\r\n", *head.at, 4))
		head = (struct slice){ head.at + 1, head.len - 1 };
	return head.len > 1 && *head.at == '<' && !memchr(" \t\r\n<=", head.at[1], 6);
}

/* Bytes that call themselves a text, and are none in its charset. */
static bool is_false_text(const struct mime_leaf *l, struct slice head)
{
	bool bytes = l->charset.kind == CHARSET_UTF8 || l->charset.kind == CHARSET_LATIN1;

	return l->kind == MIME_TEXT && bytes && mime_magic_is_binary(head);
}

/* The first bytes may name a format that the header does not. */
static void look(struct mime_leaf *l)
{
	struct slice head = { l->head, l->head_len };
	const char *format = "";

	l->looked = true;
	enum mime_kind seen = mime_magic_kind(head, l->kind == MIME_IGNORED, &format);
	/* It is not what its header says. */
	if (seen == MIME_TEXT && l->kind == MIME_IGNORED) {
		l->kind = MIME_BINARY;
		l->format = "binary";
	}
	/* What is shown as text is matched as text all the same. */
	bool shown = l->kind == MIME_TEXT || l->kind == MIME_HTML;
	if (seen == MIME_DOCUMENT && !open_document(l, format))
		l->sink->opaque(l->sink->of, format);
	/* Perhaps text in UTF-16, or a format that only its reader knows: text if it is not
	 * wanted. */
	if (seen == MIME_TEXT && l->kind == MIME_BINARY && is_strange(head))
		l->no_text = open_document(l, l->format);
	if (seen == MIME_TEXT && is_false_text(l, head) && !open_document(l, "binary"))
		l->sink->opaque(l->sink->of, "binary");
	if ((seen != MIME_TEXT && !shown) || l->kind == MIME_IGNORED)
		l->no_text = true;
	l->picture = l->no_text && seen == MIME_IGNORED;
	if (!is_mute(l))
		put_bytes(l, head);
}

static void take_decoded(struct mime_leaf *l, struct slice bytes)
{
	if (l->sink->raw && l->kind != MIME_MESSAGE)
		l->sink->raw(l->sink->of, bytes);
	if (!l->looked && l->kind != MIME_MESSAGE) {
		size_t n = MAGIC_HEAD - l->head_len;
		n = n < bytes.len ? n : bytes.len;
		memcpy(l->head + l->head_len, bytes.at, n);
		l->head_len += (unsigned)n;
		bytes = (struct slice){ bytes.at + n, bytes.len - n };
		if (l->head_len == MAGIC_HEAD)
			look(l);
	}
	if (bytes.len && !is_mute(l))
		put_bytes(l, bytes);
}

void mime_leaf_push(struct mime_leaf *l, struct slice wire)
{
	char piece[PIECE];

	while (wire.len && !is_mute(l)) {
		size_t n = 0;
		switch (l->encoding) {
		case MIME_IDENTITY:
		case MIME_UNKNOWN_ENCODING:
			take_decoded(l, wire);
			return;
		case MIME_BASE64:
			n = mime_base64_push(&l->transfer.base64, &wire, piece, sizeof piece);
			break;
		case MIME_QUOTED_PRINTABLE:
			n = mime_qp_push(&l->transfer.qp, &wire, piece, sizeof piece);
			break;
		}
		take_decoded(l, (struct slice){ piece, n });
	}
}

void mime_leaf_end(struct mime_leaf *l)
{
	char piece[PIECE];
	size_t n = 0;

	if (l->encoding == MIME_BASE64)
		n = mime_base64_end(&l->transfer.base64, piece);
	else if (l->encoding == MIME_QUOTED_PRINTABLE)
		n = mime_qp_end(&l->transfer.qp, piece);
	if (n && !is_mute(l))
		take_decoded(l, (struct slice){ piece, n });
	if (!l->looked && l->kind != MIME_MESSAGE)
		look(l);
	if (l->kind == MIME_MESSAGE)
		return;
	if (!l->no_text)
		put_utf8(l, mime_charset_end(&l->charset, piece, sizeof piece));
	if (l->kind == MIME_HTML)
		end_page(l);
	else if (l->lines.kind != SOFTLINE_NONE)
		end_lines(l);
	if (l->picture && l->archive_end && l->seen - l->archive_end < ZIP_END)
		l->sink->opaque(l->sink->of, "zip");
	end_block(l);
	if (l->document)
		l->sink->document_end(l->sink->of);
}
