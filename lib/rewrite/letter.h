/* rewrite/letter.h: what was taken out of a message, as a message of its own.
 *
 *     From, To, Subject, … as in the original         all but MIME's and our own
 *     Message-ID: <6b2f….sealed@secure.our.example>   its own: nobody takes it for a duplicate
 *     In-Reply-To: <…@our.example>                    the original
 *     Content-Type: multipart/mixed; …                each part byte for byte
 *
 * When the whole body was taken out, it is the original with these two fields changed.
 *
 * Memory   a splice over the spool, in its arena
 * Threads  pure functions */
#pragma once

#include "rewrite/cut.h"
#include "rewrite/header.h"

#include "base/splice.h"

struct rewrite_original { /* borrowed */
	const struct spool *raw;
	uint64_t body_at;
	const struct rewrite_header *header;
	const char *tag;   /* hex digits that no part of the message holds */
	struct slice host; /* right side of the Message-ID */
};

/* Adds to *out, whose arena is set. RC_NOMEM. */
enum rc rewrite_letter(const struct rewrite_original *original, const struct rewrite_cuts *cuts,
		       struct splice *out, struct fault *why);
