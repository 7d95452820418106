#include "outbox/job.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "mail/header.h"
#include "outbox/item.h"
#include "outbox/report.h"
#include "outbox/retry.h"

#include <stdlib.h>
#include <string.h>

enum {
	ARENA_MAX = 8 * 1024 * 1024, /* OUTBOX_RECIPIENTS_MAX recipients with all their words */
	REPORT_MAX = 4 * 1024 * 1024,
};

static const char NO_MEMORY[] = "out of memory";

static enum rc read_payload(void *arg, char *into, size_t room, size_t *got)
{
	struct outbox_job *job = arg;

	return outbox_payload_read(job->payload, into, room, got, NULL);
}

/* A text from the row, for a command. NULL only when memory is out. */
static const char *word(struct outbox_job *job, struct slice s)
{
	return arena_text(job->arena, s);
}

static enum rc list_recipients(struct outbox_job *job, struct smtp_recipient *list)
{
	const struct outbox_mail *mail = &job->row.mail;

	for (size_t i = 0; i < mail->recipient_count; i++) {
		const struct outbox_recipient *to = &mail->recipients[i];
		char *notify = arena_alloc(job->arena, MAIL_NOTIFY_TEXT);
		if (!notify)
			return RC_NOMEM;
		list[i].address = word(job, to->address);
		list[i].notify = mail_notify_format(to->notify, notify);
		list[i].orcpt = word(job, to->orcpt);
		if (!list[i].address || !list[i].orcpt)
			return RC_NOMEM;
	}
	return RC_OK;
}

static enum rc prepare(struct outbox_job *job, const struct outbox_worker_settings *settings)
{
	const struct outbox_mail *mail = &job->row.mail;
	struct smtp_recipient *list =
		ARENA_ARRAY(job->arena, struct smtp_recipient, mail->recipient_count);

	job->ends = ARENA_ARRAY(job->arena, struct outbox_end, mail->recipient_count);
	if (!list || !job->ends || list_recipients(job, list) != RC_OK)
		return RC_NOMEM;
	job->final = "";
	job->submission = (struct smtp_submission){
		.server = settings->server,
		.helo = settings->helo,
		.from = word(job, mail->from),
		.ret = mail->ret == MAIL_RET_HDRS   ? SMTP_RET_HDRS
		       : mail->ret == MAIL_RET_FULL ? SMTP_RET_FULL
						    : SMTP_RET_NONE,
		.envid = word(job, mail->envid),
		.smtputf8 = mail->smtputf8,
		.requiretls = mail->requiretls,
		.eightbit = mail->eightbit,
		/* RET=HDRS keeps content out of bounces: not sent where it would be lost. */
		.required = mail->ret == MAIL_RET_HDRS ? SMTP_DSN : 0,
		.recipient_count = mail->recipient_count,
		.recipients = list,
		.read = read_payload,
		.read_arg = job,
		.times = settings->times,
	};
	return job->submission.from && job->submission.envid ? RC_OK : RC_NOMEM;
}

/* Opens the payload; what can never be opened answers the job. */
static enum rc open_payload(struct outbox *outbox, struct outbox_job *job, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key;
	struct fault inner;
	enum rc rc = RC_INVALID;

	if (job->row.has_key)
		rc = outbox_unwrap(outbox, job->stored.id, job->row.sealed_key, &key, &inner);
	else
		(void)fault(&inner, rc, "its key is gone");
	if (rc == RC_OK)
		rc = outbox_payload_open(outbox->store, job->stored.id, &key, &job->payload,
					 &inner);
	if (rc == RC_OK)
		return RC_OK;
	if (rc != RC_INVALID && rc != RC_ABSENT)
		return fault(why, rc, "%s", inner.text);
	const char *words = arena_format(job->arena, "our copy cannot be opened: %s", inner.text);
	outbox_job_answer(job, NULL, words ? words : "our copy cannot be opened");
	for (size_t i = 0; i < job->row.mail.recipient_count; i++)
		job->ends[i].fate = SMTP_REFUSED;
	return RC_OK;
}

