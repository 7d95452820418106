#include "assurance/peers.h"

#include "support/unit.h"

static const struct assurance_probed good = { .rc = RC_OK,
					      .starttls = true,
					      .authenticated = true,
					      .requiretls = true,
					      .tls = "TLSv1.3",
					      .why = "" };
static const struct assurance_probed bad = {
	.rc = RC_INVALID, .starttls = true, .tls = "TLSv1.3", .why = "another certificate"
};
static const struct assurance_probed bare = { .rc = RC_INVALID,
					      .tls = "",
					      .why = "it offers no STARTTLS" };
static const struct assurance_probed gone = { .rc = RC_RETRY, .tls = "", .why = "refused" };

static const char key[] = "mx.test:25 dane 0123";

static void test_what_is_known_and_for_how_long(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();

	assert_null(assurance_peers_find(peers, key, 1000));
	assurance_peers_note(peers, key, "mx.test", &good, 1000);
	const struct assurance_probed *found = assurance_peers_find(peers, key, 1000);
	assert_non_null(found);
	assert_true(found->requiretls);
	assert_string_equal(found->tls, "TLSv1.3");
	assert_null(assurance_peers_find(peers, "mx.test:25 sts 0", 1000)); /* another proof */
	assert_non_null(assurance_peers_find(peers, key, 1000 + ASSURANCE_PEER_GOOD_S - 1));
	assert_null(assurance_peers_find(peers, key, 1000 + ASSURANCE_PEER_GOOD_S));

	assurance_peers_note(peers, key, "mx.test", &bad, 2000);
	found = assurance_peers_find(peers, key, 2000);
	assert_int_equal(found->rc, RC_INVALID);
	assert_string_equal(found->why, "another certificate");
	assert_null(assurance_peers_find(peers, key, 2000 + ASSURANCE_PEER_BAD_S));
	assurance_peers_free(peers);
}

static void test_one_that_cannot_be_reached_loses_nothing(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();

	assurance_peers_note(peers, key, "mx.test", &gone, 1000);
	assert_null(assurance_peers_find(peers, key, 1000));
	assurance_peers_note(peers, key, "mx.test", &good, 2000);
	assurance_peers_note(peers, key, "mx.test", &gone, 3000);
	assert_int_equal(assurance_peers_find(peers, key, 3000)->rc, RC_OK);
	assurance_peers_free(peers);
}

static void test_rests_longer_after_each_failure(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();
	int64_t now_s = 1000, rest = ASSURANCE_PEER_REST_S;

	for (unsigned i = 0; i < 8; i++) {
		assert_true(assurance_peers_take(peers, key, now_s));
		assert_false(assurance_peers_take(peers, key, now_s)); /* one at a time */
		assurance_peers_note(peers, key, "mx.test", i % 2 ? &bad : &gone, now_s);
		assert_false(assurance_peers_take(peers, key, now_s + rest - 1));
		now_s += rest;
		rest = rest * 2 < ASSURANCE_PEER_REST_MAX_S ? rest * 2 : ASSURANCE_PEER_REST_MAX_S;
	}
	assert_true(assurance_peers_take(peers, key, now_s));
	assurance_peers_note(peers, key, "mx.test", &good, now_s);
	assert_false(assurance_peers_take(peers, key, now_s + ASSURANCE_PEER_GOOD_S / 2 - 1));
	assert_true(assurance_peers_take(peers, key, now_s + ASSURANCE_PEER_GOOD_S / 2));
	assurance_peers_free(peers);
}

static void test_so_many_a_minute(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();
	char name[] = "00.test";
	unsigned taken = 0;

	for (unsigned i = 0; i < 99; i++) {
		name[0] = (char)('0' + i / 10);
		name[1] = (char)('0' + i % 10);
		taken += assurance_peers_take(peers, name, 6000);
	}
	assert_int_equal(taken, ASSURANCE_PEERS_PER_MINUTE);
	/* A destination waits too, rather than rest without its hosts having been spoken to. */
	assert_false(assurance_peers_look(peers, "destination d.test", 6001));
	assert_true(assurance_peers_look(peers, "destination d.test", 6060)); /* the next minute */
	assert_true(assurance_peers_take(peers, "98.test", 6060));
	assurance_peers_free(peers);
}

static void test_a_destination_is_no_probe(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();
	char name[] = "00.test";

	for (unsigned i = 0; i < ASSURANCE_PEERS_PER_MINUTE; i++) {
		name[0] = (char)('0' + i / 10);
		name[1] = (char)('0' + i % 10);
		assert_true(assurance_peers_look(peers, name, 6000));
	}
	assert_false(assurance_peers_look(peers, "00.test", 6001)); /* it rests */
	assert_true(assurance_peers_take(peers, "mx.d.test:25", 6000));
	assurance_peers_free(peers);
}

