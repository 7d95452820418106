#include "deposit/upgrade.h"

#include "deposit/held.h"
#include "outbox/item.h"
#include "outbox/row.h"
#include "support/unit.h"

#include "crypto/pass.h"
#include "crypto/random.h"
#include "support/deposits.h"

enum { NOW = DEPOSITS_NOW, DAY = DEPOSITS_DAY, MINE = 8 };

static struct deposits d;
static struct crypto_key key;
static const char *proven; /* addresses whose way is; NULL: the questions end the round */
static unsigned asked, rounds_left;

static const char original[] = "From: a@our.example\r\nSubject: CANARY-subject\r\n"
			       "Message-ID: <up@our.example>\r\n\r\nCANARY-body\r\n";

static int set_up(void **state)
{
	(void)state;
	proven = "";
	asked = 0;
	rounds_left = 1000;
	if (!deposits_open(&d) || crypto_key_make(&key, NULL) != RC_OK)
		return -1;
	d.site.upgrade = &key;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	deposits_close(&d);
	return 0;
}

static void make(const char *const *to, size_t count, bool with_key, uint8_t id[STORE_ID_BYTES])
{
	struct deposit_recipient recipients[MINE] = { 0 };
	struct deposit_onward onward = { .eightbit = true, .envid = SLICE("e-1") };
	const struct slice bytes = slice_of(original);
	struct deposit_made made;
	struct fault why = { "" };

	for (size_t i = 0; i < count; i++) {
		recipients[i] = (struct deposit_recipient){ slice_of(to[i]), RULES_FACTOR_LINK,
							    SLICE("no proven TLS") };
		onward.recipients[onward.recipient_count++].notify = MAIL_NOTIFY_DELAY;
	}
	const struct deposit_message message = { .sender = SLICE("a@our.example"),
						 .recipient_count = count,
						 .recipients = recipients,
						 .source = deposit_source_bytes(&bytes),
						 .onward = with_key ? &onward : NULL };
	if (deposit_make(&d.site, &message, NOW, &made, &why) != RC_OK)
		fail_msg("%s", why.text);
	memcpy(id, made.id, STORE_ID_BYTES);
}

static bool qualifies(void *arg, struct slice address)
{
	(void)arg;
	asked++;
	return memmem(proven, strlen(proven), address.at, address.len) != NULL;
}

static bool go_on(void *arg)
{
	(void)arg;
	return rounds_left > 0 && rounds_left--;
}

static enum rc play(struct deposit_upgrade_place *place, int64_t now_s, unsigned *sent,
		    struct fault *why)
{
	const struct deposit_upgrader upgrader = { .life = &d.life,
						   .key = &key,
						   .spool_folder = "/tmp",
						   .memory_bytes = 1 << 20,
						   .qualifies = qualifies,
						   .go_on = go_on };

	return deposit_upgrade_round(&upgrader, place, now_s, sent, why);
}

static unsigned round_at(int64_t now_s)
{
	struct deposit_upgrade_place place = { { 0 } };
	struct fault why = { "" };
	unsigned sent = 99;

	if (play(&place, now_s, &sent, &why) != RC_OK)
		fail_msg("%s", why.text);
	return sent;
}

static struct deposit_held *held_of(const uint8_t *id)
{
	struct deposit_held *held = NULL;

	assert_int_equal(deposit_held_look(d.site.store, id, &held, NULL), RC_OK);
	return held;
}

static enum store_deposit_state state_of(const uint8_t *id, uint32_t *first, uint32_t *second)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = held_of(id);

	*first = held->recipients[0].state;
	if (second)
		*second = held->recipients[1].state;
	return held->state;
}

static bool has_row(const char *bucket, const uint8_t *id)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct buf row = BUF_INIT(DEPOSIT_ONWARD_MAX);

	assert_int_equal(store_begin_reading(d.site.store, &tx, NULL), RC_OK);
	enum rc rc = store_get(tx, bucket, (struct slice){ (const char *)id, STORE_ID_BYTES }, 0,
			       &row, NULL);
	buf_free(&row);
	return rc == RC_OK;
}

/* ---- the copy in the outbox ---- */

struct found {
	uint8_t id[STORE_ID_BYTES];
	struct buf record;
	unsigned count;
};

