#include "deposit/seal.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "support/unit.h"

static struct crypto_key dek;
static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef";

static enum rc collect(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, bytes);
}

static struct buf seal(struct slice message, struct deposit_record *record)
{
	struct deposit_source source = deposit_source_bytes(&message);
	struct buf out = BUF_INIT(4 << 20);
	struct fault why = { 0 };

	if (deposit_seal(&source, &dek, id, collect, &out, record, &why) != RC_OK)
		fail_msg("%s", why.text);
	return out;
}

static enum rc unseal(struct slice blob, const struct deposit_record *record,
		      const struct crypto_key *key, const uint8_t *which, struct buf *out,
		      struct fault *why)
{
	CLEANUP(deposit_unseal_free) struct deposit_unseal *u = NULL;
	enum rc rc = deposit_unseal_start(record, key, which, collect, out, &u, why);

	for (size_t at = 0; rc == RC_OK && at < blob.len; at += 5000) {
		size_t n = blob.len - at < 5000 ? blob.len - at : 5000;
		rc = deposit_unseal_add(u, (struct slice){ blob.at + at, n }, why);
	}
	return rc == RC_OK ? deposit_unseal_end(u, why) : rc;
}

static void test_roundtrip(void **state)
{
	const size_t sizes[] = { 0, 1, 16344, 16345, 65496, 65497, 300000, 1000000 };
	static char message[1000000];

	(void)state;
	for (size_t i = 0; i < sizeof message; i++)
		message[i] = (char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct deposit_record record;
		struct buf out = BUF_INIT(1 << 20);
		struct buf blob = seal((struct slice){ message, sizes[i] }, &record);
		uint64_t records = (record.payload_bytes + 65535) / 65536;

		assert_int_equal(blob.len, 12 + record.payload_bytes + 16 * records);
		assert_int_equal(unseal(buf_slice(&blob), &record, &dek, id, &out, NULL), RC_OK);
		assert_int_equal(out.len, sizes[i]);
		if (sizes[i])
			assert_memory_equal(out.at, message, sizes[i]);
		buf_free(&out);
		buf_free(&blob);
	}
}

