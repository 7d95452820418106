#include "pickup/pickup.h"

#include "crypto/sign.h"
#include "pickup/progress.h"
#include "support/anomaly.h"
#include "support/famine.h"
#include "support/pickup_site.h"
#include "support/unit.h"

#include <pthread.h>

static void hello_tells_the_site_s_key(void **state)
{
	struct site *site = *state;
	struct pickup_request q = { .verb = PICKUP_HELLO, .serial = 77 };
	struct crypto_key key;
	uint8_t pub[CRYPTO_PUBLIC_BYTES];

	crypto_keys_site(site->keys, &key);
	assert_int_equal(crypto_sign_public(&key, pub, NULL), RC_OK);
	assert_int_equal(site_send(site, &q, -1), PICKUP_OK);
	assert_int_equal(site->answer.reply.serial, 77);
	assert_memory_equal(site->answer.reply.public_key, pub, sizeof pub);
}

/* ---- a worker that was taken over ---- */

/* Every verb, with nothing, with another's ticket, out of order: whatever it asks, it gets no key,
 * no blob and no proof, nothing is mailed, and the audit has no record of its making. */
static void a_taken_over_worker_gets_nothing_that_was_not_proved(void **state)
{
	struct site *site = *state;
	struct waiting victim = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE });
	struct waiting own = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	static const uint8_t none[CRYPTO_KEY_BYTES];

	site_walk(site, &own, 0, DEPOSIT_ACKNOWLEDGED); /* somebody it may read the mail of */
	size_t events = site->event_count;
	unsigned mails = site_mails(site, OUTBOX_REPORT);
	for (unsigned verb = PICKUP_PROVE; verb < PICKUP_VERBS; verb++)
		for (unsigned with = 0; with < 4; with++) {
			struct pickup_request q = { .verb = (enum pickup_verb)verb,
						    .mode = PICKUP_SERVER,
						    .code = SLICE("12345678"),
						    .action = PICKUP_REVOKE,
						    .text_bytes = 5 };
			memcpy(q.id, victim.id, sizeof q.id);
			if (with & 1)
				memcpy(q.ticket, own.ticket, sizeof q.ticket);
			if (with & 2) /* what anybody can read in the notice: the digest */
				memcpy(q.proof, victim.record.digest, sizeof q.proof);
			else
				waiting_auth1(&own, 0, q.proof);
			enum pickup_result result = site_send(site, &q, -1);
			assert_true(result == PICKUP_DENIED || result == PICKUP_ORDER ||
				    result == PICKUP_SLOW);
			assert_memory_equal(site->answer.reply.server, none, sizeof none);
			assert_int_equal(site->answer.reply.proof.len, 0);
			site->now_s += 61;
		}
	assert_int_equal(site_stage(site, &victim, 0), DEPOSIT_NEW);
	assert_int_equal(site->event_count, events);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), mails);
	assert_int_equal(site_mails(site, OUTBOX_REPLY), 0);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
}

/* ---- whatever fails, at whichever step ---- */

static void check_whole(struct site *site, struct waiting *w)
{
	unsigned stage = site_stage(site, w, 0);
	bool receipted = site_mails(site, OUTBOX_REPORT) == 1;

	/* A receipt if and only if it is acknowledged, and what is in the audit has happened. */
	assert_int_equal(receipted, stage == DEPOSIT_ACKNOWLEDGED);
	assert_true(site_events(site, "acknowledged") <= receipted);
}

/* The n-th write, sync or rename fails; then all is tried again and comes to its end. */
static void a_disk_that_fails_leaves_whole_steps(void **state)
{
	struct site *site = *state;
	int n = 0, struck, twice = 0;

	do {
		struct waiting w =
			site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
		anomaly_steps = 0;
		anomaly_errno = ENOSPC;
		anomaly_at = ++n;
		if (site_prove(site, &w, 0) == PICKUP_OK && site_factor(site, &w, 0) == PICKUP_OK &&
		    site_ask(site, PICKUP_SENT, &w, NULL) == PICKUP_OK)
			(void)site_acknowledge(site, &w);
		struck = anomaly_steps >= n;
		anomaly_at = 0;
		check_whole(site, &w);
		site->now_s += PICKUP_UNSAID_S;
		site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
		assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
		/* Twice where the disk failed between the record and the note that it is there. */
		twice += site_events(site, "acknowledged") == 2;
		assert_in_range(site_events(site, "acknowledged"), 1, 2);
		/* For the next one: as if nothing had been. */
		site->event_count = 0;
		assert_int_equal(site_close(state), 0);
		assert_int_equal(site_open(state), 0);
		site = *state;
	} while (struck && n < 400);
	assert_false(struck);
	assert_true(n > 10);
	assert_true(twice < n / 4);
}

