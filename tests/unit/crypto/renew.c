#include "crypto/renew.h"

#include "crypto/sign.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

static struct scratch scratch;
static struct crypto_keys *keys, *others; /* of two processes */

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) &&
			       crypto_keys_make(scratch_path(&scratch, "keys"), &keys, NULL) ==
				       RC_OK &&
			       crypto_keys_open(scratch_path(&scratch, "keys"), &others, NULL) ==
				       RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	crypto_keys_free(&keys);
	crypto_keys_free(&others);
	scratch_remove(&scratch);
	return 0;
}

static uint32_t current(const struct crypto_keys *of)
{
	struct crypto_epoch epoch;

	crypto_keys_current(of, &epoch);
	return epoch.number;
}

static void test_an_epoch_is_made_and_seen(void **state)
{
	struct crypto_key mine, theirs;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_epoch_make(keys, 2, &why), RC_OK);
	assert_int_equal(current(keys), 2);
	assert_int_equal(current(others), 1);
	assert_int_equal(crypto_keys_refresh(others, &why), RC_OK);
	assert_int_equal(current(others), 2);
	assert_true(crypto_keys_epoch(keys, 2, &mine) && crypto_keys_epoch(others, 2, &theirs));
	assert_memory_equal(&mine, &theirs, sizeof mine);
	assert_int_equal(crypto_epoch_make(keys, 2, &why), RC_INVALID);
	assert_string_equal(why.text, "epoch 2 is no later than epoch 2");
	assert_int_equal(crypto_epoch_make(others, 9, &why), RC_OK);
	assert_int_equal(crypto_epoch_make(keys, 5, &why), RC_INVALID);
	assert_int_equal(current(keys), 9);
}

/* What the disk held is overwritten before the name goes: another name still shows it. */
static void test_an_epoch_is_destroyed(void **state)
{
	char kept[400], text[100] = "";
	struct crypto_key key;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_epoch_destroy(keys, 1, &why), RC_INVALID);
	assert_string_equal(why.text, "epoch 1 is the current one");
	assert_int_equal(crypto_epoch_make(keys, 2, NULL), RC_OK);
	snprintf(kept, sizeof kept, "%s/kept", scratch.folder);
	assert_int_equal(link(scratch_path(&scratch, "keys/epoch-1.key"), kept), 0);
	assert_int_equal(crypto_epoch_destroy(keys, 1, &why), RC_OK);
	assert_int_equal(access(scratch_path(&scratch, "keys/epoch-1.key"), F_OK), -1);
	FILE *f = fopen(kept, "r");
	assert_int_equal(fread(text, 1, sizeof text, f), 65);
	fclose(f);
	for (size_t i = 0; i < 65; i++)
		assert_int_equal(text[i], 0);
	assert_false(crypto_keys_epoch(keys, 1, &key));
	assert_true(crypto_keys_epoch(others, 1, &key));
	assert_int_equal(crypto_keys_refresh(others, NULL), RC_OK);
	assert_false(crypto_keys_epoch(others, 1, &key));
	/* … and is nowhere in memory that held it. */
	assert_null(memmem(others, sizeof *others, key.bytes, sizeof key.bytes));
	assert_int_equal(crypto_epoch_destroy(keys, 1, &why), RC_OK);
}

static void test_too_many(void **state)
{
	struct fault why = { 0 };

	(void)state;
	for (uint32_t i = 2; i <= CRYPTO_EPOCHS_MAX; i++)
		assert_int_equal(crypto_epoch_make(keys, i, &why), RC_OK);
	assert_int_equal(crypto_epoch_make(keys, 1000, &why), RC_LIMIT);
	assert_int_equal(crypto_epoch_destroy(keys, 1, &why), RC_OK);
	assert_int_equal(crypto_epoch_make(keys, 1000, &why), RC_OK);
}

static void test_a_damaged_folder_changes_nothing(void **state)
{
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(chmod(scratch_path(&scratch, "keys/epoch-1.key"), 0644), 0);
	assert_int_equal(crypto_keys_refresh(others, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "epoch-1.key is open to others"));
	assert_int_equal(current(others), 1);
	assert_int_equal(crypto_epoch_make(keys, 2, NULL), RC_INVALID);
	assert_int_equal(unlink(scratch_path(&scratch, "keys/epoch-1.key")), 0);
	assert_int_equal(crypto_keys_refresh(others, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "has no epoch key"));
	assert_int_equal(current(others), 1);
}

static void test_the_site_key_is_replaced(void **state)
{
	uint8_t old[CRYPTO_PUBLIC_BYTES], fresh[CRYPTO_PUBLIC_BYTES], strange[32] = { 7 };
	struct crypto_key site;
	struct fault why = { 0 };

	(void)state;
	crypto_keys_site(keys, &site);
	assert_int_equal(crypto_sign_public(&site, old, NULL), RC_OK);
	assert_int_equal(crypto_site_renew(keys, &why), RC_OK);
	crypto_keys_site(keys, &site);
	assert_int_equal(crypto_sign_public(&site, fresh, NULL), RC_OK);
	assert_memory_not_equal(old, fresh, sizeof old);
	assert_true(crypto_keys_knows_site(keys, old));
	assert_true(crypto_keys_knows_site(keys, fresh));
	assert_false(crypto_keys_knows_site(keys, strange));
	assert_false(crypto_keys_knows_site(others, fresh));
	assert_int_equal(crypto_keys_refresh(others, NULL), RC_OK);
	assert_true(crypto_keys_knows_site(others, old));
	assert_true(crypto_keys_knows_site(others, fresh));
	for (int i = 1; i < CRYPTO_OLD_SITES_MAX; i++)
		assert_int_equal(crypto_site_renew(keys, NULL), RC_OK);
	assert_int_equal(crypto_site_renew(keys, &why), RC_LIMIT);
	assert_true(crypto_keys_knows_site(keys, old));
}

static atomic_bool over;

static void *read_on(void *arg)
{
	struct crypto_epoch epoch;
	struct crypto_key key;

	(void)arg;
	while (!atomic_load(&over)) {
		crypto_keys_current(keys, &epoch);
		if (crypto_keys_epoch(keys, epoch.number, &key))
			assert_memory_equal(&key, &epoch.key, sizeof key);
	}
	return NULL;
}

/* Readers on other threads never see half a key. */
static void test_readers_meanwhile(void **state)
{
	pthread_t reader;

	(void)state;
	assert_int_equal(pthread_create(&reader, NULL, read_on, NULL), 0);
	for (uint32_t i = 2; i <= 40; i++) {
		assert_int_equal(crypto_epoch_make(keys, i, NULL), RC_OK);
		assert_int_equal(crypto_epoch_destroy(keys, i - 1, NULL), RC_OK);
	}
	atomic_store(&over, true);
	pthread_join(reader, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_an_epoch_is_made_and_seen),
		TEST(test_an_epoch_is_destroyed),
		TEST(test_too_many),
		TEST(test_a_damaged_folder_changes_nothing),
		TEST(test_the_site_key_is_replaced),
		TEST(test_readers_meanwhile),
	};
	return cmocka_run_group_tests_name("crypto/renew", tests, NULL, NULL);
}
