#include "smtp/dialogue.h"

#include "support/unit.h"

static const struct smtp_recipient recipients[] = { { "c@d" }, { "e@f" } };

/* Replies in order ("!" loses the connection, "." hands over the dot), what was
 * said in between, and each recipient's end. */
static const struct {
	const char *name;
	const char *replies[12];
	const char *said;
	struct smtp_result results[2];
	bool doubtful;
	const char *final;
} talks[] = {
	{ "both accepted",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "354 go", ".",
	    "250 2.0.0 queued as A" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_ACCEPTED, 250, "250 2.0.0 queued as A" },
	    { SMTP_ACCEPTED, 250, "250 2.0.0 queued as A" } },
	  false,
	  "250 2.0.0 queued as A" },
	{ "one refused for good",
	  { "220 x", "250 x", "250 ok", "550 5.1.1 no", "250 ok", "354 go", ".", "250 ok" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_REFUSED, 550, "550 5.1.1 no" }, { SMTP_ACCEPTED, 250, "250 ok" } },
	  false,
	  "250 ok" },
	{ "one now, one later; the message refused",
	  { "220 x", "250 x", "250 ok", "250 ok", "452 full", "354 go", ".", "554 spam" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_REFUSED, 554, "554 spam" }, { SMTP_RETRY, 452, "452 full" } },
	  false,
	  "" },
	{ "552 to RCPT is too many at once",
	  { "220 x", "250 x", "250 ok", "552 too many", "552 too many" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|QUIT|",
	  { { SMTP_RETRY, 552, "552 too many" }, { SMTP_RETRY, 552, "552 too many" } },
	  false,
	  "" },
	{ "turned away at the door",
	  { "554 no service" },
	  "QUIT|",
	  { { SMTP_RETRY, 554, "554 no service" }, { SMTP_RETRY, 554, "554 no service" } },
	  false,
	  "" },
	{ "421 at the door",
	  { "421 busy" },
	  "",
	  { { SMTP_RETRY, 421, "421 busy" }, { SMTP_RETRY, 421, "421 busy" } },
	  false,
	  "" },
	{ "a server of old",
	  { "220 x", "500 what", "250 x", "250 ok", "250 ok", "250 ok", "354 go", ".", "250 ok" },
	  "EHLO me|HELO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_ACCEPTED, 250, "250 ok" }, { SMTP_ACCEPTED, 250, "250 ok" } },
	  false,
	  "250 ok" },
	{ "neither EHLO nor HELO",
	  { "220 x", "502 no", "502 no" },
	  "EHLO me|HELO me|QUIT|",
	  { { SMTP_RETRY, 502, "502 no" }, { SMTP_RETRY, 502, "502 no" } },
	  false,
	  "" },
	{ "the sender refused",
	  { "220 x", "250 x", "553 no" },
	  "EHLO me|MAIL FROM:<a@b>|QUIT|",
	  { { SMTP_REFUSED, 553, "553 no" }, { SMTP_REFUSED, 553, "553 no" } },
	  false,
	  "" },
	{ "the sender later",
	  { "220 x", "250 x", "451 later" },
	  "EHLO me|MAIL FROM:<a@b>|QUIT|",
	  { { SMTP_RETRY, 451, "451 later" }, { SMTP_RETRY, 451, "451 later" } },
	  false,
	  "" },
	{ "lost after one was refused",
	  { "220 x", "250 x", "250 ok", "550 no", "!" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|",
	  { { SMTP_REFUSED, 550, "550 no" }, { SMTP_RETRY, 0, "lost" } },
	  false,
	  "" },
	{ "421 between two recipients",
	  { "220 x", "250 x", "250 ok", "250 ok", "421 bye" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|",
	  { { SMTP_RETRY, 421, "421 bye" }, { SMTP_RETRY, 421, "421 bye" } },
	  false,
	  "" },
	{ "DATA refused",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "554 no" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_REFUSED, 554, "554 no" }, { SMTP_REFUSED, 554, "554 no" } },
	  false,
	  "" },
	{ "DATA answered 250",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "250 ok" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|",
	  { { SMTP_RETRY, 0, "the server answered DATA with neither 354 nor a refusal" },
	    { SMTP_RETRY, 0, "the server answered DATA with neither 354 nor a refusal" } },
	  false,
	  "" },
	{ "refused before the end is sent",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "354 go", "552 too large" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|",
	  { { SMTP_REFUSED, 552, "552 too large" }, { SMTP_REFUSED, 552, "552 too large" } },
	  false,
	  "" },
	{ "accepted before the end is sent",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "354 go", "250 ok" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|",
	  { { SMTP_RETRY, 0, "the server answered before the message was sent" },
	    { SMTP_RETRY, 0, "the server answered before the message was sent" } },
	  false,
	  "" },
	{ "lost within the message",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "354 go", "!" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|",
	  { { SMTP_RETRY, 0, "lost" }, { SMTP_RETRY, 0, "lost" } },
	  false,
	  "" },
	{ "lost after the dot",
	  { "220 x", "250 x", "250 ok", "550 no", "250 ok", "354 go", ".", "!" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|",
	  { { SMTP_REFUSED, 550, "550 no" }, { SMTP_RETRY, 0, "lost" } },
	  true,
	  "" },
	{ "lost after the end",
	  { "220 x", "250 x", "250 ok", "250 ok", "250 ok", "354 go", ".", "250 ok", "!" },
	  "EHLO me|MAIL FROM:<a@b>|RCPT TO:<c@d>|RCPT TO:<e@f>|DATA|QUIT|",
	  { { SMTP_ACCEPTED, 250, "250 ok" }, { SMTP_ACCEPTED, 250, "250 ok" } },
	  false,
	  "250 ok" },
};

static void feed(struct smtp_dialogue *d, const char *text, struct buf *said)
{
	struct buf line = BUF_INIT(SMTP_REPLY_MAX), out = BUF_INIT(4096);
	struct smtp_reply reply;
	struct slice rest, command;

	assert_int_equal(buf_addf(&line, "%s\r\n", text), RC_OK);
	rest = buf_slice(&line);
	assert_int_equal(smtp_reply_take(&rest, &reply, NULL), RC_OK);
	smtp_dialogue_reply(d, &reply, &out);
	rest = buf_slice(&out);
	while (slice_take_line(&rest, &command))
		assert_int_equal(buf_addf(said, "%.*s|", SLICE_ARG(command)), RC_OK);
	buf_free(&line);
	buf_free(&out);
}

static void play(struct smtp_dialogue *d, const char *const *replies, struct buf *said)
{
	for (; *replies; replies++) {
		assert_true(smtp_dialogue_wait_ms(d) > 0);
		if (**replies == '!')
			smtp_dialogue_break(d, "lost");
		else if (**replies == '.')
			smtp_dialogue_dot(d);
		else
			feed(d, *replies, said);
	}
}

static void test_talks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(talks); i++) {
		struct smtp_submission s = {
			.helo = "me", .from = "a@b", .recipient_count = 2, .recipients = recipients
		};
		struct buf said = BUF_INIT(4096);
		struct smtp_dialogue d;

		print_message("   %s\n", talks[i].name);
		assert_int_equal(smtp_dialogue_init(&d, &s), RC_OK);
		play(&d, talks[i].replies, &said);
		assert_string_equal(buf_text(&said), talks[i].said);

		const struct smtp_outcome *o = smtp_dialogue_outcome(&d);
		assert_int_equal(o->count, 2);
		for (size_t r = 0; r < 2; r++) {
			assert_int_equal(o->results[r].fate, talks[i].results[r].fate);
			assert_int_equal(o->results[r].code, talks[i].results[r].code);
			assert_string_equal(o->results[r].words, talks[i].results[r].words);
		}
		assert_int_equal(o->doubtful, talks[i].doubtful);
		assert_string_equal(o->final, talks[i].final);
		smtp_dialogue_fini(&d);
		buf_free(&said);
	}
}

