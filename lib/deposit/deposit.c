#include "deposit/deposit.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "deposit/cap.h"
#include "deposit/destroy.h"
#include "deposit/live.h"
#include "deposit/notice.h"
#include "deposit/phrase.h"
#include "deposit/report.h"
#include "deposit/retry.h"
#include "deposit/seal.h"
#include "deposit/share.h"
#include "deposit/stretch.h"
#include "deposit/text.h"
#include "deposit/upgrade.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_S = 24 * 3600, RETRY_DAYS = 5 };

struct made_recipient {
	uint8_t link[CRYPTO_CODE_BYTES], locator[CRYPTO_HASH_BYTES];
	uint8_t record[DEPOSIT_RECIPIENT_BYTES];
};

/* One deposit on its way to the store. */
struct making {
	const struct deposit_site *site;
	const struct deposit_message *message;
	int64_t now_s, until_s;
	uint8_t id[STORE_ID_BYTES], retry_key[CRYPTO_HASH_BYTES];
	struct crypto_key dek;
	struct deposit_record record;
	struct deposit_shares shares; /* of dek, for the officers */
	char phrase[DEPOSIT_PHRASE_TEXT];
	struct deposit_party *parties;
	struct deposit_stretch *stretch; /* at work on the parties' phrases */
	struct store_blob *blob;
	struct buf header;
	struct made_recipient *recipients;
	size_t item_count;
	struct outbox_item **items; /* a notice for each recipient, then the report */
};

static void making_end(struct making *m)
{
	deposit_stretch_free(&m->stretch); /* it reads what is freed here */
	free(m->parties);
	for (size_t i = 0; i < m->item_count; i++)
		outbox_drop(&m->items[i]);
	free(m->items);
	if (m->recipients)
		crypto_wipe(m->recipients, m->message->recipient_count * sizeof *m->recipients);
	free(m->recipients);
	buf_wipe(&m->header);
	deposit_shares_free(&m->shares);
	store_blob_drop(&m->blob);
	crypto_wipe(m, sizeof *m);
}

static enum rc check(const struct deposit_message *message, struct fault *why)
{
	if (message->recipient_count == 0)
		return fault(why, RC_INVALID, "deposit has no recipient");
	if (message->recipient_count > DEPOSIT_RECIPIENTS_MAX)
		return fault(why, RC_LIMIT, "deposit has %zu recipients, more than %d",
			     message->recipient_count, DEPOSIT_RECIPIENTS_MAX);
	if (message->sender.len == 0)
		return fault(why, RC_INVALID, "deposit has no sender to report to");
	for (size_t i = 0; i < message->recipient_count; i++)
		if (message->recipients[i].address.len == 0 ||
		    message->recipients[i].address.len > MAIL_ADDRESS_MAX)
			return fault(why, RC_INVALID, "recipient %zu is no address", i + 1);
	return RC_OK;
}

/* ---- slow work, before the transaction ---- */

static enum rc write_blob(void *arg, struct slice bytes, struct fault *why)
{
	return store_blob_write(arg, bytes, why);
}

static enum rc seal_blob(struct making *m, struct fault *why)
{
	enum rc rc = crypto_key_make(&m->dek, why);

	if (rc == RC_OK)
		rc = store_blob_new(m->site->store, STORE_BLOBS, m->id, &m->blob, why);
	if (rc == RC_OK)
		rc = deposit_seal(&m->message->source, &m->dek, m->id, write_blob, m->blob,
				  &m->record, why);
	return rc == RC_OK ? store_blob_finish(m->blob, why) : rc;
}

static bool has_kept(const struct deposit_recipient *to)
{
	return to->factor == RULES_FACTOR_PHRASE && to->phrase.len;
}

static bool wants_phrase(const struct making *m)
{
	for (size_t i = 0; i < m->message->recipient_count; i++)
		if (m->message->recipients[i].factor == RULES_FACTOR_PHRASE &&
		    !has_kept(&m->message->recipients[i]))
			return true;
	return false;
}

