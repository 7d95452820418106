/* document/reading.h: one document being read: where we are, what may still be spent.
 * For this layer's own use.
 *
 * Every format's reader takes bytes and a reading, hands on what it finds, and asks
 * reading_goes_on() wherever a stranger decides how long a loop runs.
 *
 * Threads  one user at a time */
#pragma once

#include "base/buf.h"
#include "document/document.h"

enum {
	READING_PIECE = 16 * 1024, /* bytes of text handed on at once */
	READING_VALUE = 4096,      /* bytes of a property's value; more are a text */
};

struct labels;

struct reading {
	struct document_limits limits;
	const struct document_sink *sink;
	struct buf path;
	unsigned depth, members;
	uint64_t given;    /* bytes of the document as it came */
	uint64_t unpacked; /* bytes so far */
	int64_t cpu_end_us;
	unsigned steps;
	bool stopped; /* a bound was met, and told */
	bool in_text;
	struct labels *labels; /* of the document at hand; NULL: nobody collects them */
	size_t text_len;
	char text[READING_PIECE];
};

void reading_init(struct reading *r, struct slice bytes, const struct document_limits *limits,
		  const struct document_sink *sink);
void reading_fini(struct reading *r);

/* False: a bound was met, and all must end; cheap enough for each step of a loop. */
bool reading_goes_on(struct reading *r);

/* So many bytes have been unpacked. False as above. */
bool reading_unpacks(struct reading *r, uint64_t bytes);

/* Bytes that may still be unpacked at once, for a whole in memory. */
uint64_t reading_room(const struct reading *r);

/* One level deeper, into what bears this name; false: the depth's bound, and it is told.
 * *mark is for reading_leave(). An empty name adds nothing to the path. */
bool reading_enter(struct reading *r, struct slice name, size_t *mark);
void reading_leave(struct reading *r, size_t mark);

/* The same without a level: a name that is no container. */
void reading_name(struct reading *r, struct slice name, size_t *mark);
void reading_unname(struct reading *r, size_t mark);

void reading_opaque(struct reading *r, const char *why);

/* Frees what was put together; "memory" is told where it is short for want of that. */
void reading_drop(struct reading *r, struct buf *b);

/* Text at the place at hand. It need not be UTF-8 at cuts: only whole texts need be,
 * and what is none is replaced. */
void reading_begin(struct reading *r);
void reading_text(struct reading *r, struct slice utf8);
void reading_byte(struct reading *r, char ascii);
void reading_character(struct reading *r, uint32_t c);
void reading_end(struct reading *r);

/* A text that is at hand ends with these. A name that is no UTF-8 is not told; a value
 * that is not, or is too long, becomes a text. */
void reading_file(struct reading *r, struct slice name, struct slice content);
void reading_property(struct reading *r, struct slice name, struct slice value);
/* Tells those that hold, and forgets all. */
void reading_labels(struct reading *r, struct labels *l);

/* Whatever it is, at the place at hand: document.c. */
void reading_document(struct reading *r, struct slice bytes, struct slice name);
