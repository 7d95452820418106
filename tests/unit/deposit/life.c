#include "deposit/life.h"

#include "deposit/held.h"
#include "outbox/item.h"
#include "outbox/row.h"
#include "support/unit.h"

#include "support/deposits.h"

enum { NOW = DEPOSITS_NOW, DAY = DEPOSITS_DAY };

static struct deposits d;

static int set_up(void **state)
{
	(void)state;
	return deposits_open(&d) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	deposits_close(&d);
	return 0;
}

static enum store_deposit_state state_of(const uint8_t *id)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;

	assert_int_equal(deposit_held_look(d.site.store, id, &held, NULL), RC_OK);
	return held->state;
}

static unsigned expire(int64_t now_s)
{
	struct fault why = { 0 };
	unsigned count = 99;

	if (deposit_expire(&d.life, now_s, NULL, NULL, &count, &why) != RC_OK)
		fail_msg("%s", why.text);
	return count;
}

/* The last mail in the outbox, as it would be sent. */
struct letter {
	uint8_t id[STORE_ID_BYTES];
	struct buf record;
	char text[8000];
};

static bool take_row(void *arg, const struct store_outbox_row *row)
{
	struct letter *l = arg;

	memcpy(l->id, row->id, sizeof l->id);
	buf_clear(&l->record);
	return buf_add_slice(&l->record, row->record) == RC_OK;
}

static const char *last_letter(void)
{
	static struct letter l;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct arena *arena = arena_new(1 << 20);
	struct outbox_payload *payload = NULL;
	struct outbox_row row;
	struct crypto_key key;
	size_t len = 0, got = 1;

	l.record = BUF_INIT(100000);
	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, take_row, &l, NULL), RC_OK);
	store_abandon(&tx);
	assert_int_equal(outbox_row_decode(buf_slice(&l.record), arena, &row, NULL), RC_OK);
	assert_true(row.mail.recipient_count == 1 &&
		    slice_is(row.mail.recipients[0].address, "a@our.example"));
	assert_int_equal(outbox_unwrap(d.site.outbox, l.id, row.sealed_key, &key, NULL), RC_OK);
	assert_int_equal(outbox_payload_open(d.site.store, l.id, &key, &payload, NULL), RC_OK);
	while (got) {
		assert_int_equal(outbox_payload_read(payload, l.text + len, sizeof l.text - 1 - len,
						     &got, NULL),
				 RC_OK);
		len += got;
	}
	l.text[len] = '\0';
	outbox_payload_close(&payload);
	arena_free(arena);
	buf_free(&l.record);
	return l.text;
}

