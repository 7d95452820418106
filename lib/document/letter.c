#include "document/letter.h"

#include "mime/decoder.h"

#include <string.h>

enum {
	HEADER_MAX = 256 * 1024, /* as limits.header_bytes by default */
	PIECE = 64 * 1024,       /* between two looks at the clock */
};

struct letter {
	struct reading *r;
	size_t mark; /* of the reading's path */
	bool header; /* the text at hand is a header's */
	bool named;  /* the part at hand has a name that is not told yet */
	struct buf document, name;
};

static void place(struct letter *l, const char *path)
{
	size_t mark;

	reading_unname(l->r, l->mark);
	if (*path)
		reading_name(l->r, slice_of(path), &mark);
}

static void on_field(void *of, const struct mime_field *f)
{
	struct letter *l = of;

	if (!l->header) {
		place(l, f->path);
		reading_begin(l->r);
	}
	l->header = true;
	reading_text(l->r, f->name);
	reading_text(l->r, SLICE(": "));
	reading_text(l->r, f->value);
	reading_byte(l->r, '\n');
}

static void on_part(void *of, const struct mime_part *part)
{
	struct letter *l = of;

	reading_end(l->r);
	l->header = false;
	place(l, part->path);
	const char *name = *part->filename ? part->filename : part->name;
	buf_clear(&l->name);
	l->named = *name && buf_add_text(&l->name, name) == RC_OK;
	if (buf_state(&l->name) == RC_NOMEM)
		reading_opaque(l->r, "memory");
	reading_begin(l->r);
}

static void on_text(void *of, struct slice text)
{
	reading_text(((struct letter *)of)->r, text);
}

static void tell_name(struct letter *l, struct slice content)
{
	reading_end(l->r);
	if (l->named)
		reading_file(l->r, buf_slice(&l->name), content);
	l->named = false;
}

static void on_end(void *of)
{
	tell_name(of, (struct slice){ 0 });
}

static void on_opaque(void *of, const char *path, const char *why)
{
	struct letter *l = of;

	if (l->r->in_text) {
		reading_opaque(l->r, why);
		return;
	}
	place(l, path);
	reading_opaque(l->r, why);
}

static bool on_document(void *of, const struct mime_document *document)
{
	struct letter *l = of;

	(void)document;
	l->document = BUF_INIT(reading_room(l->r));
	return true;
}

static void on_data(void *of, struct slice bytes)
{
	struct letter *l = of;

	if (buf_add_slice(&l->document, bytes) != RC_OK && buf_state(&l->document) == RC_NOMEM)
		l->r->stopped = true;
}

static void on_document_end(void *of)
{
	struct letter *l = of;
	struct reading *r = l->r;

	/* The text that a part has besides goes on after it. */
	bool goes_on = r->in_text;
	reading_end(r);
	if (buf_state(&l->document) != RC_OK)
		reading_opaque(r, "memory");
	if (!goes_on)
		tell_name(l, buf_slice(&l->document));
	if (reading_unpacks(r, l->document.len))
		reading_document(r, buf_slice(&l->document), buf_slice(&l->name));
	buf_free(&l->document);
	if (goes_on)
		reading_begin(r);
}

static const struct mime_handler handler = {
	.field = on_field,
	.part = on_part,
	.text = on_text,
	.end = on_end,
	.opaque = on_opaque,
	.document = on_document,
	.data = on_data,
	.document_end = on_document_end,
};

static void read_one(struct reading *r, struct slice bytes)
{
	struct letter l = { .r = r, .mark = r->path.len, .name = BUF_INIT(READING_VALUE) };
	struct mime_limits limits = {
		.depth = r->limits.depth,
		.parts = r->limits.members,
		.header_bytes = HEADER_MAX,
		.decoded_bytes = r->limits.unpacked,
	};
	struct mime_decoder *d = mime_decoder_new(limits, &handler, &l);

	if (!d) {
		reading_opaque(r, "memory");
		return;
	}
	while (bytes.len && reading_unpacks(r, bytes.len < PIECE ? bytes.len : PIECE)) {
		struct slice piece = { bytes.at, bytes.len < PIECE ? bytes.len : PIECE };
		bytes = (struct slice){ bytes.at + piece.len, bytes.len - piece.len };
		mime_decoder_message(d, piece);
	}
	mime_decoder_end(d);
	reading_end(r);
	mime_decoder_free(d);
	buf_free(&l.document);
	buf_free(&l.name);
	reading_unname(r, l.mark);
}

/* Behind the line that begins the next message of a mailbox; false: there is none. */
static bool next_message(struct slice bytes, size_t *at)
{
	const char *from = memmem(bytes.at, bytes.len, "\nFrom ", 6);

	*at = from ? (size_t)(from - bytes.at) + 1 : bytes.len;
	return from != NULL;
}

/* A mailbox (RFC 4155) holds one behind another. A text in it that breaks its rule by a line
 * of such a beginning is read in two pieces. */
void letter_read(struct reading *r, struct slice bytes)
{
	struct slice head = bytes;
	size_t at = 0;

	if (!slice_drop_prefix(&head, "From ")) {
		read_one(r, bytes);
		return;
	}
	for (bool more = true; more && reading_goes_on(r);) {
		more = next_message(bytes, &at);
		read_one(r, (struct slice){ bytes.at, at });
		bytes = (struct slice){ bytes.at + at, bytes.len - at };
	}
}