static void test_buckets(void **state)
{
	const struct {
		uint64_t len, bucket;
	} rows[] = {
		{ 40, 16384 },    { 16384, 16384 },     { 16385, 18432 },       { 32768, 32768 },
		{ 32769, 36864 }, { 1000000, 1048576 }, { 50000000, 50331648 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(deposit_bucket(rows[i].len), rows[i].bucket);
	for (uint64_t len = 1; len < 1000000; len = len * 9 / 8 + 1) {
		uint64_t bucket = deposit_bucket(len);
		assert_true(bucket >= len);
		assert_true(len <= 16384 || bucket <= len + len / 8 + 1);
		assert_int_equal(deposit_bucket(bucket), bucket);
	}
}

static void test_length_tells_little(void **state)
{
	struct deposit_record a, b;
	struct buf one = seal(SLICE("yes"), &a), two = seal(SLICE("certainly not"), &b);

	(void)state;
	assert_int_equal(one.len, two.len);
	buf_free(&one);
	buf_free(&two);
}

static void test_digest_is_salted(void **state)
{
	struct deposit_record a, b;
	struct buf one = seal(SLICE("yes"), &a), two = seal(SLICE("yes"), &b);
	uint8_t bare[CRYPTO_HASH_BYTES];

	(void)state;
	assert_memory_not_equal(a.digest, b.digest, sizeof a.digest);
	assert_int_equal(crypto_sha256(SLICE("yes"), bare, NULL), RC_OK);
	assert_memory_not_equal(a.digest, bare, sizeof bare);
	/* The commitment is to the key, and the key is the same. */
	assert_memory_equal(a.commitment, b.commitment, sizeof a.commitment);
	buf_free(&one);
	buf_free(&two);
}

static void test_the_salt_can_be_shown(void **state)
{
	CLEANUP(deposit_unseal_free) struct deposit_unseal *u = NULL;
	struct deposit_record record;
	struct buf blob = seal(SLICE("yes"), &record), out = BUF_INIT(100);
	uint8_t digest[CRYPTO_HASH_BYTES];

	(void)state;
	assert_int_equal(deposit_unseal_start(&record, &dek, id, collect, &out, &u, NULL), RC_OK);
	assert_int_equal(deposit_unseal_size(u), 0);
	assert_int_equal(deposit_unseal_add(u, buf_slice(&blob), NULL), RC_OK);
	assert_int_equal(deposit_unseal_end(u, NULL), RC_OK);
	assert_int_equal(deposit_unseal_size(u), 3);
	buf_clear(&out);
	(void)buf_add(&out, deposit_unseal_salt(u), DEPOSIT_SALT_BYTES);
	(void)buf_add_text(&out, "yes");
	assert_int_equal(crypto_sha256(buf_slice(&out), digest, NULL), RC_OK);
	assert_memory_equal(digest, record.digest, sizeof digest);
	buf_free(&blob);
	buf_free(&out);
}

static void refuse(const char *name, struct slice blob, const struct deposit_record *record,
		   const struct crypto_key *key, const uint8_t *which, const char *expected)
{
	struct buf out = BUF_INIT(1 << 20);
	struct fault why = { 0 };

	if (name)
		print_message("   %s\n", name);
	assert_int_equal(unseal(blob, record, key, which, &out, &why), RC_INVALID);
	if (expected)
		assert_string_equal(why.text, expected);
	buf_free(&out);
}

static void test_every_change_is_refused(void **state)
{
	struct deposit_record record, other;
	struct buf blob = seal(SLICE("a message\r\n"), &record);
	struct slice bytes = buf_slice(&blob);
	struct crypto_key another = dek;

	(void)state;
	another.bytes[31] ^= 1;
	refuse("another key", bytes, &record, &another, id,
	       "the key is not the one that sealed the deposit");
	refuse("another deposit's id", bytes, &record, &dek, (const uint8_t *)"0123456789abcdeF",
	       "the key is not the one that sealed the deposit");
	refuse("cut short", (struct slice){ bytes.at, bytes.len - 1 }, &record, &dek, id, NULL);
	refuse("no blob", SLICE(""), &record, &dek, id, "stream is cut short");

	for (size_t bit = 0; bit < 8 * sizeof record.digest; bit += 5) {
		other = record;
		other.digest[bit / 8] = (uint8_t)(other.digest[bit / 8] ^ 1 << bit % 8);
		refuse(NULL, bytes, &other, &dek, id,
		       "the message is not the one that the notice names");
		other = record;
		other.commitment[bit / 8] = (uint8_t)(other.commitment[bit / 8] ^ 1 << bit % 8);
		refuse(NULL, bytes, &other, &dek, id,
		       "the key is not the one that sealed the deposit");
	}
	other = record;
	other.payload_bytes *= 2;
	refuse("another length", bytes, &other, &dek, id, "the deposit's lengths do not agree");
	/* A sample of the blob's bits: its seal is crypto/stream's affair. */
	for (size_t bit = 3; bit < 8 * blob.len; bit += 1001) {
		blob.at[bit / 8] = (char)(blob.at[bit / 8] ^ 1 << bit % 8);
		refuse(NULL, bytes, &record, &dek, id, NULL);
		blob.at[bit / 8] = (char)(blob.at[bit / 8] ^ 1 << bit % 8);
	}
	buf_free(&blob);
}

static enum rc refuse_second(void *arg, struct slice bytes, struct fault *why)
{
	unsigned *calls = arg;

	(void)bytes;
	return ++*calls == 2 ? fault(why, RC_RETRY, "store is full: cannot write") : RC_OK;
}

static void test_failures_come_through(void **state)
{
	struct slice message = SLICE("x");
	struct deposit_source source = deposit_source_bytes(&message);
	struct deposit_record record = { .payload_bytes = 77 };
	struct fault why = { 0 };
	unsigned calls = 0;

	(void)state;
	assert_int_equal(deposit_seal(&source, &dek, id, refuse_second, &calls, &record, &why),
			 RC_RETRY);
	assert_string_equal(why.text, "store is full: cannot write");
	assert_int_equal(record.payload_bytes, 77); /* untouched */
	source.size = (uint64_t)STORE_BLOB_MAX;
	assert_int_equal(deposit_seal(&source, &dek, id, refuse_second, &calls, &record, &why),
			 RC_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roundtrip),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_length_tells_little),
		cmocka_unit_test(test_digest_is_salted),
		cmocka_unit_test(test_the_salt_can_be_shown),
		cmocka_unit_test(test_every_change_is_refused),
		cmocka_unit_test(test_failures_come_through),
	};
	if (crypto_key_make(&dek, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/seal", tests, NULL, NULL);
}
