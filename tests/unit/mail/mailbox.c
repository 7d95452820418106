#include "mail/mailbox.h"

#include "support/unit.h"

#include <stdio.h>

static const struct {
	const char *name, *in, *out; /* addresses, each followed by a blank; "!" for a failure */
} rows[] = {
	{ "one", "a@b.test", "a@b.test " },
	{ "nobody", "", "" },
	{ "blanks alone", " \t", "" },
	{ "a name", "Jane Doe <jane@a.test>", "jane@a.test " },
	{ "two", "a@b.test, c@d.test", "a@b.test c@d.test " },
	{ "a comma in a quoted name", "\"Doe, Jane\" <jane@a.test>", "jane@a.test " },
	{ "a bracket and an escaped quote in a quoted name", "\"x\\\" <no@a.test>\" <j@a.test>",
	  "j@a.test " },
	{ "a comment behind", "bob@b.test (Bob, of <no@c.test>)", "bob@b.test " },
	{ "comments in each other", "(a(b)c,) bob@b.test", "bob@b.test " },
	{ "an escaped bracket in a comment", "(a\\)b@c.test) d@e.test", "d@e.test " },
	{ "blanks around the parts", "bob @ b.test", "bob@b.test " },
	{ "a fold", "a@b.test,\r\n\tc@d.test", "a@b.test c@d.test " },
	{ "a group", "team: c@d.test, E <e@d.test>;", "c@d.test e@d.test " },
	{ "a group among others", "x@y.test, team: c@d.test; z@y.test",
	  "x@y.test c@d.test z@y.test " },
	{ "an empty group", "undisclosed-recipients:;", "" },
	{ "empty members", ",, a@b.test,,", "a@b.test " },
	{ "a route", "<@r.test:a@b.test>", "a@b.test " },
	{ "an address literal", "a@[IPv6:2001:db8::1]", "a@[ipv6:2001:db8::1] " },
	{ "quotes in the local part", "\"a,b c\"@d.test", "\"a,b c\"@d.test " },
	{ "words behind the path", "<a@b.test> at home", "a@b.test " },
	{ "an encoded name", "=?utf-8?Q?J=2C?= <j@a.test>", "j@a.test " },
	{ "a name without an address", "Jane Doe, a@b.test", "JaneDoe a@b.test " },
	{ "a member that is none does not end the list", "a@@b, c@d.test", "! c@d.test " },
	{ "the null address", "<>, c@d.test", "! c@d.test " },
	{ "quotes that do not end", "\"a@b.test, c@d.test", "! " },
	{ "a comment that does not end", "a@b.test (, c@d.test", "a@b.test " },
	{ "a path that does not end", "a <b@c.test, d@e.test", "! " },
};

static void take_all(struct slice list, char *got, size_t room)
{
	struct mail_address a;
	struct fault why = { "" };
	size_t n = 0;
	enum rc rc;

	got[0] = '\0';
	while ((rc = mail_mailbox_take(&list, &a, &why)) != RC_ABSENT) {
		n += (size_t)snprintf(got + n, room - n, "%s ", rc == RC_OK ? a.text : "!");
		assert_true(rc == RC_OK || why.text[0]);
	}
	assert_int_equal(list.len, 0);
	assert_string_equal(why.text, "no address is left in the list");
}

static void test_lists(void **state)
{
	char got[500];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		take_all(slice_of(rows[i].in), got, sizeof got);
		if (strcmp(got, rows[i].out) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].name, got, rows[i].out);
	}
}

static void test_an_address_that_is_too_long_is_no_reason_to_stop(void **state)
{
	char text[MAIL_ADDRESS_MAX + 40];
	struct mail_address a = { .text = "untouched" };
	struct fault why;

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text + MAIL_ADDRESS_MAX + 10, "@b.test, c@d.test", 18);
	struct slice list = slice_of(text);
	assert_int_equal(mail_mailbox_take(&list, &a, &why), RC_LIMIT);
	assert_string_equal(a.text, "untouched");
	assert_string_equal(why.text, "an address is longer than 1000 bytes");
	assert_int_equal(mail_mailbox_take(&list, &a, &why), RC_OK);
	assert_string_equal(a.text, "c@d.test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_an_address_that_is_too_long_is_no_reason_to_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