static enum rc make_share(struct making *m, size_t i, struct fault *why)
{
	const struct deposit_recipient *to = &m->message->recipients[i];
	struct made_recipient *made = &m->recipients[i];
	struct deposit_recipient_record record;
	struct deposit_party party = m->parties[i];

	party.stretched = deposit_stretch_key(m->stretch, i);
	enum rc rc = deposit_share_make(&party, to->factor, m->site->keys, &m->dek, made->link,
					&record, why);
	if (rc == RC_OK)
		rc = deposit_share_locate(m->site->keys, made->link, made->locator, why);
	if (rc != RC_OK)
		return rc;
	memcpy(record.locator, made->locator, sizeof record.locator);
	deposit_recipient_encode(&record, made->record);
	return rc;
}

/* Seals text as the next item of the outbox. */
static enum rc add_item(struct making *m, struct outbox_mail *mail, const struct slice *to,
			const struct buf *text, const struct buf *message_id, struct fault *why)
{
	const struct outbox_recipient recipient = {
		.address = *to,
		/* The report has the phrase in it, and nobody to be returned to: not even the
		 * postmaster is to get it. */
		.notify = mail->kind == OUTBOX_NOTICE ? MAIL_NOTIFY_FAILURE : MAIL_NOTIFY_NEVER,
	};

	mail->recipient_count = 1;
	mail->recipients = &recipient;
	mail->queue_id = m->message->queue_id;
	mail->message_id = buf_slice(message_id);
	mail->message = buf_slice(text);
	enum rc rc = outbox_seal(m->site->outbox, mail, &m->items[m->item_count], why);
	m->item_count += rc == RC_OK;
	return rc;
}

static enum rc make_notice(struct making *m, size_t i, struct fault *why)
{
	const struct deposit_recipient *to = &m->message->recipients[i];
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX);
	CLEANUP(buf_free) struct buf message_id = BUF_INIT(500);
	struct outbox_mail mail = {
		.kind = OUTBOX_NOTICE,
		.from = m->message->sender,
		.ret = MAIL_RET_HDRS,
	};
	enum rc rc = deposit_message_id(m->site, &message_id, why);
	const struct deposit_notice notice = {
		.id = m->id,
		.sender = m->message->sender,
		.to = to->address,
		.link = m->recipients[i].link,
		.factor = to->factor,
		.kept = has_kept(to),
		.digest = m->record.digest,
		.header = buf_slice(&m->header),
		.message_id = buf_slice(&message_id),
		.until_s = m->until_s,
		.parts = m->message->parts,
	};

	if (rc == RC_OK)
		rc = deposit_notice_format(m->site, &notice, m->now_s, &text, &mail.smtputf8, why);
	return rc == RC_OK ? add_item(m, &mail, &to->address, &text, &message_id, why) : rc;
}

static enum rc make_report(struct making *m, struct fault *why)
{
	const struct deposit_message *message = m->message;
	CLEANUP(cleanup_free)
	struct deposit_report_line *lines = calloc(message->recipient_count, sizeof *lines);
	CLEANUP(buf_wipe) struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX);
	CLEANUP(buf_free) struct buf message_id = BUF_INIT(500);
	struct outbox_mail mail = { .kind = OUTBOX_REPORT };

	if (!lines)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < message->recipient_count; i++)
		lines[i] = (struct deposit_report_line){
			.address = message->recipients[i].address,
			.factor = message->recipients[i].factor,
			.why = message->recipients[i].why,
			.kept = has_kept(&message->recipients[i]),
			.number = message->recipients[i].number,
		};
	enum rc rc = deposit_message_id(m->site, &message_id, why);
	const struct deposit_report report = {
		.id = m->id,
		.sender = message->sender,
		.line_count = message->recipient_count,
		.lines = lines,
		.phrase = { m->phrase, strlen(m->phrase) },
		.header = buf_slice(&m->header),
		.message_id = buf_slice(&message_id),
		.until_s = m->until_s,
		.parts = m->message->parts,
	};
	if (rc == RC_OK)
		rc = deposit_report_format(m->site, &report, m->now_s, &text, &mail.smtputf8, why);
	return rc == RC_OK ? add_item(m, &mail, &message->sender, &text, &message_id, why) : rc;
}

