#include "outbox/row.h"

#include "support/unit.h"

static const struct outbox_recipient recipients[] = {
	{ .address = { "c@d.test", 8 }, .notify = 12, .orcpt = { "rfc822;x@d.test", 15 } },
	{ .address = { "e@f.test", 8 } },
};

static struct outbox_row specimen(void)
{
	struct outbox_row row = {
		.mail = { .kind = OUTBOX_HANDBACK,
			  .from = SLICE("a@b.test"),
			  .recipient_count = 2,
			  .recipients = recipients,
			  .ret = MAIL_RET_HDRS,
			  .envid = SLICE("QQ1"),
			  .smtputf8 = true,
			  .requiretls = true,
			  .queue_id = SLICE("3XkF2"),
			  .message_id = SLICE("<1@b.test>") },
		.words = SLICE("451 4.3.0 later"),
		.has_key = true,
		.told = true,
	};

	for (size_t i = 0; i < sizeof row.sealed_key; i++)
		row.sealed_key[i] = (uint8_t)i;
	return row;
}

static void same(struct slice a, struct slice b)
{
	assert_int_equal(a.len, b.len);
	if (a.len)
		assert_memory_equal(a.at, b.at, a.len);
}

static void test_what_is_encoded_is_decoded(void **state)
{
	struct outbox_row row = specimen(), back;
	struct arena *arena = arena_new(1 << 16);
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(outbox_row_encode(&row, &out), RC_OK);
	assert_int_equal(outbox_row_decode(buf_slice(&out), arena, &back, NULL), RC_OK);
	assert_int_equal(back.mail.kind, OUTBOX_HANDBACK);
	assert_int_equal(back.mail.ret, MAIL_RET_HDRS);
	same(back.mail.from, row.mail.from);
	same(back.mail.envid, row.mail.envid);
	same(back.mail.queue_id, row.mail.queue_id);
	same(back.mail.message_id, row.mail.message_id);
	same(back.words, row.words);
	assert_true(back.mail.smtputf8 && back.mail.requiretls && !back.mail.eightbit);
	assert_true(back.has_key);
	assert_true(back.told);
	assert_memory_equal(back.sealed_key, row.sealed_key, sizeof row.sealed_key);
	assert_int_equal(back.mail.recipient_count, 2);
	same(back.mail.recipients[0].address, recipients[0].address);
	same(back.mail.recipients[0].orcpt, recipients[0].orcpt);
	assert_int_equal(back.mail.recipients[0].notify, 12);
	same(back.mail.recipients[1].address, recipients[1].address);
	assert_int_equal(back.mail.recipients[1].notify, 0);
	buf_free(&out);
	arena_free(arena);
}

static void test_the_least_there_can_be(void **state)
{
	struct outbox_row row = { .mail = { .recipient_count = 1, .recipients = &recipients[1] } };
	struct arena *arena = arena_new(1 << 16);
	struct buf out = BUF_INIT(1 << 16);
	struct outbox_row back;

	(void)state;
	assert_int_equal(outbox_row_encode(&row, &out), RC_OK);
	assert_int_equal(outbox_row_decode(buf_slice(&out), arena, &back, NULL), RC_OK);
	assert_int_equal(back.mail.from.len, 0);
	assert_false(back.has_key);
	assert_false(back.told);
	buf_free(&out);
	arena_free(arena);
}

static void test_every_cut_is_damage(void **state)
{
	struct outbox_row row = specimen(), back;
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	row.mail.recipient_count = 1;
	assert_int_equal(outbox_row_encode(&row, &out), RC_OK);
	for (size_t len = 0; len < out.len; len++) {
		struct arena *arena = arena_new(1 << 16);
		struct fault why = { 0 };
		enum rc rc = outbox_row_decode((struct slice){ out.at, len }, arena, &back, &why);
		/* Cut behind the recipient's address or its first field it is still whole. */
		bool whole = len == out.len - 20 || len == out.len - 20 - 6;
		assert_int_equal(rc, whole ? RC_OK : RC_INVALID);
		assert_int_equal(why.text[0] == '\0', whole);
		arena_free(arena);
	}
	buf_free(&out);
}

#define S(literal) literal, sizeof(literal) - 1

static const struct {
	const char *name, *record;
	size_t len;
	enum rc rc;
} rows[] = {
	{ "the least", S("PO1t\0\0\0\1x"), RC_OK },
	{ "a field of a newer Postern is passed over", S("PO1z\0\0\0\1?t\0\0\0\1x"), RC_OK },
	{ "another form", S("PO2t\0\0\0\1x"), RC_INVALID },
	{ "no recipient", S("PO1f\0\0\0\1x"), RC_INVALID },
	{ "an empty recipient", S("PO1t\0\0\0\0"), RC_INVALID },
	{ "a line end in a recipient", S("PO1t\0\0\0\3x\r\n"), RC_INVALID },
	{ "a line end in the sender", S("PO1f\0\0\0\1\nt\0\0\0\1x"), RC_INVALID },
	{ "a kind that is none", S("PO1k\0\0\0\1\x09t\0\0\0\1x"), RC_INVALID },
	{ "a key of another size", S("PO1K\0\0\0\1kt\0\0\0\1x"), RC_INVALID },
	{ "told that it is late", S("PO1l\0\0\0\1\1t\0\0\0\1x"), RC_OK },
	{ "told in a way that is none", S("PO1l\0\0\0\1\2t\0\0\0\1x"), RC_INVALID },
	{ "told in two bytes", S("PO1l\0\0\0\2\1\1t\0\0\0\1x"), RC_INVALID },
	{ "a length past the end", S("PO1t\xff\xff\xff\xffx"), RC_INVALID },
};

static void test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct outbox_row back;

		print_message("   %s\n", rows[i].name);
		assert_int_equal(outbox_row_decode((struct slice){ rows[i].record, rows[i].len },
						   arena, &back, NULL),
				 rows[i].rc);
		arena_free(arena);
	}
}

static void test_long_words_are_cut(void **state)
{
	static char words[5000];
	struct outbox_row row = specimen(), back;
	struct arena *arena = arena_new(1 << 16);
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	memset(words, 'w', sizeof words);
	row.words = (struct slice){ words, sizeof words };
	assert_int_equal(outbox_row_encode(&row, &out), RC_OK);
	assert_int_equal(outbox_row_decode(buf_slice(&out), arena, &back, NULL), RC_OK);
	assert_int_equal(back.words.len, 1024);
	buf_free(&out);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_encoded_is_decoded),
		cmocka_unit_test(test_the_least_there_can_be),
		cmocka_unit_test(test_every_cut_is_damage),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_long_words_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
