#include "dane/tlsa.h"

#include "support/unit.h"

/* An Ed25519 key as SubjectPublicKeyInfo (RFC 8410 §4). */
static const char key[] =
	"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00\x8e\xd2\x40\x55\x39\xdb\xe1\x33\x67\x73"
	"\x44\x3d\x41\x3c\x1e\xfa\x99\xd4\x2b\x1b\x54\x06\xf9\x7a\x75\x96\xd6\x21\x59\xe3\x15\x6b";

static const char some[64];

/* RFC 6698 §2.1 (fields), RFC 7672 §3.1, §3.1.3 (what of it SMTP may use). */
static const struct {
	const char *sentence;
	uint8_t usage, selector, matching;
	const char *data;
	size_t len;
	bool usable;
	const char *why;
} rows[] = {
	{ "3 1 1, as recommended", 3, 1, 1, some, 32, true, NULL },
	{ "2 0 1, the second choice", 2, 0, 1, some, 32, true, NULL },
	{ "3 0 2", 3, 0, 2, some, 64, true, NULL },
	{ "2 1 2", 2, 1, 2, some, 64, true, NULL },
	{ "usage 0 leans on public CAs", 0, 0, 1, some, 32, false, "public CAs" },
	{ "usage 1 too", 1, 1, 1, some, 32, false, "public CAs" },
	{ "usage 4 is nobody's", 4, 1, 1, some, 32, false, "usage is not assigned" },
	{ "private use", 255, 1, 1, some, 32, false, "usage is not assigned" },
	{ "selector 2 is nobody's", 3, 2, 1, some, 32, false, "selector is not assigned" },
	{ "matching type 3 is nobody's", 3, 1, 3, some, 32, false, "matching type is not" },
	{ "SHA-256 of 31 bytes", 3, 1, 1, some, 31, false, "not 32 bytes" },
	{ "SHA-256 of 33 bytes", 3, 1, 1, some, 33, false, "not 32 bytes" },
	{ "SHA-256 of nothing", 3, 1, 1, some, 0, false, "not 32 bytes" },
	{ "SHA-512 of 32 bytes", 3, 1, 2, some, 32, false, "not 64 bytes" },
	{ "a whole key", 3, 1, 0, key, sizeof key - 1, true, NULL },
	{ "a whole key and a byte", 3, 1, 0, key, sizeof key, false, "no public key" },
	{ "a whole key that is cut", 3, 1, 0, key, sizeof key - 2, false, "no public key" },
	{ "a key where a certificate should be", 3, 0, 0, key, sizeof key - 1, false,
	  "no certificate" },
	{ "nothing where a certificate should be", 2, 0, 0, some, 0, false, "no certificate" },
};

static void test_usable(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct dns_tlsa tlsa = {
			.usage = rows[i].usage,
			.selector = rows[i].selector,
			.matching = rows[i].matching,
			.data = { rows[i].data, rows[i].len },
		};
		const char *why = NULL;

		print_message("   %s\n", rows[i].sentence);
		assert_int_equal(dane_tlsa_is_usable(&tlsa, &why), rows[i].usable);
		if (rows[i].why)
			assert_non_null(strstr(why, rows[i].why));
		else
			assert_null(why);
		assert_int_equal(dane_tlsa_is_usable(&tlsa, NULL), rows[i].usable);
	}
}

static void test_count(void **state)
{
	(void)state;
	const struct dns_record records[] = {
		{ .tlsa = { 1, 1, 1, { some, 32 } } },
		{ .tlsa = { 3, 1, 1, { some, 32 } } },
		{ .tlsa = { 3, 1, 7, { some, 32 } } },
		{ .tlsa = { 2, 0, 2, { some, 64 } } },
	};
	struct dns_answer answer = { .status = DNS_FOUND, .count = 4, .records = records };
	const char *why = "as it was";

	assert_int_equal(dane_tlsa_count_usable(&answer, &why), 2);
	assert_string_equal(why, "as it was");
	answer.count = 1;
	assert_int_equal(dane_tlsa_count_usable(&answer, &why), 0);
	assert_non_null(strstr(why, "public CAs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usable),
		cmocka_unit_test(test_count),
	};
	return cmocka_run_group_tests_name("dane/tlsa", tests, NULL, NULL);
}
