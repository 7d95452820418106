/* smtp/reply.h: what a server answers to a command.
 *
 *     250-mx.example.net at your service
 *     250-SIZE 10240000
 *     250 STARTTLS
 *
 * Three digits, a hyphen on all lines but the last, text; where the server has
 * RFC 2034 the text begins with an enhanced code ("5.1.1 no such mailbox").
 * Replies are strangers' bytes: a bare CR, a bare LF or a NUL is refused rather
 * than guessed at, since a reader that takes LF for a line end can be made to
 * see replies that the server never sent.
 *
 * Standard  RFC 5321 §4.2 (replies), §4.5.3.1.5 (length), RFC 2034, RFC 3463 §2
 * Memory    a reply borrows from the bytes it was taken from
 * Threads   pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum {
	SMTP_REPLY_LINE_MAX = 1024, /* bytes with CRLF; the RFC's 512, doubled for those who
	                             * put a web address in a refusal */
	SMTP_REPLY_LINES_MAX = 64,  /* long EHLO answers have 20 */
	SMTP_REPLY_MAX = SMTP_REPLY_LINE_MAX * SMTP_REPLY_LINES_MAX,
	SMTP_WORDS_MAX = 512, /* bytes of a reply as kept for people, the NUL included */
};

struct smtp_enhanced { /* all 0: none was given */
	uint16_t class, subject, detail;
};

struct smtp_reply {
	unsigned code;                 /* 200..599; for DATA 354 */
	struct smtp_enhanced enhanced; /* from the first line; its class agrees with code */
	size_t line_count;             /* at least 1 */
	struct slice lines[SMTP_REPLY_LINES_MAX]; /* after code and separator; may be empty */
};

/* Takes one whole reply off the front of *in.
 *   RC_ABSENT   it is not complete yet: come again with more bytes behind the same
 *   RC_INVALID  not a reply: the dialogue cannot go on
 *   RC_LIMIT    a line or the number of lines beyond the bounds above
 * *in and *out are untouched but on RC_OK. */
enum rc smtp_reply_take(struct slice *in, struct smtp_reply *out, struct fault *why);

/* The reply on one line, as a person reads it: "550 5.1.1 no such mailbox here",
 * lines joined with a space, printable ASCII, cut to SMTP_WORDS_MAX. out holds
 * that many bytes and is returned. */
char *smtp_reply_words(const struct smtp_reply *reply, char *out);

/* The queue id in the words of the reply to the message, when the server is one
 * whose habit is known: "250 2.0.0 Ok: queued as 4Xyz" (Postfix), "250 2.0.0
 * 3AMx accepted for delivery" (Sendmail), "250 OK id=1r-x" (Exim). Borrows from
 * words. False: none. */
bool smtp_queue_id(const char *words, struct slice *id);