/* Draws what the slow keys depend on, and begins to make them. */
static enum rc start_stretching(struct making *m, struct fault *why)
{
	const struct deposit_message *message = m->message;
	enum rc rc = crypto_random(m->id, sizeof m->id, why);

	if (rc == RC_OK && wants_phrase(m))
		rc = deposit_phrase_make(m->phrase, why);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < message->recipient_count; i++) {
		const struct deposit_recipient *to = &message->recipients[i];
		m->parties[i] = (struct deposit_party){ .id = m->id, .address = to->address };
		if (to->factor == RULES_FACTOR_PHRASE)
			m->parties[i].phrase = has_kept(to) ? to->phrase : slice_of(m->phrase);
	}
	return deposit_stretch_start(m->parties, message->recipient_count, &m->stretch, why);
}

static enum rc prepare(struct making *m, struct fault *why)
{
	const size_t count = m->message->recipient_count;

	m->recipients = calloc(count, sizeof *m->recipients);
	m->items = calloc(count + 1, sizeof *m->items);
	m->parties = calloc(count, sizeof *m->parties);
	if (!m->recipients || !m->items || !m->parties)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = start_stretching(m, why);

	if (rc == RC_OK)
		rc = seal_blob(m, why);
	if (rc == RC_OK && m->site->officers)
		rc = deposit_escrow_split(m->site->officers, m->id, &m->dek, &m->shares, why);
	if (rc == RC_OK)
		rc = deposit_stretch_wait(m->stretch, why);
	for (size_t i = 0; rc == RC_OK && i < count; i++) {
		rc = make_share(m, i, why);
		if (rc == RC_OK)
			rc = make_notice(m, i, why);
	}
	return rc == RC_OK ? make_report(m, why) : rc;
}

/* ---- the transaction ---- */

static enum rc add_recipient(struct making *m, struct store_tx *tx, size_t i, struct fault *why)
{
	const struct made_recipient *made = &m->recipients[i];
	const struct slice locator = { (const char *)made->locator, sizeof made->locator };
	struct store_recipient row = {
		.number = (uint32_t)i,
		.address = m->message->recipients[i].address,
		.record = { (const char *)made->record, sizeof made->record },
	};

	memcpy(row.deposit, m->id, sizeof row.deposit);
	enum rc rc = store_recipient_add(tx, &row, why);
	if (rc == RC_OK)
		rc = store_put(tx, "locate", locator,
			       (struct slice){ (const char *)m->id, sizeof m->id }, STORE_FOREVER,
			       why); /* deposit/destroy.h removes it */
	return rc;
}

static enum rc add_facts(struct making *m, struct store_tx *tx, struct fault *why)
{
	const struct deposit_message *message = m->message;
	struct deposit_facts facts = {
		.scanned = message->scan,
		.recipient_count = message->recipient_count,
	};

	if (message->scan)
		facts.scan = *message->scan;
	for (size_t i = 0; i < message->recipient_count; i++)
		facts.recipients[i].independent =
			rules_factor_is_independent(message->recipients[i].factor);
	return deposit_facts_put(tx, m->id, &facts, why);
}

/* Which mails are the deposit's own, and end with it. */
static enum rc note_mails(struct making *m, struct store_tx *tx, struct fault *why)
{
	struct buf ids = BUF_INIT((DEPOSIT_RECIPIENTS_MAX + 1) * STORE_ID_BYTES);

	for (size_t i = 0; i < m->item_count; i++)
		(void)buf_add(&ids, outbox_item_id(m->items[i]), STORE_ID_BYTES);
	enum rc rc = buf_state(&ids);
	rc = rc == RC_OK ? deposit_mails_put(tx, m->id, buf_slice(&ids), why)
			 : fault(why, rc, "out of memory");
	buf_free(&ids);
	return rc;
}

