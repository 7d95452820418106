#include "seal.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "crypto/hash.h"
#include "crypto/keys.h"
#include "crypto/pass.h"
#include "crypto/random.h"
#include "deposit/deposit.h"
#include "mail/body.h"
#include "mail/header.h"
#include "outbox/worker.h"
#include "people.h"
#include "settle.h"
#include "site.h"

#include <stdio.h>
#include <string.h>

enum { REPORT_MAX = 256 * 1024 }; /* bytes: 1,000 recipients with their reasons */

/* The operator's words stand on a line of their own. */
static const char *say_of(const struct recipient *r)
{
	return r->demand.say ? r->demand.say : "";
}

static void tell_who_waits(const struct message *m, struct buf *text)
{
	(void)buf_add_text(
		text,
		"Your message is accepted, but it has not been sent to these recipients yet:\n\n");
	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct recipient *r = &m->recipients[i];
		if (r->verdict.kind == VERDICT_DEFER)
			(void)buf_addf(text, "  <%s>\n    %s%s%s.%s%s\n\n", r->address,
				       r->demand.reason, r->demand.reason[0] ? "; " : "",
				       r->verdict.reason, say_of(r)[0] ? "\n    " : "", say_of(r));
	}
	(void)buf_add_text(
		text,
		"It must not travel without proven TLS. It is tried again and again, always over\n"
		"proven TLS and never otherwise, until the mail server gives up and returns it to\n"
		"you. You need not do anything; if it is urgent, choose another way to reach "
		"them.\n");
}

static enum rc add_pass(const struct site *site, const struct message *m, struct slice body,
			struct buf *out, struct fault *why)
{
	struct slice to = slice_of(m->from);
	struct crypto_pass pass = {
		.use = "report",
		.until_s = clock_wall_s() + CRYPTO_PASS_LIFE_S,
		.recipient_count = 1,
		.recipients = &to,
	};
	enum rc rc = crypto_random(pass.id, sizeof pass.id, why);

	if (rc == RC_OK)
		rc = crypto_sha256(body, pass.body_digest, why);
	(void)buf_add_text(out, "Postern-Notice: ");
	if (rc == RC_OK)
		rc = crypto_pass_format(&site->keys->header, &pass, out, why);
	(void)buf_add_text(out, "\r\n");
	return rc;
}

/* mail_body_text() writes fields, an empty line and the body; the pass is over what
 * follows the empty line. */
static struct slice body_of(const struct buf *composed)
{
	const char *end = memmem(composed->at, composed->len, "\r\n\r\n", 4);
	size_t head = end ? (size_t)(end - composed->at) + 4 : composed->len;

	return (struct slice){ composed->at + head, composed->len - head };
}

static enum rc compose(const struct site *site, const struct message *m, struct buf *out,
		       struct buf *message_id, struct fault *why)
{
	CLEANUP(buf_free) struct buf text = BUF_INIT(REPORT_MAX), body = BUF_INIT(REPORT_MAX);
	struct slice domain = slice_of(m->ruleset->settings->outbound.domains.at[0]);
	char address[MAIL_ADDRESS_MAX], date[CLOCK_TEXT];
	uint8_t random[16];
	enum rc rc = crypto_random(random, sizeof random, why);

	snprintf(address, sizeof address, "postmaster@%.*s", SLICE_ARG(domain));
	tell_who_waits(m, &text);
	if (rc == RC_OK)
		rc = mail_body_text(buf_slice(&text), &body);
	if (rc == RC_OK)
		rc = mail_message_id(random, domain, message_id);
	if (rc == RC_OK)
		rc = mail_header_mailbox("From", SLICE("Postern"), slice_of(address), out, why);
	if (rc == RC_OK)
		rc = mail_header_mailbox("To", (struct slice){ 0 }, slice_of(m->from), out, why);
	if (rc == RC_OK)
		rc = mail_header_text("Subject", SLICE("Your message waits for a protected way"),
				      out, why);
	if (rc == RC_OK)
		rc = add_pass(site, m, body_of(&body), out, why);
	(void)buf_addf(out,
		       "Date: %s\r\nMessage-ID: %s\r\nAuto-Submitted: "
		       "auto-replied\r\nMIME-Version: 1.0\r\n",
		       clock_format_mail(clock_wall_s(), date), buf_text(message_id));
	(void)buf_add_slice(out, buf_slice(&body));
	if (rc == RC_OK && buf_state(out) != RC_OK)
		rc = fault(why, buf_state(out), "the report to the sender grew too long");
	return rc;
}

static enum rc add_to_outbox(struct site *site, const struct outbox_mail *mail, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = outbox_seal(site->outbox, mail, &item, why);

	if (rc == RC_OK)
		rc = store_begin(site->store, &tx, why);
	if (rc == RC_OK)
		rc = outbox_add(tx, item, clock_wall_s(), why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc != RC_OK)
		return rc;
	outbox_keep(&item);
	(void)outbox_worker_wake(site->worker); /* else it is found within a minute */
	return RC_OK;
}

