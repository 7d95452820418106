#include "deposit/upgrade.h"

#include "base/cleanup.h"
#include "deposit/destroy.h"
#include "deposit/letter.h"
#include "deposit/resend.h"

#include <string.h>

enum { NUMBER_BYTES = 4 };

static const char bucket[] = DEPOSIT_ONWARD_BUCKET, times[] = "sent-on";

static struct slice key_of(const uint8_t *id)
{
	return (struct slice){ (const char *)id, STORE_ID_BYTES };
}

/* ---- the rows ---- */

enum rc deposit_upgrade_put(struct store_tx *tx, const struct deposit_onward_keys *keys,
			    const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			    const struct deposit_onward *onward, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf row = BUF_SECRET(DEPOSIT_ONWARD_MAX);
	enum rc rc = deposit_onward_encode(keys, id, dek, onward, &row, why);

	return rc == RC_OK ? store_put(tx, bucket, key_of(id), buf_slice(&row), STORE_FOREVER, why)
			   : rc;
}

static bool waits(const struct deposit_held_recipient *to)
{
	return to->state < DEPOSIT_ACKNOWLEDGED;
}

static bool anybody_waits(const struct deposit_held *held)
{
	for (size_t i = 0; i < held->recipient_count; i++)
		if (waits(&held->recipients[i]))
			return true;
	return false;
}

enum rc deposit_upgrade_settle(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			       struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = deposit_held_read(tx, id, &held, why);

	if (rc != RC_OK || anybody_waits(held))
		return rc;
	return store_delete_under(tx, bucket, key_of(id), why);
}

static struct slice time_key(const uint8_t *id, uint32_t number,
			     uint8_t out[STORE_ID_BYTES + NUMBER_BYTES])
{
	memcpy(out, id, STORE_ID_BYTES);
	for (int i = 0; i < NUMBER_BYTES; i++)
		out[STORE_ID_BYTES + i] = (uint8_t)(number >> (8 * (NUMBER_BYTES - 1 - i)));
	return (struct slice){ (const char *)out, STORE_ID_BYTES + NUMBER_BYTES };
}

enum rc deposit_sent_on(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			int64_t *when_s, struct fault *why)
{
	uint8_t key[STORE_ID_BYTES + NUMBER_BYTES];
	struct buf value = BUF_INIT(sizeof *when_s);
	enum rc rc = store_get(tx, times, time_key(id, number, key), 0, &value, why);
	uint64_t when = 0;

	if (rc == RC_OK && value.len != sizeof when)
		rc = fault(why, RC_RETRY, "store is damaged: the time of a copy sent on");
	for (size_t i = 0; rc == RC_OK && i < value.len; i++)
		when = when << 8 | (unsigned char)value.at[i];
	if (rc == RC_OK)
		*when_s = (int64_t)when;
	buf_free(&value);
	return rc;
}

/* ---- one deposit ---- */

struct sending {
	const struct deposit_upgrader *upgrader;
	const struct deposit_site *site;
	const struct deposit_held *held;
	int64_t now_s;
	bool chosen[DEPOSIT_RECIPIENTS_MAX]; /* by number */
	struct deposit_resend *copies;
	struct outbox_item *letter;
	unsigned events; /* recipients told of */
};

static void sending_end(struct sending *s)
{
	deposit_resend_free(&s->copies);
	outbox_drop(&s->letter);
}

/* A letter that cannot be written keeps no message from being sent. */
static enum rc seal_letter(struct sending *s, struct fault *why)
{
	struct slice people[DEPOSIT_RECIPIENTS_MAX];
	struct deposit_letter letter = {
		.kind = DEPOSIT_ENDED,
		.id = s->held->id,
		.sender = s->held->sender,
		.made_s = s->held->made_s,
		.until_s = s->held->until_s,
		.recipients = people,
		.how = STORE_DEPOSIT_SENT_ON,
		.by = "upgrade",
	};

	for (size_t i = 0; i < s->held->recipient_count; i++)
		if (s->chosen[i])
			people[letter.recipient_count++] = s->held->recipients[i].address;
	enum rc rc = deposit_letter_seal(s->site, &letter, s->now_s, &s->letter, why);
	return rc == RC_INVALID || rc == RC_LIMIT ? RC_OK : rc;
}

