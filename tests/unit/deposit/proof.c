#include "deposit/proof.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "support/unit.h"

static const struct crypto_key site = { "a seed of 32 bytes for Ed25519 x" };
static const struct slice original = { "Subject: x\r\n\r\noriginal\r\n", 24 };
static const struct deposit_scan scan = { "ClamAV 1.0.7", "clean", 1795312345 };
static uint8_t salt[DEPOSIT_PROOF_SALT_BYTES];

static struct deposit_proof example(void)
{
	struct deposit_proof proof = {
		.sender = SLICE("a@our.example"),
		.recipient = SLICE("\"b \\\" c\"@plain.test"),
		.made_s = 1795312345,
		.picked_up_s = 1795398745,
		.factor = RULES_FACTOR_PHRASE,
		.independent = true,
		.scan = &scan,
		.organisation = SLICE("Our \xc3\x89xample \xe2\x80\xae"),
		.portal = SLICE("https://secure.our.example"),
	};
	char bytes[DEPOSIT_PROOF_SALT_BYTES + 24];

	memset(salt, 0x51, sizeof salt);
	memcpy(bytes, salt, sizeof salt);
	memcpy(bytes + sizeof salt, original.at, original.len);
	memset(proof.id, 0x6f, sizeof proof.id);
	assert_int_equal(crypto_sha256((struct slice){ bytes, sizeof bytes }, proof.digest, NULL),
			 RC_OK);
	return proof;
}

/* A file with its salt, for buf_free(). */
static struct buf file_of(const struct deposit_proof *proof)
{
	struct buf plain = BUF_INIT(DEPOSIT_PROOF_MAX), out = BUF_INIT(DEPOSIT_PROOF_MAX);
	struct fault why = { 0 };

	if (deposit_proof_make(proof, &site, &plain, &why) != RC_OK ||
	    deposit_proof_add_salt(buf_slice(&plain), salt, &out, &why) != RC_OK)
		fail_msg("%s", why.text);
	buf_free(&plain);
	return out;
}

static void public_key(uint8_t out[CRYPTO_PUBLIC_BYTES])
{
	assert_int_equal(crypto_sign_public(&site, out, NULL), RC_OK);
}

/* The words of the header and of postern-deposit(5). */
static void test_the_file_as_documented(void **state)
{
	static const char head[] =
		"{\"version\":1,\"deposit\":\"6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f6f\",\"digest\":\"";
	static const char rest[] =
		"\",\"sender\":\"a@our.example\",\"recipient\":\"\\\"b \\\\\\\" c\\\"@plain.test\","
		"\"made\":\"2026-11-22T01:52:25Z\",\"picked_up\":\"2026-11-23T01:52:25Z\","
		"\"factor\":\"phrase\",\"independent\":true,\"mode\":\"browser\","
		"\"scan\":{\"engine\":\"ClamAV 1.0.7\",\"result\":\"clean\","
		"\"date\":\"2026-11-22T01:52:25Z\"},\"organisation\":\"Our \xc3\x89xample "
		"\\u202e\",\"portal\":\"https://secure.our.example\"";
	struct deposit_proof proof = example();
	struct buf made = BUF_INIT(DEPOSIT_PROOF_MAX), bytes = BUF_INIT(DEPOSIT_PROOF_MAX);
	uint8_t pub[CRYPTO_PUBLIC_BYTES], signature[CRYPTO_SIGNATURE_BYTES];
	char hex[2 * CRYPTO_HASH_BYTES + 1];

	(void)state;
	public_key(pub);
	assert_int_equal(deposit_proof_make(&proof, &site, &made, NULL), RC_OK);
	(void)buf_addf(&bytes, "postern-proof-1\n%s%s%s}", head,
		       hex_format(proof.digest, sizeof proof.digest, hex), rest);
	assert_memory_equal(made.at, bytes.at + 16, bytes.len - 17);
	const char *at = strstr(made.at, "\"signature\":\"");
	assert_non_null(at);
	assert_true(hex_parse((struct slice){ at + 13, 128 }, signature, sizeof signature));
	assert_int_equal(crypto_sign_verify(pub, buf_slice(&bytes), signature, NULL), RC_OK);
	buf_free(&made);
	buf_free(&bytes);
}

