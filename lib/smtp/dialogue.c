#include "smtp/dialogue.h"

#include "base/cleanup.h"
#include "smtp/command.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct smtp_slot { /* one recipient */
	enum { WAITING, TAKEN, SETTLED } state;
	char words[SMTP_WORDS_MAX];
};

static void settle(struct smtp_dialogue *d, size_t i, enum smtp_fate fate, unsigned code,
		   const char *words)
{
	struct smtp_slot *slot = &d->slots[i];
	size_t len = strnlen(words, sizeof slot->words - 1);

	if (slot->state == SETTLED)
		return;
	slot->state = SETTLED;
	memcpy(slot->words, words, len);
	slot->words[len] = '\0';
	d->results[i] = (struct smtp_result){ .fate = fate, .code = code, .words = slot->words };
}

static void settle_all(struct smtp_dialogue *d, enum smtp_fate fate, unsigned code,
		       const char *words)
{
	for (size_t i = 0; i < d->outcome.count; i++)
		settle(d, i, fate, code, words);
}

/* A command of ours that cannot be said never gets better. */
static enum smtp_fate fate_of(enum rc rc)
{
	return rc == RC_INVALID ? SMTP_REFUSED : SMTP_RETRY;
}

static enum smtp_fate fate_of_code(unsigned code)
{
	return code / 100 == 5 ? SMTP_REFUSED : SMTP_RETRY;
}

static void say(struct smtp_dialogue *d, enum smtp_step step, const char *line, struct buf *out)
{
	d->step = step;
	if (buf_add_text(out, line) != RC_OK)
		smtp_dialogue_break(d, "no memory for a command");
}

static void quit(struct smtp_dialogue *d, struct buf *out)
{
	say(d, SMTP_AT_QUIT, "QUIT\r\n", out);
}

/* The reply ends it for all who are not settled yet. */
static void give_up(struct smtp_dialogue *d, enum smtp_fate fate, const struct smtp_reply *reply,
		    struct buf *out)
{
	char words[SMTP_WORDS_MAX];

	settle_all(d, fate, reply->code, smtp_reply_words(reply, words));
	quit(d, out);
}

static void say_hello(struct smtp_dialogue *d, enum smtp_step step, struct buf *out)
{
	struct fault why;
	enum rc rc = smtp_command_hello(step == SMTP_AT_EHLO ? "EHLO" : "HELO", d->submission->helo,
					out, &why);

	d->step = step;
	if (rc != RC_OK)
		smtp_dialogue_break(d, why.text);
}

/* RFC 1870 §6.1: no need to send what was said to be too much. */
static bool is_too_large(const struct smtp_dialogue *d, struct buf *words)
{
	const struct smtp_submission *s = d->submission;

	if (s->read || !d->can.size_max_bytes || s->message.len <= d->can.size_max_bytes)
		return false;
	(void)buf_addf(words, "the message has %zu bytes, the server takes %llu", s->message.len,
		       (unsigned long long)d->can.size_max_bytes);
	return true;
}

static bool is_lacking(struct smtp_dialogue *d, struct buf *words)
{
	unsigned missing = smtp_command_needs(d->submission) & ~d->can.extensions;

	d->outcome.missing = missing;
	for (unsigned e = 1; e && e <= missing; e <<= 1)
		if (missing & e)
			(void)buf_addf(words, "%s%s",
				       words->len ? ", " : "the server does not offer ",
				       smtp_extension_name((enum smtp_extension)e));
	return missing != 0;
}

static void begin(struct smtp_dialogue *d, struct buf *out)
{
	CLEANUP(buf_free) struct buf words = BUF_INIT(SMTP_WORDS_MAX);
	struct fault why;

	if (is_lacking(d, &words) || is_too_large(d, &words)) {
		settle_all(d, SMTP_REFUSED, 0, buf_text(&words));
		quit(d, out);
		return;
	}
	enum rc rc = smtp_command_mail(d->submission, d->can.extensions, out, &why);
	d->step = SMTP_AT_MAIL;
	if (rc != RC_OK) {
		settle_all(d, fate_of(rc), 0, why.text);
		quit(d, out);
	}
}

