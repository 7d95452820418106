/* support/documented.h: what a document's reading told, as lines of text.
 *
 *     text word/document.xml: 4111
 *     file a.txt: a.txt 5
 *     property docProps/core.xml: title = Offer
 *     label : site/guid
 *     opaque b.zip: encrypted
 *
 * Asserts on the way what document.h promises of each. */
#pragma once

#include "base/buf.h"
#include "base/utf8.h"
#include "document/reading.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct documented {
	struct buf out;
	bool in_text;
};

static inline void documented_path(const char *path)
{
	assert(strlen(path) <= DOCUMENT_PATH_MAX);
	for (; *path; path++)
		assert(*path >= ' ' && *path <= '~');
}

static inline void documented_begin(void *of, const char *path)
{
	struct documented *d = of;

	documented_path(path);
	assert(!d->in_text);
	d->in_text = true;
	(void)!buf_addf(&d->out, "text %s: ", path);
}

static inline void documented_text(void *of, struct slice text)
{
	struct documented *d = of;

	assert(d->in_text && text.len && text.len <= READING_PIECE && utf8_is_valid(text));
	(void)!buf_add_slice(&d->out, text);
}

static inline void documented_end(void *of)
{
	struct documented *d = of;

	assert(d->in_text);
	d->in_text = false;
	(void)!buf_add_byte(&d->out, '\n');
}

static inline void documented_file(void *of, const char *path, struct slice name,
				   struct slice content)
{
	struct documented *d = of;

	documented_path(path);
	assert(!d->in_text && utf8_is_valid(name));
	(void)!buf_addf(&d->out, "file %s: ", path);
	(void)!buf_add_slice(&d->out, name);
	(void)!buf_addf(&d->out, " %llu\n", (unsigned long long)content.len);
}

static inline void documented_property(void *of, const char *path, struct slice name,
				       struct slice value)
{
	struct documented *d = of;

	documented_path(path);
	assert(!d->in_text && name.len && value.len && value.len <= READING_VALUE &&
	       utf8_is_valid(name) && utf8_is_valid(value));
	(void)!buf_addf(&d->out, "property %s: ", path);
	(void)!buf_add_slice(&d->out, name);
	(void)!buf_add_text(&d->out, " = ");
	(void)!buf_add_slice(&d->out, value);
	(void)!buf_add_byte(&d->out, '\n');
}

static inline void documented_label(void *of, const char *path, struct slice value)
{
	struct documented *d = of;

	documented_path(path);
	assert(!d->in_text && utf8_is_valid(value));
	(void)!buf_addf(&d->out, "label %s: ", path);
	(void)!buf_add_slice(&d->out, value);
	(void)!buf_add_byte(&d->out, '\n');
}

static inline void documented_opaque(void *of, const char *path, const char *why)
{
	struct documented *d = of;

	documented_path(path);
	assert(*why);
	(void)!buf_addf(&d->out, "opaque %s: %s\n", path, why);
}

static const struct document_sink documented_sink = {
	NULL,
	documented_begin,
	documented_text,
	documented_end,
	documented_file,
	documented_property,
	documented_label,
	documented_opaque,
};

#define DOCUMENTED_LIMITS                                                                          \
	((struct document_limits){                                                                 \
		.depth = 6, .members = 64, .ratio = 100, .unpacked = 64 << 20, .cpu_ms = 10000 })

/* A whole document. buf_free() it. */
static inline struct buf documented_with(struct slice bytes, const char *name,
					 struct document_limits limits)
{
	struct documented d = { .out = BUF_INIT(64 << 20) };
	struct document_sink sink = documented_sink;

	sink.of = &d;
	document_read(bytes, slice_of(name), &limits, &sink);
	assert(!d.in_text);
	return d.out;
}

static inline struct buf documented(struct slice bytes, const char *name)
{
	return documented_with(bytes, name, DOCUMENTED_LIMITS);
}

/* One format's reader by itself. */
static inline struct buf documented_by(void (*read)(struct reading *r, struct slice bytes),
				       struct slice bytes)
{
	struct documented d = { .out = BUF_INIT(64 << 20) };
	struct document_sink sink = documented_sink;
	struct document_limits limits = DOCUMENTED_LIMITS;
	struct reading *r = malloc(sizeof *r);

	assert(r);
	sink.of = &d;
	reading_init(r, bytes, &limits, &sink);
	read(r, bytes);
	assert(!r->in_text && r->path.len == 0 && !d.in_text);
	reading_fini(r);
	free(r);
	return d.out;
}

/* ---- archives to read ---- */

static inline uint32_t zipped_crc(struct slice s)
{
	uint32_t crc = 0xFFFFFFFF;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.at[i];
		for (int k = 0; k < 8; k++)
			crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
	}
	return ~crc;
}

struct zipped {
	struct buf out, directory;
	unsigned count;
};

static inline void zipped_put(struct buf *out, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++, number >>= 8)
		(void)!buf_add_byte(out, (char)number);
}

/* A member, not compressed. */
static inline void zipped_add(struct zipped *z, const char *name, struct slice data, unsigned flags)
{
	size_t at = z->out.len;

	if (z->out.max == 0) {
		z->out = BUF_INIT(64 << 20);
		z->directory = BUF_INIT(1 << 20);
		at = 0;
	}
	for (int central = 0; central < 2; central++) {
		struct buf *out = central ? &z->directory : &z->out;
		(void)!buf_add(out, central ? "PK\1\2\24\0" : "PK\3\4", central ? 6 : 4);
		zipped_put(out, 20, 2);
		zipped_put(out, flags, 2);
		zipped_put(out, 0, 2);
		zipped_put(out, 0x21, 4);
		zipped_put(out, zipped_crc(data), 4);
		zipped_put(out, data.len, 4);
		zipped_put(out, data.len, 4);
		zipped_put(out, strlen(name), 2);
		zipped_put(out, 0, central ? 12 : 2);
		if (central)
			zipped_put(out, 0, 0), zipped_put(out, at, 4);
		(void)!buf_add_text(out, name);
	}
	(void)!buf_add_slice(&z->out, data);
	z->count++;
}

/* The whole archive; buf_free() it. */
static inline struct buf zipped_end(struct zipped *z)
{
	size_t at = z->out.len;

	(void)!buf_add_slice(&z->out, buf_slice(&z->directory));
	(void)!buf_add(&z->out, "PK\5\6\0\0\0", 8);
	zipped_put(&z->out, z->count, 2);
	zipped_put(&z->out, z->count, 2);
	zipped_put(&z->out, z->directory.len, 4);
	zipped_put(&z->out, at, 4);
	zipped_put(&z->out, 0, 2);
	buf_free(&z->directory);
	return z->out;
}
