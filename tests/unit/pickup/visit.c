#include "pickup/visit.h"

#include "support/pickup_site.h"
#include "support/unit.h"

static void a_visit_is_found_by_its_ticket(void **state)
{
	struct site *site = *state;
	uint8_t ticket[PICKUP_TICKET_BYTES], other[PICKUP_TICKET_BYTES];
	struct pickup_visit in, out, second;
	struct store_tx *tx;
	struct fault why;

	assert_int_equal(pickup_visit_make(ticket, &in, NULL), RC_OK);
	assert_int_equal(pickup_visit_make(other, &second, NULL), RC_OK);
	assert_memory_not_equal(ticket, other, sizeof ticket);
	memset(in.deposit, 1, sizeof in.deposit);
	memset(in.client, 2, sizeof in.client);
	in.number = 99;
	in.stage = DEPOSIT_SENT;
	in.made_s = SITE_NOW;
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(pickup_visit_put(tx, &in, SITE_NOW, NULL), RC_OK);
	assert_int_equal(pickup_visit_get(tx, ticket, SITE_NOW + 5, &out, NULL), RC_OK);
	assert_memory_equal(out.key, in.key, sizeof in.key);
	assert_memory_equal(out.deposit, in.deposit, sizeof in.deposit);
	assert_memory_equal(out.client, in.client, sizeof in.client);
	assert_int_equal(out.number, 99);
	assert_int_equal(out.stage, DEPOSIT_SENT);
	assert_int_equal(out.made_s, SITE_NOW);
	assert_int_equal(pickup_visit_get(tx, other, SITE_NOW, &out, &why), RC_ABSENT);
	assert_string_equal(why.text, "there is no such visit");
	assert_int_equal(pickup_visit_get(tx, ticket, SITE_NOW + PICKUP_VISIT_S, &out, NULL),
			 RC_ABSENT);
	store_abandon(&tx);
}

static void a_damaged_record_is_a_failure_of_ours(void **state)
{
	struct site *site = *state;
	static const struct slice bad[] = { { "short", 5 }, { "", 0 } };
	uint8_t ticket[PICKUP_TICKET_BYTES];
	struct pickup_visit visit, out;
	struct store_tx *tx;
	struct fault why;

	assert_int_equal(pickup_visit_make(ticket, &visit, NULL), RC_OK);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(
			store_put(tx, "visit",
				  (struct slice){ (const char *)visit.key, sizeof visit.key },
				  bad[i], 0, NULL),
			RC_OK);
		assert_int_equal(pickup_visit_get(tx, ticket, SITE_NOW, &out, &why), RC_RETRY);
		assert_string_equal(why.text, "store is damaged: a visit's record");
	}
	store_abandon(&tx);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(a_visit_is_found_by_its_ticket),
		AT_SITE(a_damaged_record_is_a_failure_of_ours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
