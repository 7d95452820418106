/* audit/hand.h: records of other programs (portal, command line), handed to the one writer.
 *
 *     the milter listens on STATE/audit.sock (milter/audit_server.h)
 *     client → server   netstring: verb (1) | count (1) | records       (base/pack.h)
 *     server → client   netstring: rc (1) | reason
 *
 * The answer comes after fdatasync. When nobody listens, the caller takes the log's lock and
 * writes by itself; when that is taken too (the milter is just starting, or ending), it is
 * tried again for a moment.
 *
 * The socket is the owner's alone (0600), so whoever speaks there could write the file as well;
 * its bytes are read with bounds all the same. Records with findings or evidence, with
 * rules that observe or exceptions are the milter's own business and cannot be handed over.
 *
 * Threads  any; calls block, at most AUDIT_HAND_MS: never the loop's thread */
#pragma once

#include "audit/record.h"
#include "base/slice.h"

#define AUDIT_HAND_SOCKET "audit.sock"

enum {
	AUDIT_HAND_RECORDS_MAX = 128,   /* in one go: a deposit's recipients, 100, and a few */
	AUDIT_HAND_TEXT_MAX = 4096,     /* bytes of one text, its NUL counted in */
	AUDIT_HAND_BYTES_MAX = 1 << 19, /* of one hand-over: 128 records of 4 KiB */
	AUDIT_HAND_MS = 10000,          /* for connecting, writing and the answer together: a sync
					 * on a busy disk takes a second */
};

struct audit_hand {        /* borrowed */
	const char *state; /* the folder with the socket */
	const char *file;  /* audit.file */
};

/* RC_OK: the records are durable, in a row.
 *   RC_INVALID  a record has what only a decision has, or there are too many
 *   RC_RETRY    not known to be durable: what they tell of must not happen now
 *   RC_LIMIT    a text or a record is too long      RC_NOMEM */
enum rc audit_hand_append(const struct audit_hand *hand, const struct audit_record *records,
			  size_t count, struct fault *why);

/* Has the milter look at its outbox at once. RC_ABSENT: no milter listens; it will look when it
 * starts. RC_RETRY: it did not answer; it looks within a minute by itself. */
enum rc audit_hand_wake(const struct audit_hand *hand, struct fault *why);

/* Has the milter forget what it has found out of the destinations that the records' `to` name,
 * and with policies their MTA-STS policies too, once the records are durable. RC_ABSENT: no
 * milter listens, and nothing is recorded; the others as for appending. */
enum rc audit_hand_forget(const struct audit_hand *hand, const struct audit_record *records,
			  size_t count, bool policies, struct fault *why);

/* ---- for the server ---- */

enum audit_hand_verb {
	AUDIT_HAND_APPEND,
	AUDIT_HAND_WAKE,
	AUDIT_HAND_FORGET, /* appends first */
	AUDIT_HAND_FORGET_POLICIES,
	AUDIT_HAND_VERBS
};

struct audit_handed {
	enum audit_hand_verb verb;
	size_t count;
	struct audit_record records[AUDIT_HAND_RECORDS_MAX]; /* borrow from the bytes */
	bool independent[AUDIT_HAND_RECORDS_MAX];            /* what theirs point to */
};

/* Without the netstring around it. RC_INVALID; RC_LIMIT, RC_NOMEM from out. */
enum rc audit_hand_encode(enum audit_hand_verb verb, const struct audit_record *records,
			  size_t count, struct buf *out, struct fault *why);
/* RC_INVALID: *out is not to be used. */
enum rc audit_hand_decode(struct slice bytes, struct audit_handed *out, struct fault *why);

enum rc audit_hand_encode_answer(enum rc rc, const char *reason, struct buf *out);
/* What the answer says; RC_RETRY when it is none. */
enum rc audit_hand_decode_answer(struct slice bytes, struct fault *why);
