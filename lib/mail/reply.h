/* mail/reply.h: the SMTP reply that a message, or a recipient, gets.
 *
 *     550-5.7.10 plain.test offers no TLS that can be proven, and the rule "cards only over
 *     550 5.7.10 proven TLS" asks for it; nobody has received this message.
 *
 * Words are wrapped into lines that libmilter (smfi_setmlreply) and SMTP can carry. They
 * name marker class, domain and reason; content of the message is the caller's not to put
 * there.
 *
 * Standard  RFC 5321 §4.2 (replies), §4.5.3.1.5 (512 bytes a line), RFC 2034 (enhanced codes)
 * Memory    text lives in the arena given
 * Threads   pure functions */
#pragma once

#include "base/arena.h"
#include "base/rc.h"

enum {
	MAIL_REPLY_LINES_MAX = 32, /* libmilter's MAXREPLIES */
	MAIL_REPLY_LINE_MAX = 480, /* bytes after "550-5.7.10 "; the RFC's 512 less codes and CRLF;
				    * libmilter would take 980 */
};

struct mail_reply {
	unsigned code;        /* 4xx or 5xx */
	const char *enhanced; /* "5.7.10" */
	/* For smfi_setmlreply(): printable ASCII, each '%' doubled, NULL behind the last. */
	size_t line_count; /* at least 1 */
	const char *lines[MAIL_REPLY_LINES_MAX + 1];
	const char *words; /* all on one line, '%' once: "550 5.7.10 plain.test offers …" */
};

/* text: sentences; an LF begins a new line, other bytes that are not printable ASCII become
 * '?'. What 32 lines cannot hold is cut off and ends in "[...]". enhanced is of the class of
 * code and lives on. RC_NOMEM. */
enum rc mail_reply_make(unsigned code, const char *enhanced, struct slice text, struct arena *arena,
			struct mail_reply *out);
