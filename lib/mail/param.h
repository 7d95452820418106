/* mail/param.h: the parameters that ESMTP adds to MAIL and RCPT.
 *
 *     MAIL FROM:<a@our.example> SIZE=81234 BODY=8BITMIME RET=HDRS ENVID=QQ314159
 *     RCPT TO:<b@plain.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bx@plain.test
 *
 * A milter gets them as words; a message that is handed back to the MTA must carry
 * them again. Values are kept as they stood (ENVID and ORCPT in xtext), so what is
 * written is what was read.
 *
 * Standard  RFC 3461 §4 (RET, ENVID, NOTIFY, ORCPT, xtext), RFC 1870 (SIZE), RFC 6152 and
 *           RFC 3030 (BODY), RFC 6531 §3.4 (SMTPUTF8), RFC 8689 §2 (REQUIRETLS)
 * Memory    slices borrow from the words; formatting grows a struct buf
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	MAIL_ENVID_MAX = 100, /* characters of xtext; RFC 3461 §4.4 */
	MAIL_ORCPT_MAX = 500, /* characters with the address type; RFC 3461 §4.2 */
};

enum mail_ret { MAIL_RET_NONE, MAIL_RET_FULL, MAIL_RET_HDRS };
enum mail_body { MAIL_BODY_NONE, MAIL_BODY_7BIT, MAIL_BODY_8BITMIME, MAIL_BODY_BINARYMIME };

enum mail_notify { /* a set; 0: not given */
		   MAIL_NOTIFY_NEVER = 1,
		   MAIL_NOTIFY_SUCCESS = 2,
		   MAIL_NOTIFY_FAILURE = 4,
		   MAIL_NOTIFY_DELAY = 8,
};

struct mail_from_params {
	enum mail_ret ret;
	enum mail_body body;
	struct slice envid; /* xtext; len 0: not given */
	bool smtputf8, requiretls;
	bool has_size;
	uint64_t size;   /* bytes, as the client announced */
	unsigned others; /* parameters that we do not know (AUTH, MT-PRIORITY, …) and do not keep */
};

struct mail_rcpt_params {
	unsigned notify;    /* set of mail_notify */
	struct slice orcpt; /* "rfc822;b+2Bx@plain.test"; len 0: not given */
	unsigned others;
};

/* Takes one word, "NAME" or "NAME=VALUE", into *params, which starts zeroed.
 *   RC_INVALID  not of that form, a bad value, or given a second time; *params is as
 *               it was. The MTA has accepted the command, so a caller that cannot do
 *               without the value stops the message, and others go on */
enum rc mail_from_param_take(struct slice word, struct mail_from_params *params, struct fault *why);
enum rc mail_rcpt_param_take(struct slice word, struct mail_rcpt_params *params, struct fault *why);

/* Adds them as they follow the address, "RET=HDRS ENVID=x", nothing when there are
 * none; without SIZE, since what is handed on is not what was announced. */
enum rc mail_from_params_format(const struct mail_from_params *params, struct buf *out);
enum rc mail_rcpt_params_format(const struct mail_rcpt_params *params, struct buf *out);

/* "NEVER" or "SUCCESS,FAILURE,DELAY" as far as in the set; "" for 0. out holds
 * MAIL_NOTIFY_TEXT bytes and is returned. */
enum { MAIL_NOTIFY_TEXT = 24 };
char *mail_notify_format(unsigned notify, char *out);

/* xtext: printable ASCII but + and =, others as +XX in upper-case hexadecimal. */
bool mail_is_xtext(struct slice s);
enum rc mail_xtext_format(struct slice raw, struct buf *out);
enum rc mail_xtext_parse(struct slice xtext, struct buf *out); /* RC_INVALID: no xtext */
