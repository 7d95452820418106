#include "pickup/wire.h"

#include "support/unit.h"

#include <stdlib.h>

static struct pickup_request question(enum pickup_verb verb)
{
	struct pickup_request q = {
		.serial = 0xfffffffe,
		.verb = verb,
		.mode = PICKUP_SERVER,
		.client = SLICE("2001:db8::192.0.2.7"),
		.agent = SLICE("Mozilla/5.0 \xff"),
		.language = SLICE("de-CH"),
		.code = SLICE("12345678"),
		.action = PICKUP_EXTEND,
		.text_bytes = 5,
		.file_count = 2,
		.files = { { SLICE("a.pdf"), 1000 }, { SLICE(""), 0 } },
	};

	memset(q.id, 1, sizeof q.id);
	memset(q.ticket, 2, sizeof q.ticket);
	memset(q.tag, 4, sizeof q.tag);
	memset(q.proof, 3, sizeof q.proof);
	return q;
}

static struct pickup_reply answer(enum pickup_verb verb, enum pickup_result result)
{
	struct pickup_reply a = {
		.serial = 7,
		.verb = verb,
		.result = result,
		.wait_s = 300,
		.state = PICKUP_SENT_ON,
		.ended_s = 1795312345,
		.factor = RULES_FACTOR_CODE,
		.independent = true,
		.rounds = 600000,
		.address = SLICE("bob@plain.test"),
		.sender = SLICE("jane@our.example"),
		.made_s = 1795000000,
		.until_s = 1796000000,
		.payload_bytes = (uint64_t)1 << 33,
		.blob_bytes = 12345,
		.number = 99,
		.acknowledged_s = 1795300000,
		.factor_wait_s = 8,
		.may_reply = true,
		.reply_bytes = 26214400,
		.sent_to = SLICE("…42"),
		.code_until_s = 1795000600,
		.scan = { true, SLICE("ClamAV 1.4"), SLICE("OK"), 1795000001 },
		.proof = SLICE("{\"version\":1}"),
		.outcome = PICKUP_TRIED_OUT,
		.extended_s = 1797000000,
		.party_count = 2,
		.parties_in_all = 30,
		.parties = { { SLICE("bob@plain.test"), 4 }, { SLICE("ann@plain.test"), 0 } },
	};

	memset(a.public_key, 1, sizeof a.public_key);
	memset(a.id, 2, sizeof a.id);
	memset(a.ticket, 3, sizeof a.ticket);
	memset(a.digest, 4, sizeof a.digest);
	memset(a.server, 5, sizeof a.server);
	memset(a.wrapped_dek, 6, sizeof a.wrapped_dek);
	memset(a.commitment, 7, sizeof a.commitment);
	return a;
}

/* Each verb's question is read as it was written, at its own length only, and holds no field
 * that is another verb's. */
static void each_question_is_read_back(void **state)
{
	(void)state;
	struct buf one = BUF_INIT(PICKUP_WIRE_MAX), two = BUF_INIT(PICKUP_WIRE_MAX);
	struct fault why;

	for (unsigned verb = 0; verb < PICKUP_VERBS; verb++) {
		struct pickup_request q = question((enum pickup_verb)verb), read;
		buf_clear(&one);
		buf_clear(&two);
		assert_int_equal(pickup_request_encode(&q, &one, &why), RC_OK);
		assert_int_equal(pickup_request_decode(buf_slice(&one), &read, &why), RC_OK);
		assert_int_equal(read.serial, q.serial);
		assert_int_equal(read.verb, verb);
		assert_int_equal(read.mode, PICKUP_SERVER);
		assert_true(slice_is(read.client, "2001:db8::192.0.2.7"));
		assert_true(slice_is(read.language, "de-CH"));
		assert_int_equal(read.id[15], verb > PICKUP_LOCATE);
		bool ticketed = verb >= PICKUP_CODE && verb <= PICKUP_REPLY;
		assert_int_equal(read.ticket[31], ticketed ? 2 : 0);
		assert_int_equal(read.file_count, verb == PICKUP_REPLY ? 2 : 0);
		bool coded = verb == PICKUP_FACTOR || verb == PICKUP_HANDLE;
		assert_int_equal(read.code.len, coded ? 8 : 0);
		assert_int_equal(pickup_request_encode(&read, &two, &why), RC_OK);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.at, two.at, one.len);
		for (size_t len = 0; len < one.len; len++)
			assert_int_equal(
				pickup_request_decode((struct slice){ one.at, len }, &read, &why),
				RC_INVALID);
		assert_int_equal(buf_add_byte(&one, 0), RC_OK);
		assert_int_equal(pickup_request_decode(buf_slice(&one), &read, &why), RC_INVALID);
		assert_string_equal(why.text, "question to the keeper: something follows it");
	}
	buf_free(&one);
	buf_free(&two);
}

