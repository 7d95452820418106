#include "crypto/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "crypto/random.h"

enum { R = CRYPTO_STREAM_RECORD, S = CRYPTO_STREAM_SEALED, HEAD = CRYPTO_STREAM_HEAD };

static struct crypto_key key;
static const struct slice bound = { "0123456789abcdef\1", 17 };

static enum rc collect(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, bytes);
}

static struct buf plain_of(size_t len)
{
	struct buf b = BUF_INIT(10 * R);
	char *space;

	assert_int_equal(buf_reserve(&b, len, &space), RC_OK);
	for (size_t i = 0; i < len; i++)
		space[i] = (char)(i * 7 + i / 253);
	buf_added(&b, len);
	return b;
}

static void push(struct crypto_stream *s, struct slice bytes, size_t step)
{
	while (bytes.len) {
		size_t n = bytes.len < step ? bytes.len : step;
		assert_int_equal(crypto_stream_add(s, (struct slice){ bytes.at, n }, NULL), RC_OK);
		bytes = (struct slice){ bytes.at + n, bytes.len - n };
	}
}

static struct buf seal(struct slice plain, size_t step)
{
	struct buf out = BUF_INIT(12 * R);
	struct crypto_stream *s = NULL;

	assert_int_equal(crypto_stream_seal(&key, bound, collect, &out, &s, NULL), RC_OK);
	push(s, plain, step);
	assert_int_equal(crypto_stream_end(s, NULL), RC_OK);
	crypto_stream_free(&s);
	return out;
}

static enum rc unseal(struct slice sealed, struct slice b, struct buf *out, struct fault *why)
{
	struct crypto_stream *s = NULL;
	enum rc rc = crypto_stream_open(&key, b, collect, out, &s, why);

	if (rc == RC_OK)
		rc = crypto_stream_add(s, sealed, why);
	if (rc == RC_OK)
		rc = crypto_stream_end(s, why);
	crypto_stream_free(&s);
	return rc;
}

static void test_roundtrip(void **state)
{
	const size_t sizes[] = { 0, 1, R - 1, R, R + 1, 2 * R, 3 * R + 17 };
	const size_t steps[] = { 1000, R, 10 * R };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
			struct buf plain = plain_of(sizes[i]);
			struct buf sealed = seal(buf_slice(&plain), steps[j]);
			struct buf out = BUF_INIT(10 * R);
			size_t records = sizes[i] ? (sizes[i] + R - 1) / R : 1;

			assert_int_equal(sealed.len, HEAD + sizes[i] + 16 * records);
			assert_int_equal(unseal(buf_slice(&sealed), bound, &out, NULL), RC_OK);
			assert_int_equal(out.len, plain.len);
			if (plain.len)
				assert_memory_equal(out.at, plain.at, plain.len);
			buf_free(&plain);
			buf_free(&sealed);
			buf_free(&out);
		}
}

static void refuse(const char *name, struct slice sealed)
{
	struct buf out = BUF_INIT(20 * R);
	struct fault why = { 0 };

	print_message("   %s\n", name);
	assert_int_equal(unseal(sealed, bound, &out, &why), RC_INVALID);
	assert_true(why.text[0]);
	buf_free(&out);
}

static void swap_records(char *at, size_t one, size_t two)
{
	static char hold[S];

	memcpy(hold, at + HEAD + one * S, S);
	memcpy(at + HEAD + one * S, at + HEAD + two * S, S);
	memcpy(at + HEAD + two * S, hold, S);
}

static void test_tampering(void **state)
{
	struct buf plain = plain_of(4 * R), sealed = seal(buf_slice(&plain), R);
	struct buf more = BUF_INIT(12 * R), out = BUF_INIT(12 * R);

	(void)state;
	assert_int_equal(sealed.len, HEAD + 4 * S);
	refuse("nothing at all", SLICE(""));
	refuse("cut in the head", (struct slice){ sealed.at, HEAD - 1 });
	refuse("head alone", (struct slice){ sealed.at, HEAD });
	refuse("the last record cut off", (struct slice){ sealed.at, HEAD + 3 * S });
	refuse("cut within a record", (struct slice){ sealed.at, HEAD + 2 * S + 100 });
	refuse("the last byte cut off", (struct slice){ sealed.at, sealed.len - 1 });

	swap_records(sealed.at, 0, 1);
	refuse("two records swapped", buf_slice(&sealed));
	swap_records(sealed.at, 0, 1);
	swap_records(sealed.at, 2, 3);
	refuse("the last record before its time", buf_slice(&sealed));
	swap_records(sealed.at, 2, 3);

	assert_int_equal(buf_add(&more, sealed.at, HEAD + S), RC_OK);
	assert_int_equal(buf_add(&more, sealed.at + HEAD, sealed.len - HEAD), RC_OK);
	refuse("a record repeated", buf_slice(&more));
	buf_clear(&more);
	assert_int_equal(buf_add(&more, sealed.at, HEAD + S), RC_OK);
	assert_int_equal(buf_add(&more, sealed.at + HEAD + 2 * S, 2 * S), RC_OK);
	refuse("a record left out", buf_slice(&more));
	buf_clear(&more);
	assert_int_equal(buf_add_slice(&more, buf_slice(&sealed)), RC_OK);
	assert_int_equal(buf_add_byte(&more, 0), RC_OK);
	refuse("a byte added", buf_slice(&more));

	assert_int_equal(unseal(buf_slice(&sealed), (struct slice){ bound.at, 16 }, &out, NULL),
			 RC_INVALID); /* another version */
	assert_int_equal(unseal(buf_slice(&sealed), bound, &out, NULL), RC_OK);
	buf_free(&plain);
	buf_free(&sealed);
	buf_free(&more);
	buf_free(&out);
}

static void test_every_flipped_bit_is_refused(void **state)
{
	struct buf plain = plain_of(90), sealed = seal(buf_slice(&plain), 90);
	struct buf out = BUF_INIT(1000);

	(void)state;
	for (size_t bit = 0; bit < sealed.len * 8; bit++) {
		sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(unseal(buf_slice(&sealed), bound, &out, NULL), RC_INVALID);
		assert_int_equal(out.len, 0);
		sealed.at[bit / 8] = (char)(sealed.at[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(unseal(buf_slice(&sealed), bound, &out, NULL), RC_OK);
	buf_free(&plain);
	buf_free(&sealed);
	buf_free(&out);
}

static enum rc refuse_all(void *arg, struct slice bytes, struct fault *why)
{
	size_t *calls = arg;

	(void)bytes;
	return ++*calls > 1 ? fault(why, RC_RETRY, "store is full: no") : RC_OK;
}

static void test_emit_fails(void **state)
{
	struct crypto_stream *s = NULL;
	struct buf plain = plain_of(R + 1);
	struct fault why = { 0 };
	size_t calls = 0;

	(void)state;
	assert_int_equal(crypto_stream_seal(&key, bound, refuse_all, &calls, &s, &why), RC_OK);
	assert_int_equal(crypto_stream_add(s, buf_slice(&plain), &why), RC_RETRY);
	assert_string_equal(why.text, "store is full: no");
	crypto_stream_free(&s);
	assert_null(s);
	buf_free(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_tampering),
		cmocka_unit_test(test_every_flipped_bit_is_refused),
		cmocka_unit_test(test_emit_fails),
	};
	if (crypto_key_make(&key, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("crypto/stream", tests, NULL, NULL);
}
