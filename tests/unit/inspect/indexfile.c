#include "inspect/indexfile.h"

#include "support/scratched.h"
#include "support/unit.h"

#include <unistd.h>

static const char *key_file(const char *name, size_t bytes)
{
	const char *path = scratch_path(&scratch, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	for (size_t i = 0; i < bytes; i++)
		fputc('k', file);
	fclose(file);
	return strdup(path);
}

static void make(const char *path, const char *key, struct siphash_key *used)
{
	struct indexfile f;
	struct fault why;

	assert_int_equal(indexfile_new(key, INDEXFILE_EXACT, &f, &why), RC_OK);
	assert_int_equal(indexfile_room(&f, 24, &why), RC_OK);
	memcpy(indexfile_bytes(&f), "hello", 5);
	assert_int_equal(indexfile_write(&f, path, &why), RC_OK);
	*used = f.key;
	indexfile_free(&f);
	indexfile_free(&f);
}

static void test_what_is_written_is_read(void **state)
{
	char *path = strdup(scratch_path(&scratch, "a")), *key = (char *)key_file("key", 16),
	     *other = (char *)key_file("other", 17);
	struct siphash_key plain, keyed, again;
	struct indexfile f;
	struct fault why;
	(void)state;

	make(path, key, &keyed);
	assert_int_equal(indexfile_read(path, key, INDEXFILE_EXACT, &f, &why), RC_OK);
	assert_int_equal(f.payload.len, 24);
	assert_int_equal((uintptr_t)f.payload.at % 8, 0);
	assert_string_equal(f.payload.at, "hello");
	assert_memory_equal(&f.key, &keyed, sizeof keyed);
	indexfile_free(&f);
	assert_int_equal(indexfile_read(path, other, INDEXFILE_EXACT, &f, &why), RC_OK);
	assert_memory_not_equal(&f.key, &keyed, sizeof keyed);
	indexfile_free(&f);
	make(path, "", &plain);
	make(path, "", &again); /* another salt */
	assert_memory_not_equal(&plain, &again, sizeof plain);
	free(path);
	free(key);
	free(other);
}

/* Each byte of the file matters; so does its length. */
static void test_damage_is_told(void **state)
{
	char *path = strdup(scratch_path(&scratch, "a")), bytes[200];
	struct siphash_key key;
	struct indexfile f;
	struct fault why;
	(void)state;

	make(path, "", &key);
	FILE *file = fopen(path, "r");
	size_t len = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	assert_int_equal(len, 72 + 24);
	for (size_t i = 0; i <= len; i++) {
		file = fopen(path, "w");
		bytes[i] = (char)(bytes[i] ^ 4);
		fwrite(bytes, 1, len, file);
		fclose(file);
		bytes[i] = (char)(bytes[i] ^ 4);
		enum rc rc = indexfile_read(path, "", INDEXFILE_EXACT, &f, &why);
		if (i < len)
			assert_int_equal(rc, RC_INVALID);
		else
			assert_int_equal(rc, RC_OK);
	}
	indexfile_free(&f);
	for (size_t i = 0; i < len; i++) {
		assert_int_equal(truncate(path, (off_t)(len - i - 1)), 0);
		assert_int_equal(indexfile_read(path, "", INDEXFILE_EXACT, &f, &why), RC_INVALID);
		assert_non_null(strstr(why.text, path));
		if (len - i > 72) /* it has its header */
			assert_non_null(strstr(why.text, "is cut short"));
	}
	free(path);
}

static void test_what_is_no_index_is_told(void **state)
{
	char *path = strdup(scratch_path(&scratch, "a")), *key = (char *)key_file("short", 15),
	     *large = (char *)key_file("large", INDEXFILE_KEY_MAX + 1);
	struct siphash_key used;
	struct indexfile f;
	struct fault why;
	(void)state;

	make(path, "", &used);
	assert_int_equal(indexfile_read(path, "", INDEXFILE_FINGERPRINT, &f, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "is not of the kind fingerprint"));
	assert_int_equal(indexfile_read("/nowhere/a", "", INDEXFILE_EXACT, &f, &why), RC_INVALID);
	assert_int_equal(indexfile_read(path, key, INDEXFILE_EXACT, &f, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "a key has 16 to 4096 bytes"));
	assert_int_equal(indexfile_read(path, large, INDEXFILE_EXACT, &f, &why), RC_INVALID);
	assert_int_equal(indexfile_read(path, "/nowhere/k", INDEXFILE_EXACT, &f, &why), RC_INVALID);
	assert_int_equal(indexfile_new(key, INDEXFILE_EXACT, &f, &why), RC_INVALID);
	assert_int_equal(indexfile_new("", INDEXFILE_EXACT, &f, &why), RC_OK);
	assert_int_equal(indexfile_room(&f, INDEXFILE_MAX, &why), RC_LIMIT);
	indexfile_free(&f);
	free(path);
	free(key);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_damage_is_told),
		cmocka_unit_test(test_what_is_no_index_is_told),
	};
	return cmocka_run_group_tests(tests, scratch_set_up, scratch_drop);
}
