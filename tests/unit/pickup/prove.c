#include "pickup/verb.h"

#include "deposit/derive.h"
#include "support/pickup_site.h"
#include "support/unit.h"

static void locate_of(const struct waiting *w, uint8_t out[PICKUP_PROOF_BYTES])
{
	struct crypto_key key;

	assert_int_equal(deposit_derive_locator(w->link[0], &key, NULL), RC_OK);
	memcpy(out, key.bytes, sizeof key.bytes);
}

static void a_typed_code_finds_its_deposit(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	uint8_t proof[PICKUP_PROOF_BYTES];

	locate_of(&w, proof);
	assert_int_equal(site_ask(site, PICKUP_LOCATE, &w, proof), PICKUP_OK);
	assert_memory_equal(site->answer.reply.id, w.id, sizeof w.id);
}

static void any_other_code_finds_an_id_of_nobodys_and_always_the_same(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	uint8_t proof[PICKUP_PROOF_BYTES] = { 1 }, first[STORE_ID_BYTES];

	assert_int_equal(site_ask(site, PICKUP_LOCATE, &w, proof), PICKUP_OK);
	memcpy(first, site->answer.reply.id, sizeof first);
	assert_memory_not_equal(first, w.id, sizeof first);
	assert_int_equal(site_ask(site, PICKUP_LOCATE, &w, proof), PICKUP_OK);
	assert_memory_equal(first, site->answer.reply.id, sizeof first);
	proof[31] = 1;
	assert_int_equal(site_ask(site, PICKUP_LOCATE, &w, proof), PICKUP_OK);
	assert_memory_not_equal(first, site->answer.reply.id, sizeof first);
	assert_int_equal(site->event_count, 0);
}

static void the_link_half_opens_a_visit(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE,
							      .recipient_count = 3,
							      .independent = true });

	assert_int_equal(site_prove(site, &w, 1), PICKUP_OK);
	const struct pickup_reply *r = &site->answer.reply;
	assert_true(slice_is(r->address, waiting_address(1)));
	assert_true(slice_is(r->sender, "jane@our.example"));
	assert_int_equal(r->state, PICKUP_OPEN);
	assert_int_equal(r->number, 1);
	assert_int_equal(r->factor, RULES_FACTOR_PHRASE);
	assert_true(r->independent);
	assert_int_equal(r->rounds, w.share[1].rounds);
	assert_memory_equal(r->digest, w.record.digest, sizeof r->digest);
	assert_int_equal(r->payload_bytes, w.record.payload_bytes);
	assert_true(r->blob_bytes > r->payload_bytes);
	assert_int_equal(r->made_s, SITE_NOW);
	assert_int_equal(r->until_s, SITE_NOW + 14 * 86400);
	assert_int_equal(r->acknowledged_s, 0);
	assert_int_equal(r->factor_wait_s, 0);
	assert_true(r->may_reply);
	assert_int_equal(r->reply_bytes, 100000);
	assert_int_equal(site_stage(site, &w, 1), DEPOSIT_PROVED);
	assert_int_equal(site_stage(site, &w, 0), DEPOSIT_NEW);
	assert_int_equal(site->event_count, 1);
	assert_string_equal(site->events[0].event, "proved");
	assert_string_equal(site->events[0].to, waiting_address(1));
	assert_string_equal(site->events[0].client, "192.0.2.7");
	assert_string_equal(site->events[0].mode, "browser");
	assert_int_equal(strlen(site->events[0].visit), 8);
	assert_int_equal(site->events[0].independent, 1);
}

/* "A stolen database … opens nothing": neither tickets nor what was proved lie in it. */
static void a_stolen_store_has_no_ticket(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	uint8_t proof[PICKUP_PROOF_BYTES];
	static const char *const names[] = { "state/postern.db", "state/postern.db-wal" };

	waiting_auth1(&w, 0, proof);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	for (size_t i = 0; i < COUNT(names); i++) {
		static char bytes[8 << 20];
		FILE *f = fopen(scratch_path(&site->scratch, names[i]), "r");
		assert_non_null(f);
		size_t len = fread(bytes, 1, sizeof bytes, f);
		fclose(f);
		assert_null(memmem(bytes, len, w.ticket, sizeof w.ticket));
		assert_null(memmem(bytes, len, proof, sizeof proof));
	}
}

static void wrong_of(struct site *site, const struct waiting *w, enum pickup_result wanted,
		     uint64_t wait_s)
{
	static const uint8_t wrong[PICKUP_PROOF_BYTES] = { 7 };

	assert_int_equal(site_ask(site, PICKUP_PROVE, w, wrong), wanted);
	assert_int_equal(site->answer.reply.wait_s, wait_s);
}

