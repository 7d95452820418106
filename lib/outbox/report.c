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
	}
	return "a message";
}

static enum rc put_text(const struct outbox_report *r, struct buf *out)
{
	(void)buf_addf(out,
		       "This is the mail gateway that protects your organisation's messages.\n"
		       "\n"
		       "These recipients did not get %s:\n",
		       what(r->kind));
	for (size_t i = 0; i < r->failure_count; i++) {
		const struct outbox_failure *f = &r->failures[i];
		(void)buf_addf(out, "\n%.*s\n    %s\n    %s\n", SLICE_ARG(f->to),
			       f->given_up ? "The mail server has not accepted it for hours; its "
					     "last answer was:"
					   : "The mail server refused it:",
			       f->words);
	}
	(void)buf_add_text(out, "\nNothing more will be tried for them. Please reach them by other "
				"means, or ask\nyour mail administrator.\n");
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
		rc = mail_header_text("Subject",
				      r->kind == OUTBOX_NOTICE
					      ? SLICE("Undelivered: a notice about your message")
					      : SLICE("Undelivered: your message"),
				      out, why);
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
