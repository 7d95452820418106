/* inspect/papers.h: the documents of a message, kept as they arrive and read when their
 * part ends. For this layer's own use.
 *
 *     part "1.2", offer.zip     →   text "1.2/offer.docx/word/document.xml", …
 *
 * They are kept as the raw message is (memory, then an unlinked temporary file), and
 * read in another process (reader/pool.h), all of a message within one budget of time.
 *
 * Memory   papers_fini()
 * Threads  one user at a time */
#pragma once

#include "mime/decoder.h"
#include "reader/pool.h"

enum {
	PAPERS_MAX = 16, /* of one part: uuencoded files in a text; more are told as opaque */
	PAPERS_MEMORY = 256 * 1024, /* bytes of one that are kept in memory */
	PAPERS_PATH_MAX = 1024 + WIRE_PATH_MAX,
};

struct papers_config {
	struct reader_pool *pool;  /* NULL: documents are not read */
	const char *folder;        /* for temporary files */
	uint64_t bytes_max;        /* of one document */
	struct wire_limits limits; /* those of a whole message */
	unsigned wall_ms;
};

struct papers {
	const struct papers_config *config;
	struct paper {
		struct spool *bytes;
		struct buf path, name;
		bool within;
		enum rc state; /* of keeping it */
	} * at;                /* PAPERS_MAX of them, once there is one: most messages have none */
	size_t count;
	bool open;                /* the last is still coming */
	unsigned wall_ms, cpu_ms; /* used */
	uint64_t members;         /* so far */
};

void papers_init(struct papers *p, const struct papers_config *config);
void papers_fini(struct papers *p); /* a zeroed one is fine */

/* False: it is not kept. */
bool papers_begin(struct papers *p, const struct mime_document *document);
void papers_add(struct papers *p, struct slice bytes);
void papers_end(struct papers *p);

/* Reads those that are kept, and forgets them. *heard gets whole paths; unpacked: bytes
 * of text that it may still take. */
void papers_read(struct papers *p, uint64_t unpacked, const struct reader_heard *heard, void *of);
