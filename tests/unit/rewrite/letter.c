#include "rewrite/letter.h"

#include "support/spooled.h"

#define HEADER                                                                                     \
	"From: a@x\r\nMIME-Version: 1.0\r\nMessage-ID: <1@x>\r\nIn-Reply-To: <0@x>\r\n"            \
	"Postern-Require: authenticated\r\nContent-Type: multipart/mixed; boundary=b\r\nSubject: " \
	"s\r\n"
#define BODY "pre\r\n--b\r\n\r\none\r\n--b\r\nContent-Type: text/csv\r\n\r\ntwo\r\n--b--\r\n"

static struct buf letter_of(const char *head, const struct rewrite_cuts *cuts)
{
	struct buf text = BUF_INIT(4096);
	struct arena *arena = arena_new(1 << 16);
	struct rewrite_header header;
	struct splice out = { .arena = arena };

	(void)!buf_addf(&text, "%s\r\n" BODY, head);
	struct spool *raw = spooled(text.at);
	uint64_t body_at = strlen(head) + 2;
	assert_int_equal(rewrite_header_read(raw, body_at, arena, &header, NULL), RC_OK);
	struct rewrite_original original = { raw, body_at, &header, "00ff", SLICE("our.test") };
	assert_int_equal(rewrite_letter(&original, cuts, &out, NULL), RC_OK);
	struct buf letter = spliced(&out);
	arena_free(arena);
	spool_free(raw);
	buf_free(&text);
	return letter;
}

static void test_parts_stand_in_a_message_of_their_own(void **state)
{
	const struct rewrite_cut at[] = { { 0, 3, true }, { 22, 51, false } };
	const struct rewrite_cuts cuts = { false, 2, at };
	struct buf letter = letter_of(HEADER, &cuts);

	(void)state;
	assert_string_equal(
		letter.at,
		"From: a@x\r\nMessage-ID: <00ff.sealed@our.test>\r\nIn-Reply-To: <1@x>\r\n"
		"Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed;\r\n"
		" boundary=\"postern-00ff\"\r\n\r\n--postern-00ff\r\n\r\npre\r\n"
		"--postern-00ff\r\nContent-Type: text/csv\r\n\r\ntwo\r\n--postern-00ff--\r\n");
	buf_free(&letter);
}

static void test_a_whole_body_keeps_its_header(void **state)
{
	const struct rewrite_cuts cuts = { .whole = true };
	struct buf letter = letter_of(HEADER, &cuts);

	(void)state;
	assert_string_equal(
		letter.at,
		"From: a@x\r\nMIME-Version: 1.0\r\nMessage-ID: <00ff.sealed@our.test>\r\n"
		"In-Reply-To: <1@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n"
		"Subject: s\r\n\r\n" BODY);
	buf_free(&letter);
}

static void test_without_a_message_id_none_is_made(void **state)
{
	const struct rewrite_cuts cuts = { .whole = true };
	struct buf letter = letter_of("From: a@x\r\nIn-Reply-To: <0@x>\r\n", &cuts);

	(void)state;
	assert_string_equal(letter.at, "From: a@x\r\nIn-Reply-To: <0@x>\r\n\r\n" BODY);
	buf_free(&letter);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_stand_in_a_message_of_their_own),
		cmocka_unit_test(test_a_whole_body_keeps_its_header),
		cmocka_unit_test(test_without_a_message_id_none_is_made),
	};
	return cmocka_run_group_tests_name("rewrite/letter", tests, NULL, NULL);
}
