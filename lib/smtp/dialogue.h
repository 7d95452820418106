/* smtp/dialogue.h: what is said in a submission, without the socket.
 *
 *     reply 220  →  "EHLO gate.example"        reply 354  →  send the message
 *     reply 250  →  "MAIL FROM:<…> …"          reply 250  →  "QUIT"
 *
 * Fed with replies, it gives commands and settles the fate of each recipient;
 * submit.c carries the bytes and watches the clock.
 *
 * Standard  RFC 5321 §3.3, §4.2.1 (the first digit decides), §4.3.2, §4.5.3.2
 * Memory    the dialogue owns its results; it borrows the submission
 * Threads   one user at a time */
#pragma once

#include "base/buf.h"
#include "smtp/submit.h"

enum smtp_step { /* what was sent last: its answer is awaited */
		 SMTP_AT_GREETING,
		 SMTP_AT_EHLO,
		 SMTP_AT_HELO,
		 SMTP_AT_MAIL,
		 SMTP_AT_RCPT,
		 SMTP_AT_DATA,
		 SMTP_AT_MESSAGE, /* being sent: no answer is due, one may come all the same */
		 SMTP_AT_DOT,
		 SMTP_AT_QUIT,
		 SMTP_AT_END, /* the connection can be closed */
};

struct smtp_dialogue {
	const struct smtp_submission *submission;
	enum smtp_step step;
	struct smtp_capability can;
	size_t recipient; /* the one that RCPT named last */
	size_t taken;     /* recipients that the server has said 250 to */
	struct smtp_slot *slots;
	struct smtp_result *results;
	struct smtp_outcome outcome;
	char final[SMTP_WORDS_MAX];
};

/* RC_NOMEM: nothing to undo. A submission that no command can carry is settled
 * at once: the step is SMTP_AT_END. */
enum rc smtp_dialogue_init(struct smtp_dialogue *d, const struct smtp_submission *submission);
void smtp_dialogue_fini(struct smtp_dialogue *d);

/* Takes the server's next reply; adds the command to send, if any, to out. Then
 * the step says what is to be done: SMTP_AT_MESSAGE send the message, SMTP_AT_END
 * close, any other wait for the next reply. */
void smtp_dialogue_reply(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out);

/* The final dot was handed to the system: from here on, a loss leaves it open
 * whether the message was taken. */
void smtp_dialogue_dot(struct smtp_dialogue *d);

/* Ends it: connection lost, time-out, bytes that are no reply. Whoever is not
 * settled is to be tried again, in these words. */
void smtp_dialogue_break(struct smtp_dialogue *d, const char *words);

/* Ends it because the message can never be sent: whoever is not settled is
 * refused. Only before smtp_dialogue_dot(). */
void smtp_dialogue_refuse(struct smtp_dialogue *d, const char *words);

/* How long the step may take, and what it waits for: "the answer to RCPT". */
int64_t smtp_dialogue_wait_ms(const struct smtp_dialogue *d);
const char *smtp_dialogue_awaits(const struct smtp_dialogue *d);

/* Once the step is SMTP_AT_QUIT or SMTP_AT_END; lives as long as d. */
const struct smtp_outcome *smtp_dialogue_outcome(const struct smtp_dialogue *d);