/* RCPT for the first recipient from d->recipient on who can be named; DATA
 * behind the last. */
static void name_next(struct smtp_dialogue *d, struct buf *out)
{
	for (; d->recipient < d->outcome.count; d->recipient++) {
		struct fault why;
		enum rc rc = smtp_command_rcpt(&d->submission->recipients[d->recipient],
					       d->can.extensions, out, &why);

		d->step = SMTP_AT_RCPT;
		if (rc == RC_OK)
			return;
		settle(d, d->recipient, fate_of(rc), 0, why.text);
	}
	if (d->taken > 0)
		say(d, SMTP_AT_DATA, "DATA\r\n", out);
	else
		quit(d, out);
}

static void on_greeting(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	if (reply->code == 220)
		say_hello(d, SMTP_AT_EHLO, out);
	else
		give_up(d, SMTP_RETRY, reply, out);
}

static void on_hello(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	if (reply->code / 100 == 2) {
		if (d->step == SMTP_AT_EHLO)
			d->can = smtp_capability_read(reply);
		begin(d, out);
	} else if (reply->code / 100 == 5 && d->step == SMTP_AT_EHLO) {
		say_hello(d, SMTP_AT_HELO, out); /* RFC 5321 §3.2 */
	} else {
		give_up(d, SMTP_RETRY, reply, out);
	}
}

static void on_mail(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	if (reply->code / 100 == 2)
		name_next(d, out);
	else
		give_up(d, fate_of_code(reply->code), reply, out);
}

static void on_rcpt(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	char words[SMTP_WORDS_MAX];

	if (reply->code / 100 == 2) {
		d->slots[d->recipient].state = TAKEN;
		d->taken++;
	} else {
		/* 552 here means too many at once: RFC 5321 §4.5.3.1.10. */
		unsigned code = reply->code == 552 ? 452 : reply->code;
		settle(d, d->recipient, fate_of_code(code), reply->code,
		       smtp_reply_words(reply, words));
	}
	d->recipient++;
	name_next(d, out);
}

static void on_data(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	if (reply->code == 354)
		d->step = SMTP_AT_MESSAGE;
	else if (reply->code / 100 == 2) /* then what would it take the message for? */
		smtp_dialogue_break(d, "the server answered DATA with neither 354 nor a refusal");
	else
		give_up(d, fate_of_code(reply->code), reply, out);
}

/* An answer before the end: the server wants no more. QUIT would be taken for
 * a line of the message, so the connection is closed. */
static void on_early(struct smtp_dialogue *d, const struct smtp_reply *reply)
{
	char words[SMTP_WORDS_MAX];

	if (reply->code / 100 < 4) {
		smtp_dialogue_break(d, "the server answered before the message was sent");
		return;
	}
	settle_all(d, fate_of_code(reply->code), reply->code, smtp_reply_words(reply, words));
	d->step = SMTP_AT_END;
}

static void on_dot(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	if (reply->code / 100 == 3) {
		smtp_dialogue_break(d, "the server answered the message with a code of 300");
		return;
	}
	if (reply->code / 100 == 2) {
		d->outcome.final = smtp_reply_words(reply, d->final);
		give_up(d, SMTP_ACCEPTED, reply, out);
	} else {
		give_up(d, fate_of_code(reply->code), reply, out);
	}
}

void smtp_dialogue_reply(struct smtp_dialogue *d, const struct smtp_reply *reply, struct buf *out)
{
	char words[SMTP_WORDS_MAX];

	/* 421 may come in answer to anything: the server closes (RFC 5321 §3.8). */
	if (reply->code == 421) {
		settle_all(d, SMTP_RETRY, reply->code, smtp_reply_words(reply, words));
		d->step = SMTP_AT_END;
		return;
	}
	switch (d->step) {
	case SMTP_AT_GREETING:
		on_greeting(d, reply, out);
		break;
	case SMTP_AT_EHLO:
	case SMTP_AT_HELO:
		on_hello(d, reply, out);
		break;
	case SMTP_AT_MAIL:
		on_mail(d, reply, out);
		break;
	case SMTP_AT_RCPT:
		on_rcpt(d, reply, out);
		break;
	case SMTP_AT_DATA:
		on_data(d, reply, out);
		break;
	case SMTP_AT_MESSAGE:
		on_early(d, reply);
		break;
	case SMTP_AT_DOT:
		on_dot(d, reply, out);
		break;
	case SMTP_AT_QUIT:
	case SMTP_AT_END:
		d->step = SMTP_AT_END;
		break;
	}
}

