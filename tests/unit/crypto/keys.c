#include "crypto/keys.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char base[64], folder[80];

static const char *path_of(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void empty(const char *at)
{
	DIR *dir = opendir(at);
	char path[PATH_MAX];

	for (struct dirent *e; dir && (e = readdir(dir));) {
		snprintf(path, sizeof path, "%s/%s", at, e->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(at);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(base, "/tmp/postern-keys-XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(folder, sizeof folder, "%s/keys", base);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	empty(folder);
	return rmdir(base);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path_of(name), mode), 0);
}

static void assert_same(const struct crypto_keys *a, const struct crypto_keys *b)
{
	assert_memory_equal(a, b, offsetof(struct crypto_keys, lock));
	assert_memory_equal(&a->site, &b->site, sizeof a->site);
	assert_int_equal(a->epoch_count, b->epoch_count);
	assert_memory_equal(a->epochs, b->epochs, sizeof a->epochs);
}

static void test_first_start(void **state)
{
	struct crypto_keys *keys = NULL, *again = NULL;
	struct fault why = { 0 };
	struct stat st;
	unsigned count = 0;

	(void)state;
	assert_int_equal(crypto_keys_open(folder, &keys, &why), RC_ABSENT);
	assert_int_equal(crypto_keys_make(folder, &keys, &why), RC_OK);
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	DIR *dir = opendir(folder);
	for (struct dirent *e; (e = readdir(dir));) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(stat(path_of(e->d_name), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		count++;
	}
	closedir(dir);
	assert_int_equal(count, 7);
	assert_int_equal(strlen(keys->route_token), CRYPTO_TOKEN_CHARS);
	assert_memory_not_equal(&keys->site, &keys->verifier, sizeof keys->site);
	assert_memory_not_equal(&keys->outbox, &keys->retry, sizeof keys->site);

	/* The next start finds the same ones. */
	assert_int_equal(crypto_keys_make(folder, &again, &why), RC_OK);
	assert_same(keys, again);
	crypto_keys_free(&again);
	assert_int_equal(crypto_keys_open(folder, &again, &why), RC_OK);
	assert_same(keys, again);
	crypto_keys_free(&again);
	crypto_keys_free(&keys);
	assert_null(keys);
}

static void test_interrupted_first_start(void **state)
{
	struct crypto_keys *keys = NULL, *again = NULL;

	(void)state;
	assert_int_equal(crypto_keys_make(folder, &keys, NULL), RC_OK);
	/* As if killed before the last two files. */
	assert_int_equal(unlink(path_of("epoch-1.key")), 0);
	assert_int_equal(unlink(path_of("route.token")), 0);
	assert_int_equal(crypto_keys_open(folder, &again, NULL), RC_ABSENT);
	assert_int_equal(crypto_keys_make(folder, &again, NULL), RC_OK);
	assert_memory_equal(&keys->header, &again->header, sizeof keys->header);
	assert_string_not_equal(keys->route_token, again->route_token);
	crypto_keys_free(&again);
	crypto_keys_free(&keys);
}

#define DIGITS "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const struct {
	const char *name, *file, *text; /* no text: the file is removed */
	mode_t mode;
	const char *why; /* after the folder */
} bad[] = {
	{ "others may read it", "outbox.key", DIGITS "\n", 0644,
	  "/outbox.key is open to others (mode 0644): chmod 0600 it" },
	{ "the group may read it", "route.token", "0", 0640,
	  "/route.token is open to others (mode 0640): chmod 0600 it" },
	{ "cut short", "site.key", "0001", 0600, "/site.key is not 64 characters and a line end" },
	{ "empty", "verifier.key", "", 0600, "/verifier.key is not 64 characters and a line end" },
	{ "longer", "retry.key", DIGITS "\n\n", 0600,
	  "/retry.key is not 64 characters and a line end" },
	{ "not hexadecimal", "header.key",
	  "zz0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", 0600,
	  "/header.key is not 64 hexadecimal digits" },
	{ "a token with a blank", "route.token", "0123456789abcdef 123456789abcdef\n", 0600,
	  "/route.token is not 32 hexadecimal digits" },
	{ "a lost key is not made anew", "epoch-1.key", DIGITS "\n", 0600, NULL },
	{ "a lost key is not made anew", "verifier.key", NULL, 0,
	  " has an epoch key but lacks another file (site.key, verifier.key, outbox.key, "
	  "retry.key, header.key, route.token): put it back" },
};

static void test_bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct crypto_keys *keys = NULL;
		struct fault why = { 0 };

		print_message("   %s\n", bad[i].name);
		assert_int_equal(crypto_keys_make(folder, &keys, NULL), RC_OK);
		crypto_keys_free(&keys);
		if (bad[i].text)
			write_file(bad[i].file, bad[i].text, bad[i].mode);
		else
			assert_int_equal(unlink(path_of(bad[i].file)), 0);
		enum rc rc = crypto_keys_make(folder, &keys, &why);
		if (bad[i].why) {
			char expected[400];
			snprintf(expected, sizeof expected, "%s%s", folder, bad[i].why);
			assert_int_equal(rc, RC_INVALID);
			assert_string_equal(why.text, expected);
			assert_null(keys);
		} else {
			assert_int_equal(rc, RC_OK);
			assert_int_equal(keys->epochs[0].key.bytes[31], 0x1f);
			crypto_keys_free(&keys);
		}
		empty(folder);
	}
}

