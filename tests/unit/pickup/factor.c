#include "pickup/verb.h"

#include "crypto/renew.h"
#include "deposit/derive.h"
#include "deposit/seal.h"
#include "support/pickup_site.h"
#include "support/unit.h"

#include <unistd.h>

static const uint8_t wrong[PICKUP_PROOF_BYTES] = { 7 };

static enum rc count_bytes(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	*(size_t *)arg += bytes.len;
	return RC_OK;
}

/* What was handed out, and the notice's half and the phrase: together they open the message. */
static void opens(const struct site *site, const struct waiting *w, size_t number)
{
	const struct pickup_reply *r = &site->answer.reply;
	const struct deposit_party party = {
		.id = w->id,
		.address = slice_of(waiting_address(number)),
		.phrase = w->factor == RULES_FACTOR_PHRASE ? SLICE(WAITING_PHRASE) : SLICE(""),
	};
	struct crypto_key server, stretched, dek;
	const struct deposit_halves halves = { w->link[number], &server, &stretched };
	struct deposit_record record = w->record;
	struct deposit_unseal *u = NULL;
	static char bytes[1 << 20];
	size_t emitted = 0;

	memcpy(server.bytes, r->server, sizeof server.bytes);
	memcpy(record.commitment, r->commitment, sizeof record.commitment);
	memcpy(record.digest, r->digest, sizeof record.digest);
	assert_int_equal(deposit_derive_stretch(&party, w->share[number].rounds, &stretched, NULL),
			 RC_OK);
	assert_int_equal(deposit_derive_dek(&party, &halves, r->wrapped_dek, &dek, NULL), RC_OK);
	ssize_t len = read(site->answer.fd, bytes, sizeof bytes);
	assert_int_equal(len, r->blob_bytes);
	assert_int_equal(
		deposit_unseal_start(&record, &dek, w->id, count_bytes, &emitted, &u, NULL), RC_OK);
	assert_int_equal(deposit_unseal_add(u, (struct slice){ bytes, (size_t)len }, NULL), RC_OK);
	assert_int_equal(deposit_unseal_end(u, NULL), RC_OK);
	assert_true(emitted > 4);
	deposit_unseal_free(&u);
}

static void the_factor_releases_keys_and_blob(void **state)
{
	struct site *site = *state;
	static const enum rules_factor factors[] = { RULES_FACTOR_PHRASE, RULES_FACTOR_LINK };

	for (size_t i = 0; i < COUNT(factors); i++) {
		struct waiting w = site_deposit(site, &(struct want){ .factor = factors[i],
								      .recipient_count = 2,
								      .scanned = true });
		site_walk(site, &w, 1, DEPOSIT_FACTORED);
		assert_int_equal(site_stage(site, &w, 1), DEPOSIT_FACTORED);
		assert_int_equal(site_stage(site, &w, 0), DEPOSIT_NEW);
		assert_true(site->answer.reply.scan.there);
		assert_true(slice_is(site->answer.reply.scan.engine, "ClamAV 1.0.7"));
		assert_true(slice_is(site->answer.reply.scan.result, "clean"));
		assert_int_equal(site->answer.reply.scan.at_s, SITE_NOW - 1);
		opens(site, &w, 1);
		assert_int_equal(site_events(site, "factored"), i + 1);
	}
}

/* "A link can be intercepted and used by anyone": the link alone fetches no ciphertext. */
static void the_link_alone_fetches_no_ciphertext(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE });
	uint8_t auth1[PICKUP_PROOF_BYTES];
	static const uint8_t none[CRYPTO_KEY_BYTES];

	waiting_auth1(&w, 0, auth1);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ORDER);
	assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, auth1), PICKUP_DENIED);
	assert_memory_equal(site->answer.reply.server, none, sizeof none);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ORDER);
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_ORDER);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_ORDER);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_PROVED);
}

/* "A wrong phrase burning the message": it only costs time. */
static void a_wrong_phrase_burns_nothing(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE });
	static const unsigned waits[] = { 0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };

	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	for (size_t i = 0; i < COUNT(waits); i++) {
		assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, wrong), PICKUP_DENIED);
		assert_int_equal(site->answer.reply.wait_s, waits[i]);
		if (waits[i] == 0)
			continue;
		site->now_s += waits[i] - 1;
		assert_int_equal(site_factor(site, &w, 0),
				 PICKUP_SLOW); /* not even the right one */
		assert_int_equal(site->answer.reply.wait_s, 1);
		site->now_s++;
	}
	assert_int_equal(site_events(site, "refused"), 10); /* and not all thirteen */
	assert_string_equal(site->events[1].reason, "wrong phrase");
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	opens(site, &w, 0);
	assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, wrong), PICKUP_DENIED);
	assert_int_equal(site->answer.reply.wait_s,
			 0); /* the right one has made up for the wrong */
}

/* A restart, another client, another visit: the count is the recipient's. */
static void wrong_phrases_count_together(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_PHRASE, .recipient_count = 2 });
	static const char *const from[] = { "192.0.2.1", "198.51.100.1", "203.0.113.1", "" };

	for (size_t i = 0; i < COUNT(from); i++) {
		site->client = from[i];
		site_again(site);
		assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
		assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, wrong), PICKUP_DENIED);
	}
	assert_int_equal(site_factor(site, &w, 0), PICKUP_SLOW);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site->answer.reply.factor_wait_s, 2);
	assert_int_equal(site_prove(site, &w, 1), PICKUP_OK); /* the other one's is not touched */
	assert_int_equal(site->answer.reply.factor_wait_s, 0);
	assert_int_equal(site_factor(site, &w, 1), PICKUP_OK);
}

