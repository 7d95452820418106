/* smtp/command.h: the commands that carry an envelope, as lines.
 *
 *     MAIL FROM:<a@b.example> BODY=8BITMIME RET=HDRS ENVID=dep-77 CRLF
 *     RCPT TO:<c@d.example> NOTIFY=FAILURE ORCPT=rfc822;c@d.example CRLF
 *
 * Whatever an address or a parameter holds, one command comes out or none: what
 * would end the line, or the path within it, is refused.
 *
 * Standard  RFC 5321 §4.1.1.2, §4.1.1.3, §4.1.2; RFC 3461 §4; RFC 6152, RFC 6531,
 *           RFC 1870, RFC 8689 §2
 * Memory    adds to the caller's buffer
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "smtp/submit.h"

enum {
	SMTP_PATH_MAX = 254,     /* bytes of an address, RFC 5321 §4.5.3.1.3 less the brackets */
	SMTP_ENVID_MAX = 100,    /* RFC 3461 §4.4 */
	SMTP_ORCPT_MAX = 500,    /* RFC 3461 §4.2 */
	SMTP_NOTIFY_MAX = 28,    /* "SUCCESS,FAILURE,DELAY" and some air, RFC 3461 §4.1 */
	SMTP_HELO_MAX = 255,     /* RFC 5321 §4.5.3.1.2 */
	SMTP_COMMAND_MAX = 1536, /* any of these lines, all parameters at their longest */
};

/* The extensions that the submission cannot do without. */
unsigned smtp_command_needs(const struct smtp_submission *submission);

/* Adds MAIL with the parameters of those extensions that are offered.
 * RC_INVALID: the sender or ENVID cannot be said in a command; RC_NOMEM, RC_LIMIT
 * of out. Nothing is added then. */
enum rc smtp_command_mail(const struct smtp_submission *submission, unsigned offered,
			  struct buf *out, struct fault *why);

/* Adds RCPT, the same way. */
enum rc smtp_command_rcpt(const struct smtp_recipient *recipient, unsigned offered, struct buf *out,
			  struct fault *why);

/* Adds verb ("EHLO", "HELO") and our name, the same way. */
enum rc smtp_command_hello(const char *verb, const char *name, struct buf *out, struct fault *why);