enum rc outbox_job_load(struct outbox *outbox, const struct store_outbox_row *stored,
			const struct outbox_worker_settings *settings, struct outbox_job **out,
			struct fault *why)
{
	CLEANUP(outbox_job_free) struct outbox_job *job = calloc(1, sizeof *job);

	if (job)
		job->arena = arena_new(ARENA_MAX);
	if (!job || !job->arena)
		return fault(why, RC_NOMEM, NO_MEMORY);
	job->stored = *stored;
	job->stored.record.at = arena_text(job->arena, stored->record);
	if (!job->stored.record.at)
		return fault(why, RC_NOMEM, NO_MEMORY);
	enum rc rc = outbox_row_decode(job->stored.record, job->arena, &job->row, why);
	if (rc != RC_OK)
		return rc;
	if (prepare(job, settings) != RC_OK)
		return fault(why, RC_NOMEM, NO_MEMORY);
	rc = open_payload(outbox, job, why);
	if (rc == RC_OK)
		*out = TAKE(job);
	return rc;
}

void outbox_job_answer(struct outbox_job *job, const struct smtp_outcome *outcome,
		       const char *words)
{
	for (size_t i = 0; i < job->row.mail.recipient_count; i++) {
		const struct smtp_result *r = outcome ? &outcome->results[i] : NULL;
		const char *said = r ? r->words : words;
		const char *copy = arena_text(job->arena, (struct slice){ said, strlen(said) });
		job->ends[i].fate = r ? r->fate : SMTP_RETRY;
		job->ends[i].words = copy ? copy : NO_MEMORY;
	}
	if (outcome && outcome->final) {
		struct slice final = { outcome->final, strlen(outcome->final) };
		const char *copy = arena_text(job->arena, final);
		job->final = copy ? copy : "";
	}
	job->answered = true;
}

void outbox_job_free(struct outbox_job **jobp)
{
	struct outbox_job *job = TAKE(*jobp);

	if (!job)
		return;
	outbox_payload_close(&job->payload);
	arena_free(job->arena);
	free(job);
}

/* ---- settling ---- */

/* Whether it has waited for so long. */
static bool has_waited(const struct outbox_job *job, int64_t how_long_s)
{
	return job->settled_s - job->stored.made_s >= how_long_s;
}

/* Whether there is something to tell of recipient i, and what. */
static bool has_news(const struct outbox_job *job, const struct outbox_settling *s, size_t i,
		     enum outbox_fate *fate)
{
	switch (job->ends[i].fate) {
	case SMTP_ACCEPTED:
		*fate = OUTBOX_ACCEPTED;
		return true;
	case SMTP_REFUSED:
		*fate = OUTBOX_REFUSED;
		return true;
	case SMTP_RETRY:
		*fate = has_waited(job, s->settings->give_up_s) ? OUTBOX_GIVEN_UP : OUTBOX_DELAYED;
		return *fate == OUTBOX_GIVEN_UP ||
		       (!job->row.told && has_waited(job, s->settings->report_s));
	}
	return false;
}

/* Whether recipient i leaves the row now, and how. */
static bool is_ended(const struct outbox_job *job, const struct outbox_settling *s, size_t i,
		     enum outbox_fate *fate)
{
	return has_news(job, s, i, fate) && *fate != OUTBOX_DELAYED;
}

static enum rc tell_program(struct outbox_job *job, const struct outbox_settling *s,
			    struct fault *why)
{
	const struct outbox_mail *mail = &job->row.mail;
	struct slice queue_id = { 0 };

