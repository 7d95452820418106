#include "pickup/verb.h"

#include "support/pickup_site.h"
#include "support/unit.h"

#include <sys/mman.h>
#include <unistd.h>

static enum pickup_result reply(struct site *site, const struct waiting *w, size_t bytes)
{
	struct pickup_request q = { .verb = PICKUP_REPLY, .text_bytes = bytes };
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	memcpy(q.id, w->id, sizeof q.id);
	memcpy(q.ticket, w->ticket, sizeof q.ticket);
	enum pickup_result result = site_send(site, &q, fd);
	close(fd);
	return result;
}

static void a_reply_goes_to_the_sender(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(reply(site, &w, 10), PICKUP_OK);
	assert_int_equal(site_mails(site, OUTBOX_REPLY), 1);
	assert_int_equal(site->woken, 1);
	assert_int_equal(site_events(site, "replied"), 1);
	assert_string_equal(site->events[site->event_count - 1].reason, "10 bytes, 0 files");
}

/* A worker that was taken over invents no mail: without a visit that has come so far there is
 * none, and then only to that deposit's sender. */
static void only_who_has_shown_the_factor_replies(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct waiting other = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	assert_int_equal(reply(site, &w, 10), PICKUP_ORDER);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(reply(site, &w, 10), PICKUP_ORDER);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	memcpy(other.ticket, w.ticket, sizeof other.ticket);
	assert_int_equal(reply(site, &other, 10), PICKUP_ORDER);
	site_end(site, &w, STORE_DEPOSIT_REVOKED);
	assert_int_equal(reply(site, &w, 10), PICKUP_ENDED);
	assert_int_equal(site_mails(site, OUTBOX_REPLY), 0);
}

static void so_many_an_hour(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(reply(site, &w, 10), PICKUP_OK);
	assert_int_equal(reply(site, &w, 10), PICKUP_OK);
	site_again(site);
	assert_int_equal(reply(site, &w, 10), PICKUP_LIMIT);
	assert_int_equal(site->answer.reply.wait_s, PICKUP_HOUR_S);
	site->now_s += PICKUP_HOUR_S - 1;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	assert_int_equal(reply(site, &w, 10), PICKUP_LIMIT);
	site->now_s++;
	assert_int_equal(reply(site, &w, 10), PICKUP_OK);
}

static void so_many_bytes(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	assert_int_equal(reply(site, &w, 100001), PICKUP_LIMIT);
	assert_int_equal(reply(site, &w, 100000), PICKUP_OK);
	site->pickup_site.reply_bytes = 0; /* no replies at all */
	site_again(site);
	assert_int_equal(reply(site, &w, 1), PICKUP_LIMIT);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_false(site->answer.reply.may_reply);
}

static void without_an_audit_nothing_goes_out(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site_walk(site, &w, 0, DEPOSIT_FACTORED);
	site->audit_fails = true;
	assert_int_equal(reply(site, &w, 10), PICKUP_RETRY);
	assert_int_equal(site_mails(site, OUTBOX_REPLY), 0);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(a_reply_goes_to_the_sender),
		AT_SITE(only_who_has_shown_the_factor_replies),
		AT_SITE(so_many_an_hour),
		AT_SITE(so_many_bytes),
		AT_SITE(without_an_audit_nothing_goes_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