static void test_genuine(void **state)
{
	CLEANUP(deposit_proof_close) struct deposit_proof_file file = { .salted = false };
	struct deposit_proof proof = example();
	struct buf text = file_of(&proof);
	struct deposit_source message = deposit_source_bytes(&original);
	uint8_t pub[CRYPTO_PUBLIC_BYTES];
	struct fault why = { 0 };

	(void)state;
	public_key(pub);
	assert_int_equal(deposit_proof_read(buf_slice(&text), &file, &why), RC_OK);
	assert_memory_equal(file.key, pub, sizeof pub);
	assert_int_equal(deposit_proof_verify(&file, pub, &why), RC_OK);
	assert_int_equal(deposit_proof_covers(&file, &message, &why), RC_OK);
	assert_memory_equal(file.proof.id, proof.id, sizeof proof.id);
	assert_int_equal(file.proof.picked_up_s, proof.picked_up_s);
	assert_string_equal(file.proof.scan->engine, "ClamAV 1.0.7");
	assert_true(slice_is(file.proof.recipient, "\"b \\\" c\"@plain.test"));
	buf_free(&text);
}

static void test_each_member_is_signed(void **state)
{
	static const struct {
		const char *name, *from, *to;
	} changes[] = {
		{ "another deposit", "6f6f\",\"digest", "6f6e\",\"digest" },
		{ "another sender", "a@our", "x@our" },
		{ "another recipient", "@plain.test", "@plane.test" },
		{ "made at another time", "22T01:52:25Z\",\"picked", "22T01:52:26Z\",\"picked" },
		{ "picked up at another time", "23T01", "23T03" },
		{ "another factor", "\"phrase\"", "\"code\"" },
		{ "no longer independent", "true", "false" },
		{ "another mode", "browser", "server" },
		{ "another engine", "1.0.7", "1.0.8" },
		{ "another result", "clean", "dirty" },
		{ "scanned at another time", "25Z\"},", "24Z\"}," },
		{ "another organisation", "Our ", "You " },
		{ "another portal", "secure.our", "secure.your" },
		{ "another signature", "\"signature\":\"", NULL },
	};
	struct deposit_proof proof = example();
	struct buf text = file_of(&proof);
	uint8_t pub[CRYPTO_PUBLIC_BYTES];

	(void)state;
	public_key(pub);
	for (size_t i = 0; i < COUNT(changes); i++) {
		CLEANUP(deposit_proof_close) struct deposit_proof_file file = { .salted = false };
		struct buf changed = BUF_INIT(DEPOSIT_PROOF_MAX);
		const char *at = strstr(text.at, changes[i].from);
		const char *to = changes[i].to ? changes[i].to : changes[i].from;
		struct fault why = { 0 };

		print_message("   %s\n", changes[i].name);
		assert_non_null(at);
		(void)buf_addf(&changed, "%.*s%s%s", (int)(at - text.at), text.at, to,
			       at + strlen(changes[i].from));
		if (!changes[i].to) /* one digit of it */
			changed.at[changed.len - 4] =
				changed.at[changed.len - 4] == '0' ? '1' : '0';
		assert_int_equal(deposit_proof_read(buf_slice(&changed), &file, &why), RC_OK);
		assert_int_equal(deposit_proof_verify(&file, pub, &why), RC_INVALID);
		assert_string_equal(why.text,
				    "the signature is not this key's, or the proof was changed");
		buf_free(&changed);
	}
	buf_free(&text);
}

static void test_another_message_or_key(void **state)
{
	CLEANUP(deposit_proof_close) struct deposit_proof_file file = { .salted = false };
	CLEANUP(deposit_proof_close) struct deposit_proof_file bare = { .salted = false };
	const struct slice other = { "Subject: x\r\n\r\noriginaL\r\n", 24 };
	const struct slice longer = { "Subject: x\r\n\r\noriginal\r\n\n", 25 };
	struct deposit_source message = deposit_source_bytes(&other);
	struct deposit_proof proof = example();
	struct buf text = file_of(&proof), plain = BUF_INIT(DEPOSIT_PROOF_MAX);
	uint8_t pub[CRYPTO_PUBLIC_BYTES] = { 1 };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_proof_read(buf_slice(&text), &file, &why), RC_OK);
	assert_int_equal(deposit_proof_verify(&file, pub, &why), RC_INVALID);
	assert_int_equal(deposit_proof_covers(&file, &message, &why), RC_INVALID);
	assert_string_equal(why.text, "the message is not the one that the proof names");
	message = deposit_source_bytes(&longer);
	assert_int_equal(deposit_proof_covers(&file, &message, &why), RC_INVALID);

	message = deposit_source_bytes(&original);
	assert_int_equal(deposit_proof_make(&proof, &site, &plain, NULL), RC_OK);
	assert_int_equal(deposit_proof_read(buf_slice(&plain), &bare, &why), RC_OK);
	assert_int_equal(deposit_proof_covers(&bare, &message, &why), RC_ABSENT);
	assert_string_equal(why.text, "the proof has no salt");
	assert_int_equal(deposit_proof_add_salt(buf_slice(&text), salt, &plain, &why), RC_INVALID);
	assert_string_equal(why.text, "the proof has its salt already");
	buf_free(&plain);
	buf_free(&text);
}

