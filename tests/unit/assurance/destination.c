#include "assurance/destination.h"

#include "support/unit.h"

static const struct {
	const char *sentence, *text;
	enum rc rc;
	const char *written, *name;
	uint16_t port;
	bool host, literal;
} rows[] = {
	{ "a domain", "partner.example", RC_OK, "partner.example", "partner.example", 25, 0, 0 },
	{ "capitals, a final dot", "Partner.EXAMPLE.", RC_OK, "partner.example", "partner.example",
	  25, 0, 0 },
	/* Seen in others: next hops in U-labels, or with a port, left unanswered (RFC 5891 §4). */
	{ "U-labels", "m\xc3\xbcller.example", RC_OK, "xn--mller-kva.example",
	  "xn--mller-kva.example", 25, 0, 0 },
	{ "a port", "partner.example:2525", RC_OK, "partner.example:2525", "partner.example", 2525,
	  0, 0 },
	{ "port 25 goes without saying", "partner.example:25", RC_OK, "partner.example",
	  "partner.example", 25, 0, 0 },
	{ "a service", "partner.example:submission", RC_OK, "partner.example:587",
	  "partner.example", 587, 0, 0 },
	{ "a relay", "[Relay.example]", RC_OK, "[relay.example]", "relay.example", 25, 1, 0 },
	{ "a relay with its port", "[relay.example]:587", RC_OK, "[relay.example]:587",
	  "relay.example", 587, 1, 0 },
	{ "IPv4", "[192.0.2.1]", RC_OK, "[192.0.2.1]", "", 25, 1, 1 },
	{ "IPv6", "[IPv6:2001:DB8:0::1]", RC_OK, "[ipv6:2001:db8::1]", "", 25, 1, 1 },
	{ "IPv6 without its tag, with a port", "[2001:db8::1]:26", RC_OK, "[ipv6:2001:db8::1]:26",
	  "", 26, 1, 1 },
	{ "an underscore is looked up", "a_b.example", RC_OK, "a_b.example", "a_b.example", 25, 0,
	  0 },
	{ "empty", "", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "the root", ".", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "an empty label", "a..example", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "a blank", "a b.example", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "port 0", "a.example:0", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "port 65536", "a.example:65536", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "no port after the colon", "a.example:", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "nor after the bracket's", "[a.example]:", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "no closing bracket", "[a.example", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "something after the bracket", "[a.example]x", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "empty brackets", "[]", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "brackets within brackets", "[[a.example]]", RC_INVALID, NULL, NULL, 0, 0, 0 },
	{ "bare IPv6", "2001:db8::1", RC_INVALID, NULL, NULL, 0, 0, 0 },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct assurance_destination d = { .text = "before" };
		struct fault why = { 0 };

		print_message("   %s\n", rows[i].sentence);
		assert_int_equal(assurance_destination_parse(text, &d, &why), rows[i].rc);
		if (rows[i].rc != RC_OK) {
			assert_string_equal(d.text, "before");
			assert_true(*why.text);
			continue;
		}
		assert_string_equal(d.text, rows[i].written);
		assert_string_equal(d.name, rows[i].name);
		assert_int_equal(d.port, rows[i].port);
		assert_int_equal(d.host, rows[i].host);
		assert_int_equal(d.literal, rows[i].literal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
	};
	return cmocka_run_group_tests_name("assurance/destination", tests, NULL, NULL);
}