static void each_answer_is_read_back(void **state)
{
	(void)state;
	struct buf one = BUF_SECRET(PICKUP_WIRE_MAX), two = BUF_SECRET(PICKUP_WIRE_MAX);
	struct fault why;

	for (unsigned i = 0; i < PICKUP_VERBS * PICKUP_RESULTS; i++) {
		enum pickup_result result = (enum pickup_result)(i % PICKUP_RESULTS);
		struct pickup_reply a = answer((enum pickup_verb)(i / PICKUP_RESULTS), result);
		struct pickup_reply read;
		buf_clear(&one);
		buf_clear(&two);
		assert_int_equal(pickup_reply_encode(&a, &one, &why), RC_OK);
		assert_int_equal(pickup_reply_decode(buf_slice(&one), &read, &why), RC_OK);
		assert_int_equal(read.serial, 7);
		assert_int_equal(read.wait_s, 300);
		assert_int_equal(pickup_reply_encode(&read, &two, &why), RC_OK);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.at, two.at, one.len);
		bool keys = a.verb == PICKUP_FACTOR && result == PICKUP_OK;
		assert_int_equal(read.server[0], keys ? 5 : 0);
		assert_int_equal(read.ended_s != 0,
				 result == PICKUP_ENDED ||
					 (result == PICKUP_OK &&
					  (a.verb == PICKUP_PROVE || a.verb == PICKUP_HANDLE)));
		for (size_t len = 0; len < one.len; len++)
			assert_int_equal(
				pickup_reply_decode((struct slice){ one.at, len }, &read, &why),
				RC_INVALID);
	}
	buf_wipe(&one);
	buf_wipe(&two);
}

/* What a taken-over worker might put into a question. */
static void questions_out_of_bounds_are_refused(void **state)
{
	(void)state;
	char *long_text = malloc(2000);
	struct buf out = BUF_INIT(PICKUP_WIRE_MAX);
	struct fault why;
	struct pickup_request rows[9];
	static const char *const words[] = {
		"the client is not an address",
		"a text is too long",
		"the language is none",
		"the code is not of digits",
		"a text is too long",
		"a text is too long",
		"there are too many files",
		"the reply is too long",
		"a value is none of those that there are",
	};

	memset(long_text, '1', 2000);
	for (size_t i = 0; i < COUNT(rows); i++)
		rows[i] = question(i < 6 ? PICKUP_FACTOR : PICKUP_REPLY);
	rows[0].client = SLICE("evil\n192.0.2.1");
	rows[1].client = (struct slice){ long_text, PICKUP_CLIENT_MAX + 1 };
	rows[2].language = SLICE("de;rm");
	rows[3].code = SLICE("1234 678");
	rows[4].code = (struct slice){ long_text, PICKUP_CODE_MAX + 1 };
	rows[5].agent = (struct slice){ long_text, PICKUP_AGENT_MAX + 1 };
	rows[6].file_count = PICKUP_FILES_MAX + 1;
	rows[7].files[0].bytes = PICKUP_REPLY_BYTES_MAX;
	rows[8].verb = PICKUP_VERBS;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault expected;
		buf_clear(&out);
		(void)!fault(&expected, RC_INVALID, "question to the keeper: %s", words[i]);
		/* The file count is read before the files are: it must not be written. */
		size_t count = rows[i].file_count;
		assert_int_equal(pickup_request_encode(&rows[i], &out, &why), RC_INVALID);
		assert_string_equal(why.text, expected.text);
		if (count <= PICKUP_FILES_MAX) /* and the same when the bytes are there */
			assert_int_equal(pickup_request_decode(buf_slice(&out), &rows[i], &why),
					 RC_INVALID);
	}
	buf_free(&out);
	free(long_text);
}

/* The longest that each side may say fits one message. */
static void the_longest_messages_fit(void **state)
{
	(void)state;
	char *text = malloc(PICKUP_PROOF_FILE_MAX);
	struct buf out = BUF_INIT(PICKUP_WIRE_MAX);
	struct pickup_request q = question(PICKUP_REPLY);
	struct pickup_reply a = answer(PICKUP_HANDLE, PICKUP_OK);
	struct fault why;

	memset(text, '1', PICKUP_PROOF_FILE_MAX);
	q.agent = (struct slice){ text, PICKUP_AGENT_MAX };
	q.client = (struct slice){ text, PICKUP_CLIENT_MAX };
	q.language = (struct slice){ text, PICKUP_LANGUAGE_MAX };
	q.file_count = PICKUP_FILES_MAX;
	for (size_t i = 0; i < q.file_count; i++)
		q.files[i] = (struct pickup_file){ { text, PICKUP_FILE_NAME_MAX }, 1 };
	assert_int_equal(pickup_request_encode(&q, &out, &why), RC_OK);
	a.sender = (struct slice){ text, PICKUP_ADDRESS_MAX };
	a.party_count = PICKUP_PARTIES_MAX;
	for (size_t i = 0; i < a.party_count; i++)
		a.parties[i] = (struct pickup_party){ { text, PICKUP_ADDRESS_MAX }, 4 };
	buf_clear(&out);
	assert_int_equal(pickup_reply_encode(&a, &out, &why), RC_OK);
	a = answer(PICKUP_ACKNOWLEDGE, PICKUP_OK);
	a.proof = (struct slice){ text, PICKUP_PROOF_FILE_MAX };
	buf_clear(&out);
	assert_int_equal(pickup_reply_encode(&a, &out, &why), RC_OK);
	buf_free(&out);
	free(text);
}

static void verbs_have_names(void **state)
{
	(void)state;
	for (unsigned verb = 0; verb < PICKUP_VERBS; verb++)
		assert_string_not_equal(pickup_verb_name((enum pickup_verb)verb), "unknown");
	assert_string_equal(pickup_verb_name(PICKUP_PROVE), "prove");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_is_read_back),
		cmocka_unit_test(each_answer_is_read_back),
		cmocka_unit_test(questions_out_of_bounds_are_refused),
		cmocka_unit_test(the_longest_messages_fit),
		cmocka_unit_test(verbs_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
