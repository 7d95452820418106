#include "deposit/wording.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <sys/stat.h>

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(scratch_path(&scratch, name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void assert_filled(const char *words, const char *subject, const char *text)
{
	CLEANUP(deposit_wording_free) struct deposit_wording *wording = NULL;
	const struct deposit_value values[] = {
		{ "people", SLICE("  b@plain.test\n  c@plain.test") },
		{ "made", SLICE("today") },
		{ "help", { NULL, 0 } },
		{ "by", SLICE("") },
	};
	struct buf a = BUF_INIT(1000), b = BUF_INIT(1000);
	struct fault why = { 0 };

	put("revoked.txt", words);
	if (deposit_wording_read(scratch.folder, &wording, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(deposit_wording_fill(wording, DEPOSIT_MAIL_REVOKED, values, COUNT(values),
					      &a, &b, &why),
			 RC_OK);
	assert_string_equal(buf_text(&a), subject);
	assert_string_equal(buf_text(&b), text);
	buf_free(&a);
	buf_free(&b);
}

static void test_fill(void **state)
{
	(void)state;
	assert_filled("Subject: Taken back\n\nOf {{made}}:\n\n{{people}}\n\nBye\n", "Taken back",
		      "Of today:\n\n  b@plain.test\n  c@plain.test\n\nBye\n");
	assert_filled("Subject: {{made}}\n\n\n{{people}}\n", "today",
		      "  b@plain.test\n  c@plain.test\n");
	/* A paragraph without its value goes, the others stay as they are. */
	assert_filled("Subject: s\n\n{{people}}\n\n{{made}}: ask\n{{help}}\n\nEnd", "s",
		      "  b@plain.test\n  c@plain.test\n\nEnd\n");
	/* One that is empty and there is not the same as none. */
	assert_filled("Subject: s\n\n{{by}}Read\n\n{{people}}\n", "s",
		      "Read\n\n  b@plain.test\n  c@plain.test\n");
	assert_filled("Subject: s\r\n\r\n{{people}}\r\n\r\nB\r\n", "s",
		      "  b@plain.test\n  c@plain.test\n\nB\n");
	/* A value is no words: nothing in it is looked for. */
	assert_filled("Subject: s\n\n{{people}} }} {x}\n", "s",
		      "  b@plain.test\n  c@plain.test }} {x}\n");
}

/* A file that is not there, and no folder at all, leave what is built in. */
static void test_built_in(void **state)
{
	CLEANUP(deposit_wording_free) struct deposit_wording *wording = NULL;
	const struct deposit_value people = { "people", SLICE("  b") };
	struct buf a = BUF_INIT(1000), b = BUF_INIT(1000);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_wording_read(scratch.folder, &wording, &why), RC_OK);
	for (unsigned i = 0; i < 2; i++) {
		buf_clear(&a);
		assert_int_equal(deposit_wording_fill(i ? wording : NULL, DEPOSIT_MAIL_EXPIRED,
						      &people, 1, &a, &b, &why),
				 RC_OK);
		assert_string_equal(buf_text(&a), "Your protected message was not opened in time");
	}
	buf_free(&a);
	buf_free(&b);
	deposit_wording_free(&wording);
	assert_int_equal(deposit_wording_read("/nowhere/at/all", &wording, &why), RC_ABSENT);
	assert_string_equal(why.text, "there is no folder /nowhere/at/all");
}

static const struct {
	const char *name, *text, *why;
} bad[] = {
	{ "no subject", "Hello\n{{people}}\n", ":1: the first line is no \"Subject: ...\"" },
	{ "an empty subject", "Subject: \n\n{{people}}\n",
	  ":1: the first line is no \"Subject: ...\"" },
	{ "an unknown value", "Subject: s\n\n{{people}}\n{{content}}\n",
	  ":4: {{content}} is no value of a revoked" },
	{ "another mail's value", "Subject: s\n\n{{people}} {{phrase}}\n",
	  ":3: {{phrase}} is no value of a revoked" },
	{ "a value cut", "Subject: s\n\n{{people}} {{made\n", ":3: a value lacks its }}" },
	{ "what it must have is missing", "Subject: s\n\nGone.\n",
	  ":1: a revoked must have {{people}}" },
	{ "a link of its own", "Subject: s\n\n{{people}}\nhttps://other.example/\n",
	  ":4: \"://\" is what tricksters write, not us" },
	{ "a host as a link", "Subject: s\n\n{{people}}\nWWW.other.example\n",
	  ":4: \"www.\" is what tricksters write, not us" },
	{ "urgency", "Subject: URGENT: s\n\n{{people}}\n",
	  ":1: \"urgent\" is what tricksters write, not us" },
	{ "a log-in", "Subject: s\n\n{{people}}\nPlease log in to\n",
	  ":4: \"log in\" is what tricksters write, not us" },
	{ "a form", "Subject: s\n\n{{people}}\n<form action=x>\n",
	  ":4: \"<form\" is what tricksters write, not us" },
	{ "a control character", "Subject: s\n\n{{people}}\n\033[31m\n",
	  ":4: a control character" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct deposit_wording *wording = NULL;
		struct fault why = { 0 };
		char expected[600];

		print_message("   %s\n", bad[i].name);
		put("revoked.txt", bad[i].text);
		snprintf(expected, sizeof expected, "%s%s", scratch.path, bad[i].why);
		assert_int_equal(deposit_wording_read(scratch.folder, &wording, &why), RC_INVALID);
		assert_string_equal(why.text, expected);
		assert_null(wording);
	}
}

static void test_too_long(void **state)
{
	static char text[DEPOSIT_WORDING_MAX + 2];
	struct deposit_wording *wording = NULL;
	struct fault why = { 0 };

	(void)state;
	memset(text, 'x', sizeof text - 1);
	put("alert.txt", text);
	assert_int_equal(deposit_wording_read(scratch.folder, &wording, &why), RC_LIMIT);
}

/* What is built in is held to the same: the samples are those files. */
static void test_the_built_in_words_are_allowed(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DEPOSIT_MAILS; i++) {
		struct buf text = BUF_INIT(DEPOSIT_WORDING_MAX);
		struct fault why = { 0 };
		char path[300];

		snprintf(path, sizeof path, "%s/../conf/mails/%s.txt", getenv("POSTERN_TESTS"),
			 deposit_mail_name((enum deposit_mail)i));
		assert_int_equal(file_read(path, &text, NULL), RC_OK);
		if (deposit_wording_check((enum deposit_mail)i, buf_slice(&text), path, &why) !=
		    RC_OK)
			fail_msg("%s", why.text);
		buf_free(&text);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fill),
		TEST(test_built_in),
		TEST(test_bad),
		TEST(test_too_long),
		TEST(test_the_built_in_words_are_allowed),
	};
	return cmocka_run_group_tests_name("deposit/wording", tests, NULL, NULL);
}