static bool take_handback(void *arg, const struct store_outbox_row *row)
{
	struct found *f = arg;
	struct arena *arena = arena_new(1 << 20);
	struct outbox_row read;

	assert_int_equal(outbox_row_decode(row->record, arena, &read, NULL), RC_OK);
	if (read.mail.kind == OUTBOX_HANDBACK) {
		f->count++;
		memcpy(f->id, row->id, sizeof f->id);
		buf_clear(&f->record);
		(void)!buf_add_slice(&f->record, row->record);
	}
	arena_free(arena);
	return true;
}

static unsigned find_copies(struct found *f)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	*f = (struct found){ .record = BUF_INIT(1 << 20) };
	assert_int_equal(store_begin_reading(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(store_outbox_each(tx, take_handback, f, NULL), RC_OK);
	return f->count;
}

static void check_pass(const char *text, struct slice to)
{
	struct crypto_pass pass = { .use = "strict", .recipient_count = 1, .recipients = &to };
	const char *value = text + strlen("Postern-Handback: ");
	const char *end = strstr(value, "\r\nFrom:");
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	struct fault why = { "" };

	assert_int_equal(crypto_sha256(SLICE("CANARY-body\r\n"), pass.body_digest, NULL), RC_OK);
	if (crypto_pass_verify(&d.keys->header, (struct slice){ value, (size_t)(end - value) },
			       &pass, NOW, id, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_string_equal(end + 2, original);
}

static void check_copy(struct found *f, const char *to)
{
	struct arena *arena = arena_new(1 << 20);
	struct outbox_payload *payload = NULL;
	struct outbox_row row;
	struct crypto_key row_key;
	char text[4000];
	size_t len = 0, got = 1;

	assert_int_equal(outbox_row_decode(buf_slice(&f->record), arena, &row, NULL), RC_OK);
	assert_true(slice_is(row.mail.from, "a@our.example"));
	assert_int_equal(row.mail.recipient_count, 1);
	assert_true(slice_is(row.mail.recipients[0].address, to));
	assert_int_equal(row.mail.recipients[0].notify, MAIL_NOTIFY_DELAY);
	assert_true(row.mail.eightbit && slice_is(row.mail.envid, "e-1"));
	assert_int_equal(row.mail.ret, MAIL_RET_HDRS);
	assert_int_equal(outbox_unwrap(d.site.outbox, f->id, row.sealed_key, &row_key, NULL),
			 RC_OK);
	assert_int_equal(outbox_payload_open(d.site.store, f->id, &row_key, &payload, NULL), RC_OK);
	for (; got; len += got)
		assert_int_equal(
			outbox_payload_read(payload, text + len, sizeof text - 1 - len, &got, NULL),
			RC_OK);
	text[len] = '\0';
	check_pass(text, slice_of(to));
	outbox_payload_close(&payload);
	arena_free(arena);
}

/* ---- tests ---- */

static void test_one_recipient_is_sent_on_and_the_deposit_ends(void **state)
{
	static const char *const to[] = { "b@plain.test" };
	uint8_t id[STORE_ID_BYTES];
	struct found f;
	uint32_t first;

	(void)state;
	make(to, 1, true, id);
	assert_int_equal(round_at(NOW + 60), 0);
	assert_int_equal(asked, 1);
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_OPEN);
	proven = "b@plain.test";
	assert_int_equal(round_at(NOW + 3600), 1);
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_SENT_ON);
	assert_int_equal(first, DEPOSIT_SENT_ON);
	assert_false(has_row("upgrade", id));
	assert_int_equal(find_copies(&f), 1);
	check_copy(&f, "b@plain.test");
	buf_free(&f.record);
	/* The notice and the report of before are destroyed; a copy and a letter are left. */
	assert_int_equal(deposits_outbox(&d), 2);
	assert_int_equal(d.events, 1);
	assert_non_null(strstr(d.last_event, "upgraded upgrade b@plain.test"));
	assert_int_equal(round_at(NOW + 7200), 0);
}

static void test_of_two_the_other_waits_on(void **state)
{
	static const char *const to[] = { "b@plain.test", "c@good.test" };
	uint8_t id[STORE_ID_BYTES];
	uint32_t first, second;
	int64_t when_s = 0;
	struct found f;
	struct store_tx *tx = NULL;

	(void)state;
	make(to, 2, true, id);
	proven = "c@good.test";
	assert_int_equal(round_at(NOW + 60), 1);
	assert_int_equal(state_of(id, &first, &second), STORE_DEPOSIT_OPEN);
	assert_int_equal(first, DEPOSIT_NEW);
	assert_int_equal(second, DEPOSIT_SENT_ON);
	assert_true(has_row("upgrade", id));
	assert_int_equal(find_copies(&f), 1);
	check_copy(&f, "c@good.test");
	buf_free(&f.record);

	assert_int_equal(store_begin_reading(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_sent_on(tx, id, 1, &when_s, NULL), RC_OK);
	assert_int_equal(when_s, NOW + 60);
	assert_int_equal(deposit_sent_on(tx, id, 0, &when_s, NULL), RC_ABSENT);
	store_abandon(&tx);

	asked = 0;
	assert_int_equal(round_at(NOW + 120), 0);
	assert_int_equal(asked, 1); /* nobody asks for whom it was sent on */
	proven = "b@plain.test";
	assert_int_equal(round_at(NOW + 180), 1);
	assert_int_equal(state_of(id, &first, &second), STORE_DEPOSIT_SENT_ON);
	/* Whoever has the link of the first copy is still known by it. */
	CLEANUP(deposit_held_free) struct deposit_held *held = held_of(id);
	for (size_t i = 0; i < 2; i++) {
		struct deposit_recipient_record record;
		bool ended = false;
		assert_int_equal(deposit_recipient_decode_any(held->recipients[i].record, &record,
							      &ended, NULL),
				 RC_OK);
		assert_true(ended && record.link_verifier[0] | record.link_verifier[1]);
	}
}

static void test_without_the_rules_word_nobody_is_asked(void **state)
{
	static const char *const to[] = { "b@plain.test" };
	uint8_t id[STORE_ID_BYTES];
	uint32_t first;

	(void)state;
	make(to, 1, false, id);
	proven = "b@plain.test";
	assert_false(has_row("upgrade", id));
	assert_int_equal(round_at(NOW + 60), 0);
	assert_int_equal(asked, 0);
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_OPEN);
}

static void test_who_has_acknowledged_is_not_sent_it_again(void **state)
{
	static const char *const to[] = { "b@plain.test", "c@good.test" };
	uint8_t id[STORE_ID_BYTES];
	uint32_t first, second;
	struct store_tx *tx = NULL;

	(void)state;
	make(to, 2, true, id);
	proven = "b@plain.test c@good.test";
	deposits_move(&d, id, 0, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(round_at(NOW + 60), 1);
	/* Who opened it may come again; nobody waits any more. */
	assert_int_equal(state_of(id, &first, &second), STORE_DEPOSIT_OPEN);
	assert_int_equal(first, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(second, DEPOSIT_SENT_ON);
	assert_false(has_row("upgrade", id));

	d.made++;
	static const char *const one[] = { "z@plain.test" };
	make(one, 1, true, id);
	for (int done = 0; done <= 1; done++) {
		if (done)
			deposits_move(&d, id, 0, DEPOSIT_ACKNOWLEDGED);
		assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
		assert_int_equal(deposit_upgrade_settle(tx, id, NULL), RC_OK);
		assert_int_equal(store_commit(&tx, NULL), RC_OK);
		assert_int_equal(has_row("upgrade", id), !done);
	}
}

static void test_revoked_and_expired_ones_have_no_key(void **state)
{
	static const char *const to[] = { "b@plain.test" };
	const struct deposit_ending revoke = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };
	uint8_t id[STORE_ID_BYTES];
	uint32_t first;

	(void)state;
	make(to, 1, true, id);
	proven = "b@plain.test";
	assert_int_equal(round_at(NOW + 15 * DAY), 0); /* over, though nobody has ended it */
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_OPEN);
	assert_int_equal(deposit_end(&d.life, id, &revoke, NOW + 60, NULL), RC_OK);
	assert_false(has_row("upgrade", id));
	assert_int_equal(round_at(NOW + 60), 0);
}

static void test_nothing_happens_when_the_audit_fails(void **state)
{
	static const char *const to[] = { "b@plain.test" };
	struct deposit_upgrade_place place = { { 0 } };
	uint8_t id[STORE_ID_BYTES];
	uint32_t first;
	struct fault why = { "" };
	unsigned sent, before;

	(void)state;
	make(to, 1, true, id);
	before = deposits_outbox(&d);
	proven = "b@plain.test";
	d.event_rc = RC_RETRY;
	assert_int_equal(play(&place, NOW + 60, &sent, &why), RC_RETRY);
	assert_string_equal(why.text, "the audit fails");
	assert_int_equal(sent, 0);
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_OPEN);
	assert_int_equal(deposits_outbox(&d), before);
	d.event_rc = RC_OK;
	assert_int_equal(round_at(NOW + 120), 1);
}

