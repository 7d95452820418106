#include "mime/decoder.h"

#include "mime/field.h"
#include "mime/leaf.h"
#include "mime/scan.h"
#include "mime/words.h"

#include <stdlib.h>
#include <string.h>

/* What a message and those nested in it have in common. */
struct shared {
	struct mime_limits limits;
	const struct mime_handler *handler;
	void *of;
	unsigned depth, parts;
	uint64_t decoded;
	bool decoded_told;
};

/* An open multipart. */
struct frame {
	char *boundary;
	size_t boundary_len, path_len;
	unsigned parts;
	bool digest, closed; /* closed: its last boundary was seen */
	bool attached;
	uint64_t begin; /* where it stands in the body, as a part */
	char *type;
};

enum state {
	HEADER,
	BODY,  /* in a part that holds no parts of this decoder's */
	EXTRA, /* before the first or after the last part of a multipart */
	MUTED, /* in a part beyond a limit */
};

struct mime_decoder {
	struct shared *shared;
	struct mime_decoder *child; /* reads the nested message that is this part */
	bool nested, leaf_open, header_told, beyond; /* beyond: in a part over the limit */
	enum state state;
	uint64_t body_bytes; /* pushed */
	uint64_t header_bytes;
	struct buf path; /* of the part at hand */
	size_t base;     /* bytes of path that are the message's own */
	struct mime_fields fields;
	struct buf value; /* of a field, decoded; held while a header is read */
	struct mime_content content;
	struct mime_leaf leaf;
	struct mime_sink sink;
	struct frame *frames;
	size_t frame_count, frame_room;
	struct mime_scan scan;
};

static void opaque(struct mime_decoder *d, const char *why)
{
	d->shared->handler->opaque(d->shared->of, buf_text(&d->path), why);
}

/* Of a body whose part has no number: the message's own multipart is "1" here, as
 * "" would say that its header was not read. */
static void opaque_body(struct mime_decoder *d, const char *why)
{
	const char *path = d->path.len ? buf_text(&d->path) : "1";

	d->shared->handler->opaque(d->shared->of, path, why);
}

static void sink_opaque(void *of, const char *why)
{
	opaque(of, why);
}

static bool sink_text(void *of, struct slice utf8)
{
	struct mime_decoder *d = of;
	struct shared *s = d->shared;

	if (s->decoded + utf8.len > s->limits.decoded_bytes) {
		if (!s->decoded_told)
			opaque(d, "decoded-bytes");
		s->decoded_told = true;
		return false;
	}
	s->decoded += utf8.len;
	s->handler->text(s->of, utf8);
	return true;
}

static void sink_bytes(void *of, struct slice bytes)
{
	struct mime_decoder *d = of;

	if (d->child)
		mime_decoder_message(d->child, bytes);
}

static bool sink_document(void *of, const char *format, bool within)
{
	struct mime_decoder *d = of;
	const struct mime_content *c = &d->content;
	struct mime_document document = {
		.path = buf_text(&d->path),
		.format = format,
		.name = within ? "" : buf_text(c->filename.len ? &c->filename : &c->name),
		.within = within,
	};

	if (!d->shared->handler->document)
		return false;
	return d->shared->handler->document(d->shared->of, &document);
}

static void sink_data(void *of, struct slice bytes)
{
	struct mime_decoder *d = of;

	d->shared->handler->data(d->shared->of, bytes);
}

static void sink_document_end(void *of)
{
	struct mime_decoder *d = of;

	d->shared->handler->document_end(d->shared->of);
}

static void sink_raw(void *of, struct slice bytes)
{
	struct mime_decoder *d = of;

	d->shared->handler->raw(d->shared->of, bytes);
}

static void start_header(struct mime_decoder *d, bool digest)
{
	mime_fields_fini(&d->fields);
	mime_fields_init(&d->fields, d->shared->limits.header_bytes);
	mime_content_fini(&d->content);
	mime_content_init(&d->content, digest);
	d->state = HEADER;
	d->header_bytes = 0;
	d->header_told = false;
}

enum { PATH_MAX_BYTES = 1024 /* with the default depth and parts, 80 */ };

