#include "page/letter.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "mime/decoder.h"
#include "mime/field.h"
#include "page/filename.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEADER_MAX = 1 << 20, /* bytes; as the sealed message may have */
	ARENA_MAX = 1 << 20,  /* names, types and paths of the parts */
	DEPTH_MAX = 30,
	PARTS_MAX = 1000,
};

struct page_letter {
	struct arena *arena;
	struct mime_decoder *decoder;
	struct mime_fields fields;
	bool in_body;
	uint64_t seen, header; /* bytes so far; of the header with its empty line */
	struct buf subject, from, to, date, plain, html;
	struct buf *shown; /* where the text of the current part goes; NULL: nowhere */
	bool plain_cut, html_cut;
	struct slice nested; /* path of the nested message that we are in */
	bool whole;          /* the body is one part, without a multipart around it */
	size_t count;
	struct page_part parts[PAGE_LETTER_PARTS_MAX];
};

/* As much of a field as there is room for, without what would turn the line around. */
static void put(struct buf *out, struct slice text)
{
	if (out->len && text.len)
		(void)buf_add(out, ", ", 2);
	while (text.len) {
		const char *at = text.at;
		uint32_t code;

		(void)utf8_take(&text, &code);
		size_t len = (size_t)(text.at - at);
		if (len > out->max - out->len)
			return;
		if (!page_filename_is_mark(code))
			(void)buf_add(out, at, len);
	}
}

static void on_field(void *of, const struct mime_field *field)
{
	struct page_letter *l = of;
	struct {
		const char *name;
		struct buf *to;
	} const wanted[] = {
		{ "Subject", &l->subject }, { "From", &l->from }, { "To", &l->to },
		{ "Cc", &l->to },           { "Date", &l->date },
	};

	if (field->path[0] || field->nested)
		return;
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (slice_same_nocase(field->name, slice_of(wanted[i].name)))
			put(wanted[i].to, slice_trim(field->value));
}

static bool is_within(struct slice path, struct slice outer)
{
	return outer.len && path.len > outer.len && memcmp(path.at, outer.at, outer.len) == 0 &&
	       (path.at[outer.len] == '.' || path.at[outer.len] == '/');
}

static struct slice keep(struct page_letter *l, struct slice text)
{
	char *copy = arena_text(l->arena, text);

	return copy ? slice_of(copy) : SLICE("");
}

/* A name for an attachment that brings none. */
static struct slice name_of(struct page_letter *l, const struct mime_part *part)
{
	struct buf clean = BUF_INIT(4 * PAGE_FILENAME_MAX);
	const char *given = part->filename[0] ? part->filename : part->name;
	char fallback[40];

	bool message = strncmp(part->type, "message/", 8) == 0;
	snprintf(fallback, sizeof fallback, "%s-%zu%s", message ? "message" : "attachment",
		 l->count + 1, message ? ".eml" : "");
	(void)page_filename_clean(slice_of(given), fallback, &clean);
	struct slice name = keep(l, clean.len ? buf_slice(&clean) : slice_of(fallback));
	buf_free(&clean);
	return name;
}

static void list(struct page_letter *l, const struct mime_part *part)
{
	if (l->count == PAGE_LETTER_PARTS_MAX)
		return;
	l->parts[l->count] = (struct page_part){
		.path = keep(l, slice_of(part->path)),
		.type = keep(l, slice_of(part->type)),
		.name = name_of(l, part),
	};
	l->count++;
}

static void on_part(void *of, const struct mime_part *part)
{
	struct page_letter *l = of;
	struct slice path = slice_of(part->path);

	l->shown = NULL;
	if (is_within(path, l->nested) || strstr(part->path, "preamble") ||
	    strstr(part->path, "epilogue"))
		return;
	if (part->attached) {
		list(l, part);
		if (strncmp(part->type, "message/", 8) == 0)
			l->nested = keep(l, path);
		return;
	}
	l->shown = strcmp(part->type, "text/html") == 0 ? &l->html : &l->plain;
	if (l->shown->len)
		(void)buf_add_text(l->shown, "\n\n");
}

static void on_text(void *of, struct slice utf8)
{
	struct page_letter *l = of;
	struct buf *to = l->shown;

	if (!to)
		return;
	if (utf8.len > to->max - to->len) {
		utf8.len = to->max - to->len;
		while (utf8.len && ((unsigned char)utf8.at[utf8.len] & 0xc0) == 0x80)
			utf8.len--;
		*(to == &l->html ? &l->html_cut : &l->plain_cut) = true;
	}
	(void)buf_add_slice(to, utf8);
}

