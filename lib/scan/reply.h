/* scan/reply.h: what clamd answers within a session.
 *
 *     1: ClamAV 1.4.6/27435/Sun Nov 22 02:45:47 2026
 *     2: stream: OK
 *     2: stream: Win.Test.EICAR_HDB-1 FOUND
 *     2: INSTREAM size limit exceeded. ERROR
 *
 * Each ends with a NUL, since the commands did (clamd(8), "z" prefix). Nothing but the second
 * form says that a message is clean.
 *
 * Memory   slices borrow from what was read
 * Threads  pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum { SCAN_REPLY_MAX = 1024 }; /* bytes with the NUL; signatures have names of 20 to 60 */

enum scan_reply_kind {
	SCAN_REPLY_CLEAN,
	SCAN_REPLY_FOUND,    /* words: the name of what was found */
	SCAN_REPLY_TOO_LONG, /* clamd's StreamMaxLength */
	SCAN_REPLY_OTHER,    /* words: all of it: a version, an error, or something odd */
};

struct scan_reply {
	unsigned number; /* of the command it answers, from 1; 0: it names none */
	enum scan_reply_kind kind;
	struct slice words;
};

/* Takes the first whole reply off *bytes.
 *   RC_ABSENT   there is none yet: read more
 *   RC_INVALID  longer than SCAN_REPLY_MAX, or bytes that no reply has */
enum rc scan_reply_take(struct slice *bytes, struct scan_reply *out, struct fault *why);
