#include "pickup/verb.h"

#include "deposit/handle.h"
#include "support/pickup_site.h"
#include "support/unit.h"

static enum pickup_result use(struct site *site, const struct waiting *w, enum pickup_action action,
			      const char *number)
{
	struct pickup_request q = { .verb = PICKUP_HANDLE,
				    .action = action,
				    .code = slice_of(number) };

	memcpy(q.id, w->id, sizeof q.id);
	assert_int_equal(deposit_link_tag(site->keys, w->id, q.tag, NULL), RC_OK);
	return site_send(site, &q, -1);
}

static void the_sender_s_link_shows_and_changes_nothing(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 3 });

	site_walk(site, &w, 1, DEPOSIT_SENT);
	size_t events = site->event_count;
	assert_int_equal(use(site, &w, PICKUP_LOOK, ""), PICKUP_OK);
	const struct pickup_reply *r = &site->answer.reply;
	assert_int_equal(r->outcome, PICKUP_DONE);
	assert_int_equal(r->state, PICKUP_OPEN);
	assert_int_equal(r->until_s, SITE_NOW + 14 * 86400);
	assert_true(r->extended_s > r->until_s);
	assert_true(slice_is(r->sender, "jane@our.example"));
	assert_int_equal(r->parties_in_all, 3);
	assert_int_equal(r->party_count, 3);
	assert_true(slice_is(r->parties[1].address, waiting_address(1)));
	assert_int_equal(r->parties[1].state, DEPOSIT_SENT);
	assert_int_equal(r->parties[2].state, DEPOSIT_NEW);
	assert_int_equal(site->event_count, events);
}

/* "Mail scanners open links and press buttons": without the number nothing happens. */
static void a_button_needs_the_number(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	char number[DEPOSIT_NUMBER_TEXT];

	assert_int_equal(deposit_link_number(site->keys, w.id, number, NULL), RC_OK);
	assert_int_equal(use(site, &w, PICKUP_REVOKE, ""), PICKUP_OK);
	assert_int_equal(site->answer.reply.outcome, PICKUP_WRONG_NUMBER);
	assert_int_equal(site->answer.reply.state, PICKUP_OPEN);
	assert_int_equal(use(site, &w, PICKUP_EXTEND, number), PICKUP_OK);
	assert_int_equal(site->answer.reply.outcome, PICKUP_DONE);
	assert_true(site->answer.reply.until_s > SITE_NOW + 14 * 86400);
	assert_int_equal(use(site, &w, PICKUP_REVOKE, number), PICKUP_OK);
	assert_int_equal(site->answer.reply.outcome, PICKUP_DONE);
	assert_int_equal(site->answer.reply.state, PICKUP_REVOKED);
	assert_int_equal(site->answer.reply.ended_s, SITE_NOW);
	assert_int_equal(site_events(site, "revoked"), 1);
	assert_true(site->woken > 0);
	assert_int_equal(use(site, &w, PICKUP_EXTEND, number), PICKUP_OK);
	assert_int_equal(site->answer.reply.outcome, PICKUP_TOO_LATE);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_ENDED);
}

static void too_many_numbers_wait(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	char number[DEPOSIT_NUMBER_TEXT];

	assert_int_equal(deposit_link_number(site->keys, w.id, number, NULL), RC_OK);
	number[0] = number[0] == '9' ? '0' : (char)(number[0] + 1);
	for (int i = 0; i < DEPOSIT_NUMBER_TRIES; i++) {
		assert_int_equal(use(site, &w, PICKUP_REVOKE, number), PICKUP_OK);
		assert_int_equal(site->answer.reply.outcome, PICKUP_WRONG_NUMBER);
	}
	assert_int_equal(use(site, &w, PICKUP_REVOKE, number), PICKUP_OK);
	assert_int_equal(site->answer.reply.outcome, PICKUP_TRIED_OUT);
	assert_true(site->answer.reply.wait_s > 0);
}

static void a_wrong_tag_looks_like_no_deposit(void **state)
{
	struct site *site = *state;
	struct waiting known = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct waiting unknown = { .id = { 1 } };
	struct waiting *const all[] = { &known, &unknown };

	for (int turn = 0; turn < 6; turn++)
		for (size_t i = 0; i < COUNT(all); i++) {
			struct pickup_request q = { .verb = PICKUP_HANDLE, .tag = { 7 } };
			memcpy(q.id, all[i]->id, sizeof q.id);
			site->client = i ? "198.51.100.1" : "192.0.2.1";
			enum pickup_result wanted =
				turn <= PICKUP_SLOW_FREE ? PICKUP_DENIED : PICKUP_SLOW;
			assert_int_equal(site_send(site, &q, -1), wanted);
			assert_int_equal(site->answer.reply.sender.len, 0);
			assert_int_equal(site->answer.reply.wait_s, wanted == PICKUP_SLOW);
		}
}

static void without_an_audit_nothing_is_revoked(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	char number[DEPOSIT_NUMBER_TEXT];

	assert_int_equal(deposit_link_number(site->keys, w.id, number, NULL), RC_OK);
	site->audit_fails = true;
	assert_int_equal(use(site, &w, PICKUP_REVOKE, number), PICKUP_RETRY);
	site->audit_fails = false;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(the_sender_s_link_shows_and_changes_nothing),
		AT_SITE(a_button_needs_the_number),
		AT_SITE(too_many_numbers_wait),
		AT_SITE(a_wrong_tag_looks_like_no_deposit),
		AT_SITE(without_an_audit_nothing_is_revoked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
