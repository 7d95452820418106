#include "deposit/letter.h"

#include "crypto/random.h"
#include "deposit/link.h"
#include "deposit/notice.h"
#include "deposit/proof.h"
#include "deposit/report.h"
#include "support/unit.h"

#include "support/deposits.h"

#include <ctype.h>

enum { NOW = 1795305600, TEXT_MAX = 20000 };

#define ID ((const uint8_t *)"0123456789abcdef")
#define DIGEST ((const uint8_t *)"0123456789abcdef0123456789abcdef")
#define ID_HEX "30313233343536373839616263646566"

static struct crypto_keys keys;
static struct deposit_site site = {
	.keys = &keys,
	.portal_url = "https://secure.our.example",
	.organisation = "Our Example",
	.report_from = "",
	.help = "Questions: +49 30 1234.",
};

static const struct slice people[] = { { "b@plain.test", 12 }, { "c@plain.test", 12 } };
static struct buf proof;

static struct deposit_letter letter_of(enum deposit_letter_kind kind)
{
	return (struct deposit_letter){
		.kind = kind,
		.id = ID,
		.sender = SLICE("a@our.example"),
		.made_s = NOW - 86400,
		.until_s = NOW + 13 * 86400,
		.recipient_count = kind == DEPOSIT_RECEIPT || kind == DEPOSIT_ALERT ? 1 : 2,
		.recipients = people,
		.seen = { NOW, SLICE("192.0.2.7"), SLICE("Firefox on Windows"), false },
		.before = { NOW - 60, SLICE("2001:db8::7"), SLICE(""), true },
		.digest = kind == DEPOSIT_RECEIPT ? DIGEST : NULL,
		.proof = kind == DEPOSIT_RECEIPT ? buf_slice(&proof) : SLICE(""),
		.how = STORE_DEPOSIT_REVOKED,
		.by = "sender",
	};
}

