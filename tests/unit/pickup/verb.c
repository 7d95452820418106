#include "pickup/verb.h"

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

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(damaged_rows_are_failures_of_ours),
		AT_SITE(a_damaged_recipient_is_nobody_s_and_hides_no_other),
		AT_SITE(without_facts_nothing_is_claimed),
		AT_SITE(a_purged_deposit_was_never_there),
		AT_SITE(records_of_one_visit_belong_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
