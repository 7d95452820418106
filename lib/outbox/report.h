/* outbox/report.h: what the sender is told of mail that the MTA did not take, or has not
 * taken for hours.
 *
 *     Subject: Undelivered: a notice about your message
 *     Subject: Delayed: your message
 *
 * It names recipients and what the server said, nothing of the message's content.
 *
 * Standard  RFC 5322; RFC 3834 (Auto-Submitted)
 * Memory    a struct buf grows
 * Threads   pure functions */
#pragma once

#include "outbox/worker.h"

struct outbox_failure {
	struct slice to;
	const char *words;     /* "550 5.1.1 no such mailbox" */
	enum outbox_fate fate; /* refused, delayed or given up */
};

struct outbox_report {
	const char *report_from;           /* address */
	struct slice to;                   /* the sender of what failed */
	enum outbox_kind kind;             /* of what failed */
	struct slice queue_id, message_id; /* of what failed; may be empty */
	struct slice own_id;               /* this report's Message-ID, with brackets */
	int64_t now_s;
	int64_t made_s, until_s; /* since when and until when what failed is tried */
	size_t failure_count;
	const struct outbox_failure *failures;
	/* The pass that the milter knows reports by; NULL: none. */
	const struct crypto_key *header_key;
	const uint8_t *pass_id; /* CRYPTO_PASS_ID_BYTES */
};

/* Adds the whole message, with CRLF.
 *   RC_INVALID  an address that no header field can carry    RC_LIMIT, RC_NOMEM */
enum rc outbox_report_format(const struct outbox_report *report, struct buf *out,
			     struct fault *why);