static void test_open_folder(void **state)
{
	struct crypto_keys *keys = NULL;
	struct fault why = { 0 };
	char expected[200];

	(void)state;
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	assert_int_equal(crypto_keys_make(folder, &keys, &why), RC_INVALID);
	snprintf(expected, sizeof expected, "%s is open to others (mode 0755): chmod 0700 it",
		 folder);
	assert_string_equal(why.text, expected);
}

static void test_epochs(void **state)
{
	struct crypto_keys *keys = NULL;
	uint32_t numbers[CRYPTO_EPOCHS_MAX];
	struct crypto_epoch current;
	struct crypto_key key;

	(void)state;
	assert_int_equal(crypto_keys_make(folder, &keys, NULL), RC_OK);
	crypto_keys_free(&keys);
	write_file("epoch-10.key", DIGITS "\n", 0600);
	write_file("epoch-2.key", DIGITS "\n", 0600);
	write_file("epoch-03.key", "not one of ours", 0644);
	write_file("epoch-.key", "nor this", 0644);
	write_file("epoch-4294967296.key", "nor this", 0644);
	assert_int_equal(crypto_keys_open(folder, &keys, NULL), RC_OK);
	assert_int_equal(keys->epoch_count, 3);
	crypto_keys_current(keys, &current);
	assert_int_equal(current.number, 10);
	assert_true(crypto_keys_epoch(keys, 1, &key));
	assert_true(crypto_keys_epoch(keys, 2, &key));
	assert_int_equal(key.bytes[31], 0x1f);
	assert_false(crypto_keys_epoch(keys, 3, &key));
	assert_int_equal(crypto_keys_numbers(keys, numbers), 3);
	assert_int_equal(numbers[1], 2);
	crypto_keys_free(&keys);
}

static void test_two_at_once(void **state)
{
	struct crypto_keys *keys = NULL, *again = NULL;
	int status;

	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct crypto_keys *mine = NULL;
		_exit(crypto_keys_make(folder, &mine, NULL) == RC_OK ? 0 : 1);
	}
	assert_int_equal(crypto_keys_make(folder, &keys, NULL), RC_OK);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_equal(crypto_keys_open(folder, &again, NULL), RC_OK);
	assert_same(keys, again);
	crypto_keys_free(&keys);
	crypto_keys_free(&again);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void test_the_milter_s_key_stands_beside_the_set(void **state)
{
	CLEANUP(crypto_keys_free) struct crypto_keys *keys = NULL;
	struct crypto_key one, two;
	struct fault why = { "" };
	struct stat st;

	(void)state;
	assert_int_equal(crypto_keys_make(folder, &keys, &why), RC_OK);
	assert_int_equal(crypto_keys_upgrade(keys, false, &one, &why), RC_ABSENT);
	assert_int_equal(crypto_keys_upgrade(keys, true, &one, &why), RC_OK);
	assert_int_equal(crypto_keys_upgrade(keys, true, &two, &why), RC_OK);
	assert_memory_equal(one.bytes, two.bytes, sizeof one.bytes);
	assert_int_equal(stat(path_of("upgrade.key"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	chmod(path_of("upgrade.key"), 0640);
	assert_int_equal(crypto_keys_upgrade(keys, true, &one, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "upgrade.key"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_start),
		TEST(test_interrupted_first_start),
		TEST(test_bad_files),
		TEST(test_open_folder),
		TEST(test_epochs),
		TEST(test_two_at_once),
		TEST(test_the_milter_s_key_stands_beside_the_set),
	};
	return cmocka_run_group_tests_name("crypto/keys", tests, NULL, NULL);
}
