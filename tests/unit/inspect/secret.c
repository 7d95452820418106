#include "inspect/secret.h"

#include "support/unit.h"

typedef bool finder(struct slice text, size_t end, struct secret *out);

/* What is shown here opens nothing. */
static const struct row {
	const char *name, *text, *kind; /* NULL: none */
	size_t end;                     /* 0: the text's */
} keys[] = {
	{ "PEM", "x\n-----BEGIN RSA PRIVATE KEY-----", "pem" },
	{ "OpenSSH", "-----BEGIN OPENSSH PRIVATE KEY-----", "pem" },
	{ "PGP", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "pem" },
	{ "PuTTY", "PuTTY-User-Key-File-3:", "putty" },
	{ "age", "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQ", "age" },
	{ "small letters", "-----begin rsa private key-----", NULL },
};

static const struct row apis[] = {
	{ "AWS", "key AKIAIOSFODNN7EXAMPLE", "aws" },
	{ "AWS in small letters", "akiaiosfodnn7example", NULL },
	{ "AWS in mixed letters", "AKIAIOSFODNN7exAMPLE", NULL },
	{ "inside a longer token", "XAKIAIOSFODNN7EXAMPLE", NULL },
	{ "GitHub", "ghp_012345678901234567890123456789abcdef", "github" },
	{ "GitLab", "glpat-0123456789abcdefghij", "gitlab" },
	{ "AWS, for a session", "ASIAIOSFODNN7EXAMPLE.", "aws" },
	{ "AWS, cut short", "AKIAIOSFODNN7EXAMPL", NULL },
	{ "GitHub, an app's", "ghs_012345678901234567890123456789abcdef", "github" },
	{ "GitHub, another letter", "ghx_012345678901234567890123456789abcdef", NULL },
	{ "GitHub, fine-grained",
	  "github_pat_0123456789abcdefghijAB_"
	  "0123456789abcdefghij0123456789abcdefghij0123456789abcdefghi",
	  "github" },
	{ "Google", "AIzaSyA0123456789abcdefghijklmnopqrstuv", "google" },
	{ "Google, cut short", "AIzaSyA01234", NULL },
	{ "Slack", "xoxb-0123456789", "slack" },
	{ "Slack, another letter", "xoxz-0123456789", NULL },
	{ "Stripe", "sk_live_0123456789abcdef", "stripe" },
	{ "a JSON Web Token", "eyJhbGciOiJI.eyJzdWIiOiI", "jwt" },
	{ "another", "sk_test_0123456789abcdef", NULL },
};

static const struct row passwords[] = {
	{ "random", "password = \"hT7qPz2mXw9LbV4kR\"", "generic" },
	{ "one letter again and again", "password = aaaaaaaaaaaaaaa1", NULL },
	{ "words", "token: pleaseaskmeforit", NULL },
	{ "digits alone", "token: 1234567890123456", NULL },
};

static void check(const struct row *rows, size_t count, finder *find)
{
	for (size_t i = 0; i < count; i++) {
		struct slice text = { rows[i].text, strlen(rows[i].text) };
		struct secret s = { 0 };
		bool found = false;
		for (size_t end = 1; end <= text.len && !found; end++)
			found = find(text, end, &s);
		if (found != (rows[i].kind != NULL) || (found && strcmp(s.kind, rows[i].kind) != 0))
			fail_msg("%s: %s", rows[i].name, found ? s.kind : "none");
		assert_true(!found || s.at + s.len <= text.len);
	}
}

static void test_keys(void **state)
{
	(void)state;
	check(keys, COUNT(keys), secret_find_key);
}

static void test_api_secrets(void **state)
{
	(void)state;
	check(apis, COUNT(apis), secret_find_api);
}

static void test_passwords(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(passwords); i++) {
		struct slice text = { passwords[i].text, strlen(passwords[i].text) };
		struct secret s = { 0 };
		size_t end = strcspn(passwords[i].text, ":=") + 1;
		bool found = secret_find_password(text, end, &s);
		if (found != (passwords[i].kind != NULL))
			fail_msg("%s", passwords[i].name);
		if (found)
			assert_int_equal(s.len, 17);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys),
					    cmocka_unit_test(test_api_secrets),
					    cmocka_unit_test(test_passwords) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
