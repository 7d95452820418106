/* rewrite/pad.h: blank lines that fill a rewritten body up, so that nothing of the longer
 * body that was there stays on the mail server's disk.
 *
 * Postfix writes a replaced body over the old one in the queue file, record by record (a
 * line: its type, its length in one or more bytes, its text), and goes on at the file's end
 * when a record and a pointer no longer fit before the old one's end. What is left there
 * keeps its old bytes: all of the tail, if the new body is shorter; up to a record's length,
 * if it is not. So the old end is crossed by empty lines, whose records have two bytes.
 *
 *     old   |————————————————— cut ————————|
 *     new   |—— kept, text ——|   blanks   ∶∶∶∶|      after the last boundary line
 *     or    |                             ∶∶∶∶|—— kept, text ——|      before the first
 *
 * Both places are outside of all parts, where readers show nothing (RFC 2046 §5.1.1).
 *
 * Threads  pure functions, but for the spool */
#pragma once

#include "base/splice.h"

struct rewrite_room {         /* that the old body took */
	uint64_t least, most; /* bytes in the queue file, at any line_length_limit from 128 on */
};

/* Measures the body in raw from body_at on. RC_RETRY from the spool; RC_NOMEM. */
enum rc rewrite_measure(const struct spool *raw, uint64_t body_at, struct rewrite_room *out,
			struct fault *why);

enum rewrite_place { REWRITE_PAD_NONE, REWRITE_PAD_AFTER, REWRITE_PAD_BEFORE };

/* Where to fill up. new_len: bytes of the new body; cut_end: where in the old one the last
 * cut ended. */
enum rewrite_place rewrite_pad_place(const struct rewrite_room *old, uint64_t new_len,
				     uint64_t cut_end);

/* Adds blank lines behind what is in body, until the old one's end is crossed. */
void rewrite_pad(const struct rewrite_room *old, struct splice *body);
