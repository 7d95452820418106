#include "outbox/report.h"

#include "base/clock.h"
#include "crypto/pass.h"
#include "mail/body.h"
#include "mail/header.h"

#include <string.h>

enum { TEXT_MAX = 1024 * 1024 };

static const char *what(enum outbox_kind kind)
{
	switch (kind) {
	case OUTBOX_NOTICE:
		return "the notice that your message waits for them";
	case OUTBOX_HANDBACK:
		return "your message";
	case OUTBOX_REPORT:
		return "a report";
	case OUTBOX_ALERT:
		return "an alert";
	case OUTBOX_REPLY:
		return "a reply";
	}
	return "a message";
}

static size_t count_delayed(const struct outbox_report *r)
{
	size_t count = 0;

	for (size_t i = 0; i < r->failure_count; i++)
		count += r->failures[i].fate == OUTBOX_DELAYED;
	return count;
}

/* How long it was tried: never rounded up, and never one of a unit. */
static void put_wait(const struct outbox_report *r, struct buf *out)
{
	long long waited_s = r->now_s - r->made_s;

	if (waited_s >= 2 * 86400)
		(void)buf_addf(out, "%lld days", waited_s / 86400);
	else if (waited_s >= 2 * 3600)
		(void)buf_addf(out, "%lld hours", waited_s / 3600);
	else
		(void)buf_addf(out, "%lld minutes", waited_s / 60);
}

/* Those that are delayed, or all others. */
static void put_failures(const struct outbox_report *r, bool delayed, struct buf *out)
{
	for (size_t i = 0; i < r->failure_count; i++) {
		const struct outbox_failure *f = &r->failures[i];
		if ((f->fate == OUTBOX_DELAYED) != delayed)
			continue;
		(void)buf_addf(out, "\n%.*s\n    ", SLICE_ARG(f->to));
		if (f->fate == OUTBOX_REFUSED)
			(void)buf_add_text(out, "The mail server refused it:");
		else {
			(void)buf_add_text(out, "The mail server has not accepted it for ");
			put_wait(r, out);
			(void)buf_add_text(out, "; its last answer was:");
		}
		(void)buf_addf(out, "\n    %s\n", f->words);
	}
}

static enum rc put_text(const struct outbox_report *r, struct buf *out)
{
	size_t delayed = count_delayed(r);
	char until[CLOCK_TEXT];

	(void)buf_add_text(out, "This is the mail gateway that protects your organisation's "
				"messages.\n");
	if (delayed < r->failure_count) {
		(void)buf_addf(out, "\nThese recipients did not get %s:\n", what(r->kind));
		put_failures(r, false, out);
		(void)buf_add_text(out,
				   "\nNothing more will be tried for them. Please reach them by "
				   "other means, or ask\nyour mail administrator.\n");
	}
	if (delayed) {
		(void)buf_addf(out, "\nThese recipients have not got %s yet:\n", what(r->kind));
		put_failures(r, true, out);
		(void)buf_addf(out,
			       "\nNothing needs to be done now. It is tried until\n"
			       "%s, and you are told again should that fail.\n",
			       clock_format_mail(r->until_s, until));
	}
	if (r->queue_id.len)
		(void)buf_addf(out, "\nQueue id of your message: %.*s\n", SLICE_ARG(r->queue_id));
	if (r->message_id.len)
		(void)buf_addf(out, "Message-ID of what was not taken:\n    %.*s\n",
			       SLICE_ARG(r->message_id));
	return buf_state(out);
}

/* The pass covers the body's digest: the bytes behind the empty line. */
static enum rc put_pass(const struct outbox_report *r, struct slice body, struct buf *out,
			struct fault *why)
{
	struct crypto_pass pass = {
		.use = "report",
		.until_s = r->now_s + CRYPTO_PASS_LIFE_S,
		.recipient_count = 1,
		.recipients = &r->to,
	};

	if (!r->header_key)
		return RC_OK;
	memcpy(pass.id, r->pass_id, sizeof pass.id);
	enum rc rc = crypto_sha256(body, pass.body_digest, why);
	if (rc == RC_OK)
		rc = buf_add_text(out, "Postern-Notice: ");
	if (rc == RC_OK)
		rc = crypto_pass_format(r->header_key, &pass, out, why);
	return rc == RC_OK ? buf_add_text(out, "\r\n") : rc;
}

static struct slice subject(const struct outbox_report *r)
{
	bool notice = r->kind == OUTBOX_NOTICE;

	if (r->failure_count && count_delayed(r) == r->failure_count)
		return notice ? SLICE("Delayed: a notice about your message")
			      : SLICE("Delayed: your message");
	return notice ? SLICE("Undelivered: a notice about your message")
		      : SLICE("Undelivered: your message");
}

static enum rc put_header(const struct outbox_report *r, struct buf *out, struct fault *why)
{
	char date[CLOCK_TEXT];
	struct slice from = { r->report_from, strlen(r->report_from) };
	struct slice when = { clock_format_mail(r->now_s, date), 0 };

	when.len = strlen(date);
	enum rc rc = mail_header_mailbox("From", SLICE("Mail gateway"), from, out, why);
	if (rc == RC_OK)
		rc = mail_header_mailbox("To", SLICE(""), r->to, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Date", when, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Message-ID", r->own_id, out, why);
	if (rc == RC_OK)
		rc = mail_header_text("Subject", subject(r), out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Auto-Submitted", SLICE("auto-generated"), out, why);
	return rc == RC_OK ? mail_header_words("MIME-Version", SLICE("1.0"), out, why) : rc;
}

enum rc outbox_report_format(const struct outbox_report *report, struct buf *out, struct fault *why)
{
	struct buf text = BUF_INIT(TEXT_MAX), entity = BUF_INIT(2 * TEXT_MAX);
	struct slice body;

	enum rc rc = put_header(report, out, why);
	if (rc == RC_OK && put_text(report, &text) != RC_OK)
		rc = fault(why, buf_state(&text), "the report is too long");
	if (rc == RC_OK)
		rc = mail_body_text(buf_slice(&text), &entity);
	if (rc == RC_OK) {
		const char *end = memmem(entity.at, entity.len, "\r\n\r\n", 4);
		size_t head = (size_t)(end - entity.at) + 4;
		body = (struct slice){ entity.at + head, entity.len - head };
		rc = put_pass(report, body, out, why);
	}
	if (rc == RC_OK)
		rc = buf_add_slice(out, buf_slice(&entity));
	buf_free(&text);
	buf_free(&entity);
	return rc;
}