void smtp_dialogue_dot(struct smtp_dialogue *d)
{
	assert(d->step == SMTP_AT_MESSAGE);
	d->step = SMTP_AT_DOT;
}

void smtp_dialogue_break(struct smtp_dialogue *d, const char *words)
{
	d->outcome.doubtful = d->step == SMTP_AT_DOT;
	settle_all(d, SMTP_RETRY, 0, words);
	d->step = SMTP_AT_END;
}

void smtp_dialogue_refuse(struct smtp_dialogue *d, const char *words)
{
	assert(d->step <= SMTP_AT_MESSAGE);
	settle_all(d, SMTP_REFUSED, 0, words);
	d->step = SMTP_AT_END;
}

static const struct {
	const char *awaits;
	size_t field;      /* of struct smtp_times */
	int64_t normal_ms; /* RFC 5321 §4.5.3.2 */
} waits[] = {
#define WAIT(words, field, seconds)                                                                \
	{                                                                                          \
		(words), offsetof(struct smtp_times, field), (seconds)*INT64_C(1000)               \
	}
	[SMTP_AT_GREETING] = WAIT("the greeting", greeting_ms, 300),
	[SMTP_AT_EHLO] = WAIT("the answer to EHLO", greeting_ms, 300),
	[SMTP_AT_HELO] = WAIT("the answer to HELO", greeting_ms, 300),
	[SMTP_AT_MAIL] = WAIT("the answer to MAIL", mail_ms, 300),
	[SMTP_AT_RCPT] = WAIT("the answer to RCPT", rcpt_ms, 300),
	[SMTP_AT_DATA] = WAIT("the answer to DATA", data_ms, 120),
	[SMTP_AT_MESSAGE] = WAIT("the server to take the message", block_ms, 180),
	[SMTP_AT_DOT] = WAIT("the answer to the message", dot_ms, 600),
	[SMTP_AT_QUIT] = WAIT("the answer to QUIT", quit_ms, 2),
	[SMTP_AT_END] = WAIT("nothing", quit_ms, 2),
#undef WAIT
};

int64_t smtp_dialogue_wait_ms(const struct smtp_dialogue *d)
{
	int64_t given;

	memcpy(&given, (const char *)&d->submission->times + waits[d->step].field, sizeof given);
	return given > 0 ? given : waits[d->step].normal_ms;
}

const char *smtp_dialogue_awaits(const struct smtp_dialogue *d)
{
	return waits[d->step].awaits;
}

const struct smtp_outcome *smtp_dialogue_outcome(const struct smtp_dialogue *d)
{
	assert(d->step >= SMTP_AT_QUIT);
	return &d->outcome;
}

/* Finds out before a connection is made whether the sender can be said. */
static void check_sender(struct smtp_dialogue *d)
{
	CLEANUP(buf_free) struct buf line = BUF_INIT(SMTP_COMMAND_MAX);
	struct fault why;

	if (smtp_command_mail(d->submission, ~0u, &line, &why) == RC_INVALID)
		smtp_dialogue_refuse(d, why.text);
}

enum rc smtp_dialogue_init(struct smtp_dialogue *d, const struct smtp_submission *submission)
{
	size_t count = submission->recipient_count;

	assert(count > 0);
	*d = (struct smtp_dialogue){ .submission = submission };
	d->slots = calloc(count, sizeof *d->slots);
	d->results = calloc(count, sizeof *d->results);
	if (!d->slots || !d->results) {
		smtp_dialogue_fini(d);
		return RC_NOMEM;
	}
	d->outcome = (struct smtp_outcome){ .count = count, .results = d->results, .final = "" };
	check_sender(d);
	return RC_OK;
}

void smtp_dialogue_fini(struct smtp_dialogue *d)
{
	free(d->slots);
	free(d->results);
	*d = (struct smtp_dialogue){ 0 };
}
