/* support/decode.h: what a decoder told, as lines of text.
 *
 *     field 1 Content-Type: text/html
 *     part 1 text/html
 *     text 1: 4111
 *     opaque 2: zip */
#pragma once

#include "base/buf.h"
#include "mime/decoder.h"

#include <assert.h>
#include <string.h>

struct decoded {
	struct buf events, text, opaque;
	char path[1024];
};

static void decoded_field(void *of, const struct mime_field *f)
{
	struct decoded *d = of;

	(void)!buf_addf(&d->events, "field %s %.*s: ", f->path, SLICE_ARG(f->name));
	(void)!buf_add_slice(&d->events, f->value);
	(void)!buf_add_byte(&d->events, '\n');
}

static void decoded_part(void *of, const struct mime_part *p)
{
	struct decoded *d = of;

	(void)!buf_addf(&d->events, "part %s %s%s", p->path, p->type,
			p->attached ? " attached" : "");
	(void)!buf_addf(&d->events, "%s%s", *p->filename ? " filename=" : "", p->filename);
	(void)!buf_addf(&d->events, "%s%s\n", *p->name ? " name=" : "", p->name);
	assert(strlen(p->path) < sizeof d->path);
	memcpy(d->path, p->path, strlen(p->path) + 1);
}

static void decoded_text(void *of, struct slice text)
{
	(void)!buf_add_slice(&((struct decoded *)of)->text, text);
}

static void decoded_end(void *of)
{
	struct decoded *d = of;

	if (d->text.len) {
		(void)!buf_addf(&d->events, "text %s: ", d->path);
		(void)!buf_add_slice(&d->events, buf_slice(&d->text));
		(void)!buf_add_byte(&d->events, '\n');
	}
	buf_clear(&d->text);
}

static void decoded_opaque(void *of, const char *path, const char *why)
{
	(void)!buf_addf(&((struct decoded *)of)->opaque, "opaque %s: %s\n", path, why);
}

static const struct mime_handler decoded_handler = {
	decoded_field, decoded_part, decoded_text, decoded_end, decoded_opaque,
};

#define DECODED_LIMITS                                                                             \
	((struct mime_limits){                                                                     \
		.depth = 8, .parts = 32, .header_bytes = 4096, .decoded_bytes = 1 << 20 })

/* The message in chunks of step bytes; opaque lines come last. buf_free() it. */
static inline struct buf decoded_message(struct slice in, size_t step, struct mime_limits limits)
{
	struct decoded d = { .events = BUF_INIT(1 << 24),
			     .text = BUF_INIT(1 << 24),
			     .opaque = BUF_INIT(1 << 24) };
	struct mime_decoder *decoder = mime_decoder_new(limits, &decoded_handler, &d);

	assert(decoder);
	while (in.len) {
		struct slice chunk = { in.at, step < in.len ? step : in.len };
		in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
		mime_decoder_message(decoder, chunk);
	}
	mime_decoder_end(decoder);
	mime_decoder_free(decoder);
	(void)!buf_add_slice(&d.events, buf_slice(&d.opaque));
	assert(buf_state(&d.events) == RC_OK && d.text.len == 0);
	buf_free(&d.text);
	buf_free(&d.opaque);
	return d.events;
}
