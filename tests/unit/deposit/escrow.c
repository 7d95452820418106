#include "deposit/escrow.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "deposit/seal.h"
#include "support/officers.h"
#include "support/scratch.h"

static struct scratch scratch;
static struct person legal, board, deputy;
static struct crypto_officer *keys[3]; /* legal's, board's, the board's deputy's */
static const uint8_t id[STORE_ID_BYTES] = "0123456789abcdef";
static const uint8_t other[STORE_ID_BYTES] = "fedcba9876543210";
static const struct crypto_key dek = { { 1, 2, 3 } };
static int64_t now_s;

static const char *save(const char *name, const struct person *people, size_t count)
{
	struct buf pem = BUF_INIT(CRYPTO_GROUP_PEM_MAX);
	static char paths[4][400];
	static unsigned next;
	char *path = paths[next++ % 4];

	for (size_t i = 0; i < count; i++)
		(void)buf_add_slice(&pem, pem_of(people[i].certificate));
	strcpy(path, scratch_path(&scratch, name));
	assert_int_equal(file_replace(path, buf_slice(&pem), 0600, NULL), RC_OK);
	buf_free(&pem);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	legal = person(EVP_RSA_gen(2048), "Legal", NULL, NULL);
	board = person(EVP_EC_gen("P-256"), "Board", NULL, NULL);
	deputy = person(EVP_EC_gen("P-384"), "Deputy", NULL, NULL);
	now_s = time(NULL);
	if (!scratch_make(&scratch))
		return -1;
	const struct person *people[] = { &legal, &board, &deputy };
	for (size_t i = 0; i < 3; i++)
		if (crypto_officer_read(pem_of(people[i]->secret), SLICE(""), &keys[i], NULL) !=
		    RC_OK)
			return -1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		crypto_officer_free(&keys[i]);
	person_end(&legal);
	person_end(&board);
	person_end(&deputy);
	scratch_remove(&scratch);
	return 0;
}

static struct deposit_officers *officers(void)
{
	const struct person both[] = { board, deputy };
	const char *files[] = { save("legal.pem", &legal, 1), save("board.pem", both, 2) };
	struct deposit_officers *out = NULL;
	struct fault why = { 0 };

	if (deposit_officers_read(files, 2, now_s, &out, &why) != RC_OK)
		fail_msg("%s", why.text);
	return out;
}

static struct deposit_record record_of(const uint8_t *whose)
{
	struct deposit_record record = { .payload_bytes = 16384 };

	assert_int_equal(deposit_commit(&dek, whose, record.commitment, NULL), RC_OK);
	return record;
}

static enum rc join(const struct deposit_shares *shares, struct crypto_officer *const *with,
		    size_t count, const uint8_t *whose, struct fault *why)
{
	const struct deposit_record record = record_of(whose);
	struct crypto_key out = { { 9 } };
	enum rc rc = deposit_escrow_join(shares, with, count, whose, &record, &out, why);

	if (rc == RC_OK)
		assert_memory_equal(&out, &dek, sizeof out);
	else
		assert_int_equal(out.bytes[0], 9);
	return rc;
}

static void test_one_of_each_group_opens(void **state)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *o = officers();
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 };
	struct crypto_officer *const deputised[] = { keys[2], keys[0] };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_escrow_split(o, id, &dek, &shares, NULL), RC_OK);
	assert_int_equal(shares.count, 2);
	assert_int_equal(join(&shares, keys, 2, id, &why), RC_OK);
	assert_int_equal(join(&shares, deputised, 2, id, &why), RC_OK);
	assert_int_equal(join(&shares, keys, 3, id, &why), RC_OK);
}

static void test_a_single_group_opens_nothing(void **state)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *o = officers();
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_escrow_split(o, id, &dek, &shares, NULL), RC_OK);
	assert_int_equal(join(&shares, keys, 1, id, &why), RC_INVALID);
	assert_string_equal(why.text, "the keys open 1 of 2 shares, and all are needed: one key of "
				      "each group");
	assert_int_equal(join(&shares, keys + 1, 2, id, &why), RC_INVALID);
	assert_int_equal(join(&shares, keys, 0, id, &why), RC_INVALID);
	/* Nor has a share the key in it, or the other share. */
	for (size_t i = 0; i < 2; i++) {
		struct buf plain = BUF_SECRET(DEPOSIT_ESCROW_PLAIN);
		assert_int_equal(crypto_cms_open(keys[i], buf_slice(&shares.at[i]), &plain, NULL),
				 RC_OK);
		assert_int_equal(plain.len, DEPOSIT_ESCROW_PLAIN);
		assert_null(memmem(plain.at, plain.len, &dek, sizeof dek));
		buf_wipe(&plain);
	}
}