	(void)smtp_queue_id(job->final, &queue_id);
	for (size_t i = 0; i < mail->recipient_count; i++) {
		struct outbox_event event = {
			.kind = mail->kind,
			.from = mail->from,
			.to = mail->recipients[i].address,
			.queue_id = mail->queue_id,
			.message_id = mail->message_id,
			.words = job->ends[i].words,
			.tries = job->stored.tries + 1,
		};
		if (job->ends[i].told || !has_news(job, s, i, &event.fate))
			continue;
		if (event.fate == OUTBOX_ACCEPTED)
			event.mta_queue_id = queue_id;
		memcpy(event.id, job->stored.id, sizeof event.id);
		enum rc rc = s->event(s->arg, &event);
		if (rc != RC_OK)
			return fault(why, rc, "the fate of an outbox item cannot be recorded");
		job->ends[i].told = true;
	}
	return RC_OK;
}

/* Puts the recipients of which the sender is to be told into list; how many. */
static size_t list_failures(const struct outbox_job *job, const struct outbox_settling *s,
			    struct outbox_failure *list)
{
	size_t count = 0;

	for (size_t i = 0; i < job->row.mail.recipient_count; i++) {
		enum outbox_fate fate;
		if (!has_news(job, s, i, &fate) || fate == OUTBOX_ACCEPTED)
			continue;
		list[count++] = (struct outbox_failure){
			.to = job->row.mail.recipients[i].address,
			.words = job->ends[i].words,
			.fate = fate,
		};
	}
	return count;
}

/* Only what a sender waits for, and never a report on a report. */
static bool is_reported(const struct outbox_mail *mail)
{
	return (mail->kind == OUTBOX_NOTICE || mail->kind == OUTBOX_HANDBACK) && mail->from.len;
}

static enum rc seal_report(const struct outbox_job *job, const struct outbox_settling *s,
			   const struct outbox_failure *failures, size_t count,
			   struct outbox_item **out, struct fault *why)
{
	const struct outbox_mail *failed = &job->row.mail;
	struct buf id = BUF_INIT(MAIL_MESSAGE_ID_MAX), text = BUF_INIT(REPORT_MAX);
	struct slice helo = { s->settings->helo, strlen(s->settings->helo) };
	uint8_t random[2][16];
	struct outbox_recipient to = { .address = failed->from, .notify = MAIL_NOTIFY_NEVER };

	enum rc rc = crypto_random(random, sizeof random, why);
	if (rc == RC_OK && mail_message_id(random[0], helo, &id) != RC_OK)
		rc = fault(why, buf_state(&id), "no Message-ID can be made of %s",
			   s->settings->helo);
	struct outbox_report report = {
		.report_from = s->settings->report_from,
		.to = failed->from,
		.kind = failed->kind,
		.queue_id = failed->queue_id,
		.message_id = failed->message_id,
		.own_id = buf_slice(&id),
		.now_s = s->now_s,
		.made_s = job->stored.made_s,
		.until_s = job->stored.made_s + s->settings->give_up_s,
		.failure_count = count,
		.failures = failures,
		.header_key = s->settings->header_key,
		.pass_id = random[1],
	};
	if (rc == RC_OK)
		rc = outbox_report_format(&report, &text, why);
	struct outbox_mail mail = {
		.kind = OUTBOX_REPORT,
		.recipient_count = 1,
		.recipients = &to,
		.smtputf8 = !mail_is_ascii(failed->from),
		.queue_id = failed->queue_id,
		.message_id = buf_slice(&id),
		.message = buf_slice(&text),
	};
	if (rc == RC_OK)
		rc = outbox_seal(s->outbox, &mail, out, why);
	buf_free(&id);
	buf_free(&text);
	return rc;
}

/* The row as it is to be from now on: the recipients that are left, or, when none is,
 * those that failed, without the key. False: nothing is left of it. */
static bool next_row(const struct outbox_job *job, const struct outbox_settling *s,
		     struct outbox_recipient *list, struct outbox_row *row,
		     struct store_outbox_row *stored)
{
	const struct outbox_mail *mail = &job->row.mail;
	size_t left = 0, failed = 0;
	const char *words = "";
	enum outbox_fate fate;