static struct mime_decoder *decoder_new(struct shared *shared, struct slice path, bool nested)
{
	struct mime_decoder *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->shared = shared;
	d->nested = nested;
	d->path = BUF_INIT(PATH_MAX_BYTES);
	(void)buf_add_slice(&d->path, path);
	d->base = d->path.len;
	d->sink = (struct mime_sink){ d, sink_text, sink_opaque, sink_bytes };
	if (shared->handler->raw)
		d->sink.raw = sink_raw;
	if (shared->handler->document) {
		d->sink.document = sink_document;
		d->sink.data = sink_data;
		d->sink.document_end = sink_document_end;
	}
	start_header(d, false);
	return d;
}

/* Cuts the path to its first len bytes and adds a word, after a separator where
 * something stands before it. */
static void set_path(struct mime_decoder *d, size_t len, char separator, const char *word)
{
	d->path.len = len < d->path.len ? len : d->path.len;
	if (d->path.at)
		d->path.at[d->path.len] = '\0';
	if (word && d->path.len)
		(void)buf_add_byte(&d->path, separator);
	if (word)
		(void)buf_add_text(&d->path, word);
}

static void set_path_number(struct mime_decoder *d, size_t len, unsigned number)
{
	char digits[16], *at = digits + sizeof digits;

	*--at = '\0';
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	set_path(d, len, '.', at);
}

static bool may_go_deeper(struct mime_decoder *d)
{
	if (d->shared->depth < d->shared->limits.depth)
		return true;
	opaque_body(d, "depth");
	return false;
}

static bool is_attached(const struct mime_decoder *d)
{
	struct slice type = buf_slice(&d->content.type);

	return d->nested || d->content.attachment || d->content.filename.len ||
	       d->content.name.len || !slice_drop_prefix(&type, "text/");
}

static void tell_part(struct mime_decoder *d, const char *type, bool attached)
{
	struct mime_part part = {
		.path = buf_text(&d->path),
		.type = type,
		.filename = buf_text(&d->content.filename),
		.name = buf_text(&d->content.name),
		.attached = attached,
	};

	d->shared->handler->part(d->shared->of, &part);
}

static void open_leaf(struct mime_decoder *d, enum mime_kind kind, const char *format)
{
	tell_part(d, buf_text(&d->content.type), is_attached(d));
	if (kind == MIME_MESSAGE)
		d->shared->handler->end(d->shared->of);
	mime_leaf_init(&d->leaf, &d->content, kind, format, &d->sink);
	d->leaf_open = true;
	d->state = BODY;
}

static void open_message(struct mime_decoder *d)
{
	enum mime_kind kind = MIME_MESSAGE;

	if (may_go_deeper(d)) {
		d->child = decoder_new(d->shared, buf_slice(&d->path), true);
		if (d->child)
			d->shared->depth++;
		else
			opaque(d, "memory");
	}
	/* What cannot be opened is matched as it stands. */
	if (!d->child)
		kind = MIME_TEXT;
	open_leaf(d, kind, "");
}

static char *copy_text(struct slice s)
{
	char *copy = malloc(s.len + 1);

	if (!copy)
		return NULL;
	if (s.len)
		memcpy(copy, s.at, s.len);
	copy[s.len] = '\0';
	return copy;
}

static bool push_frame(struct mime_decoder *d)
{
	struct slice boundary = buf_slice(&d->content.boundary);

	if (d->frame_count == d->frame_room) {
		size_t room = d->frame_room + 4;
		struct frame *frames = realloc(d->frames, room * sizeof *frames);
		if (!frames)
			return false;
		d->frames = frames;
		d->frame_room = room;
	}
	char *copy = copy_text(boundary), *type = copy_text(buf_slice(&d->content.type));
	if (!copy || !type) {
		free(copy);
		free(type);
		return false;
	}
	d->frames[d->frame_count++] = (struct frame){
		.boundary = copy,
		.boundary_len = boundary.len,
		.path_len = d->path.len,
		.digest = strcmp(type, "multipart/digest") == 0,
		.attached = d->content.attachment,
		.begin = d->frame_count ? d->scan.after : 0,
		.type = type,
	};
	d->shared->depth++;
	return true;
}