static void test_shares_belong_to_their_deposit_and_place(void **state)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *o = officers();
	CLEANUP(deposit_shares_free) struct deposit_shares mine = { 0 }, others = { 0 };
	struct deposit_shares mixed = { .count = 2 };
	struct deposit_record record = record_of(id);
	struct crypto_key out;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_escrow_split(o, id, &dek, &mine, NULL), RC_OK);
	assert_int_equal(deposit_escrow_split(o, other, &dek, &others, NULL), RC_OK);

	assert_int_equal(join(&others, keys, 2, id, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "share 1 of 2 belongs to another deposit, or to another place");
	mixed.at[0] = mine.at[0];
	mixed.at[1] = others.at[1];
	assert_int_equal(join(&mixed, keys, 2, id, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "share 2 of 2 belongs to another deposit, or to another place");
	mixed.at[0] = mine.at[1];
	mixed.at[1] = mine.at[0];
	assert_int_equal(join(&mixed, keys, 2, id, &why), RC_INVALID);
	mixed = (struct deposit_shares){ 1, { mine.at[0] } };
	assert_int_equal(join(&mixed, keys, 2, id, &why), RC_INVALID);

	/* Another split of the same deposit: each share is in its place, and still they do not
	 * belong together. */
	CLEANUP(deposit_shares_free) struct deposit_shares again = { 0 };
	assert_int_equal(deposit_escrow_split(o, id, &dek, &again, NULL), RC_OK);
	mixed = (struct deposit_shares){ 2, { mine.at[0], again.at[1] } };
	assert_int_equal(join(&mixed, keys, 2, id, &why), RC_INVALID);
	assert_string_equal(why.text, "the shares do not make the key of this deposit");
	record.commitment[0] ^= 1;
	assert_int_equal(deposit_escrow_join(&mine, keys, 2, id, &record, &out, &why), RC_INVALID);
}

static void test_store(void **state)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *o = officers();
	CLEANUP(deposit_shares_free) struct deposit_shares shares = { 0 }, back = { 0 };
	struct store *store = NULL;
	struct store_tx *tx = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_escrow_split(o, id, &dek, &shares, NULL), RC_OK);
	assert_int_equal(store_open(scratch_path(&scratch, "state"), &store, NULL), RC_OK);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(deposit_escrow_put(tx, id, &shares, NULL), RC_OK);
	assert_int_equal(deposit_escrow_get(tx, other, &back, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit has no escrow shares");
	assert_int_equal(deposit_escrow_get(tx, id, &back, &why), RC_OK);
	assert_int_equal(join(&back, keys, 2, id, &why), RC_OK);
	store_abandon(&tx);
	store_close(store);
}

static void test_officers_refused(void **state)
{
	const struct person twice[] = { board, legal };
	const char *one = save("one.pem", &legal, 1), *same = save("same.pem", twice, 2);
	const struct {
		const char *name, *first, *second;
		size_t count;
		int64_t later_s;
		const char *why;
	} rows[] = {
		{ "one group alone", one, NULL, 1, 0, "which could open everything alone" },
		{ "a key in two groups", one, same, 2, 0,
		  "same.pem: the key of /CN=Legal is that of another group too" },
		{ "the same file twice", one, one, 2, 0, "is that of another group too" },
		{ "expired", one, same, 2, 7200,
		  "one.pem: the certificate of /CN=Legal has expired" },
		{ "not valid yet", one, same, 2, -7200, "is not valid before" },
		{ "no such file", "/nonexistent/a.pem", one, 2, 0, "/nonexistent/a.pem" },
		{ "no certificate", __FILE__, one, 2, 0, "" },
		{ "too many", one, NULL, DEPOSIT_GROUPS_MAX + 1, 0, "names 9 groups, more than 8" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *files[DEPOSIT_GROUPS_MAX + 1] = { rows[i].first, rows[i].second };
		struct deposit_officers *out = NULL;
		struct fault why = { 0 };

		print_message("   %s\n", rows[i].name);
		assert_int_equal(deposit_officers_read(files, rows[i].count,
						       now_s + rows[i].later_s, &out, &why),
				 RC_INVALID);
		if (!strstr(why.text, rows[i].why))
			fail_msg("%s", why.text);
		assert_null(out);
	}
	struct deposit_officers *none = NULL;
	assert_int_equal(deposit_officers_read(NULL, 0, now_s, &none, NULL), RC_OK);
	assert_null(none);
}

static void test_until(void **state)
{
	CLEANUP(deposit_officers_free) struct deposit_officers *o = officers();
	int64_t until_s = deposit_officers_until(o);

	(void)state;
	assert_true(until_s > now_s + 3000 && until_s <= now_s + 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_each_group_opens),
		cmocka_unit_test(test_a_single_group_opens_nothing),
		cmocka_unit_test(test_shares_belong_to_their_deposit_and_place),
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_officers_refused),
		cmocka_unit_test(test_until),
	};
	return cmocka_run_group_tests_name("deposit/escrow", tests, set_up, tear_down);
}
