#include "settings/value.h"

#include "support/unit.h"

#include <stdbool.h>

#define S50 "0123456789012345678901234567890123456789012345678a"

static const struct {
	const char *(*check)(const char *text);
	const char *text;
	bool fine;
} table[] = {
	{ value_path, "/var/lib/postern", true },
	{ value_path, "/", true },
	{ value_path, "/a..b/c", true },
	{ value_path, "var/lib", false },
	{ value_path, "", false },
	{ value_path, "/var/../etc", false },
	{ value_path, "/var/..", false },
	{ value_path, "/var/\nlib", false },

	{ value_listen, "unix:/var/spool/postfix/postern/milter.sock", true },
	{ value_listen, "unix:milter.sock", false },
	{ value_listen, "unix:", false },
	{ value_listen, "unix:/" S50 S50 "1234567", false },
	{ value_listen, "unix:/" S50 S50 "123456", true },
	{ value_listen, "127.0.0.1:8025", true },
	{ value_listen, "localhost:8025", true },
	{ value_listen, "[::1]:8025", true },
	{ value_listen, "::1:8025", false },
	{ value_listen, "[localhost]:8025", false },
	{ value_listen, "8025", false },
	{ value_listen, ":8025", false },
	{ value_listen, "127.0.0.1:", false },
	{ value_listen, "127.0.0.1:0", false },
	{ value_listen, "127.0.0.1:65536", false },
	{ value_listen, "127.0.0.1:25x", false },
	{ value_listen, "inet:127.0.0.1:25", false },

	{ value_server, "127.0.0.1:25", true },
	{ value_server, "[::1]:25", true },
	{ value_server, "mail.our.example:25", false }, /* nobody would look it up */
	{ value_server, "127.0.0.1.2:25", false },
	{ value_server, "127.0.0.1", false },
	{ value_server, "unix:/x", false },
	{ value_server, "mail.our.example", false },

	{ value_scanner, "unix:/run/clamav/clamd.ctl", true },
	{ value_scanner, "127.0.0.1:3310", true },
	{ value_scanner, "[::1]:3310", true },
	{ value_scanner, "unix:clamd.ctl", false },
	{ value_scanner, "localhost:3310", false }, /* nobody would look it up */
	{ value_scanner, "", false },

	{ value_mode, "0660", true },
	{ value_mode, "660", false },
	{ value_mode, "0680", false },
	{ value_mode, "rw-rw----", false },

	{ value_group, "postfix", true },
	{ value_group, "_mail-1", true },
	{ value_group, "1mail", false },
	{ value_group, "post fix", false },
	{ value_user, "postern-portal", true },
	{ value_user, "-postern", false },

	{ value_token, "0123456789abcdef", true },
	{ value_token, "0123456789ABCDEFghijklmnopqrstuvwxyz", true },
	{ value_token, "0123456789abcde", false },
	{ value_token, "0123456789abcde/", false },
	{ value_token, "0123456789abcde.*", false },
	{ value_token, S50 "0123456789abcd", true },
	{ value_token, S50 "0123456789abcde", false },

	{ value_address, "127.0.0.1", true },
	{ value_address, "::1", true },
	{ value_address, "127.0.0.1:53", false },
	{ value_address, "localhost", false },

	{ value_network, "127.0.0.0/8", true },
	{ value_network, "127.0.0.1/8", false },

	{ value_domain, "our.example", true },
	{ value_domain, "xn--bcher-kva.example", true },
	{ value_domain, "a", true },
	{ value_domain, "", false },
	{ value_domain, ".our.example", false },
	{ value_domain, "our.example.", false },
	{ value_domain, "our..example", false },
	{ value_domain, "-our.example", false },
	{ value_domain, "our-.example", false },
	{ value_domain, "our.example-", false },
	{ value_domain,
	  "b\xc3\xbc"
	  "cher.example",
	  false },
	{ value_domain, "a@our.example", false },
	{ value_domain, S50 "0123456789012.example", true },
	{ value_domain, S50 "01234567890123.example", false },

	{ value_url, "https://secure.our.example", true },
	{ value_url, "https://secure.our.example:8443", true },
	{ value_url, "https://our.example/portal", true },
	{ value_url, "https://our.example:8443/mail/portal-1", true },
	{ value_url, "https://192.0.2.1", true },
	{ value_url, "https://[2001:db8::1]/p", true },
	{ value_url, "http://secure.our.example", false },
	{ value_url, "https://", false },
	{ value_url, "https:///portal", false },
	{ value_url, "https://user@our.example", false },
	{ value_url, "https://our.example/", false },
	{ value_url, "https://our.example/p/", false },
	{ value_url, "https://our.example//p", false },
	{ value_url, "https://our.example/../p", false },
	{ value_url, "https://our.example/p/./q", false },
	{ value_url, "https://our.example/%2e%2e", false },
	{ value_url, "https://our.example/p?q", false },
	{ value_url, "https://our.example/p#q", false },
	{ value_url, "https://our.example:/p", false },
	{ value_url, "https://our.example:99999", false },
	{ value_url, "https://our example", false },
	{ value_url, "https://our.example\\p", false },

	{ value_line, "Our \xc3\x9c Example", true },
	{ value_line, "Our\r\nBcc: x", false },
	{ value_line, S50 S50 S50 S50, true },
	{ value_line, S50 S50 S50 S50 "x", false },

	{ value_store, "sqlite", true },
	{ value_store, "postgresql", false },
};

static void test_each_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const char *expected = table[i].check(table[i].text);
		if ((expected == NULL) != table[i].fine)
			fail_msg("row %zu, \"%s\": %s", i, table[i].text,
				 expected ? expected : "taken");
		assert_true(!expected || expected[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_each_shape) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