static const char *format(const struct deposit_letter *letter)
{
	static char text[TEXT_MAX];
	struct buf out = BUF_INIT(TEXT_MAX - 1);
	struct fault why = { 0 };
	bool smtputf8 = true;

	if (deposit_letter_format(&site, letter, SLICE("<1@secure.our.example>"), NOW, &out,
				  &smtputf8, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_false(smtputf8);
	snprintf(text, sizeof text, "%s", buf_text(&out));
	buf_free(&out);
	return text;
}

static void assert_has(const char *text, const char *const *wanted)
{
	for (; *wanted; wanted++)
		if (!strstr(text, *wanted))
			fail_msg("lacks \"%s\":\n%s", *wanted, text);
}

static void test_receipt(void **state)
{
	const struct deposit_letter letter = letter_of(DEPOSIT_RECEIPT);
	const char *text = format(&letter);

	(void)state;
	const char *const wanted[] = {
		"From: \"Our Example\" <postmaster@our.example>\r\nTo: a@our.example\r\n"
		"Date: Sun, 22 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@secure.our.example>\r\n"
		"Subject: Your protected message was opened\r\nAuto-Submitted: auto-generated\r\n"
		"Postern-Notice: report ",
		"\r\nContent-Type: text/plain; charset=us-ascii\r\n",
		"\r\nb@plain.test has opened your message of\r\nSat, 21 Nov 2026 00:00:00 "
		"+0000:\r\n",
		"when    Sun, 22 Nov 2026 00:00:00 +0000\r\n",
		"from    192.0.2.7, Firefox on Windows\r\n",
		"digest  3031323334353637383961626364656630313233343536373839616263646566\r\n",
		ID_HEX,
		NULL,
	};
	assert_has(text, wanted);
	/* The proof's lines are still the proof. */
	struct deposit_proof_file file;
	const char *start = strstr(text, "{\"version\"");
	assert_non_null(start);
	const char *end = strstr(start, "}\r\n");
	assert_non_null(end);
	uint8_t pub[CRYPTO_PUBLIC_BYTES];
	assert_int_equal(crypto_sign_public(&keys.site, pub, NULL), RC_OK);
	assert_int_equal(
		deposit_proof_read((struct slice){ start, (size_t)(end + 1 - start) }, &file, NULL),
		RC_OK);
	assert_int_equal(deposit_proof_verify(&file, pub, NULL), RC_OK);
	deposit_proof_close(&file);
}

static void test_alert(void **state)
{
	const struct deposit_letter letter = letter_of(DEPOSIT_ALERT);
	char number[DEPOSIT_NUMBER_TEXT];

	(void)state;
	assert_int_equal(deposit_link_number(&keys, ID, number, NULL), RC_OK);
	const char *const wanted[] = {
		"Subject: Your protected message was opened from a second place\r\n",
		"for b@plain.test was\r\n",
		"    before  Sat, 21 Nov 2026 23:59:00 +0000\r\n            2001:db8::7 (without "
		"JavaScript: opened by the portal's server)\r\n",
		"    now     Sun, 22 Nov 2026 00:00:00 +0000\r\n            192.0.2.7, Firefox on "
		"Windows\r\n",
		"take the message back",
		"\r\nhttps://secure.our.example/s/" ID_HEX "/",
		number,
		NULL,
	};
	assert_has(format(&letter), wanted);
}

static void test_warning(void **state)
{
	const struct deposit_letter letter = letter_of(DEPOSIT_WARNING);
	const char *const wanted[] = {
		"Subject: Your protected message has not been opened yet\r\n",
		"\r\n  b@plain.test\r\n  c@plain.test\r\n",
		"Call them.",
		"secure.our.example and no other",
		"kept until Sat, 05 Dec 2026 00:00:00 +0000",
		"\r\nhttps://secure.our.example/s/" ID_HEX "/",
		NULL,
	};

	(void)state;
	assert_has(format(&letter), wanted);
}

static void test_ended(void **state)
{
	static const struct {
		enum store_deposit_state how;
		const char *by, *wanted[4];
	} rows[] = {
		{ STORE_DEPOSIT_REVOKED,
		  "sender",
		  { "was taken back with the link that only you have.",
		    "\r\nThese had fetched it before", "\r\n  c@plain.test\r\n" } },
		{ STORE_DEPOSIT_REVOKED,
		  "operator",
		  { "taken back by the administrators of Our Example." } },
		{ STORE_DEPOSIT_EXPIRED, "time", { "not opened in time", "send it again" } },
		{ STORE_DEPOSIT_SENT_ON,
		  "upgrade",
		  { "delivered by ordinary secured mail", "  b@plain.test\r\n" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct deposit_letter letter = letter_of(DEPOSIT_ENDED);
		letter.how = rows[i].how;
		letter.by = rows[i].by;
		letter.opened = people + 1;
		letter.opened_count = i == 0;
		const char *text = format(&letter);
		assert_has(text, rows[i].wanted);
		assert_int_equal(strstr(text, "had fetched it before") != NULL, i == 0);
	}
}

/* ---- what no mail of ours may do ---- */

/* A message with content of its own in all places where content is. */
#define HEADER                                                                                     \
	"From: Alice <a@our.example>\r\nTo: b@plain.test\r\nCc: c@plain.test\r\n"                  \
	"Subject: Befund Zwerchfellbruch Kowalczyk\r\nThread-Topic: Zwerchfellbruch\r\n"           \
	"Keywords: Kowalczyk\r\nX-Label: streng vertraulich\r\n"                                   \
	"Date: Sun, 22 Nov 2026 01:00:00 +0100\r\nMessage-ID: <orig@our.example>\r\n"
#define CONTENT                                                                                    \
	"Befund Zwerchfellbruch Kowalczyk\r\nZwerchfellbruch\r\nstreng vertraulich\r\n"            \
	"Sehr geehrte Frau Doktor, anbei der Befund. Hiatushernie, 4 cm, IBAN\r\n"                 \
	"GB29NWBKXYZQVJ, Roentgenbild-LWS.dcm, 48213 Bytes\r\n"

struct mail {
	const char *name;
	struct buf text;
};
enum { MAILS = 9 };

static void make_mails(struct mail mails[MAILS])
{
	static const enum deposit_letter_kind kinds[] = { DEPOSIT_RECEIPT, DEPOSIT_ALERT,
							  DEPOSIT_WARNING, DEPOSIT_ENDED,
							  DEPOSIT_ENDED,   DEPOSIT_ENDED };
	static const enum rules_factor factors[] = { RULES_FACTOR_PHRASE, RULES_FACTOR_LINK };
	const struct deposit_report_line lines[] = {
		{ people[0], RULES_FACTOR_PHRASE, SLICE("rule \"diagnoses\"; no proven TLS") },
	};
	const struct deposit_report report = {
		.id = ID,
		.sender = SLICE("a@our.example"),
		.line_count = 1,
		.lines = lines,
		.phrase = SLICE("kadim botan rilos fanit"),
		.header = SLICE(HEADER),
		.message_id = SLICE("<2@secure.our.example>"),
		.until_s = NOW + 86400,
	};
	bool smtputf8;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(factors); i++, n++) {
		const struct deposit_notice notice = {
			.id = ID,
			.sender = SLICE("a@our.example"),
			.to = people[0],
			.link = DIGEST,
			.factor = factors[i],
			.digest = DIGEST,
			.header = SLICE(HEADER),
			.message_id = SLICE("<3@secure.our.example>"),
			.until_s = NOW + 86400,
		};
		mails[n] = (struct mail){ "notice", BUF_INIT(TEXT_MAX) };
		assert_int_equal(
			deposit_notice_format(&site, &notice, NOW, &mails[n].text, &smtputf8, NULL),
			RC_OK);
	}
	mails[n] = (struct mail){ "report", BUF_INIT(TEXT_MAX) };
	assert_int_equal(
		deposit_report_format(&site, &report, NOW, &mails[n++].text, &smtputf8, NULL),
		RC_OK);
	for (size_t i = 0; i < COUNT(kinds); i++, n++) {
		struct deposit_letter letter = letter_of(kinds[i]);
		letter.how = i < 4    ? STORE_DEPOSIT_REVOKED
			     : i == 4 ? STORE_DEPOSIT_EXPIRED
				      : STORE_DEPOSIT_SENT_ON;
		mails[n] = (struct mail){ "letter", BUF_INIT(TEXT_MAX) };
		assert_int_equal(deposit_letter_format(&site, &letter,
						       SLICE("<4@secure.our.example>"), NOW,
						       &mails[n].text, &smtputf8, NULL),
				 RC_OK);
	}
	assert_int_equal(n, MAILS);
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

/* Not eight letters in a row of what was written are in any mail about it: in no field, and
 * in no line that a list of messages or a lock screen shows. */
static void test_a_preview_shows_the_content(void **state)
{
	enum { GRAM = 8 };
	struct mail mails[MAILS];
	char content[] = CONTENT, gram[GRAM + 1] = "";

	(void)state;
	lower(content);
	make_mails(mails);
	for (size_t m = 0; m < MAILS; m++) {
		lower(mails[m].text.at);
		for (size_t i = 0; content[i + GRAM - 1]; i++) {
			memcpy(gram, content + i, GRAM);
			if (strstr(gram, "\r\n"))
				continue;
			if (strstr(mails[m].text.at, gram))
				fail_msg("\"%s\" in a %s", gram, mails[m].name);
		}
		buf_free(&mails[m].text);
	}
}

static unsigned count(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* Plain text, one address and that of our own host, no picture, no form, no question for a
 * secret, no haste. */
static void test_trains_people_to_be_phished(void **state)
{
	static const char *const never[] = {
		"<html",        "<form",        "<img",
		"<a ",          "click",        "urgent",
		"immediately",  "act now",      "log in",
		"login",        "sign in",      "your account",
		"verify your",  "confirm your", "suspended",
		"multipart",    "text/html",    "content-disposition",
		"http://",      "www.",         "password:",
		"limited time", "expires soon",
	};
	struct mail mails[MAILS];

	(void)state;
	make_mails(mails);
	for (size_t m = 0; m < MAILS; m++) {
		char *text = mails[m].text.at;
		lower(text);
		for (size_t i = 0; i < COUNT(never); i++)
			if (strstr(text, never[i]))
				fail_msg("\"%s\" in a %s:\n%s", never[i], mails[m].name, text);
		assert_true(count(text, "://") <= 1);
		assert_int_equal(count(text, "://"), count(text, "https://secure.our.example"));
		assert_int_equal(count(text, "\r\nsubject: "), 1);
		assert_int_equal(count(text, "\r\ncontent-type: text/plain"), 1);
		if (strcmp(mails[m].name, "notice") == 0) {
			/* From the sender, in the thread, and it can be done without the link. */
			assert_non_null(strstr(text, "from: alice <a@our.example>\r\n"));
			assert_int_equal(count(text, "://"), 1);
			assert_non_null(strstr(text, "    secure.our.example\r\n"));
			assert_non_null(strstr(text, "will never be asked for a password"));
			assert_non_null(strstr(text, "questions: +49 30 1234."));
		}
		buf_free(&mails[m].text);
	}
}

/* The milter takes a pass once for each id and recipient: no two mails to a sender share one. */
static void test_each_letter_has_a_pass_of_its_own(void **state)
{
	struct mail mails[MAILS];
	char ids[MAILS][33];
	size_t n = 0;

	(void)state;
	make_mails(mails);
	for (size_t m = 0; m < MAILS; m++) {
		const char *at = strstr(buf_text(&mails[m].text), "\r\nPostern-Notice: report ");
		if (at)
			memcpy(ids[n++], at + 25, 33);
		buf_free(&mails[m].text);
	}
	assert_int_equal(n, MAILS - 2);
	for (size_t i = 0; i < n; i++)
		for (size_t other = 0; other < i; other++)
			assert_memory_not_equal(ids[i], ids[other], 32);
}

static void test_seal(void **state)
{
	static struct deposits d;
	CLEANUP(outbox_drop) struct outbox_item *item = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct deposit_letter letter = letter_of(DEPOSIT_ALERT);

	(void)state;
	assert_true(deposits_open(&d));
	assert_int_equal(deposit_letter_seal(&d.site, &letter, NOW, &item, NULL), RC_OK);
	assert_int_equal(store_begin(d.site.store, &tx, NULL), RC_OK);
	assert_int_equal(outbox_add(tx, item, NOW, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	outbox_keep(&item);
	assert_int_equal(deposits_outbox(&d), 1);
	letter.sender = SLICE("a\r\nBcc: x@y.test");
	assert_int_equal(deposit_letter_seal(&d.site, &letter, NOW, &item, NULL), RC_INVALID);
	assert_int_equal(deposits_outbox(&d), 1);
	deposits_close(&d);
}

static void make_proof(void)
{
	const struct deposit_proof facts = {
		.id = { 1, 2, 3 },
		.sender = SLICE("a@our.example"),
		.recipient = SLICE("b@plain.test"),
		.made_s = NOW - 86400,
		.picked_up_s = NOW,
		.factor = RULES_FACTOR_PHRASE,
		.organisation = SLICE("Our Example, \"the\" one"),
		.portal = SLICE("https://secure.our.example"),
	};

	proof = BUF_INIT(DEPOSIT_PROOF_MAX);
	assert_int_equal(deposit_proof_make(&facts, &keys.site, &proof, NULL), RC_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_receipt),
		cmocka_unit_test(test_alert),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_a_preview_shows_the_content),
		cmocka_unit_test(test_trains_people_to_be_phished),
		cmocka_unit_test(test_each_letter_has_a_pass_of_its_own),
		cmocka_unit_test(test_seal),
	};
	if (crypto_key_make(&keys.header, NULL) != RC_OK ||
	    crypto_key_make(&keys.site, NULL) != RC_OK ||
	    crypto_key_make(&keys.verifier, NULL) != RC_OK)
		return 1;
	make_proof();
	int failed = cmocka_run_group_tests_name("deposit/letter", tests, NULL, NULL);
	buf_free(&proof);
	return failed;
}