/* ---- the transaction ---- */

static enum rc close_share(struct sending *s, struct store_tx *tx,
			   const struct deposit_held_recipient *to, struct fault *why)
{
	uint8_t bytes[DEPOSIT_ENDED_RECIPIENT_BYTES], key[STORE_ID_BYTES + NUMBER_BYTES], when[8];
	struct deposit_recipient_record record = { 0 };
	struct store_recipient row = {
		.number = to->number,
		.state = DEPOSIT_SENT_ON,
		.record = { (const char *)bytes, sizeof bytes },
	};
	enum rc rc = deposit_recipient_decode(to->record, &record, why);

	if (rc != RC_OK)
		return rc;
	memcpy(row.deposit, s->held->id, sizeof row.deposit);
	deposit_ended_recipient_encode(&record, bytes);
	crypto_wipe(&record, sizeof record);
	for (int i = 0; i < 8; i++)
		when[i] = (uint8_t)((uint64_t)s->now_s >> (56 - 8 * i));
	rc = store_recipient_set(tx, &row, why);
	if (rc == RC_OK)
		rc = store_put(tx, times, time_key(s->held->id, to->number, key),
			       (struct slice){ (const char *)when, sizeof when }, STORE_FOREVER,
			       why);
	return rc;
}

/* Whoever was chosen must still wait: the message was opened outside of the transaction. */
static enum rc check_fresh(const struct sending *s, const struct deposit_held *fresh,
			   struct fault *why)
{
	bool same = fresh->state == STORE_DEPOSIT_OPEN && fresh->until_s > s->now_s &&
		    fresh->recipient_count == s->held->recipient_count;

	for (size_t i = 0; same && i < fresh->recipient_count; i++)
		same = !s->chosen[i] || waits(&fresh->recipients[i]);
	return same ? RC_OK : fault(why, RC_ABSENT, "the deposit has changed meanwhile");
}

static enum rc close_shares(struct sending *s, struct store_tx *tx, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *fresh = NULL;
	enum rc rc = deposit_held_read(tx, s->held->id, &fresh, why);

	if (rc == RC_OK)
		rc = check_fresh(s, fresh, why);
	for (size_t i = 0; rc == RC_OK && i < fresh->recipient_count; i++)
		if (s->chosen[i])
			rc = close_share(s, tx, &fresh->recipients[i], why);
	return rc;
}

static bool was_sent_to_all(const struct deposit_held *held)
{
	for (size_t i = 0; i < held->recipient_count; i++)
		if (held->recipients[i].state != DEPOSIT_SENT_ON)
			return false;
	return true;
}

/* Those who have opened it may come again until its time is over; the key has no use then. */
static enum rc end_if_done(struct sending *s, struct store_tx *tx, struct deposit_ended *ended,
			   bool *done, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = deposit_held_read(tx, s->held->id, &held, why);

	*done = rc == RC_OK && was_sent_to_all(held);
	if (*done)
		return deposit_end_held(tx, held, STORE_DEPOSIT_SENT_ON, s->now_s, ended, why);
	if (rc == RC_OK && !anybody_waits(held))
		rc = store_delete_under(tx, bucket, key_of(held->id), why);
	return rc;
}

static enum rc tell(struct sending *s, struct fault *why)
{
	struct deposit_event events[DEPOSIT_RECIPIENTS_MAX];
	const struct deposit_life *life = s->upgrader->life;

	for (size_t i = 0; i < s->held->recipient_count; i++)
		if (s->chosen[i])
			events[s->events++] = (struct deposit_event){
				.event = "upgraded",
				.id = s->held->id,
				.sender = s->held->sender,
				.recipient = s->held->recipients[i].address,
				.by = "upgrade",
				.reason = SLICE("its way is proven now; handed back for the "
						"strict route"),
			};
	return life->event ? life->event(life->arg, events, s->events, why) : RC_OK;
}