static enum rc add_rows(struct making *m, struct store_tx *tx, struct fault *why)
{
	const unsigned days = m->site->retry_days ? m->site->retry_days : RETRY_DAYS;
	const struct deposit_onward_keys onward = { m->site->upgrade, m->site->keys };
	uint8_t record[DEPOSIT_RECORD_BYTES];
	struct store_deposit row = {
		.made_s = m->now_s,
		.until_s = m->until_s,
		.sender = m->message->sender,
		.record = { (const char *)record, sizeof record },
	};

	memcpy(row.id, m->id, sizeof row.id);
	deposit_record_encode(&m->record, record);
	enum rc rc = store_blob_add(tx, m->blob, why);
	if (rc == RC_OK)
		rc = store_deposit_add(tx, &row, why);
	for (size_t i = 0; rc == RC_OK && i < m->message->recipient_count; i++)
		rc = add_recipient(m, tx, i, why);
	if (rc == RC_OK)
		rc = add_facts(m, tx, why);
	if (rc == RC_OK)
		rc = deposit_escrow_put(tx, m->id, &m->shares, why);
	if (rc == RC_OK && m->phrase[0])
		rc = deposit_live_put(tx, m->site->keys, m->id, slice_of(m->phrase), why);
	for (size_t i = 0; rc == RC_OK && i < m->item_count; i++)
		rc = outbox_add(tx, m->items[i], m->now_s, why);
	if (rc == RC_OK)
		rc = note_mails(m, tx, why);
	if (rc == RC_OK && m->message->onward && m->site->upgrade)
		rc = deposit_upgrade_put(tx, &onward, m->id, &m->dek, m->message->onward, why);
	if (rc == RC_OK)
		rc = deposit_retry_put(tx, m->retry_key, m->id, m->now_s + (int64_t)days * DAY_S,
				       why);
	return rc == RC_OK ? deposit_cap_take(tx, m->message->sender, m->site->per_hour, m->now_s,
					      true, why)
			   : rc;
}

static enum rc commit(struct making *m, struct deposit_made *out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(m->site->store, &tx, why);

	if (rc == RC_OK)
		/* Again: the same client may have come twice at once. What the other one
		 * wrote is durable when we have committed as well. */
		rc = deposit_retry_find(tx, m->retry_key, m->now_s, out, why);
	if (rc == RC_OK)
		return store_commit(&tx, why);
	if (rc != RC_ABSENT)
		return rc;
	rc = add_rows(m, tx, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc != RC_OK)
		return rc;
	store_blob_release(&m->blob);
	for (size_t i = 0; i < m->item_count; i++)
		outbox_keep(&m->items[i]);
	memcpy(out->id, m->id, sizeof out->id);
	out->found = false;
	out->until_s = m->until_s;
	return RC_OK;
}

static enum rc look_first(struct making *m, struct deposit_made *out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = deposit_source_header(&m->message->source, &m->header, why);

	if (rc == RC_OK)
		rc = deposit_retry_key(&m->site->keys->retry, m->message, buf_slice(&m->header),
				       m->retry_key, why);
	if (rc == RC_OK)
		rc = store_begin_reading(m->site->store, &tx, why);
	if (rc == RC_OK)
		rc = deposit_retry_find(tx, m->retry_key, m->now_s, out, why);
	if (rc != RC_ABSENT)
		return rc;
	/* Before the slow work, and again with the rows. */
	rc = deposit_cap_take(tx, m->message->sender, m->site->per_hour, m->now_s, false, why);
	return rc == RC_OK ? RC_ABSENT : rc;
}

enum rc deposit_make(const struct deposit_site *site, const struct deposit_message *message,
		     int64_t now_s, struct deposit_made *out, struct fault *why)
{
	unsigned days = message->life_days ? message->life_days : DEPOSIT_LIFE_DAYS;
	CLEANUP(making_end)
	struct making m = {
		.site = site,
		.message = message,
		.now_s = now_s,
		.until_s = now_s + (int64_t)days * DAY_S,
		.header = BUF_INIT(DEPOSIT_HEADER_MAX),
	};
	enum rc rc = check(message, why);

	if (rc == RC_OK)
		rc = look_first(&m, out, why);
	if (rc != RC_ABSENT)
		return rc;
	rc = prepare(&m, why);
	return rc == RC_OK ? commit(&m, out, why) : rc;
}