	for (size_t i = 0; i < mail->recipient_count; i++) {
		if (is_ended(job, s, i, &fate))
			continue;
		words = job->ends[i].words;
		list[left++] = mail->recipients[i];
	}
	for (size_t i = 0; left == 0 && i < mail->recipient_count; i++) {
		if (!is_ended(job, s, i, &fate) || fate == OUTBOX_ACCEPTED)
			continue;
		words = job->ends[i].words;
		list[failed++] = mail->recipients[i];
	}
	*row = job->row;
	row->mail.recipients = list;
	row->mail.recipient_count = left ? left : failed;
	row->words = (struct slice){ words, strlen(words) };
	row->has_key = left > 0;
	row->told = job->row.told || has_waited(job, s->settings->report_s);
	*stored = job->stored;
	stored->tries++;
	stored->state = left ? STORE_OUTBOX_WAITING : STORE_OUTBOX_STUCK;
	return left + failed > 0;
}

static int64_t next_try(const struct outbox_job *job, const struct outbox_settling *s, bool told)
{
	int64_t wait_s = s->settings->give_up_s;
	uint32_t random = 0;

	if (!told && s->settings->report_s < wait_s)
		wait_s = s->settings->report_s;
	int64_t last = job->stored.made_s + wait_s;

	(void)crypto_random(&random, sizeof random, NULL); /* without: no jitter, no harm */
	int64_t next = s->now_s + outbox_retry_pause_s(s->settings->retry_first_s,
						       s->settings->retry_max_s,
						       job->stored.tries + 1, random);
	return next < last ? next : last; /* so that telling is not late by a pause */
}

static enum rc write_outcome(struct outbox_job *job, const struct outbox_settling *s,
			     struct outbox_recipient *list, const struct outbox_item *report,
			     bool *over, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct buf record = BUF_INIT(STORE_RECORD_MAX);
	struct store_outbox_row stored;
	struct outbox_row row;

	bool keep = next_row(job, s, list, &row, &stored);
	*over = !row.has_key;
	stored.next_s =
		row.has_key ? next_try(job, s, row.told) : s->now_s + s->settings->keep_stuck_s;
	enum rc rc = outbox_row_encode(&row, &record);
	if (rc != RC_OK)
		rc = fault(why, rc, "what is left of an outbox row does not fit");
	stored.record = buf_slice(&record);
	if (rc == RC_OK)
		rc = store_begin(s->outbox->store, &tx, why);
	if (rc == RC_OK)
		rc = keep ? store_outbox_set(tx, &stored, why)
			  : store_outbox_remove(tx, stored.id, why);
	if (rc == RC_ABSENT)
		rc = RC_OK; /* the operator has removed it meanwhile */
	if (rc == RC_OK && report)
		rc = outbox_add(tx, report, s->now_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	buf_wipe(&record);
	return rc;
}

enum rc outbox_job_settle(struct outbox_job *job, const struct outbox_settling *s,
			  struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *report = NULL;
	CLEANUP(cleanup_free) struct outbox_failure *failures = NULL;
	CLEANUP(cleanup_free) struct outbox_recipient *list = NULL;
	size_t count = job->row.mail.recipient_count;
	bool over = false;

	failures = calloc(count, sizeof *failures);
	list = calloc(count, sizeof *list);
	if (!failures || !list)
		return fault(why, RC_NOMEM, NO_MEMORY);
	outbox_payload_close(&job->payload);
	if (!job->settled_s)
		job->settled_s = s->now_s;

	enum rc rc = tell_program(job, s, why);
	size_t failed = list_failures(job, s, failures);
	if (rc == RC_OK && failed && is_reported(&job->row.mail))
		rc = seal_report(job, s, failures, failed, &report, why);
	if (rc == RC_OK)
		rc = write_outcome(job, s, list, report, &over, why);
	if (rc != RC_OK)
		return rc;
	outbox_keep(&report);
	/* Its key went with the row: what cannot be removed now is noise, and swept later. */
	if (over)
		(void)store_blob_remove(s->outbox->store, STORE_OUTBOX, job->stored.id, NULL);
	return RC_OK;
}
