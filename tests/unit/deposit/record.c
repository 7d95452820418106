#include "deposit/record.h"

#include "support/unit.h"

static struct slice bytes_of(const uint8_t *bytes, size_t len)
{
	return (struct slice){ (const char *)bytes, len };
}

static void test_deposit(void **state)
{
	struct deposit_record record = { .payload_bytes = 0x0102030405 }, back;
	uint8_t bytes[DEPOSIT_RECORD_BYTES];
	struct fault why = { 0 };

	(void)state;
	memset(record.digest, 0xd1, sizeof record.digest);
	memset(record.commitment, 0xc0, sizeof record.commitment);
	deposit_record_encode(&record, bytes);
	assert_int_equal(bytes[0], 1);
	assert_int_equal(bytes[1], 0xd1);
	assert_int_equal(bytes[33], 0xc0);
	assert_memory_equal(bytes + 65, "\0\0\0\1\2\3\4\5", 8);
	assert_int_equal(deposit_record_decode(bytes_of(bytes, sizeof bytes), &back, &why), RC_OK);
	assert_memory_equal(back.digest, record.digest, sizeof back.digest);
	assert_memory_equal(back.commitment, record.commitment, sizeof back.commitment);
	assert_int_equal(back.payload_bytes, record.payload_bytes);

	assert_int_equal(deposit_record_decode(SLICE(""), &back, &why), RC_INVALID);
	assert_string_equal(why.text, "deposit record is empty");
	assert_int_equal(deposit_record_decode(bytes_of(bytes, 72), &back, &why), RC_INVALID);
	assert_string_equal(why.text, "deposit record is damaged: 72 bytes, not 73");
	bytes[0] = 2;
	assert_int_equal(deposit_record_decode(bytes_of(bytes, sizeof bytes), &back, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "deposit record has version 2, this Postern knows 1");
}

static void test_recipient(void **state)
{
	struct deposit_recipient_record record = { .factor = RULES_FACTOR_PHRASE,
						   .rounds = 600000,
						   .epoch = 7 },
					back;
	uint8_t bytes[DEPOSIT_RECIPIENT_BYTES];

	(void)state;
	memset(record.link_verifier, 1, 32);
	memset(record.pickup_verifier, 2, 32);
	memset(record.wrapped_server, 3, 60);
	memset(record.wrapped_dek, 4, 60);
	memset(record.locator, 5, 32);
	deposit_recipient_encode(&record, bytes);
	assert_int_equal(deposit_recipient_decode(bytes_of(bytes, sizeof bytes), &back, NULL),
			 RC_OK);
	assert_memory_equal(&back, &record, sizeof back);
	assert_memory_equal(bytes, "\1\0\0\x09\x27\xc0\0\0\0\7\1", 11);
}

static const struct {
	const char *name;
	size_t at;
	const char *bytes;
	size_t len;
	const char *why;
} bad[] = {
	{ "an unknown factor", 1, "\3", 1, "deposit record is damaged: factor 3" },
	{ "fewer rounds than were ever used", 2, "\0\x09\x27\xbf", 4,
	  "deposit record is damaged: 599999 rounds" },
	{ "rounds for ever", 2, "\xff\xff\xff\xff", 4,
	  "deposit record is damaged: 4294967295 rounds" },
	{ "rounds without a phrase", 1, "\2", 1, "deposit record is damaged: 600000 rounds" },
	{ "another version", 0, "\0", 1, "deposit record has version 0, this Postern knows 1" },
};

static void test_bad(void **state)
{
	const struct deposit_recipient_record record = { .rounds = 600000 };
	struct deposit_recipient_record back;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint8_t bytes[DEPOSIT_RECIPIENT_BYTES];
		struct fault why = { 0 };

		print_message("   %s\n", bad[i].name);
		deposit_recipient_encode(&record, bytes);
		memcpy(bytes + bad[i].at, bad[i].bytes, bad[i].len);
		assert_int_equal(
			deposit_recipient_decode(bytes_of(bytes, sizeof bytes), &back, &why),
			RC_INVALID);
		assert_string_equal(why.text, bad[i].why);
	}
}

static void test_bound(void **state)
{
	uint8_t out[DEPOSIT_BOUND_BYTES];

	(void)state;
	deposit_bound((const uint8_t *)"0123456789abcdef", out);
	assert_memory_equal(out, "0123456789abcdef\1", 17);
}

/* Of a recipient nothing stays by which anything could be opened. */
static void test_ended(void **state)
{
	struct deposit_recipient_record record = { .factor = RULES_FACTOR_LINK, .epoch = 7 }, back;
	struct deposit_ended_record end = { .ended_s = 1795305600 }, end_back;
	uint8_t bytes[DEPOSIT_RECIPIENT_BYTES];
	struct fault why = { 0 };
	bool ended = false;

	(void)state;
	memset(record.link_verifier, 1, 32);
	memset(record.pickup_verifier, 2, 32);
	memset(record.wrapped_server, 3, 60);
	memset(record.wrapped_dek, 4, 60);
	memset(record.locator, 5, 32);
	deposit_recipient_encode(&record, bytes);
	assert_int_equal(
		deposit_recipient_decode_any(bytes_of(bytes, sizeof bytes), &back, &ended, NULL),
		RC_OK);
	assert_false(ended);
	assert_memory_equal(&back, &record, sizeof back);

	deposit_ended_recipient_encode(&record, bytes);
	const struct slice short_form = bytes_of(bytes, DEPOSIT_ENDED_RECIPIENT_BYTES);
	assert_int_equal(deposit_recipient_decode_any(short_form, &back, &ended, NULL), RC_OK);
	assert_true(ended);
	assert_int_equal(back.factor, RULES_FACTOR_LINK);
	assert_memory_equal(back.link_verifier, record.link_verifier, 32);
	assert_memory_equal(back.locator, record.locator, 32);
	assert_int_equal(back.epoch, 0);
	for (size_t i = 0; i < DEPOSIT_ENDED_RECIPIENT_BYTES; i++)
		assert_true(bytes[i] < 2 || bytes[i] == RULES_FACTOR_LINK || bytes[i] == 5);
	assert_int_equal(deposit_recipient_decode(short_form, &back, &why), RC_INVALID);
	assert_string_equal(why.text, "the deposit has ended: its keys are destroyed");
	bytes[1] = 3;
	assert_int_equal(deposit_recipient_decode_any(short_form, &back, &ended, &why), RC_INVALID);
	assert_string_equal(why.text, "deposit record is damaged: factor 3");

	memset(end.digest, 0xd1, sizeof end.digest);
	deposit_ended_encode(&end, bytes);
	assert_int_equal(
		deposit_ended_decode(bytes_of(bytes, DEPOSIT_ENDED_BYTES), &end_back, NULL), RC_OK);
	assert_memory_equal(&end, &end_back, sizeof end);
	assert_int_equal(
		deposit_ended_decode(bytes_of(bytes, DEPOSIT_ENDED_BYTES - 1), &end_back, &why),
		RC_INVALID);
	assert_string_equal(why.text, "deposit record is damaged: 40 bytes, not 41");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ended),     cmocka_unit_test(test_deposit),
		cmocka_unit_test(test_recipient), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bound),
	};
	return cmocka_run_group_tests_name("deposit/record", tests, NULL, NULL);
}
