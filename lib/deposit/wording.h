/* deposit/wording.h: the words of the mails that Postern writes about deposits: its own, or the
 * operator's.
 *
 *     Subject: Your protected message was opened
 *
 *     {{person}} has opened your message of {{made}}:
 *
 *     {{help}}
 *
 * One file for each mail, NAME.txt, in the folder that portal.texts names; where it has none,
 * and where there is no folder, the built-in words hold (conf/mails/). The first line is
 * the subject; paragraphs are parted by empty lines; {{name}} is a value, and a paragraph
 * with a value that there is none of is left out. Nothing else: no loops, no files, no code.
 *
 * What an operator writes is held to what a notice may be: the values that it must have, no
 * address of its own (one link, that of the portal), and none of the phrases by which people
 * are taught to fall for tricks.
 *
 * Memory   one immutable set; deposit_wording_free()
 * Threads  any, once read */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum deposit_mail {
	DEPOSIT_MAIL_NOTICE,
	DEPOSIT_MAIL_REPORT,
	DEPOSIT_MAIL_RECEIPT,
	DEPOSIT_MAIL_ALERT,
	DEPOSIT_MAIL_WARNING,
	DEPOSIT_MAIL_REVOKED,
	DEPOSIT_MAIL_EXPIRED,
	DEPOSIT_MAIL_SENT_ON,
};
enum { DEPOSIT_MAILS = DEPOSIT_MAIL_SENT_ON + 1 };
enum { DEPOSIT_WORDING_MAX = 16 * 1024 }; /* bytes of one file: a mail that nobody would read */

struct deposit_wording;

/* Reads the files of folder. RC_INVALID: "FILE:LINE: …". RC_ABSENT: no such folder. */
enum rc deposit_wording_read(const char *folder, struct deposit_wording **out, struct fault *why);
void deposit_wording_free(struct deposit_wording **wording); /* for CLEANUP(); NULL is fine */

const char *deposit_mail_name(enum deposit_mail mail); /* "sent-on" */

/* Whether text may be that mail's words: file and line are named in *why. */
enum rc deposit_wording_check(enum deposit_mail mail, struct slice text, const char *file,
			      struct fault *why);

struct deposit_value {
	const char *name;
	struct slice value; /* at NULL: there is none */
};

/* Fills a mail's words. wording NULL: the built-in. Adds the subject and the text, with LF.
 *   RC_LIMIT, RC_NOMEM  from the buffers */
enum rc deposit_wording_fill(const struct deposit_wording *wording, enum deposit_mail mail,
			     const struct deposit_value *values, size_t count, struct buf *subject,
			     struct buf *text, struct fault *why);
