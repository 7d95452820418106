/* rewrite/header.h: the fields of a spooled message, and what becomes of each.
 *
 *     Subject: 4111 1111 1111 1111      2nd field of the header, 1st of its name: taken off
 *
 * Memory   in the arena
 * Threads  one user at a time */
#pragma once

#include "base/arena.h"
#include "base/spool.h"

enum { REWRITE_HEADER_MAX = 512 * 1024 }; /* bytes; MTAs stop at about 100 KB */

struct rewrite_field {
	const char *name;
	unsigned index;     /* among those of its name, from 1 */
	struct slice value; /* as it came, folds and all, without the last line end */
	struct slice whole; /* name, colon, value and line end */
	bool off;           /* taken off */
	const char *set;    /* the new value, a blank in front; NULL: as it was */
};

struct rewrite_header {
	size_t count;
	struct rewrite_field *at;
};

/* What lies in raw before body_at: fields with CRLF, an empty line.
 *   RC_LIMIT  more than REWRITE_HEADER_MAX     RC_RETRY from the spool; RC_NOMEM */
enum rc rewrite_header_read(const struct spool *raw, uint64_t body_at, struct arena *arena,
			    struct rewrite_header *out, struct fault *why);

bool rewrite_field_is(const struct rewrite_field *field, const char *name);
bool rewrite_field_is_mime(const struct rewrite_field *field); /* MIME-Version, Content-… */
bool rewrite_field_is_ours(const struct rewrite_field *field); /* Postern-… */