static void pop_frame(struct mime_decoder *d)
{
	const struct frame *f = &d->frames[--d->frame_count];

	free(f->boundary);
	free(f->type);
	d->shared->depth--;
}

static void tell_extent(struct mime_decoder *d, struct mime_extent extent)
{
	if (!d->nested && d->shared->handler->extent)
		d->shared->handler->extent(d->shared->of, &extent);
}

/* The innermost multipart ends: as a part it goes up to end. */
static void end_frame(struct mime_decoder *d, uint64_t end)
{
	const struct frame *f = &d->frames[d->frame_count - 1];

	set_path(d, f->path_len, 0, NULL);
	tell_extent(d, (struct mime_extent){ .path = buf_text(&d->path),
					     .type = f->type,
					     .begin = f->begin,
					     .end = end,
					     .attached = f->attached,
					     .multipart = true,
					     .closed = f->closed });
	pop_frame(d);
}

/* False: it has to be read as text. */
static bool open_multipart(struct mime_decoder *d)
{
	/* RFC 2046 §5.1.1 wants a boundary without blanks at its end. */
	while (d->content.boundary.len &&
	       d->content.boundary.at[d->content.boundary.len - 1] == ' ')
		d->content.boundary.len--;
	size_t len = d->content.boundary.len;

	if (len == 0 || len > SCAN_BOUNDARY_MAX) {
		opaque_body(d, "boundary");
		return false;
	}
	if (!may_go_deeper(d))
		return false;
	/* RFC 2045 §6.4 forbids it, and readers differ in whether they decode. */
	if (d->content.encoding != MIME_IDENTITY)
		opaque_body(d, "transfer-encoding");
	if (!push_frame(d)) {
		opaque_body(d, "memory");
		return false;
	}
	d->state = EXTRA;
	return true;
}

/* The header of the message or of a part is read: what is its body? */
static void begin_body(struct mime_decoder *d)
{
	const char *format;
	enum mime_kind kind = mime_content_kind(&d->content, &format);

	buf_free(&d->value);
	if (d->content.bad_repeat)
		opaque_body(d, "repeated-field");
	if (d->content.over)
		opaque(d, "header-bytes");
	if (mime_content_is_enveloped(&d->content))
		opaque_body(d, "encrypted");
	if (kind == MIME_MULTIPART && open_multipart(d))
		return;
	if (d->frame_count == 0)
		set_path_number(d, d->base, 1);
	if (kind == MIME_MESSAGE)
		open_message(d);
	else
		open_leaf(d, kind == MIME_MULTIPART ? MIME_TEXT : kind, format);
}

/* What has no parts ends: a part, or text before or after parts. */
static void end_extent(struct mime_decoder *d, uint64_t end)
{
	bool within = d->frame_count > 0;

	if (!d->leaf_open && !d->beyond)
		return;
	/* Where the text before a nested multipart's parts begins is not known. */
	if (d->frame_count > 1 && d->frames[d->frame_count - 1].parts == 0)
		return;
	tell_extent(d, (struct mime_extent){
			       .path = buf_text(&d->path),
			       .type = d->beyond ? "" : buf_text(&d->content.type),
			       .begin = within ? d->scan.after : 0,
			       .end = end,
			       .attached = d->beyond || is_attached(d),
		       });
	d->beyond = false;
}

static void close_leaf(struct mime_decoder *d)
{
	if (!d->leaf_open)
		return;
	mime_leaf_end(&d->leaf);
	if (d->child) {
		mime_decoder_end(d->child);
		d->shared->depth--;
	}
	if (d->leaf.kind != MIME_MESSAGE)
		d->shared->handler->end(d->shared->of);
	mime_leaf_fini(&d->leaf);
	mime_decoder_free(d->child);
	d->child = NULL;
	d->leaf_open = false;
}

static bool has_bare_cr(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.at[i] == '\r' && (i + 1 == s.len || s.at[i + 1] != '\n'))
			return true;
	return false;
}

