/* smtp/submit.h: hands one message to a mail server, without blocking.
 *
 *     S: 220 mta.example ESMTP        C: EHLO gate.example
 *     C: MAIL FROM:<a@b.example> RET=HDRS ENVID=dep-77
 *     C: RCPT TO:<c@d.example> NOTIFY=FAILURE ORCPT=rfc822;c@d.example
 *     C: DATA …  .                    S: 250 2.0.0 Ok: queued as 4XyZ
 *
 * The server is the MTA beside us, named by number or by socket path. Each
 * recipient ends as accepted, refused for good, or to be tried again; what the
 * server said is kept. A connection lost between the final dot and its answer
 * leaves open whether the message was taken: such recipients are to be tried
 * again, and `doubtful` says that a second copy may be the price (RFC 1047). A
 * server that turns us away before MAIL says nothing about the message: try again.
 *
 * Standard  RFC 5321 §3.3, §4.5.2 (dots), §4.5.3.2 (time-outs), RFC 3461 (DSN)
 * Memory    what the submission points to must stay until done() or cancel
 * Threads   the loop's */
#pragma once

#include "smtp/capability.h"

struct loop;

enum smtp_ret { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS };

struct smtp_recipient {
	const char *address; /* "c@d.example", no angle brackets */
	const char *notify;  /* "NEVER", "FAILURE,DELAY"; NULL or "": not given */
	const char *orcpt;   /* "rfc822;c@d.example", xtext already; NULL or "": not given */
};

/* How long to wait, RFC 5321 §4.5.3.2. 0 in a field: the RFC's value. */
struct smtp_times {
	int64_t connect_ms;  /* 30 s; the RFC has none, the server is beside us */
	int64_t greeting_ms; /* 5 min; EHLO too */
	int64_t mail_ms;     /* 5 min */
	int64_t rcpt_ms;     /* 5 min */
	int64_t data_ms;     /* 2 min */
	int64_t block_ms;    /* 3 min for each block that the server takes */
	int64_t dot_ms;      /* 10 min */
	int64_t quit_ms;     /* 2 s: the outcome is settled by then */
};

/* Fills at most room bytes, says in *got how many; 0 is the end. Anything but
 * RC_OK: the submission breaks off, all recipients to be tried again. On the
 * loop's thread. */
typedef enum rc smtp_read(void *arg, char *into, size_t room, size_t *got);

struct smtp_submission {
	const char *server; /* "127.0.0.1:25", "[::1]:25", "unix:/path" */
	const char *helo;   /* our name */

	const char *from;  /* "" is the null sender */
	enum smtp_ret ret; /* sent where the server has DSN */
	const char *envid; /* xtext already; NULL or "": not given; sent where the server has DSN */
	bool smtputf8;   /* needs SMTPUTF8: without it, refused; so does any address beyond ASCII */
	bool requiretls; /* needs REQUIRETLS: without it, refused (RFC 8689 §4.2.1) */
	bool eightbit;   /* BODY=8BITMIME, where the server has it */
	unsigned required; /* set of smtp_extension that must be there besides, such as SMTP_DSN
	                     * where RET=HDRS must not be lost, or SMTP_8BITMIME */

	size_t recipient_count; /* at least 1 */
	const struct smtp_recipient *recipients;

	/* The message, with CRLF at its line ends: from read, or when that is NULL,
	 * the slice. It is sent as it is but for dot stuffing and a last CRLF where
	 * it lacks one. A bare LF breaks off and is refused: one server's line end
	 * is the next one's smuggled message. */
	struct slice message;
	smtp_read *read;
	void *read_arg;

	struct smtp_times times;
};

enum smtp_fate {
	SMTP_ACCEPTED, /* the server answers for it now */
	SMTP_REFUSED,  /* for good */
	SMTP_RETRY,    /* for now */
};

struct smtp_result {
	enum smtp_fate fate;
	unsigned code;     /* the server's, 0 when the words are ours */
	const char *words; /* "550 5.1.1 no such mailbox", "no answer to RCPT in 300 s" */
};

struct smtp_outcome {
	size_t count; /* as in the submission, same order */
	const struct smtp_result *results;
	bool doubtful;     /* the server may have taken it, see above */
	unsigned missing;  /* required extensions that were not offered */
	const char *final; /* the reply to the message when it was accepted, for
	                                    * smtp_queue_id(); "" otherwise */
};

/* On the loop's thread, once, never from within smtp_submit_start(). The outcome
 * is borrowed for the call; the handle is gone when it returns. */
typedef void smtp_done(void *arg, const struct smtp_outcome *outcome);

struct smtp_submit;

/* NULL: out of memory. An address that no command can carry (a control
 * character, a space outside quotes) ends refused, by way of done(). */
struct smtp_submit *smtp_submit_start(struct loop *loop, const struct smtp_submission *submission,
				      smtp_done *done, void *arg);

/* Breaks off; done() is not called. NULL is fine. Not from within done(). */
void smtp_submit_cancel(struct smtp_submit *submit);
