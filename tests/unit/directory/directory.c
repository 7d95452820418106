#include "directory/directory.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "support/scratch.h"
#include "support/unit.h"

static struct scratch scratch;
static struct store *store;
static struct crypto_keys keys = { .outbox = { { 7 } } };

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) &&
			       store_open(scratch_path(&scratch, "state"), &store, NULL) == RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	store_close(store);
	scratch_remove(&scratch);
	return 0;
}

static struct directory_name name_of(const char *text)
{
	struct directory_name name;

	assert_int_equal(directory_name_parse(slice_of(text), &name, NULL), RC_OK);
	return name;
}

static void put(const char *name, const char *phrase, const char *number, const char *language)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct directory_entry entry = { .name = name_of(name), .changed_s = 5 };
	struct fault why = { 0 };

	strcpy(entry.phrase, phrase);
	strcpy(entry.number, number);
	strcpy(entry.language, language);
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	if (directory_put(tx, &keys, &entry, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static const char first[] = "kadim botar rilos fanit", second[] = "vosak ditun melor pagis";

static enum rc look(const char *address, struct directory_entry *out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;

	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	return directory_lookup(tx, &keys, slice_of(address), out, why);
}

static void test_narrowest_first(void **state)
{
	static const struct {
		const char *why, *address, *name, *phrase, *number, *language;
	} rows[] = {
		{ "its own, and what it lacks from its domain", "Jane@Partner.Example",
		  "jane@partner.example", first, "+4930123456", "de" },
		{ "the domain's", "bob@partner.example", "partner.example", second, "+4930123456",
		  "de" },
		{ "the parent's", "x@a.b.partner.example", "partner.example", second, "+4930123456",
		  "de" },
		{ "a domain between", "x@c.partner.example", "c.partner.example", second,
		  "+4930123456", "fr" },
	};

	(void)state;
	put("partner.example", second, "+4930123456", "de");
	put("c.partner.example", "", "", "fr");
	put("jane@partner.example", first, "", "");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct directory_entry entry = { .changed_s = 0 };
		struct fault why = { 0 };

		print_message("   %s\n", rows[i].why);
		if (look(rows[i].address, &entry, &why) != RC_OK)
			fail_msg("%s", why.text);
		assert_string_equal(entry.name.text, rows[i].name);
		assert_string_equal(entry.phrase, rows[i].phrase);
		assert_string_equal(entry.number, rows[i].number);
		assert_string_equal(entry.language, rows[i].language);
		assert_int_equal(entry.changed_s, 5);
	}
}

static void test_none(void **state)
{
	struct directory_entry entry = { .note = "mine" };
	struct fault why = { 0 };

	(void)state;
	put("partner.example", second, "", "");
	assert_int_equal(look("x@notpartner.example", &entry, &why), RC_ABSENT);
	assert_string_equal(why.text, "the directory has no entry for x@notpartner.example");
	assert_int_equal(look("x@[192.0.2.1]", &entry, &why), RC_ABSENT);
	assert_string_equal(entry.note, "mine");
}

static void test_forget(void **state)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct directory_name name = name_of("partner.example");
	struct directory_entry entry;
	struct fault why = { 0 };

	(void)state;
	put("partner.example", second, "", "");
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(directory_get(tx, &keys, &name, &entry, &why), RC_OK);
	assert_int_equal(directory_forget(tx, &name, &why), RC_OK);
	assert_int_equal(directory_forget(tx, &name, &why), RC_ABSENT);
	assert_string_equal(why.text, "the directory has no entry for partner.example");
	assert_int_equal(directory_get(tx, &keys, &name, &entry, &why), RC_ABSENT);
}

static bool collect(void *arg, const struct directory_entry *entry)
{
	strcat(arg, entry->name.text);
	strcat(arg, entry->name.local_len ? "+ " : " ");
	return strlen(arg) < 50;
}

static void test_each(void **state)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	char names[200] = "";

	(void)state;
	put("b.example", second, "", "");
	put("jane@b.example", "", "", "de");
	put("a.example", "", "", "de");
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(directory_each(tx, &keys, collect, names, NULL), RC_OK);
	assert_string_equal(names, "a.example b.example jane@b.example+ ");
}

static void test_sealed(void **state)
{
	static const char *const files[] = { "state/postern.db", "state/postern.db-wal" };
	struct crypto_keys others = { .outbox = { { 8 } } };
	struct directory_name name = name_of("partner.example"), moved = name_of("x.example");
	struct store_tx *tx = NULL;
	struct buf sealed = BUF_INIT(100000);
	struct directory_entry entry;
	struct fault why = { 0 };

	(void)state;
	put("partner.example", first, "+4930123456", "de");
	for (size_t i = 0; i < COUNT(files); i++) {
		struct buf bytes = BUF_INIT(64 << 20);
		enum rc rc = file_read(scratch_path(&scratch, files[i]), &bytes, NULL);
		assert_true(rc == RC_OK || rc == RC_ABSENT);
		assert_null(bytes.len ? memmem(bytes.at, bytes.len, "kadim", 5) : NULL);
		assert_null(bytes.len ? memmem(bytes.at, bytes.len, "4930123", 7) : NULL);
		buf_free(&bytes);
	}
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(directory_get(tx, &others, &name, &entry, &why), RC_INVALID);
	assert_string_equal(why.text,
			    "the directory's entry for partner.example does not open: it was "
			    "sealed under another outbox.key, or changed");
	assert_int_equal(directory_lookup(tx, &others, SLICE("a@partner.example"), &entry, NULL),
			 RC_INVALID);
	char names[10] = "";
	assert_int_equal(directory_each(tx, &others, collect, names, NULL), RC_INVALID);

	/* Moved to another's name by whoever can write to the store. */
	assert_int_equal(store_get(tx, "directory", SLICE("partner.example"), 0, &sealed, NULL),
			 RC_OK);
	assert_int_equal(
		store_put(tx, "directory", SLICE("x.example"), buf_slice(&sealed), 0, NULL), RC_OK);
	assert_int_equal(directory_get(tx, &keys, &moved, &entry, NULL), RC_INVALID);
	buf_free(&sealed);
	store_abandon(&tx);
}

static void test_weak_is_not_kept(void **state)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct directory_entry entry = { .name = name_of("partner.example"), .phrase = "guess" };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(store_begin(store, &tx, NULL), RC_OK);
	assert_int_equal(directory_put(tx, &keys, &entry, &why), RC_INVALID);
	assert_null(strstr(why.text, "guess"));
	assert_int_equal(directory_get(tx, &keys, &entry.name, &entry, NULL), RC_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_narrowest_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_none, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sealed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_weak_is_not_kept, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("directory/directory", tests, NULL, NULL);
}
