#include "pickup/compose.h"

#include "crypto/pass.h"
#include "support/pickup_site.h"
#include "support/unit.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int body_of(const char *bytes, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

struct mail { /* made, and read as the outbox reads it */
	enum rc rc;
	struct fault why;
	struct buf text;
	struct slice header, body;
	bool smtputf8;
};

static struct mail make(struct site *site, struct pickup_letter *letter)
{
	struct pickup_mail made = { .body = -1 };
	struct mail out = { .text = BUF_INIT(1 << 24) };
	char piece[777];
	size_t got;

	static const uint8_t id[STORE_ID_BYTES] = { 0xab };
	letter->id = id;
	letter->made_s = SITE_NOW;
	if (!letter->sender.len)
		letter->sender = SLICE("jane@our.example");
	if (!letter->recipient.len)
		letter->recipient = SLICE("bob@plain.test");
	out.rc = pickup_mail_make(&site->deposit, letter, SITE_NOW, &made, &out.why);
	if (out.rc != RC_OK)
		return out;
	while (pickup_mail_read(&made, piece, sizeof piece, &got) == RC_OK && got)
		assert_int_equal(buf_add(&out.text, piece, got), RC_OK);
	const char *end = strstr(buf_text(&out.text), "\r\n\r\n");
	assert_non_null(end);
	out.header = (struct slice){ out.text.at, (size_t)(end + 2 - out.text.at) };
	out.body = (struct slice){ end + 4, out.text.len - out.header.len - 2 };
	out.smtputf8 = made.smtputf8;
	pickup_mail_close(&made);
	return out;
}

static bool has(struct slice text, const char *what)
{
	return memmem(text.at, text.len, what, strlen(what)) != NULL;
}

static void a_reply_says_what_it_is(void **state)
{
	struct site *site = *state;
	static const char bytes[] = "Gr\xc3\xbc\xc3\x9f"
				    "e,\nBob\n%PDF-1.7";
	struct pickup_request parts = { .text_bytes = 13,
					.file_count = 1,
					.files = { { SLICE("offer.pdf"), 8 } } };
	struct pickup_letter letter = { .parts = &parts, .body = body_of(bytes, 21) };
	struct mail m = make(site, &letter);

	assert_int_equal(m.rc, RC_OK);
	assert_true(has(m.header, "From: \"Our Example\" <postmaster@our.example>\r\n"));
	assert_true(has(m.header, "\r\nTo: jane@our.example\r\n"));
	assert_true(has(m.header, "\r\nReply-To: bob@plain.test\r\n"));
	assert_true(has(m.header, "\r\nSubject: Secure reply from bob@plain.test\r\n"));
	assert_true(has(m.header, "\r\nAuto-Submitted: auto-generated\r\n"));
	assert_true(has(m.header, "\r\nMIME-Version: 1.0\r\n"));
	assert_true(has(m.body, "bob@plain.test replies through the portal to your protected"));
	assert_true(has(m.body, "Gr=C3=BC=C3=9Fe,\r\nBob"));
	assert_true(has(m.body, "Content-Type: application/octet-stream\r\n"));
	assert_true(has(m.body, "attachment; filename=\"offer.pdf\""));
	assert_true(has(m.body, "\r\n\r\nJVBERi0xLjc=\r\n--"));
	assert_false(m.smtputf8);
	/* No line feed of its own: the MTA would refuse it. */
	for (size_t i = 0; i < m.text.len; i++)
		if (m.text.at[i] == '\n')
			assert_true(i && m.text.at[i - 1] == '\r');
	buf_free(&m.text);
	close(letter.body);
}

/* The milter knows it by its pass, which holds for this body and this mailbox only. */
static void the_milter_knows_it(void **state)
{
	struct site *site = *state;
	struct pickup_request parts = { .text_bytes = 2 };
	struct pickup_letter letter = { .parts = &parts, .body = body_of("hi", 2) };
	struct mail m = make(site, &letter);
	const char *at = strstr(buf_text(&m.text), "Postern-Notice: ");
	struct slice value;
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	const struct slice to = SLICE("jane@our.example"), other = SLICE("eve@our.example");
	struct crypto_pass pass = { .use = "reply", .recipient_count = 1, .recipients = &to };

	assert_non_null(at);
	at += strlen("Postern-Notice: ");
	value = (struct slice){ at, (size_t)(strstr(at, "MIME-Version") - 2 - at) };
	assert_int_equal(crypto_sha256(m.body, pass.body_digest, NULL), RC_OK);
	const struct crypto_key *key = &site->keys->header;
	assert_int_equal(crypto_pass_verify(key, value, &pass, SITE_NOW, id, &m.why), RC_OK);
	pass.recipients = &other;
	assert_int_equal(crypto_pass_verify(key, value, &pass, SITE_NOW, id, NULL), RC_INVALID);
	pass.recipients = &to;
	pass.body_digest[0] ^= 1;
	assert_int_equal(crypto_pass_verify(key, value, &pass, SITE_NOW, id, NULL), RC_INVALID);
	buf_free(&m.text);
	close(letter.body);
}

