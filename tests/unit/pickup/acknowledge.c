#include "pickup/verb.h"

#include "deposit/proof.h"
#include "support/pickup_site.h"
#include "support/unit.h"

#include <sys/wait.h>
#include <unistd.h>

/* "Need proof of receipt". */
static void the_first_acknowledgement_makes_proof_and_receipt(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK,
							      .recipient_count = 2,
							      .scanned = true });
	struct deposit_proof_file proof;
	struct fault why;

	site_walk(site, &w, 1, DEPOSIT_SENT);
	site->now_s += 60;
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
	assert_int_equal(site_stage(site, &w, 1), DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_NEW);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
	assert_int_equal(site->woken, 1);
	assert_int_equal(site_events(site, "acknowledged"), 1);

	assert_int_equal(deposit_proof_read(site->answer.reply.proof, &proof, &why), RC_OK);
	assert_true(crypto_keys_knows_site(site->keys, proof.key));
	assert_int_equal(deposit_proof_verify(&proof, proof.key, &why), RC_OK);
	assert_true(slice_is(proof.proof.recipient, waiting_address(1)));
	assert_true(slice_is(proof.proof.sender, "jane@our.example"));
	assert_memory_equal(proof.proof.digest, w.record.digest, sizeof w.record.digest);
	assert_int_equal(proof.proof.picked_up_s, SITE_NOW + 60);
	assert_int_equal(proof.proof.made_s, SITE_NOW);
	assert_non_null(proof.proof.scan);
	deposit_proof_close(&proof);
}

/* Later ones change nothing: the same proof, one receipt, one record. */
static void later_acknowledgements_are_not_counted(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct buf first = BUF_INIT(PICKUP_PROOF_FILE_MAX);

	site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(buf_add_slice(&first, site->answer.reply.proof), RC_OK);
	for (int i = 0; i < 3; i++) {
		site->now_s += 1000;
		site_again(site);
		if (i)
			site_walk(site, &w, 0, DEPOSIT_SENT);
		assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
		assert_true(slice_is(site->answer.reply.proof, buf_text(&first)));
	}
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site->answer.reply.acknowledged_s, SITE_NOW);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_ACKNOWLEDGED); /* never back */
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
	assert_int_equal(site_events(site, "acknowledged"), 1);
	buf_free(&first);
}

/* Opens and views count only here: "GET and HEAD change nothing; nothing is counted or consumed
 * before proof, factor and acknowledgement". */
static void only_what_was_sent_is_acknowledged(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	assert_int_equal(site_acknowledge(site, &w), PICKUP_ORDER);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_ORDER);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_ORDER);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_FACTORED);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 0);
}

static void another_digest_is_no_acknowledgement(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	uint8_t digest[CRYPTO_HASH_BYTES];

	site_walk(site, &w, 0, DEPOSIT_SENT);
	memcpy(digest, w.record.digest, sizeof digest);
	digest[31] ^= 1;
	assert_int_equal(site_ask(site, PICKUP_ACKNOWLEDGE, &w, digest), PICKUP_DENIED);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_SENT);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 0);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
}

static void what_has_ended_is_not_acknowledged(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_SENT);
	site_end(site, &w, STORE_DEPOSIT_REVOKED);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_ENDED);
	assert_int_equal(site_events(site, "acknowledged"), 0);
}

/* Counted, but the audit was full: whoever comes back has it written, once. */
static void what_the_audit_missed_is_written_by_the_next_try(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_SENT);
	site->audit_fails = true;
	assert_int_equal(site_acknowledge(site, &w), PICKUP_RETRY);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_RETRY);
	site->audit_fails = false;
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
	assert_int_equal(site_events(site, "acknowledged"), 1);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
}

/* The same after a crash between the two, when nobody comes back. */
static void what_a_crash_left_unsaid_is_settled(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct fault why;

	site_walk(site, &w, 0, DEPOSIT_SENT);
	site->audit_fails = true;
	assert_int_equal(site_acknowledge(site, &w), PICKUP_RETRY);
	assert_int_equal(pickup_settle(site->pickup, site->now_s, &why), RC_RETRY);
	site->audit_fails = false;
	assert_int_equal(pickup_settle(site->pickup, site->now_s, &why), RC_OK);
	assert_int_equal(site_events(site, "acknowledged"), 1);
	assert_string_equal(site->events[site->event_count - 1].reason, "written after a crash");
	assert_string_equal(site->events[site->event_count - 1].to, waiting_address(0));
	assert_int_equal(pickup_settle(site->pickup, site->now_s, &why), RC_OK);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
	assert_int_equal(site_events(site, "acknowledged"), 1);
}