static void on_end(void *of)
{
	struct page_letter *l = of;

	l->shown = NULL;
}

static void on_opaque(void *of, const char *path, const char *why)
{
	(void)of;
	(void)path;
	(void)why;
}

static void on_extent(void *of, const struct mime_extent *extent)
{
	struct page_letter *l = of;

	for (size_t i = 0; i < l->count; i++) {
		struct page_part *part = &l->parts[i];
		if (part->end || !slice_is(part->path, extent->path))
			continue;
		part->begin = l->header + extent->begin;
		part->end = l->header + extent->end;
	}
	if (extent->multipart && !extent->path[0])
		l->whole = false;
}

static const struct mime_handler handler = {
	.field = on_field,
	.part = on_part,
	.text = on_text,
	.end = on_end,
	.opaque = on_opaque,
	.extent = on_extent,
};

enum rc page_letter_new(struct page_letter **out, struct fault *why)
{
	static const struct mime_limits limits = {
		.depth = DEPTH_MAX,
		.parts = PARTS_MAX,
		.header_bytes = HEADER_MAX,
		.decoded_bytes = UINT64_MAX,
	};
	CLEANUP(page_letter_free) struct page_letter *l = calloc(1, sizeof *l);

	if (l) {
		l->whole = true;
		l->subject = l->from = l->to = l->date = BUF_SECRET(PAGE_LETTER_FIELD_MAX);
		l->plain = l->html = BUF_SECRET(PAGE_LETTER_TEXT_MAX);
		mime_fields_init(&l->fields, HEADER_MAX);
		l->arena = arena_new(ARENA_MAX);
		l->decoder = mime_decoder_new(limits, &handler, l);
	}
	if (!l || !l->arena || !l->decoder)
		return fault(why, RC_NOMEM, "out of memory");
	*out = TAKE(l);
	return RC_OK;
}

void page_letter_free(struct page_letter **letter)
{
	struct page_letter *l = *letter;

	if (!l)
		return;
	mime_decoder_free(l->decoder);
	mime_fields_fini(&l->fields);
	arena_free(l->arena);
	struct buf *const bufs[] = { &l->subject, &l->from, &l->to, &l->date, &l->plain, &l->html };
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_wipe(bufs[i]);
	free(l);
	*letter = NULL;
}

static void begin_body(struct page_letter *l, struct slice left)
{
	struct slice rest = mime_fields_rest(&l->fields);

	l->in_body = true;
	l->header = l->seen - left.len - rest.len;
	mime_decoder_headers_end(l->decoder);
	mime_decoder_body(l->decoder, rest);
	mime_decoder_body(l->decoder, left);
}

void page_letter_add(struct page_letter *l, struct slice original)
{
	l->seen += original.len;
	if (l->in_body) {
		mime_decoder_body(l->decoder, original);
		return;
	}
	while (mime_fields_take(&l->fields, &original))
		mime_decoder_header(l->decoder, l->fields.name, l->fields.value);
	if (l->fields.ended)
		begin_body(l, original);
}

enum rc page_letter_end(struct page_letter *l, struct fault *why)
{
	if (!l->in_body) {
		if (mime_fields_end(&l->fields))
			mime_decoder_header(l->decoder, l->fields.name, l->fields.value);
		begin_body(l, (struct slice){ 0 });
	}
	mime_decoder_end(l->decoder);
	/* A lone part has no header but the message's. */
	for (size_t i = 0; i < l->count && l->whole; i++)
		l->parts[i].begin = 0;
	struct buf *text = l->plain.len ? &l->plain : &l->html;
	return buf_state(text) == RC_NOMEM ? fault(why, RC_NOMEM, "out of memory") : RC_OK;
}

struct slice page_letter_subject(const struct page_letter *l)
{
	return buf_slice(&l->subject);
}

struct slice page_letter_from(const struct page_letter *l)
{
	return buf_slice(&l->from);
}

struct slice page_letter_to(const struct page_letter *l)
{
	return buf_slice(&l->to);
}

struct slice page_letter_date(const struct page_letter *l)
{
	return buf_slice(&l->date);
}

struct slice page_letter_text(const struct page_letter *l, bool *cut)
{
	bool plain = l->plain.len > 0;

	*cut = plain ? l->plain_cut : l->html_cut;
	return buf_slice(plain ? &l->plain : &l->html);
}

size_t page_letter_parts(const struct page_letter *l, const struct page_part **parts)
{
	*parts = l->parts;
	return l->count;
}
