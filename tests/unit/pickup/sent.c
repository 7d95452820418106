#include "pickup/verb.h"

#include "support/pickup_site.h"
#include "support/unit.h"

static void sent_is_a_step(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_SENT);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_SENT);
	assert_int_equal(site_events(site, "sent"), 1);
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_OK); /* said twice is once */
	assert_int_equal(site_events(site, "sent"), 1);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
	assert_int_equal(site->woken, 0);
}

static void come_from(struct site *site, struct waiting *w, const char *client, const char *agent)
{
	site->client = client;
	site->agent = agent;
	site_walk(site, w, 0, DEPOSIT_SENT);
}

#define FIREFOX "Mozilla/5.0 (X11; Linux) Firefox/140.0"

/* "Nobody can tell that someone else read it". */
static void a_second_client_raises_an_alert(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	come_from(site, &w, "192.0.2.7", FIREFOX);
	come_from(site, &w, "192.0.2.8",
		  FIREFOX); /* the same network and browser: the same client */
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
	come_from(site, &w, "198.51.100.7", FIREFOX);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 1);
	assert_int_equal(site_events(site, "alert"), 1);
	assert_int_equal(site->woken, 1);
	come_from(site, &w, "192.0.2.7", FIREFOX); /* both are known now */
	come_from(site, &w, "198.51.100.7", FIREFOX);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 1);
	come_from(site, &w, "192.0.2.7", "curl/8.0");
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 2);
}

static void alerts_come_to_an_end(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	char client[32];

	for (int i = 0; i < 8; i++) {
		snprintf(client, sizeof client, "192.0.%d.7", i);
		come_from(site, &w, client, FIREFOX);
	}
	assert_int_equal(site_mails(site, OUTBOX_ALERT), PICKUP_ALERTS_MAX);
	assert_int_equal(site_events(site, "sent"), 8); /* each is logged all the same */
}

/* "A view consumed by a scanner's click": who proves, and even who has the keys, is no second
 * client before the message itself was sent. */
static void looking_is_no_alert(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	come_from(site, &w, "192.0.2.7", FIREFOX);
	site->client = "198.51.100.7";
	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
}

/* Who is sent to is who has proved: the worker cannot hide a second client in a first one's name. */
static void the_client_is_the_visit_s(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	come_from(site, &w, "192.0.2.7", FIREFOX);
	site->client = "198.51.100.7";
	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	site->client = "192.0.2.7";
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_OK);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 1);
}

static void each_recipient_has_clients_of_their_own(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 2 });

	site_walk(site, &w, 0, DEPOSIT_SENT);
	site->client = "198.51.100.7";
	site_walk(site, &w, 1, DEPOSIT_SENT);
	assert_int_equal(site_mails(site, OUTBOX_ALERT), 0);
}

static void without_an_audit_it_does_not_count_as_sent(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	site->audit_fails = true;
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_RETRY);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_FACTORED);
	assert_int_equal(site_acknowledge(site, &w), PICKUP_ORDER);
	site->audit_fails = false;
	assert_int_equal(site_ask(site, PICKUP_SENT, &w, NULL), PICKUP_OK);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(sent_is_a_step),
		AT_SITE(a_second_client_raises_an_alert),
		AT_SITE(alerts_come_to_an_end),
		AT_SITE(looking_is_no_alert),
		AT_SITE(the_client_is_the_visit_s),
		AT_SITE(each_recipient_has_clients_of_their_own),
		AT_SITE(without_an_audit_it_does_not_count_as_sent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
