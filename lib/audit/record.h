/* audit/record.h: one decision on one recipient, as it is kept.
 *
 *     {"ts":"2026-11-22T02:45:47.123456Z","seq":7,"event":"decided","queue_id":"3XkF2",
 *      "client":"192.0.2.7","auth":"jane","submission_tls":true,"from":"jane@our.example",
 *      "to":"bob@plain.test","findings":[{"marker":"card","where":"body","part":"1.2",
 *      "field":"","evidence":"4111 11** **** 1111"}],"rule":"cards only over proven TLS",
 *      "require":"authenticated","assurance":"none","by":null,"evidence":["plain.test …"],
 *      "verdict":"divert","reply":"250 2.0.0","reason":"…","rules_sha256":"9f86…",
 *      "deposit":null,"visit":null,"mode":null,"independent":null,"observed":null,
 *      "exception":null,
 *      "version":"0.1.0","prev":"e3b0…"}                          (on one line)
 *
 * Lines form a chain: seq grows by one, prev is the SHA-256, in hexadecimal, of the
 * line before without its line end (64 zeros for the first of all). Records name
 * events and masked evidence, never content; an event is "decided", never
 * "delivered", which only the MTA knows.
 *
 * Fields are a contract: they change only by adding.
 *
 * Memory   records borrow; formatting grows a struct buf
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	AUDIT_LINE_MAX =
		256 * 1024, /* bytes with line end; 64 findings and all reasons need 40 KB */
	AUDIT_HASH_CHARS = 64,
	AUDIT_VALUE_MAX = 400, /* bytes of one value on a syslog line; that of a reason */
};

struct audit_finding {
	const char *marker, *where, *part, *field;
	const char *evidence; /* masked */
};

/* NULL in any text means that there is none: null in JSON. */
struct audit_record {
	int64_t ts_usec; /* clock_wall_usec() */
	const char *event;
	const char *queue_id;
	const char *client; /* address of the submitter */
	const char *auth;   /* name that it authenticated as */
	bool submission_tls;
	const char *from; /* "" is the null sender */
	const char *to;
	size_t finding_count;
	const struct audit_finding *findings;
	const char *rule;
	const char *require;
	const char *assurance;
	const char *by;
	size_t evidence_count;
	const char *const *evidence; /* of the assurance: sentences */
	const char *verdict;
	const char *reply;
	const char *reason;
	const char *rules_sha256;

	/* Of what happens to a deposit, later: NULL for all else. */
	const char *deposit;     /* its id: 32 hexadecimal digits */
	const char *visit;       /* 8 hexadecimal digits, the same for all of one visit */
	const char *mode;        /* who decrypts: "browser" or "server"; of a decision: "observe",
				  * which is what would have been, and nothing was done */
	const bool *independent; /* whether the factor travels another way than the notice */

	/* Of a decision. */
	const char *observed; /* what would have been: by which rule that observes */
	const char *exception; /* which rules did not apply, and why; "rule \"…\": ticket 4711 …" */
};

/* Adds the record's line, line end included. prev: AUDIT_HASH_CHARS digits and NUL.
 *   RC_LIMIT, RC_NOMEM  from the buffer, which is as it was */
enum rc audit_record_format(const struct audit_record *record, uint64_t seq, const char *prev,
			    struct buf *out);

/* Adds the same facts as one line for syslog, without line end, printable ASCII:
 *     3XkF2: event=decided from=<jane@our.example> to=<bob@plain.test> verdict=divert …
 * Where there is no queue id it begins with "NOQUEUE". Values with spaces are quoted;
 * a value longer than AUDIT_VALUE_MAX is cut and ends in "...". For log_line() with no
 * id of its own. */
enum rc audit_record_syslog(const struct audit_record *record, struct buf *out);
