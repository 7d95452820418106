#include "pickup/verb.h"

#include "deposit/upgrade.h"
#include "support/pickup_site.h"
#include "support/unit.h"

/* Rows that a disk has damaged: a failure of ours, said to nobody else, and no crash. */
static void damaged_rows_are_failures_of_ours(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct store_deposit deposit = { .until_s = SITE_NOW + 100, .record = SLICE("damaged") };
	struct store_tx *tx;

	memcpy(deposit.id, w.id, sizeof deposit.id);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_set(tx, &deposit, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_RETRY);
	assert_string_equal(site->answer.why.text, "store is damaged: a deposit's record");
}

static void a_damaged_recipient_is_nobody_s_and_hides_no_other(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 2 });
	struct store_recipient row = { .number = 0, .record = SLICE("damaged") };
	struct store_tx *tx;

	memcpy(row.deposit, w.id, sizeof row.deposit);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipient_set(tx, &row, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_DENIED);
	assert_int_equal(site_prove(site, &w, 1), PICKUP_OK);
}

/* A deposit made before there were facts: of a factor that nobody vouches for. */
static void without_facts_nothing_is_claimed(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK,
							      .recipient_count = 2,
							      .scanned = true,
							      .independent = true });
	struct store_tx *tx;

	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_facts_remove(tx, w.id, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(site_prove(site, &w, 1), PICKUP_OK);
	assert_false(site->answer.reply.independent);
	assert_int_equal(site_factor(site, &w, 1), PICKUP_OK);
	assert_false(site->answer.reply.scan.there);
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_OK);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_OK);
}

static void a_purged_deposit_was_never_there(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct store_tx *tx;

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_remove(tx, w.id, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ORDER);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_DENIED);
}

/* One word for all of a visit, another for the next; and where a client is not known, none. */
static void records_of_one_visit_belong_together(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site->client = "not an address";
	site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
	site_walk(site, &w, 0, DEPOSIT_PROVED);
	assert_int_equal(site->event_count, 5);
	for (size_t i = 0; i < 5; i++) {
		const struct site_event *e = &site->events[i];
		assert_string_equal(e->client, "");
		assert_string_equal(e->deposit, site->events[0].deposit);
		assert_int_equal(strcmp(e->visit, site->events[0].visit) == 0, i < 4);
	}
}

/* ---- sent on by the upgrade ---- */

static bool is_bob0(void *arg, struct slice address)
{
	(void)arg;
	return slice_is(address, waiting_address(0));
}

static bool goes_on(void *arg)
{
	(void)arg;
	return true;
}

static void keep_key(struct site *site, const struct waiting *w, const struct crypto_key *key)
{
	const struct deposit_onward onward = { .recipient_count = 2 };
	const struct deposit_onward_keys keys = { key, site->keys };
	struct store_tx *tx;

	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_upgrade_put(tx, &keys, w->id, &w->dek, &onward, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static bool has_key(struct site *site, const struct waiting *w)
{
	struct buf row = BUF_INIT(DEPOSIT_ONWARD_MAX);
	struct store_tx *tx;

	assert_int_equal(store_begin_reading(site->store, &tx, NULL), RC_OK);
	enum rc rc = store_get(tx, "upgrade", (struct slice){ (const char *)w->id, STORE_ID_BYTES },
			       0, &row, NULL);
	store_abandon(&tx);
	buf_free(&row);
	return rc == RC_OK;
}

static unsigned send_on(struct site *site, const struct crypto_key *key)
{
	const struct deposit_life life = { .site = &site->deposit };
	const struct deposit_upgrader upgrader = { .life = &life,
						   .key = key,
						   .spool_folder = "/tmp",
						   .memory_bytes = 1 << 20,
						   .qualifies = is_bob0,
						   .go_on = goes_on };
	struct deposit_upgrade_place place = { { 0 } };
	struct fault why = { "" };
	unsigned sent;

	if (deposit_upgrade_round(&upgrader, &place, site->now_s, &sent, &why) != RC_OK)
		fail_msg("%s", why.text);
	return sent;
}

/* Whoever shows the link of a copy that was sent on is told so and when; the other's waits. */
static void a_copy_that_was_sent_on_says_so(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 2 });
	const struct crypto_key key = { { 7 } };
	int64_t then_s = site->now_s;

	keep_key(site, &w, &key);
	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(send_on(site, &key), 1);
	assert_int_equal(site_ask(site, PICKUP_BLOB, &w, NULL), PICKUP_ENDED); /* in mid-visit */
	site->now_s += 1000;
	for (int revoked = 0; revoked <= 1; revoked++) {
		assert_int_equal(site_prove(site, &w, 0), PICKUP_ENDED);
		assert_int_equal(site->answer.reply.state, PICKUP_SENT_ON);
		assert_true(site->answer.reply.ended_s == then_s);
		assert_int_equal(site_prove(site, &w, 1), revoked ? PICKUP_ENDED : PICKUP_OK);
		if (revoked)
			assert_int_equal(site->answer.reply.state, PICKUP_REVOKED);
		else
			site_end(site, &w, STORE_DEPOSIT_REVOKED);
	}
}

static void the_key_goes_when_the_last_has_acknowledged(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 2 });
	const struct crypto_key key = { { 7 } };

	keep_key(site, &w, &key);
	site_walk(site, &w, 0, DEPOSIT_ACKNOWLEDGED);
	assert_true(has_key(site, &w));
	site_walk(site, &w, 1, DEPOSIT_ACKNOWLEDGED);
	assert_false(has_key(site, &w));
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(damaged_rows_are_failures_of_ours),
		AT_SITE(a_damaged_recipient_is_nobody_s_and_hides_no_other),
		AT_SITE(without_facts_nothing_is_claimed),
		AT_SITE(a_purged_deposit_was_never_there),
		AT_SITE(records_of_one_visit_belong_together),
		AT_SITE(a_copy_that_was_sent_on_says_so),
		AT_SITE(the_key_goes_when_the_last_has_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