static void take_field(struct mime_decoder *d, struct slice name, struct slice value)
{
	struct buf *text = &d->value;
	bool unknown = false;

	buf_clear(text);
	text->max = value.len * 4 + 16; /* no charset grows more */

	/* Some readers end the field there and take what follows for another. */
	if (has_bare_cr(value))
		opaque(d, "bare-cr");
	if (mime_words_decode(value, text, &unknown) != RC_OK)
		opaque(d, "memory");
	if (unknown)
		opaque(d, "charset");
	struct mime_field field = { buf_text(&d->path), d->nested, name,
				    slice_trim(buf_slice(text)) };
	d->shared->handler->field(d->shared->of, &field);
	mime_content_take(&d->content, name, value);
}

static void tell_header_over(struct mime_decoder *d)
{
	if (!d->header_told)
		opaque(d, "header-bytes");
	d->header_told = true;
}

static void take_bytes(void *of, struct slice bytes);
static bool take_line(void *of, struct slice line);

static bool keeps_end(void *of)
{
	return ((struct mime_decoder *)of)->state == HEADER;
}

/* Bytes that may hold boundaries, if any is open. */
static void route(struct mime_decoder *d, struct slice bytes)
{
	struct mime_scan_to to = { d, take_bytes, take_line, keeps_end };

	d->body_bytes += bytes.len;
	if (d->frame_count)
		mime_scan_push(&d->scan, bytes, &to);
	else
		take_bytes(d, bytes);
}

/* What the header's reader has of the body. It is taken over, since the next part
 * begins the reader anew. */
static struct buf take_rest(struct mime_decoder *d)
{
	struct buf rest = BUF_INIT(0);

	if (mime_fields_rest(&d->fields).len) {
		rest = d->fields.field;
		d->fields.field = BUF_INIT(0);
	}
	return rest;
}

static void take_header_bytes(struct mime_decoder *d, struct slice bytes)
{
	bool outermost = d->frame_count == 0;

	while (mime_fields_take(&d->fields, &bytes))
		take_field(d, d->fields.name, d->fields.value);
	if (d->fields.over)
		tell_header_over(d);
	if (!d->fields.ended)
		return;
	struct buf rest = take_rest(d);
	begin_body(d);
	if (outermost)
		d->body_bytes = 0; /* so far it was the header's */
	/* Within a multipart the lines have been looked at already. */
	if (outermost) {
		route(d, buf_slice(&rest));
		route(d, bytes);
	} else {
		take_bytes(d, buf_slice(&rest));
		take_bytes(d, bytes);
	}
	buf_free(&rest);
}

/* Text outside the parts of the innermost multipart. */
static void open_extra(struct mime_decoder *d)
{
	const struct frame *f = &d->frames[d->frame_count - 1];

	mime_content_fini(&d->content);
	mime_content_init(&d->content, false);
	set_path(d, f->path_len, '/', f->parts ? "epilogue" : "preamble");
	tell_part(d, "text/plain", d->nested);
	mime_leaf_init(&d->leaf, &d->content, MIME_TEXT, "", &d->sink);
	d->leaf_open = true;
	d->state = BODY;
}

static void take_bytes(void *of, struct slice bytes)
{
	struct mime_decoder *d = of;

	if (bytes.len == 0)
		return;
	switch (d->state) {
	case HEADER:
		take_header_bytes(d, bytes);
		break;
	case EXTRA:
		open_extra(d);
		mime_leaf_push(&d->leaf, bytes);
		break;
	case BODY:
		mime_leaf_push(&d->leaf, bytes);
		break;
	case MUTED:
		break;
	}
}

/* A header that a boundary or the end of the message cut short. */
static void end_header(struct mime_decoder *d)
{
	if (mime_fields_end(&d->fields))
		take_field(d, d->fields.name, d->fields.value);
	struct buf rest = take_rest(d);
	if (d->frame_count == 0)
		d->body_bytes = rest.len;
	begin_body(d);
	take_bytes(d, buf_slice(&rest));
	buf_free(&rest);
}

static void close_part(struct mime_decoder *d, uint64_t end)
{
	bool outermost = d->frame_count == 0;

	if (d->state == HEADER)
		end_header(d);
	end_extent(d, outermost ? d->body_bytes : end);
	close_leaf(d);
	d->state = MUTED;
}