static void test_another_key_opens_nothing_and_keeps_no_other_from_it(void **state)
{
	static const char *const to[] = { "b@plain.test" }, *const other[] = { "c@good.test" };
	struct deposit_upgrade_place place = { { 0 } };
	struct crypto_key kept = key;
	uint8_t id[STORE_ID_BYTES], second[STORE_ID_BYTES];
	uint32_t first;
	struct fault why = { "" };
	unsigned sent;

	(void)state;
	assert_int_equal(crypto_key_make(&key, NULL), RC_OK);
	make(to, 1, true, id);
	key = kept;
	make(other, 1, true, second);
	proven = "b@plain.test c@good.test";
	assert_int_equal(play(&place, NOW + 60, &sent, &why), RC_INVALID);
	assert_int_equal(sent, 1);
	assert_int_equal(state_of(id, &first, NULL), STORE_DEPOSIT_OPEN);
	assert_int_equal(state_of(second, &first, NULL), STORE_DEPOSIT_SENT_ON);
}

static void test_rounds_go_on_where_the_last_one_ended(void **state)
{
	static const char *const to[] = { "b@plain.test" };
	struct deposit_upgrade_place place = { { 0 } }, zero = { { 0 } };
	uint8_t ids[5][STORE_ID_BYTES];
	unsigned sent;

	(void)state;
	for (size_t i = 0; i < COUNT(ids); i++) {
		/* Not the same message: a client's retry finds the deposit of before. */
		static char address[] = "0@plain.test";
		static const char *const one[] = { address };
		address[0]++;
		make(i ? one : to, 1, true, ids[i]);
	}
	rounds_left = 2;
	assert_int_equal(play(&place, NOW + 60, &sent, NULL), RC_OK);
	assert_int_equal(asked, 2);
	assert_memory_not_equal(place.after, zero.after, sizeof zero.after);
	rounds_left = 100;
	assert_int_equal(play(&place, NOW + 60, &sent, NULL), RC_OK);
	assert_int_equal(asked, 5); /* the other three */
	assert_memory_equal(place.after, zero.after, sizeof zero.after);
	assert_int_equal(play(&place, NOW + 60, &sent, NULL), RC_OK);
	assert_int_equal(asked, 10);
}