static void test_expire(void **state)
{
	uint8_t one[STORE_ID_BYTES], two[STORE_ID_BYTES];

	(void)state;
	deposits_make_at(&d, "b@plain.test c@plain.test", 1, NOW, one);
	deposits_make_at(&d, "b@plain.test", 2, NOW, two);
	deposits_move(&d, one, 1, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(expire(NOW + DAY - 1), 0);
	assert_int_equal(state_of(one), STORE_DEPOSIT_OPEN);
	assert_int_equal(expire(NOW + DAY), 1);
	assert_int_equal(state_of(one), STORE_DEPOSIT_EXPIRED);
	assert_int_equal(state_of(two), STORE_DEPOSIT_OPEN);
	assert_int_equal(d.events, 2);
	assert_string_equal(d.last_event, "expired time c@plain.test");
	assert_int_equal(expire(NOW + DAY), 0);
	/* Its notices and report are gone; the sender is told who has not opened it. */
	assert_int_equal(deposits_outbox(&d), 2 + 1);
	assert_non_null(strstr(last_letter(), "Subject: Your protected message was not opened in"));
	assert_non_null(strstr(last_letter(), "\r\n  b@plain.test\r\n"));
	assert_null(strstr(last_letter(), "c@plain.test"));
}

/* Nobody needs to be told of a message that everybody has opened. */
static void test_expire_when_all_have_it(void **state)
{
	uint8_t one[STORE_ID_BYTES];

	(void)state;
	deposits_make_at(&d, "b@plain.test", 1, NOW, one);
	deposits_move(&d, one, 0, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(expire(NOW + DAY), 1);
	assert_int_equal(deposits_outbox(&d), 0);
}

static bool until_three(void *arg, unsigned done)
{
	(void)arg;
	return done < 3;
}

static void test_many_expire(void **state)
{
	uint8_t id[STORE_ID_BYTES];
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < 70; i++)
		deposits_make_at(&d, "b@plain.test", 1, NOW, id);
	assert_int_equal(deposit_expire(&d.life, NOW + DAY, until_three, NULL, &count, NULL),
			 RC_OK);
	assert_int_equal(count, 3);
	assert_int_equal(expire(NOW + DAY), 67);
	assert_int_equal(state_of(id), STORE_DEPOSIT_EXPIRED);
	assert_int_equal(expire(NOW + DAY), 0);
}

/* What cannot be audited does not happen. */
static void test_no_audit_no_end(void **state)
{
	const struct deposit_ending ending = { STORE_DEPOSIT_REVOKED, "operator", SLICE("wrong") };
	uint8_t id[STORE_ID_BYTES];
	struct fault why = { 0 };

	(void)state;
	deposits_make(&d, "b@plain.test", id);
	d.event_rc = RC_RETRY;
	assert_int_equal(deposit_end(&d.life, id, &ending, NOW, &why), RC_RETRY);
	assert_string_equal(why.text, "the audit fails");
	assert_int_equal(state_of(id), STORE_DEPOSIT_OPEN);
	assert_int_equal(deposits_outbox(&d), 2);
	d.event_rc = RC_OK;
	assert_int_equal(deposit_end(&d.life, id, &ending, NOW, &why), RC_OK);
	assert_string_equal(d.last_event, "revoked operator b@plain.test wrong");
	assert_int_equal(state_of(id), STORE_DEPOSIT_REVOKED);
	assert_int_equal(deposits_outbox(&d), 1);
	assert_non_null(strstr(last_letter(), "taken back by the administrators of Our Example"));
	assert_int_equal(deposit_end(&d.life, id, &ending, NOW, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit has ended");
}

static void test_extend(void **state)
{
	uint8_t id[STORE_ID_BYTES], none[STORE_ID_BYTES] = { 7 };
	struct fault why = { 0 };
	int64_t kept_s = 0;

	(void)state;
	deposits_make(&d, "b@plain.test", id);
	assert_int_equal(deposit_extend(&d.life, id, NOW + 20 * DAY, "sender", SLICE(""), NOW + 1,
					&kept_s, &why),
			 RC_OK);
	assert_int_equal(kept_s, NOW + 20 * DAY);
	assert_string_equal(d.last_event,
			    "extended sender b@plain.test until 2026-12-12T00:00:00Z");
	assert_int_equal(deposit_extend(&d.life, id, NOW + 20 * DAY, "sender", SLICE(""), NOW + 1,
					&kept_s, &why),
			 RC_ABSENT);
	assert_string_equal(why.text, "the deposit is kept that long already");
	/* No longer than 90 days from its making, however often. */
	assert_int_equal(deposit_extend(&d.life, id, INT64_MAX, "operator", SLICE(""), NOW + 1,
					&kept_s, &why),
			 RC_OK);
	assert_int_equal(kept_s, NOW + 90 * DAY);
	assert_int_equal(deposit_extend(&d.life, id, INT64_MAX, "operator", SLICE(""), NOW + 1,
					&kept_s, &why),
			 RC_ABSENT);
	assert_int_equal(expire(NOW + 14 * DAY), 0);
	assert_int_equal(deposit_extend(&d.life, id, INT64_MAX, "operator", SLICE(""),
					NOW + 90 * DAY, &kept_s, &why),
			 RC_ABSENT);
	assert_string_equal(why.text, "the deposit has ended");
	assert_int_equal(
		deposit_extend(&d.life, none, INT64_MAX, "sender", SLICE(""), NOW, &kept_s, &why),
		RC_ABSENT);
	assert_string_equal(why.text, "there is no such deposit");
	d.event_rc = RC_RETRY;
	deposits_make(&d, "b@plain.test", id);
	assert_int_equal(
		deposit_extend(&d.life, id, INT64_MAX, "sender", SLICE(""), NOW, &kept_s, &why),
		RC_RETRY);
	assert_int_equal(expire(NOW + 13 * DAY), 0);
}

static void test_purge(void **state)
{
	const struct deposit_ending ending = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };
	uint8_t ended[STORE_ID_BYTES], open[STORE_ID_BYTES];
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	unsigned count;

	(void)state;
	deposits_make_at(&d, "b@plain.test", 90, NOW, ended);
	deposits_make_at(&d, "b@plain.test", 90, NOW, open);
	assert_int_equal(deposit_end(&d.life, ended, &ending, NOW, NULL), RC_OK);
	assert_int_equal(deposit_purge(&d.life, NOW + 30 * DAY - 1, NULL, NULL, &count, NULL),
			 RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(deposit_purge(&d.life, NOW + 30 * DAY, NULL, NULL, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
	assert_string_equal(d.last_event, "purged time b@plain.test");
	assert_int_equal(deposit_held_look(d.site.store, ended, &held, NULL), RC_ABSENT);
	assert_int_equal(state_of(open), STORE_DEPOSIT_OPEN);
	d.life.keep_days = 3;
	assert_int_equal(deposit_end(&d.life, open, &ending, NOW, NULL), RC_OK);
	assert_int_equal(deposit_purge(&d.life, NOW + 3 * DAY, NULL, NULL, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
}

static void test_warn(void **state)
{
	uint8_t id[STORE_ID_BYTES], opened[STORE_ID_BYTES];
	unsigned count;

	(void)state;
	deposits_make(&d, "b@plain.test c@plain.test", id);
	deposits_make(&d, "b@plain.test", opened);
	deposits_move(&d, id, 0, DEPOSIT_SENT);
	deposits_move(&d, opened, 0, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(deposit_warn(&d.life, NOW + 7 * DAY - 1, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(deposit_warn(&d.life, NOW + 7 * DAY, &count, NULL), RC_OK);
	assert_int_equal(count, 1);
	assert_int_equal(deposits_outbox(&d), 3 + 2 + 1);
	assert_non_null(strstr(last_letter(), "\r\n  c@plain.test\r\n"));
	assert_null(strstr(last_letter(), "b@plain.test"));
	/* Once, and a restart does not forget it. */
	deposits_stop(&d);
	assert_true(deposits_start(&d));
	assert_int_equal(deposit_warn(&d.life, NOW + 8 * DAY, &count, NULL), RC_OK);
	assert_int_equal(count, 0);
	assert_int_equal(deposits_outbox(&d), 3 + 2 + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_expire),      TEST(test_expire_when_all_have_it),
		TEST(test_many_expire), TEST(test_no_audit_no_end),
		TEST(test_extend),      TEST(test_purge),
		TEST(test_warn),
	};
	return cmocka_run_group_tests_name("deposit/life", tests, NULL, NULL);
}