static void open_part(struct mime_decoder *d, struct frame *f)
{
	f->parts++;
	set_path_number(d, f->path_len, f->parts);
	if (d->shared->parts == d->shared->limits.parts) {
		opaque(d, "parts");
		d->state = MUTED;
		d->beyond = true;
		return;
	}
	d->shared->parts++;
	start_header(d, f->digest);
}

/* The open multipart whose boundary line begins with: the longest, since one may
 * begin like another; of equal ones the innermost that is still open. */
static bool find_frame(const struct mime_decoder *d, struct slice line, size_t *at)
{
	size_t best = d->frame_count;

	for (size_t i = d->frame_count; i-- > 0;) {
		const struct frame *f = &d->frames[i], *b = &d->frames[best];
		if (line.len < f->boundary_len ||
		    memcmp(line.at, f->boundary, f->boundary_len) != 0)
			continue;
		if (best == d->frame_count || f->boundary_len > b->boundary_len ||
		    (f->boundary_len == b->boundary_len && b->closed && !f->closed))
			best = i;
	}
	*at = best;
	return best < d->frame_count;
}

static bool take_line(void *of, struct slice line)
{
	struct mime_decoder *d = of;
	size_t at;

	slice_drop_prefix(&line, "--");
	if (!find_frame(d, line, &at))
		return false;
	close_part(d, d->scan.before);
	while (d->frame_count > at + 1)
		end_frame(d, d->scan.before);

	struct frame *f = &d->frames[at];
	line = (struct slice){ line.at + f->boundary_len, line.len - f->boundary_len };
	bool last = slice_drop_prefix(&line, "--");
	set_path(d, f->path_len, 0, NULL);
	/* RFC 2046 §5.1.1 calls it a boundary; not all readers do. */
	if (slice_trim(line).len)
		opaque_body(d, "boundary");
	f->closed = last;
	if (last)
		d->state = EXTRA;
	else
		open_part(d, f);
	return true;
}

struct mime_decoder *mime_decoder_new(struct mime_limits limits, const struct mime_handler *handler,
				      void *of)
{
	struct shared *shared = calloc(1, sizeof *shared);

	if (!shared)
		return NULL;
	*shared = (struct shared){ .limits = limits, .handler = handler, .of = of };
	struct mime_decoder *d = decoder_new(shared, (struct slice){ 0 }, false);
	if (!d)
		free(shared);
	return d;
}

void mime_decoder_free(struct mime_decoder *d)
{
	if (!d)
		return;
	mime_decoder_free(d->child);
	while (d->frame_count)
		pop_frame(d);
	free(d->frames);
	buf_free(&d->value);
	mime_fields_fini(&d->fields);
	mime_content_fini(&d->content);
	mime_leaf_fini(&d->leaf);
	buf_free(&d->path);
	if (!d->nested)
		free(d->shared);
	free(d);
}

void mime_decoder_header(struct mime_decoder *d, struct slice name, struct slice value)
{
	d->header_bytes += name.len + value.len;
	if (d->header_bytes > d->shared->limits.header_bytes) {
		tell_header_over(d);
		mime_content_take(&d->content, name, value);
		return;
	}
	take_field(d, name, value);
}

void mime_decoder_headers_end(struct mime_decoder *d)
{
	if (d->state == HEADER)
		begin_body(d);
}

void mime_decoder_body(struct mime_decoder *d, struct slice bytes)
{
	route(d, bytes);
}

void mime_decoder_message(struct mime_decoder *d, struct slice bytes)
{
	route(d, bytes);
}

void mime_decoder_end(struct mime_decoder *d)
{
	struct mime_scan_to to = { d, take_bytes, take_line, keeps_end };

	if (d->frame_count)
		mime_scan_end(&d->scan, &to);
	close_part(d, d->body_bytes);
	if (d->frame_count) /* that of a header which ended with the message */
		mime_scan_end(&d->scan, &to);
	while (d->frame_count)
		end_frame(d, d->body_bytes);
}

bool mime_decoder_spend(struct mime_decoder *d, uint64_t bytes)
{
	if (bytes > mime_decoder_left(d))
		return false;
	d->shared->decoded += bytes;
	return true;
}

uint64_t mime_decoder_left(const struct mime_decoder *d)
{
	return d->shared->limits.decoded_bytes - d->shared->decoded;
}
