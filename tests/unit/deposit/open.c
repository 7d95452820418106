#include "deposit/open.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "deposit/life.h"
#include "deposit/share.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <fcntl.h>
#include <unistd.h>

enum { NOW = 1795305600, UNTIL = NOW + 100 };

/* SLICE() is no constant to gcc 12. */
#define TEXT(literal)                                                                              \
	{                                                                                          \
		"" literal, sizeof(literal) - 1                                                    \
	}

static struct scratch scratch;
static struct store *store;
static struct crypto_keys keys;
static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef";
static struct slice message = TEXT("Subject: x\r\n\r\nthe original\r\n\r\nto the byte\n");

static const struct {
	struct slice address, phrase;
	enum rules_factor factor;
} parties[] = {
	{ TEXT("b@plain.test"), TEXT("kadim botan rilos fanit"), RULES_FACTOR_PHRASE },
	{ TEXT("c@plain.test"), TEXT(""), RULES_FACTOR_LINK },
};
static char codes[2][CRYPTO_CODE_TEXT];

static enum rc write_blob(void *arg, struct slice bytes, struct fault *why)
{
	return store_blob_write(arg, bytes, why);
}

static void add_recipient(struct store_tx *tx, const struct crypto_key *dek, uint32_t i)
{
	const struct deposit_party party = { id, parties[i].address, parties[i].phrase };
	struct deposit_recipient_record record;
	uint8_t link[CRYPTO_CODE_BYTES], encoded[DEPOSIT_RECIPIENT_BYTES];
	struct store_recipient row = { .number = i,
				       .address = parties[i].address,
				       .record = { (const char *)encoded, sizeof encoded } };

	assert_int_equal(
		deposit_share_make(&party, parties[i].factor, &keys, dek, link, &record, NULL),
		RC_OK);
	deposit_recipient_encode(&record, encoded);
	memcpy(row.deposit, id, sizeof row.deposit);
	assert_int_equal(store_recipient_add(tx, &row, NULL), RC_OK);
	crypto_code_format(link, true, codes[i]);
}