static void one_that_another_is_writing_waits_for_it(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct pickup_progress progress;
	struct store_tx *tx;

	site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
	/* As it stands between another portal's commit and its record. */
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(pickup_progress_get(tx, w.id, 0, &progress, NULL), RC_OK);
	progress.unsaid_s = site->now_s;
	assert_int_equal(pickup_progress_put(tx, w.id, 0, &progress, site->now_s, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);

	assert_int_equal(site_acknowledge(site, &w), PICKUP_RETRY);
	assert_int_equal(pickup_settle(site->pickup, site->now_s, NULL), RC_OK);
	assert_int_equal(site_events(site, "acknowledged"), 1);
	site->now_s += PICKUP_UNSAID_S; /* it must have crashed */
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
	assert_int_equal(site_events(site, "acknowledged"), 2);
}

/* ---- "one-time counters racing between two nodes" ---- */

enum { RACERS = 4 };

static void race(struct site *site, struct waiting *w)
{
	struct store *store;
	struct fault why;

	/* A portal of its own: the store opened anew, in another process. */
	if (store_open(scratch_path(&site->scratch, "state"), &store, &why) != RC_OK)
		_exit(1);
	site->deposit.store = store;
	if (outbox_open(store, &site->keys->outbox, &site->outbox, &why) != RC_OK)
		_exit(2);
	site->deposit.outbox = site->outbox;
	if (pickup_new(&site->pickup_site, &site->pickup, &why) != RC_OK)
		_exit(3);
	size_t before = site->event_count;
	for (int i = 0; i < 5; i++) {
		enum pickup_result result = site_acknowledge(site, w);
		/* RETRY: another is writing it down. */
		if (result != PICKUP_OK && result != PICKUP_RETRY)
			_exit(4);
	}
	unsigned said = 0;
	for (size_t i = before; i < site->event_count; i++)
		said += strcmp(site->events[i].event, "acknowledged") == 0;
	_exit(100 + (int)said);
}

static void two_portals_count_an_acknowledgement_once(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct waiting visits[RACERS];
	pid_t pids[RACERS];
	int said = 0;

	for (size_t i = 0; i < RACERS; i++) {
		visits[i] = w;
		site_walk(site, &visits[i], 0, DEPOSIT_SENT);
	}
	/* The store is not to be carried over a fork. */
	pickup_free(site->pickup);
	outbox_close(site->outbox);
	store_close(site->store);
	for (size_t i = 0; i < RACERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			race(site, &visits[i]);
	}
	for (size_t i = 0; i < RACERS; i++) {
		int status;
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_true(WIFEXITED(status));
		assert_true(WEXITSTATUS(status) >= 100);
		said += WEXITSTATUS(status) - 100;
	}
	assert_int_equal(said, 1);
	struct fault why;
	assert_int_equal(store_open(scratch_path(&site->scratch, "state"), &site->store, &why),
			 RC_OK);
	site->deposit.store = site->store;
	assert_int_equal(outbox_open(site->store, &site->keys->outbox, &site->outbox, &why), RC_OK);
	site->deposit.outbox = site->outbox;
	assert_int_equal(pickup_new(&site->pickup_site, &site->pickup, &why), RC_OK);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(the_first_acknowledgement_makes_proof_and_receipt),
		AT_SITE(later_acknowledgements_are_not_counted),
		AT_SITE(only_what_was_sent_is_acknowledged),
		AT_SITE(another_digest_is_no_acknowledgement),
		AT_SITE(what_has_ended_is_not_acknowledged),
		AT_SITE(what_the_audit_missed_is_written_by_the_next_try),
		AT_SITE(what_a_crash_left_unsaid_is_settled),
		AT_SITE(one_that_another_is_writing_waits_for_it),
		AT_SITE(two_portals_count_an_acknowledgement_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
