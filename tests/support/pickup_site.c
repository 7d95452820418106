#include "support/pickup_site.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "deposit/derive.h"
#include "deposit/facts.h"
#include "deposit/seal.h"
#include "deposit/share.h"

#include "support/unit.h"

#include <fcntl.h>
#include <stdio.h>

static void keep(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static enum rc audit(void *arg, const struct audit_record *records, size_t count, struct fault *why)
{
	struct site *site = arg;

	if (site->audit_fails)
		return fault(why, RC_RETRY, "the audit's disk is full");
	for (size_t i = 0; i < count; i++) {
		const struct audit_record *r = &records[i];
		struct site_event *e = &site->events[site->event_count++];
		assert_true(site->event_count <= SITE_EVENTS_MAX);
		keep(e->event, sizeof e->event, r->event);
		keep(e->to, sizeof e->to, r->to);
		keep(e->reason, sizeof e->reason, r->reason);
		keep(e->client, sizeof e->client, r->client);
		keep(e->visit, sizeof e->visit, r->visit);
		keep(e->mode, sizeof e->mode, r->mode);
		keep(e->deposit, sizeof e->deposit, r->deposit);
		e->independent = r->independent ? *r->independent : -1;
	}
	return RC_OK;
}

static enum rc life_event(void *arg, const struct deposit_event *events, size_t count,
			  struct fault *why)
{
	for (size_t i = 0; i < count; i++) {
		const struct audit_record record = { .event = events[i].event };
		enum rc rc = audit(arg, &record, 1, why);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc hook(void *arg, const struct pickup_code *code, struct fault *why)
{
	struct site *site = arg;

	site->hooked++;
	keep(site->number, sizeof site->number, code->number);
	keep(site->code, sizeof site->code, code->code);
	keep(site->language, sizeof site->language, code->language);
	return site->hook_fails ? fault(why, RC_RETRY, "the command ended with 1") : RC_OK;
}

static void wake(void *arg)
{
	struct site *site = arg;

	site->woken++;
}

static enum rc open_all(struct site *site, struct fault *why)
{
	enum rc rc = crypto_keys_make(scratch_path(&site->scratch, "keys"), &site->keys, why);

	if (rc == RC_OK)
		rc = store_open(scratch_path(&site->scratch, "state"), &site->store, why);
	if (rc == RC_OK)
		rc = outbox_open(site->store, &site->keys->outbox, &site->outbox, why);
	if (rc != RC_OK)
		return rc;
	site->deposit = (struct deposit_site){ .store = site->store,
					       .outbox = site->outbox,
					       .keys = site->keys,
					       .portal_url = "https://secure.our.example",
					       .organisation = "Our Example" };
	site->life =
		(struct deposit_life){ .site = &site->deposit, .event = life_event, .arg = site };
	site->pickup_site = (struct pickup_site){ .deposit = &site->deposit,
						  .keys = site->keys,
						  .life = &site->life,
						  .reply_bytes = 100000,
						  .replies_per_hour = 2,
						  .audit = audit,
						  .hook = hook,
						  .wake = wake,
						  .arg = site };
	return pickup_new(&site->pickup_site, &site->pickup, why);
}

int site_open(void **state)
{
	struct site *site = calloc(1, sizeof *site);
	struct fault why;

	if (!site || !scratch_make(&site->scratch))
		return -1;
	site->now_s = SITE_NOW;
	site->client = "192.0.2.7";
	site->agent = "Mozilla/5.0 (X11; Linux) Firefox/140.0";
	site->answer.fd = -1;
	*state = site;
	enum rc rc = open_all(site, &why);
	if (rc != RC_OK)
		print_error("%s\n", why.text);
	return rc == RC_OK ? 0 : -1;
}

int site_close(void **state)
{
	struct site *site = *state;

	pickup_answer_fini(&site->answer);
	pickup_free(site->pickup);
	outbox_close(site->outbox);
	store_close(site->store);
	crypto_keys_free(&site->keys);
	scratch_remove(&site->scratch);
	free(site);
	return 0;
}

void site_again(struct site *site)
{
	pickup_free(site->pickup);
	assert_int_equal(pickup_new(&site->pickup_site, &site->pickup, NULL), RC_OK);
}

/* ---- deposits ---- */

const char *waiting_address(size_t number)
{
	static const char *const addresses[WAITING_MAX] = { "bob0@plain.test", "bob1@plain.test",
							    "bob2@plain.test" };

	return addresses[number];
}

static struct deposit_party party_of(const struct waiting *w, size_t number)
{
	return (struct deposit_party){
		.id = w->id,
		.address = slice_of(waiting_address(number)),
		.phrase = w->factor == RULES_FACTOR_PHRASE ? SLICE(WAITING_PHRASE) : SLICE(""),
	};
}

static enum rc write_blob(void *arg, struct slice bytes, struct fault *why)
{
	return store_blob_write(arg, bytes, why);
}

static void seal(struct site *site, struct waiting *w, const char *text)
{
	struct slice bytes =
		slice_of(text ? text : "Subject: x\r\n\r\nThe code word is rhubarb.\r\n");
	struct deposit_source source = deposit_source_bytes(&bytes);
	struct store_blob *blob;

	assert_int_equal(crypto_random(w->id, sizeof w->id, NULL), RC_OK);
	assert_int_equal(crypto_key_make(&w->dek, NULL), RC_OK);
	assert_int_equal(store_blob_new(site->store, STORE_BLOBS, w->id, &blob, NULL), RC_OK);
	assert_int_equal(deposit_seal(&source, &w->dek, w->id, write_blob, blob, &w->record, NULL),
			 RC_OK);
	assert_int_equal(store_blob_keep(&blob, NULL), RC_OK);
}

static void add_recipient(struct site *site, struct store_tx *tx, struct waiting *w, size_t i)
{
	const struct deposit_party party = party_of(w, i);
	uint8_t bytes[DEPOSIT_RECIPIENT_BYTES], locator[CRYPTO_HASH_BYTES];
	struct store_recipient row = { .number = (uint32_t)i,
				       .address = party.address,
				       .record = { (const char *)bytes, sizeof bytes } };

	assert_int_equal(deposit_share_make(&party, w->factor, site->keys, &w->dek, w->link[i],
					    &w->share[i], NULL),
			 RC_OK);
	assert_int_equal(deposit_share_locate(site->keys, w->link[i], locator, NULL), RC_OK);
	memcpy(w->share[i].locator, locator, sizeof locator);
	deposit_recipient_encode(&w->share[i], bytes);
	memcpy(row.deposit, w->id, sizeof row.deposit);
	assert_int_equal(store_recipient_add(tx, &row, NULL), RC_OK);
	assert_int_equal(store_put(tx, "locate",
				   (struct slice){ (const char *)locator, sizeof locator },
				   (struct slice){ (const char *)w->id, sizeof w->id },
				   site->now_s + 14 * 86400, NULL),
			 RC_OK);
}

struct waiting site_deposit(struct site *site, const struct want *want)
{
	struct waiting w = { .factor = want->factor };
	struct deposit_facts facts = { .scanned = want->scanned,
				       .scan = { "ClamAV 1.0.7", "clean", SITE_NOW - 1 },
				       .recipient_count =
					       want->recipient_count ? want->recipient_count : 1 };
	uint8_t bytes[DEPOSIT_RECORD_BYTES];
	struct store_deposit row = { .made_s = site->now_s,
				     .until_s = site->now_s + 14 * 86400,
				     .sender = SLICE("jane@our.example"),
				     .record = { (const char *)bytes, sizeof bytes } };
	struct store_tx *tx;

	seal(site, &w, want->text);
	deposit_record_encode(&w.record, bytes);
	memcpy(row.id, w.id, sizeof row.id);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &row, NULL), RC_OK);
	for (size_t i = 0; i < facts.recipient_count; i++) {
		add_recipient(site, tx, &w, i);
		facts.recipients[i].independent = want->independent;
	}
	assert_int_equal(deposit_facts_put(tx, w.id, &facts, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	return w;
}

void site_end(struct site *site, const struct waiting *w, enum store_deposit_state state)
{
	const struct deposit_ending ending = { .state = state, .by = "sender" };

	assert_int_equal(deposit_end(&site->life, w->id, &ending, site->now_s, NULL), RC_OK);
}

void waiting_auth1(const struct waiting *w, size_t number, uint8_t out[PICKUP_PROOF_BYTES])
{
	struct crypto_key key;

	assert_int_equal(deposit_derive_auth1(w->id, w->link[number], &key, NULL), RC_OK);
	memcpy(out, key.bytes, sizeof key.bytes);
}

void waiting_auth2(const struct waiting *w, size_t number, uint8_t out[PICKUP_PROOF_BYTES])
{
	const struct deposit_party party = party_of(w, number);
	struct crypto_key stretched, key;

	assert_int_equal(deposit_derive_stretch(&party, w->share[number].rounds, &stretched, NULL),
			 RC_OK);
	assert_int_equal(deposit_derive_auth2(&party, w->link[number], &stretched, &key, NULL),
			 RC_OK);
	memcpy(out, key.bytes, sizeof key.bytes);
}

/* ---- asking ---- */

enum pickup_result site_send(struct site *site, const struct pickup_request *question, int body)
{
	struct pickup_request q = *question;

	q.client = slice_of(site->client);
	q.agent = slice_of(site->agent);
	pickup_answer_fini(&site->answer);
	pickup_answer(site->pickup, &q, body, site->now_s, &site->answer);
	assert_int_equal(site->answer.reply.verb, q.verb);
	if (getenv("SITE_LOUD"))
		print_message("%s: %d %s\n", pickup_verb_name(q.verb), site->answer.reply.result,
			      site->answer.why.text);
	/* A reason comes with a failure of ours, and with nothing else. */
	assert_int_equal(site->answer.why.text[0] != '\0',
			 site->answer.reply.result == PICKUP_RETRY);
	if (site->answer.reply.result != PICKUP_OK)
		assert_int_equal(site->answer.fd, -1);
	return site->answer.reply.result;
}

enum pickup_result site_ask(struct site *site, enum pickup_verb verb, const struct waiting *w,
			    const uint8_t *proof)
{
	struct pickup_request q = { .verb = verb };

	memcpy(q.id, w->id, sizeof q.id);
	memcpy(q.ticket, w->ticket, sizeof q.ticket);
	if (proof)
		memcpy(q.proof, proof, sizeof q.proof);
	return site_send(site, &q, -1);
}

enum pickup_result site_prove(struct site *site, struct waiting *w, size_t number)
{
	uint8_t proof[PICKUP_PROOF_BYTES];

	waiting_auth1(w, number, proof);
	enum pickup_result result = site_ask(site, PICKUP_PROVE, w, proof);
	memcpy(w->ticket, site->answer.reply.ticket, sizeof w->ticket);
	return result;
}

enum pickup_result site_factor(struct site *site, struct waiting *w, size_t number)
{
	struct pickup_request q = { .verb = PICKUP_FACTOR };

	memcpy(q.id, w->id, sizeof q.id);
	memcpy(q.ticket, w->ticket, sizeof q.ticket);
	waiting_auth2(w, number, q.proof);
	if (w->factor == RULES_FACTOR_CODE)
		q.code = slice_of(site->code);
	return site_send(site, &q, -1);
}

enum pickup_result site_acknowledge(struct site *site, struct waiting *w)
{
	return site_ask(site, PICKUP_ACKNOWLEDGE, w, w->record.digest);
}

void site_walk(struct site *site, struct waiting *w, size_t number, enum deposit_pickup stage)
{
	assert_int_equal(site_prove(site, w, number), PICKUP_OK);
	if (stage >= DEPOSIT_FACTORED && w->factor == RULES_FACTOR_CODE)
		assert_int_equal(site_ask(site, PICKUP_CODE, w, NULL), PICKUP_OK);
	if (stage >= DEPOSIT_FACTORED)
		assert_int_equal(site_factor(site, w, number), PICKUP_OK);
	if (stage >= DEPOSIT_SENT)
		assert_int_equal(site_ask(site, PICKUP_SENT, w, NULL), PICKUP_OK);
	if (stage >= DEPOSIT_ACKNOWLEDGED)
		assert_int_equal(site_acknowledge(site, w), PICKUP_OK);
}

/* ---- looking ---- */

struct seen {
	size_t number;
	unsigned stage;
};

static bool take_stage(void *arg, const struct store_recipient *row)
{
	struct seen *seen = arg;

	if (row->number == seen->number)
		seen->stage = row->state;
	return true;
}

unsigned site_stage(struct site *site, const struct waiting *w, size_t number)
{
	struct seen seen = { number, 99 };
	struct store_tx *tx;

	assert_int_equal(store_begin_reading(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, w->id, take_stage, &seen, NULL), RC_OK);
	store_abandon(&tx);
	return seen.stage;
}

unsigned site_events(const struct site *site, const char *event)
{
	unsigned count = 0;

	for (size_t i = 0; i < site->event_count; i++)
		count += strcmp(site->events[i].event, event) == 0;
	return count;
}

struct counting {
	enum outbox_kind kind;
	unsigned count;
};

static bool count_mail(void *arg, const struct outbox_entry *entry)
{
	struct counting *c = arg;

	c->count += entry->kind == c->kind;
	return true;
}

unsigned site_mails(struct site *site, enum outbox_kind kind)
{
	struct counting counting = { kind, 0 };

	assert_int_equal(outbox_each(site->store, count_mail, &counting, NULL), RC_OK);
	return counting.count;
}