static void put_deposit(void)
{
	const struct deposit_source source = deposit_source_bytes(&message);
	struct crypto_key dek;
	struct store_blob *blob = NULL;
	struct store_tx *tx = NULL;
	struct deposit_record record;
	uint8_t encoded[DEPOSIT_RECORD_BYTES];
	struct store_deposit row = { .until_s = UNTIL,
				     .record = { (const char *)encoded, sizeof encoded } };

	assert_int_equal(crypto_key_make(&dek, NULL), RC_OK);
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
	assert_int_equal(deposit_seal(&source, &dek, id, write_blob, blob, &record, NULL), RC_OK);
	assert_int_equal(store_blob_keep(&blob, NULL), RC_OK);
	deposit_record_encode(&record, encoded);
	memcpy(row.id, id, sizeof row.id);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_deposit_add(tx, &row, NULL), RC_OK);
	add_recipient(tx, &dek, 0);
	add_recipient(tx, &dek, 1);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static int set_up(void **state)
{
	(void)state;
	if (!scratch_make(&scratch) ||
	    store_open(scratch_path(&scratch, "state"), &store, NULL) != RC_OK)
		return -1;
	put_deposit();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static enum rc collect(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	return buf_add_slice(arg, bytes);
}

static struct deposit_visit visit(size_t i)
{
	return (struct deposit_visit){ .id = id,
				       .code = { codes[i], strlen(codes[i]) },
				       .phrase = parties[i].phrase };
}

static enum rc open_at(const struct deposit_visit *v, int64_t now_s, struct fault *why)
{
	struct buf out = BUF_INIT(10000);
	enum rc rc = deposit_open(store, &keys, v, now_s, collect, &out, why);

	if (rc == RC_OK) {
		assert_int_equal(out.len, message.len);
		assert_memory_equal(out.at, message.at, message.len);
	}
	buf_free(&out);
	return rc;
}

static void assert_opens(const char *name, const struct deposit_visit *v)
{
	struct fault why = { 0 };

	print_message("   %s\n", name);
	if (open_at(v, NOW, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void refuse(const char *name, const struct deposit_visit *v, enum rc rc, const char *words)
{
	struct fault why = { 0 };

	print_message("   %s\n", name);
	assert_int_equal(open_at(v, NOW, &why), rc);
	assert_string_equal(why.text, words);
}

static void test_opens(void **state)
{
	struct deposit_visit v = visit(0);

	(void)state;
	assert_opens("with code and phrase", &v);
	v.phrase = SLICE("  Kadim  BOTAN rilos\tfanit\r\n");
	assert_opens("with the phrase as people type it", &v);
	v.address = SLICE("B@Plain.test");
	assert_opens("with the address named", &v);
	v = visit(1);
	assert_opens("without a phrase where none is", &v);
}

static void test_refuses(void **state)
{
	struct deposit_visit v = visit(0);

	(void)state;
	v.phrase = SLICE("kadim botan rilos fanik");
	refuse("another phrase", &v, RC_INVALID, "phrase is wrong");
	v.phrase = SLICE("");
	refuse("no phrase", &v, RC_INVALID, "a phrase is needed");
	v = visit(0);
	v.code = SLICE("008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81");
	refuse("another code", &v, RC_INVALID, "code is wrong");
	v.code = SLICE("008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW82");
	refuse("a mistyped code", &v, RC_INVALID, "code is mistyped: its checksum does not agree");
	v = visit(0);
	v.address = parties[1].address;
	refuse("one's code with another's address", &v, RC_INVALID, "code is wrong");
	v.address = SLICE("d@plain.test");
	refuse("an address that is none of its", &v, RC_INVALID,
	       "the deposit has no such recipient");
	v = visit(1);
	v.phrase = parties[0].phrase;
	refuse("a phrase too many", &v, RC_INVALID, "no phrase belongs to this deposit");
	v = visit(0);
	v.id = (const uint8_t *)"0123456789abcdeF";
	refuse("an unknown deposit", &v, RC_ABSENT, "there is no such deposit");
}

static void test_over(void **state)
{
	struct outbox *outbox = NULL;
	struct deposit_site site = { .keys = &keys, .store = store, .portal_url = "https://x" };
	const struct deposit_life life = { .site = &site };
	const struct deposit_ending revoked = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };
	struct deposit_visit v = visit(0);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(outbox_open(store, &keys.outbox, &outbox, NULL), RC_OK);
	site.outbox = outbox;
	assert_int_equal(open_at(&v, UNTIL - 1, &why), RC_OK);
	assert_int_equal(open_at(&v, UNTIL, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit has expired");
	assert_int_equal(deposit_end(&life, id, &revoked, NOW, NULL), RC_OK);
	refuse("revoked", &v, RC_ABSENT, "the deposit was revoked");
	outbox_close(outbox);
}

/* The blob with a bit changed; read by the interface and written anew. */
static void damage(off_t at)
{
	static char bytes[1 << 16];
	struct store_blob *blob = NULL;
	int fd = -1;

	assert_int_equal(store_blob_open(store, STORE_BLOBS, id, &fd, NULL), RC_OK);
	ssize_t len = read(fd, bytes, sizeof bytes);
	close(fd);
	assert_true(len > at);
	bytes[at] ^= 4;
	assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, NULL), RC_OK);
	assert_int_equal(store_blob_new(store, STORE_BLOBS, id, &blob, NULL), RC_OK);
	assert_int_equal(store_blob_write(blob, (struct slice){ bytes, (size_t)len }, NULL), RC_OK);
	assert_int_equal(store_blob_keep(&blob, NULL), RC_OK);
}

static void test_damaged_blob(void **state)
{
	struct deposit_visit v = visit(1);
	struct fault why = { 0 };

	(void)state;
	for (off_t at = 0; at < 16396; at += 1283) {
		damage(at);
		assert_int_equal(open_at(&v, NOW, &why), RC_INVALID);
		damage(at);
	}
	assert_int_equal(open_at(&v, NOW, &why), RC_OK);
	assert_int_equal(store_blob_remove(store, STORE_BLOBS, id, NULL), RC_OK);
	assert_int_equal(open_at(&v, NOW, &why), RC_ABSENT);
}

/* Each bit of what the store has on a recipient is covered by one seal or other. */
static bool keep_record(void *arg, const struct store_recipient *recipient)
{
	if (recipient->number == 1)
		memcpy(arg, recipient->record.at, DEPOSIT_RECIPIENT_BYTES);
	return true;
}

static void test_damaged_record(void **state)
{
	struct deposit_visit v = visit(1);
	uint8_t record[DEPOSIT_RECIPIENT_BYTES];
	struct store_recipient row = { .number = 1,
				       .record = { (const char *)record, sizeof record } };
	struct store_tx *tx = NULL;

	(void)state;
	memcpy(row.deposit, id, sizeof row.deposit);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(store_recipients(tx, id, keep_record, record, NULL), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
	/* The locator, at the end, only finds. */
	for (size_t bit = 0; bit < 8 * (sizeof record - CRYPTO_HASH_BYTES); bit += 13) {
		/* Between the two factors without a phrase nothing but the page differs. */
		if (bit / 8 == 1)
			continue;
		record[bit / 8] = (uint8_t)(record[bit / 8] ^ 1 << bit % 8);
		assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
		assert_int_equal(store_recipient_set(tx, &row, NULL), RC_OK);
		assert_int_equal(store_commit(&tx, NULL), RC_OK);
		assert_int_not_equal(open_at(&v, NOW, NULL), RC_OK);
		record[bit / 8] = (uint8_t)(record[bit / 8] ^ 1 << bit % 8);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_opens),        TEST(test_refuses),        TEST(test_over),
		TEST(test_damaged_blob), TEST(test_damaged_record),
	};
	keys.epoch_count = 1;
	keys.epochs[0].number = 1;
	if (crypto_key_make(&keys.verifier, NULL) != RC_OK ||
	    crypto_key_make(&keys.epochs[0].key, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/open", tests, NULL, NULL);
}