/* The n-th allocation finds no memory; then all is tried again and comes to its end. */
static void memory_that_runs_out_leaves_whole_steps(void **state)
{
	struct site *site = *state;
	int n = 0;
	bool struck;

	do {
		struct waiting w =
			site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
		uint8_t auth1[PICKUP_PROOF_BYTES], auth2[PICKUP_PROOF_BYTES];
		waiting_auth1(&w, 0, auth1);
		waiting_auth2(&w, 0, auth2);
		site->event_count = 0;
		unsigned mails = site_mails(site, OUTBOX_REPORT);
		famine_begin(++n);
		enum pickup_result result = site_ask(site, PICKUP_PROVE, &w, auth1);
		memcpy(w.ticket, site->answer.reply.ticket, sizeof w.ticket);
		if (result == PICKUP_OK)
			result = site_ask(site, PICKUP_FACTOR, &w, auth2);
		if (result == PICKUP_OK)
			result = site_ask(site, PICKUP_SENT, &w, NULL);
		if (result == PICKUP_OK)
			(void)site_acknowledge(site, &w);
		struck = famine_end();
		unsigned receipts = site_mails(site, OUTBOX_REPORT) - mails;
		assert_int_equal(receipts, site_stage(site, &w, 0) == DEPOSIT_ACKNOWLEDGED);
		assert_true(site_events(site, "acknowledged") <= receipts);
		site->now_s += PICKUP_UNSAID_S;
		site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
		assert_int_equal(site_mails(site, OUTBOX_REPORT), mails + 1);
		assert_in_range(site_events(site, "acknowledged"), 1, 2);
	} while (struck && n < 2000);
	assert_false(struck);
	assert_true(n > 10);
	print_message("%d allocations\n", n);
}

/* ---- many at once ---- */

enum { THREADS = 4, ROUNDS = 8 };

struct visitor {
	struct site *site;
	struct waiting *w;
	unsigned acknowledged, failed;
};

static enum rc count_audit(void *arg, const struct audit_record *records, size_t count,
			   struct fault *why)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	struct site *site = arg;

	(void)why;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < count; i++)
		site->hooked += strcmp(records[i].event, "acknowledged") == 0;
	pthread_mutex_unlock(&lock);
	return RC_OK;
}

static enum pickup_result ask(struct visitor *v, struct pickup_request *q,
			      uint8_t ticket[PICKUP_TICKET_BYTES])
{
	struct pickup_answer out;

	memcpy(q->id, v->w->id, sizeof q->id);
	memcpy(q->ticket, ticket, PICKUP_TICKET_BYTES);
	q->client = SLICE("192.0.2.7");
	pickup_answer(v->site->pickup, q, -1, SITE_NOW, &out);
	enum pickup_result result = out.reply.result;
	if (q->verb == PICKUP_PROVE)
		memcpy(ticket, out.reply.ticket, PICKUP_TICKET_BYTES);
	pickup_answer_fini(&out);
	return result;
}

static void *visit(void *arg)
{
	struct visitor *v = arg;

	for (int i = 0; i < ROUNDS; i++) {
		uint8_t ticket[PICKUP_TICKET_BYTES] = { 0 };
		struct pickup_request prove = { .verb = PICKUP_PROVE },
				      factor = { .verb = PICKUP_FACTOR },
				      sent = { .verb = PICKUP_SENT },
				      acknowledge = { .verb = PICKUP_ACKNOWLEDGE };
		waiting_auth1(v->w, 0, prove.proof);
		waiting_auth2(v->w, 0, factor.proof);
		memcpy(acknowledge.proof, v->w->record.digest, sizeof acknowledge.proof);
		if (ask(v, &prove, ticket) != PICKUP_OK || ask(v, &factor, ticket) != PICKUP_OK ||
		    ask(v, &sent, ticket) != PICKUP_OK)
			v->failed++;
		enum pickup_result result = ask(v, &acknowledge, ticket);
		v->acknowledged += result == PICKUP_OK;
		v->failed += result != PICKUP_OK && result != PICKUP_RETRY;
	}
	return NULL;
}

static void many_threads_count_an_acknowledgement_once(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct visitor visitors[THREADS];
	pthread_t threads[THREADS];

	site->pickup_site.audit = count_audit;
	site->pickup_site.wake = NULL;
	site_again(site);
	for (size_t i = 0; i < THREADS; i++) {
		visitors[i] = (struct visitor){ .site = site, .w = &w };
		assert_int_equal(pthread_create(&threads[i], NULL, visit, &visitors[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(visitors[i].failed, 0);
		assert_true(visitors[i].acknowledged > 0);
	}
	assert_int_equal(site->hooked, 1);
	assert_int_equal(site_mails(site, OUTBOX_REPORT), 1);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(hello_tells_the_site_s_key),
		AT_SITE(a_taken_over_worker_gets_nothing_that_was_not_proved),
		AT_SITE(a_disk_that_fails_leaves_whole_steps),
		AT_SITE(memory_that_runs_out_leaves_whole_steps),
		AT_SITE(many_threads_count_an_acknowledgement_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