/* "Path traversal through an attachment name", and whatever else a name can hold. */
static void file_names_are_names(void **state)
{
	struct site *site = *state;
	static const struct {
		const char *sentence, *name, *want;
	} rows[] = {
		{ "folders", "../../etc/passwd", "filename=\"passwd\"" },
		{ "Windows' folders", "C:\\temp\\x.exe", "filename=\"x.exe\"" },
		{ "a line end", "a\r\nBcc: eve@far.test\r\n\r\nx", "filename=" },
		{ "a quote", "a\"; filename=\"b.exe", "filename=" },
		{ "nothing", "", "filename=\"attachment\"" },
		{ "dots", "...", "filename=\"attachment\"" },
		{ "no UTF-8", "\xff\xfe", "filename=" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pickup_request parts = { .file_count = 1,
						.files = { { slice_of(rows[i].name), 1 } } };
		struct pickup_letter letter = { .parts = &parts, .body = body_of("x", 1) };
		struct mail m = make(site, &letter);
		assert_int_equal(m.rc, RC_OK);
		assert_true(has(m.body, rows[i].want));
		assert_false(has(m.body, "\r\nBcc:"));
		assert_false(has(m.body, "..%2F"));
		assert_false(has(m.body, "\"b.exe"));
		buf_free(&m.text);
		close(letter.body);
	}
}

/* Nothing in a text becomes a part, a field, or an escape sequence. */
static void a_text_stays_text(void **state)
{
	struct site *site = *state;
	static const char text[] =
		"\x1b[2J\x07--x\r\nContent-Type: text/html\r\n\r\n<script>\x7f\r.\rz\xff";
	struct pickup_request parts = { .text_bytes = sizeof text - 1 };
	struct pickup_letter letter = { .parts = &parts, .body = body_of(text, sizeof text - 1) };
	struct mail m = make(site, &letter);

	assert_int_equal(m.rc, RC_OK);
	assert_null(memchr(m.text.at, 0x1b, m.text.len));
	assert_false(has(m.text.len ? buf_slice(&m.text) : SLICE(""), "=1B"));
	assert_false(has(m.body, "=07"));
	assert_true(has(m.body, "=EF=BF=BD")); /* what is no UTF-8 */
	size_t parts_seen = 0;
	for (const char *at = m.body.at; (at = strstr(at, "\r\nContent-Transfer")); at++)
		parts_seen++;
	assert_int_equal(parts_seen, 1);
	buf_free(&m.text);
	close(letter.body);
}

static void a_body_that_is_not_as_it_says_is_refused(void **state)
{
	struct site *site = *state;
	struct pickup_request parts = { .text_bytes = 3,
					.file_count = 1,
					.files = { { SLICE("a"), 5 } } };
	int ends[2];
	struct pickup_letter letter = { .parts = &parts, .body = -1 };
	struct mail m = make(site, &letter);

	assert_int_equal(m.rc, RC_INVALID);
	assert_string_equal(m.why.text, "a reply has no body");
	assert_int_equal(pipe(ends), 0); /* would be waited for */
	letter.body = ends[0];
	m = make(site, &letter);
	assert_int_equal(m.rc, RC_INVALID);
	for (size_t len = 0; len < 12; len++) {
		letter.body = body_of("123456789012", len);
		m = make(site, &letter);
		assert_int_equal(m.rc, len == 8 ? RC_OK : RC_INVALID);
		buf_free(&m.text);
		close(letter.body);
	}
	parts = (struct pickup_request){ .text_bytes = PICKUP_TEXT_MAX + 1 };
	letter.body = body_of("", 0);
	assert_int_equal(ftruncate(letter.body, PICKUP_TEXT_MAX + 1), 0);
	m = make(site, &letter);
	assert_int_equal(m.rc, RC_LIMIT);
	close(letter.body);
	close(ends[0]);
	close(ends[1]);
}

static void many_files_and_long_ones(void **state)
{
	struct site *site = *state;
	enum { LEN = 300001 };
	struct pickup_request parts = { .file_count = PICKUP_FILES_MAX };
	struct pickup_letter letter = { .parts = &parts, .body = body_of("", 0) };

	for (size_t i = 0; i < PICKUP_FILES_MAX; i++)
		parts.files[i] = (struct pickup_file){ SLICE("\xe2\x82\xac.bin"), LEN };
	assert_int_equal(ftruncate(letter.body, PICKUP_FILES_MAX * LEN), 0);
	struct mail m = make(site, &letter);
	assert_int_equal(m.rc, RC_OK);
	assert_true(m.text.len > PICKUP_FILES_MAX * (LEN / 3 * 4));
	assert_true(has(m.body, "filename*=UTF-8''%E2%82%AC.bin"));
	buf_free(&m.text);
	close(letter.body);
}

static void addresses_beyond_ascii_need_smtputf8(void **state)
{
	struct site *site = *state;
	struct pickup_request parts = { .text_bytes = 1 };
	struct pickup_letter letter = { .parts = &parts,
					.recipient = SLICE("b\xc3\xb6"
							   "b@plain.test"),
					.body = body_of("x", 1) };
	struct mail m = make(site, &letter);

	assert_int_equal(m.rc, RC_OK);
	assert_true(m.smtputf8);
	buf_free(&m.text);
	close(letter.body);
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(a_reply_says_what_it_is),
		AT_SITE(the_milter_knows_it),
		AT_SITE(file_names_are_names),
		AT_SITE(a_text_stays_text),
		AT_SITE(a_body_that_is_not_as_it_says_is_refused),
		AT_SITE(many_files_and_long_ones),
		AT_SITE(addresses_beyond_ascii_need_smtputf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
