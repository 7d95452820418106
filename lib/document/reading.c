#include "document/reading.h"

#include "base/utf8.h"
#include "document/label.h"
#include "mime/utf8.h"

#include <string.h>
#include <time.h>

static int64_t cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void reading_init(struct reading *r, struct slice bytes, const struct document_limits *limits,
		  const struct document_sink *sink)
{
	r->limits = *limits;
	r->sink = sink;
	r->path = BUF_INIT(DOCUMENT_PATH_MAX);
	r->depth = r->members = r->steps = 0;
	r->given = bytes.len;
	r->unpacked = 0;
	r->cpu_end_us = cpu_us() + (int64_t)limits->cpu_ms * 1000;
	r->stopped = r->in_text = false;
	r->labels = NULL;
	r->text_len = 0;
}

void reading_fini(struct reading *r)
{
	buf_free(&r->path);
}

static bool stop(struct reading *r, const char *why)
{
	if (!r->stopped)
		reading_opaque(r, why);
	r->stopped = true;
	return false;
}

bool reading_goes_on(struct reading *r)
{
	enum { STEPS = 256 /* of some microseconds at most, between two looks at the clock */ };

	if (r->stopped)
		return false;
	if (++r->steps % STEPS == 0 && cpu_us() > r->cpu_end_us)
		return stop(r, "inspect-cpu-ms");
	return true;
}

static uint64_t allowed_by_ratio(const struct reading *r)
{
	uint64_t most = r->limits.unpacked;

	/* Without overflow: a document is far smaller than 2^32. */
	if (r->given * r->limits.ratio < most)
		most = r->given * r->limits.ratio;
	return most + DOCUMENT_FREE_BYTES;
}

bool reading_unpacks(struct reading *r, uint64_t bytes)
{
	r->unpacked += bytes;
	if (r->unpacked > r->limits.unpacked)
		return stop(r, "decoded-bytes");
	if (r->unpacked > allowed_by_ratio(r))
		return stop(r, "expansion-ratio");
	if (r->stopped || cpu_us() > r->cpu_end_us)
		return stop(r, "inspect-cpu-ms");
	return true;
}

uint64_t reading_room(const struct reading *r)
{
	uint64_t most = allowed_by_ratio(r);

	most = most < r->limits.unpacked ? most : r->limits.unpacked;
	return r->unpacked < most ? most - r->unpacked : 0;
}

/* A name as it stands in a path: printable, short, no path by itself. */
static void add_name(struct buf *path, struct slice name)
{
	size_t from = path->len;

	if (path->len)
		(void)!buf_add_byte(path, '/');
	for (size_t i = 0; i < name.len && path->len - from < DOCUMENT_NAME_MAX; i++) {
		char c = name.at[i];
		(void)!buf_add_byte(path, c < ' ' || c > '~' ? '?' : c);
	}
	path->state = RC_OK; /* one that is too long is cut */
}

void reading_name(struct reading *r, struct slice name, size_t *mark)
{
	*mark = r->path.len;
	while (name.len && *name.at == '/')
		name = (struct slice){ name.at + 1, name.len - 1 };
	if (name.len)
		add_name(&r->path, name);
}

void reading_unname(struct reading *r, size_t mark)
{
	r->path.len = mark < r->path.len ? mark : r->path.len;
	if (r->path.at)
		r->path.at[r->path.len] = '\0';
}

bool reading_enter(struct reading *r, struct slice name, size_t *mark)
{
	reading_name(r, name, mark);
	if (r->depth >= r->limits.depth) {
		reading_opaque(r, "archive-depth");
		reading_unname(r, *mark);
		return false;
	}
	r->depth++;
	return true;
}

void reading_leave(struct reading *r, size_t mark)
{
	r->depth--;
	reading_unname(r, mark);
}

void reading_opaque(struct reading *r, const char *why)
{
	r->sink->opaque(r->sink->of, buf_text(&r->path), why);
}

/* ---- text ---- */

void reading_drop(struct reading *r, struct buf *b)
{
	if (buf_state(b) == RC_NOMEM)
		reading_opaque(r, "memory");
	buf_free(b);
}

void reading_begin(struct reading *r)
{
	if (r->in_text)
		reading_end(r);
	r->in_text = true;
	r->text_len = 0;
	r->sink->begin(r->sink->of, buf_text(&r->path));
}

/* Hands on what is valid; keeps a character that is not whole unless it ends. */
static void flush(struct reading *r, bool ends)
{
	struct slice rest = { r->text, r->text_len };
	uint32_t c;

	while (rest.len) {
		struct slice fine = rest;
		int n = 1;
		while (fine.len && (n = mime_utf8_take(fine, &c)) > 0)
			fine = (struct slice){ fine.at + n, fine.len - (size_t)n };
		struct slice front = { rest.at, rest.len - fine.len };
		if (front.len)
			r->sink->text(r->sink->of, front);
		rest = fine;
		if (rest.len == 0 || (n < 0 && !ends))
			break;
		r->sink->text(r->sink->of, SLICE("\xEF\xBF\xBD"));
		rest = (struct slice){ rest.at + 1, rest.len - 1 };
	}
	memmove(r->text, rest.at, rest.len);
	r->text_len = ends ? 0 : rest.len;
}

void reading_text(struct reading *r, struct slice utf8)
{
	while (utf8.len && r->in_text) {
		size_t n = sizeof r->text - r->text_len;
		n = n < utf8.len ? n : utf8.len;
		memcpy(r->text + r->text_len, utf8.at, n);
		r->text_len += n;
		utf8 = (struct slice){ utf8.at + n, utf8.len - n };
		if (r->text_len == sizeof r->text)
			flush(r, false);
	}
}

void reading_byte(struct reading *r, char ascii)
{
	reading_text(r, (struct slice){ &ascii, 1 });
}

void reading_character(struct reading *r, uint32_t c)
{
	char out[UTF8_MAX];

	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = UTF8_BAD;
	reading_text(r, (struct slice){ out, mime_utf8_put(c, out) });
}

void reading_end(struct reading *r)
{
	if (!r->in_text)
		return;
	flush(r, true);
	r->in_text = false;
	r->sink->end(r->sink->of);
}

/* ---- what is no text ---- */

static struct slice cut(struct slice s, size_t max)
{
	while (max < s.len && max && ((unsigned char)s.at[max] & 0xC0) == 0x80)
		max--;
	return (struct slice){ s.at, s.len < max ? s.len : max };
}

void reading_file(struct reading *r, struct slice name, struct slice content)
{
	reading_end(r);
	if (utf8_is_valid(name))
		r->sink->file(r->sink->of, buf_text(&r->path), name, content);
}

void reading_property(struct reading *r, struct slice name, struct slice value)
{
	reading_end(r);
	if (name.len == 0 || value.len == 0)
		return;
	name = cut(name, READING_VALUE / 16);
	if (r->labels)
		labels_take(r->labels, name, value);
	bool fine = utf8_is_valid(name) && utf8_is_valid(value);
	if (fine)
		r->sink->property(r->sink->of, buf_text(&r->path), name, cut(value, READING_VALUE));
	if (fine && value.len <= READING_VALUE)
		return;
	reading_begin(r);
	reading_text(r, value);
	reading_end(r);
}

void reading_labels(struct reading *r, struct labels *l)
{
	char text[LABEL_TEXT];

	reading_end(r);
	for (size_t i = 0; labels_next(l, &i, text);)
		r->sink->label(r->sink->of, buf_text(&r->path), slice_of(text));
	*l = (struct labels){ 0 };
}
