#include "page/client.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

static const char *const networks[] = { "127.0.0.0/8", "::1/128" };
static const struct settings_list proxies = { COUNT(networks), networks };

static const struct {
	const char *name, *peer, *forwarded, *client;
} table[] = {
	{ "a proxy's word", "127.0.0.1", "192.0.2.7", "192.0.2.7" },
	{ "the last entry alone", "127.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7" },
	{ "whatever stands before it", "::1", "<script>,,, 2001:db8::1", "2001:db8::1" },
	{ "brackets and a port", "127.0.0.1", "[2001:DB8::1]:443", "2001:db8::1" },
	{ "a port", "127.0.0.1", "192.0.2.7:1234", "192.0.2.7" },
	{ "an IPv4 address in IPv6's clothes", "127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7" },
	{ "not an address", "127.0.0.1", "unknown", "" },
	{ "nothing", "127.0.0.1", "", "" },
	{ "an end that is empty", "127.0.0.1", "192.0.2.7,", "" },
	{ "far too long", "127.0.0.1",
	  "1111111111111111111111111111111111111111111111111111111111111111", "" },
	{ "no proxy, no word", "127.0.0.1", NULL, "127.0.0.1" },
	{ "a stranger's word counts for nothing", "198.51.100.1", "192.0.2.7", "198.51.100.1" },
	{ "of an IPv6 stranger too", "2001:db8::5", "192.0.2.7", "2001:db8::5" },
	{ "a mapped peer", "::ffff:198.51.100.1", "192.0.2.7", "198.51.100.1" },
	{ "a unix socket's peer is believed", "unix", "192.0.2.7", "192.0.2.7" },
	{ "and may say nothing", "unix", NULL, "" },
	{ "an unknown peer", NULL, "192.0.2.7", "" },
};

static const struct sockaddr *address_of(const char *text, struct sockaddr_storage *space)
{
	struct sockaddr_in *v4 = (void *)space;
	struct sockaddr_in6 *v6 = (void *)space;

	if (!text)
		return NULL;
	memset(space, 0, sizeof *space);
	if (strcmp(text, "unix") == 0)
		space->ss_family = AF_UNIX;
	else if (strchr(text, ':')) {
		space->ss_family = AF_INET6;
		assert_int_equal(inet_pton(AF_INET6, text, &v6->sin6_addr), 1);
	} else {
		space->ss_family = AF_INET;
		assert_int_equal(inet_pton(AF_INET, text, &v4->sin_addr), 1);
	}
	return (const struct sockaddr *)space;
}

static void test_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct sockaddr_storage space;
		const struct page_peer peer = { address_of(table[i].peer, &space), &proxies };
		struct slice forwarded = { 0 };
		char out[PAGE_CLIENT_TEXT] = "x";

		print_message("   %s\n", table[i].name);
		if (table[i].forwarded)
			forwarded = slice_of(table[i].forwarded);
		page_client_name(&peer, forwarded, out);
		assert_string_equal(out, table[i].client);
	}
}

static const struct {
	const char *name, *origin, *site;
	bool ours;
} origins[] = {
	{ "a client that says nothing", NULL, NULL, true },
	{ "our own page", "https://s.our.example:8443", "same-origin", true },
	{ "capitals", "https://S.Our.Example:8443", NULL, true },
	{ "typed by hand", NULL, "none", true },
	{ "another site", "https://evil.example", NULL, false },
	{ "another port", "https://s.our.example", NULL, false },
	{ "without TLS", "http://s.our.example:8443", NULL, false },
	{ "our name within another", "https://s.our.example:8443.evil.example", NULL, false },
	{ "another site, by its browser", NULL, "cross-site", false },
	{ "a neighbour", NULL, "same-site", false },
	{ "a page that hides itself", "null", NULL, false },
	{ "our page, which hides itself", "null", "same-origin", true },
	{ "another page, which hides itself", "null", "cross-site", false },
};

static void test_origin(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct slice origin = { 0 }, site = { 0 };

		print_message("   %s\n", origins[i].name);
		if (origins[i].origin)
			origin = slice_of(origins[i].origin);
		if (origins[i].site)
			site = slice_of(origins[i].site);
		assert_int_equal(
			page_client_is_ours("https://s.our.example:8443/post", origin, site),
			origins[i].ours);
	}
	assert_true(page_client_is_ours("https://a", SLICE("https://a"), (struct slice){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_origin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
