/* audit/tail.h: the end of an audit file, from which the chain goes on.
 *
 * Threads  one user at a time per file */
#pragma once

#include "audit/verify.h"

struct audit_tail {
	bool any;     /* there is a record; else the rest is 0 */
	uint64_t seq; /* of the last whole record */
	char hash[AUDIT_HASH_CHARS + 1];
	uint64_t end;  /* bytes up to and with its line end */
	uint64_t torn; /* bytes behind it */
};

/* Finds the last whole record.
 *   RC_INVALID  none within the last 2 * AUDIT_LINE_MAX bytes, though there are lines
 *   RC_RETRY    I/O error        RC_NOMEM */
enum rc audit_tail_find(int fd, struct audit_tail *out, struct fault *why);

/* Moves what stands behind the last whole record to the file aside, durably, and cuts it
 * off. Nothing to do when tail->torn is 0. RC_RETRY, RC_NOMEM. */
enum rc audit_tail_cut(int fd, const struct audit_tail *tail, const char *aside, struct fault *why);

/* The newest record of the files beside path that are called path.* or path-* (rotated
 * ones). out->any is false when there is none. Files that cannot be read as audit files
 * do not count. RC_NOMEM. */
enum rc audit_tail_find_rotated(const char *path, struct audit_tail *out, struct fault *why);