static const struct {
	const char *name;
	struct smtp_submission submission;
	const char *ehlo, *said, *words;
	unsigned missing;
} needs[] = {
	{ "REQUIRETLS is not there",
	  { .from = "a@b", .requiretls = true },
	  "250-x\r\n250 DSN",
	  "EHLO me|QUIT|",
	  "the server does not offer REQUIRETLS",
	  SMTP_REQUIRETLS },
	{ "two are not there",
	  { .from = "a@b", .smtputf8 = true, .required = SMTP_DSN },
	  "250-x\r\n250 SIZE 1",
	  "EHLO me|QUIT|",
	  "the server does not offer SMTPUTF8, DSN",
	  SMTP_SMTPUTF8 | SMTP_DSN },
	{ "a sender beyond ASCII",
	  { .from = "\xc3\xbc@b" },
	  "250 x",
	  "EHLO me|QUIT|",
	  "the server does not offer SMTPUTF8",
	  SMTP_SMTPUTF8 },
	{ "too large",
	  { .from = "a@b", .message = { "12345", 5 } },
	  "250-x\r\n250 SIZE 4",
	  "EHLO me|QUIT|",
	  "the message has 5 bytes, the server takes 4",
	  0 },
	{ "a sender that cannot be said",
	  { .from = "a b" },
	  NULL,
	  "",
	  "\"a b\" cannot be a sender",
	  0 },
};

