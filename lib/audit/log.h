/* audit/log.h: the writer of the audit file.
 *
 * There is one writer: it holds a lock beside the file (FILE.lock) while it lives.
 *
 * After a crash the file may end within a line. Opening keeps those bytes in a file
 * of their own (FILE.torn-TIME), cuts them off, and says so in a record with the event
 * "recovered", so that the chain holds and nothing is lost in silence.
 *
 * Rotation: rename the file, then have audit_log_reopen() called (SIGHUP). The chain
 * goes on in the new file: its first line's prev is the hash of the old one's last
 * line. Should the process restart between the two, the new file continues from the
 * newest FILE.* or FILE-* beside it that is not compressed (logrotate: delaycompress).
 *
 * A failed sync is never taken back by a later one: the file is opened anew, its end is
 * looked at again, and what the failure left open is not called durable.
 *
 * Threads  any, but for open and close; appends that need the disk share one sync */
#pragma once

#include "audit/record.h"

struct audit_log;

/* Opens path for appending, made with mode 0640 when missing.
 *   RC_INVALID  the file cannot be, another process writes it (it was waited for, for a second),
 *               or it ends in more than a torn line: verify it, and move it away
 *   RC_RETRY    I/O error */
enum rc audit_log_open(const char *path, int64_t now_usec, struct audit_log **out,
		       struct fault *why);
void audit_log_close(struct audit_log *log); /* NULL is fine */

/* Appends records, which become lines in a row. durable: they are on the disk when this
 * returns (fdatasync).
 *   RC_RETRY    not written, or not known to be on the disk: the message must wait. A
 *               failed sync may leave the lines in the file: the decision that they tell
 *               of is taken again
 *   RC_LIMIT    a record longer than AUDIT_LINE_MAX; nothing was written
 *   RC_NOMEM */
enum rc audit_log_append(struct audit_log *log, const struct audit_record *records, size_t count,
			 bool durable, struct fault *why);

/* Opens path anew when it names another file than the open one, or none. On failure
 * the open one stays in use. */
enum rc audit_log_reopen(struct audit_log *log, int64_t now_usec, struct fault *why);