static void test_as_others_write_json(void **state)
{
	CLEANUP(deposit_proof_close) struct deposit_proof_file file = { .salted = false };
	struct deposit_proof proof = example();
	struct buf text, spaced = BUF_INIT(DEPOSIT_PROOF_MAX);
	uint8_t pub[CRYPTO_PUBLIC_BYTES];

	(void)state;
	proof.scan = NULL;
	text = file_of(&proof);
	public_key(pub);
	/* The first member last, a member of another name, blanks, and an escape more. */
	(void)buf_addf(&spaced, "{\n \"ours\": [1] %.*s,\n \"version\": 1}\n",
		       (int)(text.len - 2 - 12), text.at + 12);
	char *at = strstr(spaced.at, "a@our");
	size_t before = (size_t)(at - spaced.at);
	struct buf escaped = BUF_INIT(DEPOSIT_PROOF_MAX);
	(void)buf_addf(&escaped, "%.*s\\u0061%s", (int)before, spaced.at, at + 1);
	assert_int_equal(deposit_proof_read(buf_slice(&escaped), &file, NULL), RC_OK);
	assert_int_equal(deposit_proof_verify(&file, pub, NULL), RC_OK);
	assert_null(file.proof.scan);
	buf_free(&text);
	buf_free(&spaced);
	buf_free(&escaped);
}

static void test_refused(void **state)
{
	static const struct {
		const char *name, *from, *to, *why;
	} rows[] = {
		{ "another version", "\"version\":1", "\"version\":2", "\"version\"" },
		{ "a digest cut", "\"digest\":\"", "\"digest\":\"0", "\"digest\"" },
		{ "a factor of no name", "\"phrase\"", "\"guess\"", "\"factor\"" },
		{ "a mode of no name", "\"browser\"", "\"telex\"", "\"mode\"" },
		{ "a time with an offset", "25Z\",\"picked", "25+00:00\",\"picked", "\"made\"" },
		{ "independent in words", "true", "\"true\"", "\"independent\"" },
		{ "no signature", "\"signature\"", "\"signatur\"", "\"signature\"" },
		{ "a scan that is a text", "\"scan\":{\"engine\":\"ClamAV 1.0.7\",",
		  "\"scan\":{\"engine\":7,", "\"engine\"" },
		{ "a member twice", "\"mode\"", "\"sender\":\"x\",\"mode\"",
		  "duplicate object key" },
		{ "no JSON", "{\"version", "{\"version\\", "not JSON" },
	};
	struct deposit_proof proof = example();
	struct buf text = file_of(&proof);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct deposit_proof_file file = { .salted = true };
		struct buf bad = BUF_INIT(DEPOSIT_PROOF_MAX);
		const char *at = strstr(text.at, rows[i].from);
		struct fault why = { 0 };

		print_message("   %s\n", rows[i].name);
		assert_non_null(at);
		(void)buf_addf(&bad, "%.*s%s%s", (int)(at - text.at), text.at, rows[i].to,
			       at + strlen(rows[i].from));
		assert_int_equal(deposit_proof_read(buf_slice(&bad), &file, &why), RC_INVALID);
		if (!strstr(why.text, rows[i].why))
			fail_msg("%s", why.text);
		assert_true(file.salted && !file.tree);
		buf_free(&bad);
	}
	buf_free(&text);
}

static void test_too_long(void **state)
{
	static char many[DEPOSIT_PROOF_MAX + 1];
	struct deposit_proof_file file = { .salted = true };
	struct deposit_proof proof = example();
	struct buf small = BUF_INIT(300);
	struct fault why = { 0 };

	(void)state;
	memset(many, ' ', sizeof many);
	assert_int_equal(deposit_proof_read((struct slice){ many, sizeof many }, &file, &why),
			 RC_LIMIT);
	assert_string_equal(why.text, "a proof of 16385 bytes is longer than 16384");
	assert_int_equal(deposit_proof_make(&proof, &site, &small, &why), RC_LIMIT);
	assert_string_equal(why.text, "no room for a proof");
	buf_free(&small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_file_as_documented),
		cmocka_unit_test(test_genuine),
		cmocka_unit_test(test_each_member_is_signed),
		cmocka_unit_test(test_another_message_or_key),
		cmocka_unit_test(test_as_others_write_json),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_long),
	};
	return cmocka_run_group_tests_name("deposit/proof", tests, NULL, NULL);
}