static void a_day_later_wrong_phrases_are_forgotten(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE });

	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, wrong), PICKUP_DENIED);
		site->now_s += 60;
	}
	site->now_s += PICKUP_WRONG_FORGET_S;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_ask(site, PICKUP_FACTOR, &w, wrong), PICKUP_DENIED);
	assert_int_equal(site->answer.reply.wait_s, 0);
}

/* A visit is of one deposit and one recipient, whatever the question says. */
static void a_ticket_opens_nothing_else(void **state)
{
	struct site *site = *state;
	struct waiting mine = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 2 });
	struct waiting other = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	uint8_t auth2[PICKUP_PROOF_BYTES];

	site_walk(site, &mine, 0, DEPOSIT_FACTORED);
	memcpy(other.ticket, mine.ticket, sizeof other.ticket);
	waiting_auth2(&other, 0, auth2);
	assert_int_equal(site_ask(site, PICKUP_FACTOR, &other, auth2), PICKUP_ORDER);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &other, NULL), PICKUP_ORDER);
	waiting_auth2(&mine, 1, auth2); /* the other recipient's proof in my visit */
	assert_int_equal(site_ask(site, PICKUP_FACTOR, &mine, auth2), PICKUP_DENIED);
	mine.ticket[0] ^= 1;
	assert_int_equal(site_ask(site, PICKUP_BLOB, &mine, NULL), PICKUP_ORDER);
}

static void a_visit_ends_an_hour_after_its_last_step(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	site->now_s += PICKUP_VISIT_S - 1;
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	for (int i = 0; i < 3; i++) {
		site->now_s += PICKUP_VISIT_S - 1;
		assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_OK);
		assert_true(site->answer.fd >= 0);
		assert_true(site->answer.reply.blob_bytes > 0);
	}
	site->now_s += PICKUP_VISIT_S;
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ORDER);
}

/* The worker may read what it was handed; what it writes there changes nothing (a short blob is
 * a copy of its own, a long one a file that is open for reading). */
static void the_blob_is_not_the_worker_s_to_change(void **state)
{
	struct site *site = *state;
	static char text[600000];
	const char *const texts[] = { "short\r\n", text };

	memset(text, 'x', sizeof text - 1);
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct waiting w = site_deposit(
			site, &(struct want){ .factor = RULES_FACTOR_LINK, .text = texts[i] });
		site_walk(site, &w, 0, DEPOSIT_FACTORED);
		(void)!pwrite(site->answer.fd, "changed", 7, 0);
		(void)!ftruncate(site->answer.fd, 5);
		assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
		opens(site, &w, 0);
	}
}

/* "It does nothing against mistakes": revoking ends a visit, too. */
static void what_was_revoked_is_not_released(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	site_end(site, &w, STORE_DEPOSIT_REVOKED);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ENDED);
	assert_int_equal(site->answer.reply.state, PICKUP_REVOKED);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_ENDED);
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_ENDED);
}

static void without_an_audit_nothing_is_released(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	static const uint8_t none[CRYPTO_KEY_BYTES];

	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	site->audit_fails = true;
	assert_int_equal(site_factor(site, &w, 0), PICKUP_RETRY);
	assert_int_equal(site->answer.fd, -1);
	assert_memory_equal(site->answer.reply.server, none, sizeof none);
	site->audit_fails = false;
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_events(site, "factored"), 1);
}

/* A key that another process has destroyed is good for nothing here either. */
static void a_destroyed_epoch_opens_nothing(void **state)
{
	struct site *site = *state;
	struct waiting old = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct crypto_keys *other = NULL;
	struct fault why;

	assert_int_equal(crypto_keys_open(scratch_path(&site->scratch, "keys"), &other, &why),
			 RC_OK);
	assert_int_equal(crypto_epoch_make(other, old.share[0].epoch + 1, &why), RC_OK);
	assert_int_equal(crypto_epoch_destroy(other, old.share[0].epoch, &why), RC_OK);
	crypto_keys_free(&other);
	assert_int_equal(site_prove(site, &old, 0), PICKUP_OK);
	assert_int_equal(site_factor(site, &old, 0), PICKUP_ENDED);
	assert_int_equal(site->answer.reply.state, PICKUP_EXPIRED);
	assert_int_equal(site_stage(site, &old, 0), DEPOSIT_PROVED);
	struct waiting fresh = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	site_walk(site, &fresh, 0, DEPOSIT_FACTORED);
	opens(site, &fresh, 0);
}

static void a_lost_blob_is_a_failure_of_ours(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(store_blob_remove(site->store, STORE_BLOBS, w.id, NULL), RC_OK);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_RETRY);
	assert_string_equal(site->answer.why.text, "store is damaged: a blob is not there");
	assert_int_equal(site_prove(site, &w, 0), PICKUP_RETRY);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(the_factor_releases_keys_and_blob),
		AT_SITE(the_link_alone_fetches_no_ciphertext),
		AT_SITE(a_wrong_phrase_burns_nothing),
		AT_SITE(wrong_phrases_count_together),
		AT_SITE(a_day_later_wrong_phrases_are_forgotten),
		AT_SITE(a_ticket_opens_nothing_else),
		AT_SITE(a_visit_ends_an_hour_after_its_last_step),
		AT_SITE(the_blob_is_not_the_worker_s_to_change),
		AT_SITE(what_was_revoked_is_not_released),
		AT_SITE(without_an_audit_nothing_is_released),
		AT_SITE(a_destroyed_epoch_opens_nothing),
		AT_SITE(a_lost_blob_is_a_failure_of_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