static void test_what_cannot_be_had_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(needs); i++) {
		struct smtp_submission s = needs[i].submission;
		struct buf said = BUF_INIT(4096);
		struct smtp_dialogue d;

		s.helo = "me";
		s.recipient_count = 2;
		s.recipients = recipients;
		print_message("   %s\n", needs[i].name);
		assert_int_equal(smtp_dialogue_init(&d, &s), RC_OK);
		if (needs[i].ehlo) {
			feed(&d, "220 x", &said);
			feed(&d, needs[i].ehlo, &said);
		}
		assert_string_equal(buf_text(&said), needs[i].said);
		const struct smtp_outcome *o = smtp_dialogue_outcome(&d);
		assert_int_equal(o->missing, needs[i].missing);
		for (size_t r = 0; r < 2; r++) {
			assert_int_equal(o->results[r].fate, SMTP_REFUSED);
			assert_string_equal(o->results[r].words, needs[i].words);
		}
		smtp_dialogue_fini(&d);
		buf_free(&said);
	}
}

static void test_a_recipient_that_cannot_be_said_stops_no_other(void **state)
{
	(void)state;
	const struct smtp_recipient odd[] = { { "c d@e" }, { "e@f" }, { "x>@y" } };
	struct smtp_submission s = {
		.helo = "me", .from = "", .recipient_count = 3, .recipients = odd
	};
	struct buf said = BUF_INIT(4096);
	struct smtp_dialogue d;
	const char *replies[] = { "220 x",  "250 x", "250 ok", "250 ok",
				  "354 go", ".",     "250 ok", NULL };

	assert_int_equal(smtp_dialogue_init(&d, &s), RC_OK);
	play(&d, replies, &said);
	assert_string_equal(buf_text(&said), "EHLO me|MAIL FROM:<>|RCPT TO:<e@f>|DATA|QUIT|");
	const struct smtp_outcome *o = smtp_dialogue_outcome(&d);
	assert_int_equal(o->results[0].fate, SMTP_REFUSED);
	assert_int_equal(o->results[1].fate, SMTP_ACCEPTED);
	assert_int_equal(o->results[2].fate, SMTP_REFUSED);
	assert_string_equal(o->results[2].words, "\"x>@y\" cannot be a recipient");
	smtp_dialogue_fini(&d);
	buf_free(&said);
}

static void test_times(void **state)
{
	(void)state;
	struct smtp_submission s = { .helo = "me",
				     .from = "",
				     .recipient_count = 2,
				     .recipients = recipients,
				     .times = { .mail_ms = 7 } };
	struct smtp_dialogue d;
	struct buf said = BUF_INIT(4096);

	assert_int_equal(smtp_dialogue_init(&d, &s), RC_OK);
	assert_int_equal(smtp_dialogue_wait_ms(&d), 300000);
	assert_string_equal(smtp_dialogue_awaits(&d), "the greeting");
	feed(&d, "220 x", &said);
	feed(&d, "250 x", &said);
	assert_int_equal(smtp_dialogue_wait_ms(&d), 7);
	assert_string_equal(smtp_dialogue_awaits(&d), "the answer to MAIL");
	feed(&d, "250 x", &said);
	feed(&d, "250 x", &said);
	feed(&d, "250 x", &said);
	assert_int_equal(smtp_dialogue_wait_ms(&d), 120000);
	feed(&d, "354 x", &said);
	assert_int_equal(smtp_dialogue_wait_ms(&d), 180000);
	smtp_dialogue_dot(&d);
	assert_int_equal(smtp_dialogue_wait_ms(&d), 600000);
	smtp_dialogue_fini(&d);
	buf_free(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_what_cannot_be_had_is_refused),
		cmocka_unit_test(test_a_recipient_that_cannot_be_said_stops_no_other),
		cmocka_unit_test(test_times),
	};
	return cmocka_run_group_tests_name("smtp/dialogue", tests, NULL, NULL);
}