static enum rc commit(struct sending *s, struct deposit_ended *ended, bool *done, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(s->site->store, &tx, why);

	if (rc == RC_OK)
		rc = close_shares(s, tx, why);
	if (rc == RC_OK)
		rc = end_if_done(s, tx, ended, done, why);
	if (rc == RC_OK)
		rc = deposit_resend_add(tx, s->copies, s->now_s, why);
	if (rc == RC_OK && s->letter)
		rc = outbox_add(tx, s->letter, s->now_s, why);
	if (rc == RC_OK)
		rc = tell(s, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static enum rc send_on(struct sending *s, struct fault *why)
{
	CLEANUP(deposit_ended_forget) struct deposit_ended ended = { 0 };
	const struct deposit_upgrader *upgrader = s->upgrader;
	bool done = false;
	enum rc rc = deposit_resend_open(s->site, upgrader->key, s->held, upgrader->spool_folder,
					 upgrader->memory_bytes, &s->copies, why);

	if (rc == RC_OK)
		rc = deposit_resend_seal(s->copies, s->chosen, s->now_s, why);
	if (rc == RC_OK)
		rc = seal_letter(s, why);
	if (rc == RC_OK)
		rc = commit(s, &ended, &done, why);
	if (rc != RC_OK)
		return rc;
	deposit_resend_keep(s->copies);
	outbox_keep(&s->letter);
	return done ? deposit_ended_clear(s->site->store, &ended, why) : RC_OK;
}

/* ---- a round ---- */

struct listing {
	const struct deposit_upgrade_place *place;
	struct buf ids;
};

static bool take_id(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct listing *l = arg;

	(void)value, (void)until_s;
	if (key.len != STORE_ID_BYTES || memcmp(key.at, l->place->after, STORE_ID_BYTES) <= 0)
		return true;
	return buf_add_slice(&l->ids, key) == RC_OK && l->ids.len < l->ids.max;
}

static enum rc list(const struct deposit_upgrader *upgrader, struct listing *l, int64_t now_s,
		    struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(upgrader->life->site->store, &tx, why);

	return rc == RC_OK ? store_each(tx, bucket, now_s, take_id, l, why) : rc;
}

/* RC_ABSENT: nothing is to be done for it. */
static enum rc look_at(const struct deposit_upgrader *upgrader, const uint8_t *id, int64_t now_s,
		       unsigned *sent, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	CLEANUP(sending_end)
	struct sending s = { .upgrader = upgrader, .site = upgrader->life->site, .now_s = now_s };
	enum rc rc = deposit_held_look(s.site->store, id, &held, why);
	bool any = false;

	if (rc != RC_OK)
		return rc;
	if (held->state != STORE_DEPOSIT_OPEN || held->until_s <= now_s)
		return RC_ABSENT;
	s.held = held;
	for (size_t i = 0; i < held->recipient_count; i++) {
		const struct deposit_held_recipient *to = &held->recipients[i];
		s.chosen[i] = waits(to) && upgrader->qualifies(upgrader->arg, to->address);
		any |= s.chosen[i];
	}
	if (!any)
		return RC_ABSENT;
	rc = send_on(&s, why);
	*sent += rc == RC_OK ? s.events : 0;
	return rc;
}

enum rc deposit_upgrade_round(const struct deposit_upgrader *upgrader,
			      struct deposit_upgrade_place *place, int64_t now_s, unsigned *sent,
			      struct fault *why)
{
	struct listing l = { place, BUF_INIT(DEPOSIT_UPGRADE_LOOKS * STORE_ID_BYTES) };
	unsigned opened = 0;
	enum rc result = list(upgrader, &l, now_s, why);
	bool whole = l.ids.len < l.ids.max;

	*sent = 0;
	for (size_t at = 0; at < l.ids.len; at += STORE_ID_BYTES) {
		const uint8_t *id = (const uint8_t *)l.ids.at + at;
		struct fault words;
		if (opened == DEPOSIT_UPGRADE_OPENS || !upgrader->go_on(upgrader->arg)) {
			whole = false;
			break;
		}
		enum rc rc = look_at(upgrader, id, now_s, sent, &words);
		opened += rc != RC_ABSENT;
		memcpy(place->after, id, STORE_ID_BYTES);
		if (rc == RC_OK || rc == RC_ABSENT)
			continue;
		result = fault(why, rc, "%s", words.text);
	}
	if (whole)
		*place = (struct deposit_upgrade_place){ { 0 } };
	buf_free(&l.ids);
	return result;
}
