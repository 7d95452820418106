#include "settings/network.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const struct {
	const char *text;
	bool ok;
	unsigned bits;
	const char *why;
} texts[] = {
	{ "127.0.0.0/8", true, 8, "" },
	{ "192.0.2.7", true, 32, "" },
	{ "0.0.0.0/0", true, 0, "" },
	{ "::1/128", true, 128, "" },
	{ "2001:db8::/32", true, 32, "" },
	{ "::/0", true, 0, "" },
	{ "::1", true, 128, "" },
	{ "127.0.0.1/8", false, 0, "\"127.0.0.1/8\" has bits set behind its prefix" },
	{ "2001:db8::1/127", false, 0, "\"2001:db8::1/127\" has bits set behind its prefix" },
	{ "10.0.0.0/33", false, 0, "\"10.0.0.0/33\" has no prefix of 0 to 32 bits" },
	{ "::/129", false, 0, "\"::/129\" has no prefix of 0 to 128 bits" },
	{ "10.0.0.0/", false, 0, "\"10.0.0.0/\" has no prefix" },
	{ "10.0.0.0/+8", false, 0, "\"10.0.0.0/+8\" has no prefix" },
	{ "10.0.0.0/0008", false, 0, "\"10.0.0.0/0008\" has no prefix" },
	{ "10.0.0", false, 0, "\"10.0.0\" is no address" },
	{ "010.0.0.1", false, 0, "\"010.0.0.1\" is no address" },
	{ "", false, 0, "\"\" is no address" },
	{ "localhost", false, 0, "\"localhost\" is no address" },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8", false, 0,
	  "\"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/8\" is no address" },
};

static void test_addresses_and_ranges_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct settings_network network = { .bits = 77 };
		struct fault why = { "" };
		enum rc rc = settings_network_parse(texts[i].text, &network, &why);

		if (rc != (texts[i].ok ? RC_OK : RC_INVALID))
			fail_msg("%s: %d", texts[i].text, (int)rc);
		assert_int_equal(network.bits, texts[i].ok ? texts[i].bits : 77);
		if (strncmp(why.text, texts[i].why, strlen(texts[i].why)) != 0)
			fail_msg("%s: %s", texts[i].text, why.text);
	}
}

static const struct {
	const char *network, *address;
	bool has;
} members[] = {
	{ "127.0.0.0/8", "127.255.0.1", true },
	{ "127.0.0.0/8", "128.0.0.1", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "0.0.0.0/0", "203.0.113.9", true },
	{ "0.0.0.0/0", "2001:db8::1", false },
	{ "127.0.0.0/8", "::ffff:127.0.0.1", true },
	{ "127.0.0.0/8", "::ffff:128.0.0.1", false },
	{ "::1/128", "::1", true },
	{ "::1/128", "::2", false },
	{ "2001:db8::/33", "2001:db8:7fff::1", true },
	{ "2001:db8::/33", "2001:db8:8000::1", false },
	{ "::/0", "127.0.0.1", false },
};

static void test_a_range_has_its_addresses_and_no_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		const char *const one[] = { members[i].network };
		const struct settings_list list = { 1, one };
		bool v6 = strchr(members[i].address, ':');
		struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
		struct sockaddr_in a4 = { .sin_family = AF_INET };
		void *bytes = v6 ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr;
		const void *peer = v6 ? (const void *)&a6 : (const void *)&a4;

		assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, members[i].address, bytes), 1);
		if (settings_networks_have(&list, v6 ? AF_INET6 : AF_INET, bytes) != members[i].has)
			fail_msg("%s in %s", members[i].address, members[i].network);
		assert_int_equal(settings_networks_have_socket(&list, peer), members[i].has);
	}
}

static void test_an_empty_list_and_a_unix_socket_are_in_no_network(void **state)
{
	(void)state;
	const char *const all[] = { "0.0.0.0/0", "::/0" };
	const struct settings_list none = { 0 }, both = { 2, all };
	const struct sockaddr local = { .sa_family = AF_UNIX };

	assert_false(settings_networks_have(&none, AF_INET, (const uint8_t[]){ 127, 0, 0, 1 }));
	assert_false(settings_networks_have_socket(&both, &local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses_and_ranges_are_read),
		cmocka_unit_test(test_a_range_has_its_addresses_and_no_others),
		cmocka_unit_test(test_an_empty_list_and_a_unix_socket_are_in_no_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