enum rc seal_report_waiting(struct session *s, const struct judgement *j, const char *queue_id,
			    struct fault *why)
{
	struct message *m = &s->message;
	CLEANUP(buf_free) struct buf report = BUF_INIT(REPORT_MAX);
	CLEANUP(buf_free) struct buf message_id = BUF_INIT(MAIL_MESSAGE_ID_MAX);

	(void)j;
	if (m->from[0] == '\0')
		return RC_OK; /* nobody to tell (RFC 3834 §2); the MTA's own bounce rules hold */
	enum rc rc = compose(s->site, m, &report, &message_id, why);
	if (rc != RC_OK)
		return rc;
	struct outbox_recipient to = { .address = slice_of(m->from), .notify = MAIL_NOTIFY_NEVER };
	struct outbox_mail mail = {
		.kind = OUTBOX_REPORT,
		.recipient_count = 1,
		.recipients = &to,
		.smtputf8 = !mail_is_ascii(slice_of(m->from)),
		.queue_id = slice_of(queue_id ? queue_id : ""),
		.message_id = buf_slice(&message_id),
		.message = buf_slice(&report),
	};
	return add_to_outbox(s->site, &mail, why);
}

static size_t sealed_recipients(const struct message *m, const struct judgement *j,
				enum action_class class, struct deposit_recipient *out)
{
	size_t n = 0;

	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct recipient *r = &m->recipients[i];
		if (j->plan.classes[i] != class)
			continue;
		const char *why = arena_format(m->arena, "%s%s%s%s%s", r->demand.reason,
					       r->demand.reason[0] ? "; " : "", r->verdict.reason,
					       say_of(r)[0] ? "\n    " : "", say_of(r));
		out[n++] = (struct deposit_recipient){
			.address = slice_of(r->address),
			.factor = r->demand.factor,
			.why = slice_of(why ? why : r->verdict.reason),
		};
	}
	return n;
}

/* One deposit serves all, so the shortest life that a rule gives holds. */
static unsigned life_days(const struct message *m, const struct judgement *j,
			  enum action_class class)
{
	unsigned days = m->ruleset->settings->limits.deposit_life_days;

	for (size_t i = 0; i < m->recipient_count; i++) {
		unsigned its = m->recipients[i].demand.life_days;
		if (j->plan.classes[i] == class && its && its < days)
			days = its;
	}
	return days;
}

static enum rc read_splice(const void *arg, uint64_t offset, void *to, size_t room, size_t *got,
			   struct fault *why)
{
	return splice_read(arg, offset, to, room, got, why);
}

static struct deposit_source source_of(const struct message *m, const struct judgement *j,
				       enum action_class class)
{
	if (class == ACTION_SEALED)
		return deposit_source_spool(m->raw);
	return (struct deposit_source){ .read = read_splice,
					.arg = &j->rewrite.sealed,
					.size = j->rewrite.sealed.size };
}

/* How the deposit may be sent on, where every rule that hit for everyone allows it. The strict
 * route promises authenticated TLS and no more: what needs more would wait in vain. */
static const struct deposit_onward *onward_of(const struct message *m, const struct judgement *j,
					      enum action_class class)
{
	struct deposit_onward *onward = ARENA_NEW(m->arena, struct deposit_onward);

	if (!onward)
		return NULL;
	onward->eightbit = m->params.body == MAIL_BODY_8BITMIME;
	onward->smtputf8 = m->params.smtputf8;
	onward->envid = m->params.envid;
	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct recipient *r = &m->recipients[i];
		if (j->plan.classes[i] != class)
			continue;
		if (!r->demand.upgrade || r->demand.require != RULES_REQUIRE_AUTHENTICATED ||
		    onward->recipient_count == DEPOSIT_RECIPIENTS_MAX)
			return NULL;
		onward->recipients[onward->recipient_count++] =
			(struct deposit_onward_recipient){ r->params.notify, r->params.orcpt };
	}
	return onward;
}

enum rc seal_deposit(struct session *s, const struct judgement *j, enum action_class class,
		     const char *queue_id, struct fault *why)
{
	struct message *m = &s->message;
	struct deposit_recipient *recipients =
		ARENA_ARRAY(m->arena, struct deposit_recipient, m->recipient_count);
	struct deposit_site site = site_deposits(s->site, m->ruleset);
	CLEANUP(people_free) struct people *people = NULL;
	struct deposit_made made;

	if (!recipients)
		return fault(why, RC_NOMEM, "out of memory");
	struct deposit_message message = {
		.sender = slice_of(m->from),
		.recipient_count = sealed_recipients(m, j, class, recipients),
		.recipients = recipients,
		.life_days = life_days(m, j, class),
		.scan = m->scan,
		.parts = class == ACTION_REWRITTEN,
		.queue_id = slice_of(queue_id ? queue_id : ""),
		.source = source_of(m, j, class),
		.onward = onward_of(m, j, class),
	};
	enum rc rc = people_find(s, recipients, message.recipient_count, &people, why);
	if (rc == RC_OK)
		rc = deposit_make(&site, &message, clock_wall_s(), &made, why);
	if (rc != RC_OK)
		return rc;
	(void)outbox_worker_wake(s->site->worker);
	settle_soon(s->site);
	return RC_OK;
}