/* Whoever asks learns nothing of what is there: the whole answer is compared. */
static void unknown_ids_look_like_known_ones(void **state)
{
	struct site *site = *state;
	struct waiting known = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_LINK, .recipient_count = 3 });
	struct waiting ended = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	struct waiting unknown = { .id = { 1, 2, 3 } };
	struct waiting *const all[] = { &known, &ended, &unknown };
	struct buf first = BUF_INIT(PICKUP_WIRE_MAX), other = BUF_INIT(PICKUP_WIRE_MAX);

	site_end(site, &ended, STORE_DEPOSIT_REVOKED);
	for (int turn = 0; turn < 8; turn++)
		for (size_t i = 0; i < COUNT(all); i++) {
			/* Each from its own network, so that all are as slow. */
			static const char *const from[] = { "192.0.2.1", "198.51.100.1",
							    "203.0.113.1" };
			static const uint8_t wrong[PICKUP_PROOF_BYTES] = { 7 };
			site->client = from[i];
			(void)site_ask(site, PICKUP_PROVE, all[i], wrong);
			struct buf *out = i ? &other : &first;
			buf_clear(out);
			assert_int_equal(pickup_reply_encode(&site->answer.reply, out, NULL),
					 RC_OK);
			assert_int_equal(first.len, out->len);
			assert_memory_equal(first.at, out->at, first.len);
		}
	buf_free(&first);
	buf_free(&other);
	/* Of 24 wrong ones nothing is in the audit, and nobody has come further. */
	assert_int_equal(site_events(site, "proved") + site_events(site, "refused"), 0);
	assert_int_equal(site_stage(site, &known, 0), DEPOSIT_NEW);
}

static void wrong_proofs_slow_a_client_down(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	for (int i = 0; i < PICKUP_SLOW_FREE + 1; i++)
		wrong_of(site, &w, PICKUP_DENIED, 0);
	wrong_of(site, &w, PICKUP_SLOW, 1);
	site->client = "192.0.2.200"; /* the same network */
	wrong_of(site, &w, PICKUP_SLOW, 1);
	site->client = "192.0.3.7"; /* another */
	wrong_of(site, &w, PICKUP_DENIED, 0);
}

/* "A stranger could lock the recipient out": not with any number of wrong proofs, not even from
 * the recipient's own network. */
static void strangers_lock_nobody_out(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	static const uint8_t wrong[PICKUP_PROOF_BYTES] = { 7 };

	for (int i = 0; i < 1000; i++) {
		site->now_s += i % 10 == 0;
		(void)site_ask(site, PICKUP_PROVE, &w, wrong);
	}
	site->now_s++; /* in each second some proofs are looked at */
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(site->answer.reply.factor_wait_s, 0); /* nor does it slow the factor */
}

static void a_flood_of_proofs_is_not_even_looked_at(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	static const uint8_t wrong[PICKUP_PROOF_BYTES] = { 7 };

	for (int i = 0; i < PICKUP_SLOW_FREE + 1 + PICKUP_SLOW_LOOKS; i++)
		(void)site_ask(site, PICKUP_PROVE, &w, wrong);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_SLOW);
	site->now_s++;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
}

/* Who has the link is told what became of it, and nobody else. */
static void whoever_has_the_link_is_told_how_it_ended(void **state)
{
	struct site *site = *state;
	static const struct {
		enum store_deposit_state how;
		enum pickup_state told;
	} rows[] = {
		{ STORE_DEPOSIT_REVOKED, PICKUP_REVOKED },
		{ STORE_DEPOSIT_EXPIRED, PICKUP_EXPIRED },
		{ STORE_DEPOSIT_SENT_ON, PICKUP_SENT_ON },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct waiting w =
			site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
		site->now_s += rows[i].how == STORE_DEPOSIT_EXPIRED ? 15 * 86400 : 100;
		site_end(site, &w, rows[i].how);
		size_t events = site->event_count;
		assert_int_equal(site_prove(site, &w, 0), PICKUP_ENDED);
		assert_int_equal(site->answer.reply.state, rows[i].told);
		assert_int_equal(site->answer.reply.ended_s, site->now_s);
		wrong_of(site, &w, PICKUP_DENIED, 0);
		assert_int_equal(site->event_count, events);
	}
}

static void time_ends_a_deposit_before_it_is_swept_up(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });

	site->now_s += 14 * 86400 - 1;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	site->now_s++;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_ENDED);
	assert_int_equal(site->answer.reply.state, PICKUP_EXPIRED);
	assert_int_equal(site->answer.reply.ended_s, site->now_s);
	assert_int_equal(site_factor(site, &w, 0), PICKUP_ORDER);
}

/* Every access is logged: what cannot be does not happen. */
static void without_an_audit_nobody_comes_in(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
	static const uint8_t none[PICKUP_TICKET_BYTES];

	site->audit_fails = true;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_RETRY);
	assert_memory_equal(w.ticket, none, sizeof none);
	assert_string_equal(site->answer.why.text, "the audit's disk is full");
	site->audit_fails = false;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(a_typed_code_finds_its_deposit),
		AT_SITE(any_other_code_finds_an_id_of_nobodys_and_always_the_same),
		AT_SITE(the_link_half_opens_a_visit),
		AT_SITE(a_stolen_store_has_no_ticket),
		AT_SITE(unknown_ids_look_like_known_ones),
		AT_SITE(wrong_proofs_slow_a_client_down),
		AT_SITE(strangers_lock_nobody_out),
		AT_SITE(a_flood_of_proofs_is_not_even_looked_at),
		AT_SITE(whoever_has_the_link_is_told_how_it_ended),
		AT_SITE(time_ends_a_deposit_before_it_is_swept_up),
		AT_SITE(without_an_audit_nobody_comes_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
