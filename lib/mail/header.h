/* mail/header.h: header fields, composed.
 *
 *     Subject: =?utf-8?B?R2Vow7ZydCBJaG5lbg==?=
 *     From: "Jane Doe" <jane@our.example>
 *     References: <1@our.example>
 *      <2@plain.test>
 *
 * Each function adds one whole field with CRLF behind each line, folded at 78 columns
 * where it can be. What a stranger gave can add no field of its own: line ends and
 * other control characters in a value are refused, not mended.
 *
 * Standard  RFC 5322 §2.1.1 (lengths), §2.2.3 (folding), §3.4, §3.6.4; RFC 2047 §2, §5
 * Memory    a struct buf grows; when that fails, the field may be there in part
 * Threads   pure functions
 *
 * All return, beside what they name:
 *   RC_INVALID  a value that no field can carry; nothing was added
 *   RC_LIMIT, RC_NOMEM  from the buffer */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	MAIL_HEADER_LINE_MAX = 998,             /* bytes without CRLF; RFC 5322 §2.1.1, a must */
	MAIL_HEADER_COLUMNS = 78,               /* the same, a should */
	MAIL_MESSAGE_ID_MAX = 2 * 16 + 255 + 3, /* what mail_message_id() makes at most */
};

/* Unstructured text in UTF-8 (Subject, Comments), in encoded words where needed. Bytes
 * that are no UTF-8 become U+FFFD. */
enum rc mail_header_text(const char *name, struct slice text, struct buf *out, struct fault *why);

/* A value that is ASCII and already in its field's syntax (Date, Message-ID, References,
 * Content-Type, our own X fields); folded at spaces.
 *   RC_INVALID also: not ASCII, or a word longer than a line can be */
enum rc mail_header_words(const char *name, struct slice value, struct buf *out, struct fault *why);

/* One mailbox (From, To, Sender). display may be empty. address is mail_address_parse()d;
 * where it is not ASCII, so is the field, and the message needs SMTPUTF8. */
enum rc mail_header_mailbox(const char *name, struct slice display, struct slice address,
			    struct buf *out, struct fault *why);

/* Whether a field may be copied from a protected message into one that is not: From, To,
 * Cc, Date, In-Reply-To, References. No other: Subject, Thread-Topic, Keywords and label
 * fields tell of the content. */
bool mail_header_is_copied(struct slice name);

/* Copies such a field as it was, its folds included; line ends as LF or CRLF. name
 * mail_header_is_copied().
 *   RC_INVALID also: not UTF-8, or a line that is too long and has no space. Where it is
 *               UTF-8 and not ASCII, the message needs SMTPUTF8 (mail_is_ascii()) */
enum rc mail_header_copy(struct slice name, struct slice value, struct buf *out, struct fault *why);

bool mail_is_ascii(struct slice s);

/* "<6b2f…@our.example>", of 16 random bytes and a domain (A-labels). No line end. */
enum rc mail_message_id(const uint8_t random[16], struct slice domain, struct buf *out);
