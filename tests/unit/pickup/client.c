#include "pickup/client.h"

#include "support/unit.h"

static void addresses_have_one_form_and_a_network(void **state)
{
	(void)state;
	static const struct {
		const char *text, *address;
		uint8_t prefix[PICKUP_PREFIX_BYTES];
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", { 4, 192, 0, 2 } },
		{ "::ffff:192.0.2.9", "192.0.2.9", { 4, 192, 0, 2 } },
		{ "2001:DB8:1:2ff::7", "2001:db8:1:2ff::7", { 6, 0x20, 1, 0x0d, 0xb8, 0, 1, 2 } },
		{ "2001:db8:1:200::9", "2001:db8:1:200::9", { 6, 0x20, 1, 0x0d, 0xb8, 0, 1, 2 } },
		{ "", "", { 0 } },
		{ "192.0.2", "", { 0 } },
		{ "192.0.2.7 evil", "", { 0 } },
		{ "unknown", "", { 0 } },
		{ "11111111111111111111111111111111111111111111111111", "", { 0 } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pickup_client c;
		memset(&c, 0xff, sizeof c);
		pickup_client_read(slice_of(rows[i].text), &c);
		assert_string_equal(c.address, rows[i].address);
		assert_memory_equal(c.prefix, rows[i].prefix, sizeof c.prefix);
	}
	struct pickup_client c;
	pickup_client_read((struct slice){ "192.0.2.7\0x", 11 }, &c);
	assert_string_equal(c.address, "");
}

static void one_client_is_a_network_and_a_browser(void **state)
{
	(void)state;
	static const struct crypto_key key = { { 1 } }, other_key = { { 2 } };
	static const struct {
		const char *address, *agent;
		bool same;
	} rows[] = {
		{ "192.0.2.200", "Firefox", true },
		{ "192.0.3.7", "Firefox", false },
		{ "192.0.2.7", "Firefox2", false },
		{ "", "Firefox", false },
	};
	uint8_t first[CRYPTO_HASH_BYTES], other[CRYPTO_HASH_BYTES];
	struct pickup_client c;

	pickup_client_read(SLICE("192.0.2.7"), &c);
	assert_int_equal(pickup_client_hash(&key, &c, SLICE("Firefox"), first, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pickup_client d;
		pickup_client_read(slice_of(rows[i].address), &d);
		assert_int_equal(pickup_client_hash(&key, &d, slice_of(rows[i].agent), other, NULL),
				 RC_OK);
		assert_int_equal(memcmp(first, other, sizeof first) == 0, rows[i].same);
	}
	/* Without the key nobody can try which address it was. */
	assert_int_equal(pickup_client_hash(&other_key, &c, SLICE("Firefox"), other, NULL), RC_OK);
	assert_memory_not_equal(first, other, sizeof first);
}

static void what_it_is_is_told_in_our_words(void **state)
{
	(void)state;
	static const struct {
		const char *agent, *kind;
	} rows[] = {
		{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 "
		  "Firefox/140.0",
		  "Firefox on Windows" },
		{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
		  "like "
		  "Gecko) Version/18.0 Safari/605.1.15",
		  "Safari on macOS" },
		{ "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) "
		  "Chrome/140.0.0.0 Mobile Safari/537.36",
		  "Chrome on Android" },
		{ "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 "
		  "Edg/140.0",
		  "Edge on Windows" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 "
		  "Safari/604.1",
		  "Safari on iOS" },
		{ "curl/8.0", "" },
		{ "", "" },
		{ "Your account is locked, call +1 555 0100; Windows", "Windows" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char kind[PICKUP_KIND_TEXT];
		assert_string_equal(pickup_client_kind(slice_of(rows[i].agent), kind),
				    rows[i].kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_one_form_and_a_network),
		cmocka_unit_test(one_client_is_a_network_and_a_browser),
		cmocka_unit_test(what_it_is_is_told_in_our_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