static void test_no_more_than_so_many_are_opened_at_once(void **state)
{
	struct deposit_upgrade_place place = { { 0 } };
	uint8_t id[STORE_ID_BYTES];
	char address[40];
	const char *const to[] = { address };
	unsigned sent;

	(void)state;
	proven = "plain.test";
	for (int i = 0; i < DEPOSIT_UPGRADE_OPENS + 3; i++) {
		static char all[4000];
		snprintf(address, sizeof address, "r%d@plain.test", i);
		make(to, 1, true, id);
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", address);
		proven = all;
	}
	assert_int_equal(play(&place, NOW + 60, &sent, NULL), RC_OK);
	assert_int_equal(sent, DEPOSIT_UPGRADE_OPENS);
	assert_int_equal(play(&place, NOW + 60, &sent, NULL), RC_OK);
	assert_int_equal(sent, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_one_recipient_is_sent_on_and_the_deposit_ends),
		TEST(test_of_two_the_other_waits_on),
		TEST(test_without_the_rules_word_nobody_is_asked),
		TEST(test_who_has_acknowledged_is_not_sent_it_again),
		TEST(test_revoked_and_expired_ones_have_no_key),
		TEST(test_nothing_happens_when_the_audit_fails),
		TEST(test_another_key_opens_nothing_and_keeps_no_other_from_it),
		TEST(test_rounds_go_on_where_the_last_one_ended),
		TEST(test_no_more_than_so_many_are_opened_at_once),
	};
	return cmocka_run_group_tests_name("deposit/upgrade", tests, NULL, NULL);
}