static void test_all_without_starttls_is_an_alarm(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();

	assurance_peers_note(peers, "a", "a.test", &bare, 1000);
	assurance_peers_note(peers, "b", "b.test", &bare, 1001);
	assurance_peers_note(peers, "b2", "b.test", &bare, 1002); /* the same host again */
	assert_false(assurance_peers_are_stripped(peers, 1002));
	assert_non_null(assurance_peers_find(peers, "a", 1002)); /* that is what they do */
	assurance_peers_note(peers, "c", "c.test", &bare, 1003);
	assert_true(assurance_peers_are_stripped(peers, 1003));
	assert_null(assurance_peers_find(peers, "a", 1003)); /* that is somebody else's doing */
	assert_false(assurance_peers_are_stripped(peers, 1000 + 2 * ASSURANCE_PEERS_STRIPPED_S));

	assurance_peers_note(peers, "d", "d.test", &bad, 1004); /* a bad certificate is TLS */
	assert_false(assurance_peers_are_stripped(peers, 1004));
	assert_non_null(assurance_peers_find(peers, "a", 1004));
	assurance_peers_free(peers);
}

static void test_one_of_many_with_starttls_is_none(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();

	assurance_peers_note(peers, "a", "a.test", &bare, 1000);
	assurance_peers_note(peers, "b", "b.test", &bare, 1000);
	assurance_peers_note(peers, "ok", "ok.test", &good, 1000);
	assurance_peers_note(peers, "c", "c.test", &bare, 1000);
	assert_false(assurance_peers_are_stripped(peers, 1000));
	assurance_peers_note(peers, "d", "d.test", &gone, 1000); /* says nothing */
	assurance_peers_note(peers, "d", "d.test", &bare, 1000);
	assert_false(assurance_peers_are_stripped(peers, 1000));
	assurance_peers_note(peers, "e", "e.test", &bare, 1000);
	assert_true(assurance_peers_are_stripped(peers, 1000));
	assurance_peers_free(peers);
}

static void test_a_host_is_forgotten_whoever_asked(void **state)
{
	(void)state;
	static const struct {
		const char *key, *host;
		bool stays;
	} rows[] = {
		{ "mx.d.test:25 dane 01", "mx.d.test", false },
		{ "mx.d.test:587 sts 00", "mx.d.test", false },
		{ "mx.d.test.other:25 dane 01", "mx.d.test.other", true },
		{ "a.mx.d.test:25 dane 01", "a.mx.d.test", true },
	};
	struct assurance_peers *peers = assurance_peers_new();

	for (size_t i = 0; i < COUNT(rows); i++)
		assurance_peers_note(peers, rows[i].key, rows[i].host, &good, 1000);
	assurance_peers_forget(peers, "mx.d.test");
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(assurance_peers_find(peers, rows[i].key, 1000) != NULL,
				 rows[i].stays);
	assert_true(assurance_peers_look(peers, "destination d.test", 1000));
	assert_false(assurance_peers_look(peers, "destination d.test", 1000));
	assurance_peers_forget_key(peers, "destination d.test");
	assert_true(assurance_peers_look(peers, "destination d.test", 1000));
	assurance_peers_free(peers);
}

static void test_bounded(void **state)
{
	(void)state;
	struct assurance_peers *peers = assurance_peers_new();
	char name[8];

	for (unsigned i = 0; i <= ASSURANCE_PEERS_MAX; i++) {
		for (unsigned n = i, k = 0; k < 6; n /= 10, k++)
			name[k] = (char)('0' + n % 10);
		name[6] = '\0';
		assurance_peers_note(peers, name, name, &good, 1000);
	}
	assert_null(assurance_peers_find(peers, name, 1000)); /* no room for the last */
	assurance_peers_note(peers, name, name, &good, 1000 + ASSURANCE_PEER_GOOD_S);
	assert_non_null(assurance_peers_find(peers, name, 1000 + ASSURANCE_PEER_GOOD_S));
	assurance_peers_free(peers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_known_and_for_how_long),
		cmocka_unit_test(test_one_that_cannot_be_reached_loses_nothing),
		cmocka_unit_test(test_rests_longer_after_each_failure),
		cmocka_unit_test(test_so_many_a_minute),
		cmocka_unit_test(test_a_destination_is_no_probe),
		cmocka_unit_test(test_all_without_starttls_is_an_alarm),
		cmocka_unit_test(test_one_of_many_with_starttls_is_none),
		cmocka_unit_test(test_a_host_is_forgotten_whoever_asked),
		cmocka_unit_test(test_bounded),
	};
	return cmocka_run_group_tests_name("assurance/peers", tests, NULL, NULL);
}
