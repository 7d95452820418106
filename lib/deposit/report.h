/* deposit/report.h: the mail that tells the sender what became of a message: for whom it
 * waits and why, the phrase alone on a line, and how to hand it over.
 *
 * It goes to the sender's own, internal mailbox, and is as secret as the message.
 *
 * Memory   the text holds the phrase: buf_wipe() it
 * Threads  pure functions, but for the time */
#pragma once

#include "deposit/record.h"
#include "deposit/site.h"

struct deposit_report_line { /* one recipient; borrowed */
	struct slice address;
	enum rules_factor factor;
	struct slice why;    /* sentences, no content; may be empty */
	bool kept;           /* PHRASE: it was agreed upon before, and is not told here */
	struct slice number; /* CODE: "…67"; may be empty */
};

struct deposit_report { /* borrowed */
	const uint8_t *id;
	struct slice sender;
	size_t line_count;
	const struct deposit_report_line *lines;
	struct slice phrase;     /* len 0: no recipient needs one */
	struct slice header;     /* of the message: for its Date and Message-ID */
	struct slice message_id; /* of the report */
	int64_t until_s;
	bool parts; /* of a message whose rest went on */
};

/* Adds the whole message. Results as deposit_notice_format(). */
enum rc deposit_report_format(const struct deposit_site *site, const struct deposit_report *report,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why);
