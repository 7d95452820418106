#include "outbox/payload.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "crypto/random.h"
#include "support/scratch.h"
#include "support/unit.h"

#include <fcntl.h>
#include <unistd.h>

#define NAME "state/outbox/ab000000000000000000000000000000"

static struct scratch scratch;
static struct store *store;
static struct crypto_key key;
static const uint8_t id[STORE_ID_BYTES] = { 0xab };

static int set_up(void **state)
{
	(void)state;
	return scratch_make(&scratch) && crypto_key_make(&key, NULL) == RC_OK &&
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

static void write_mail(const struct outbox_mail *mail)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	struct fault why = { 0 };

	if (outbox_payload_write(store, id, &key, mail, &blob, &why) != RC_OK ||
	    store_blob_keep(&blob, &why) != RC_OK)
		fail_msg("%s", why.text);
}

static void write_message(struct slice message)
{
	write_mail(&(struct outbox_mail){ .message = message });
}

/* Reads all in pieces of an odd size. */
static enum rc read_back(struct buf *out)
{
	CLEANUP(outbox_payload_close) struct outbox_payload *p = NULL;
	char piece[777];
	size_t got = 1;

	enum rc rc = outbox_payload_open(store, id, &key, &p, NULL);
	while (rc == RC_OK && got) {
		rc = outbox_payload_read(p, piece, sizeof piece, &got, NULL);
		if (rc == RC_OK)
			assert_int_equal(buf_add(out, piece, got), RC_OK);
	}
	return rc;
}

static void test_sizes_around_the_records(void **state)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, 300000 };
	static char bytes[300000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 31 + i / 251);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf back = BUF_INIT(1 << 20);
		write_message((struct slice){ bytes, sizes[i] });
		assert_int_equal(read_back(&back), RC_OK);
		assert_int_equal(back.len, sizes[i]);
		if (sizes[i])
			assert_memory_equal(back.at, bytes, sizes[i]);
		buf_free(&back);
		assert_int_equal(tear_down(state) || set_up(state), 0);
	}
}

struct source {
	size_t left;
	enum rc end;
};

static enum rc read_source(void *arg, char *into, size_t room, size_t *got)
{
	struct source *s = arg;
	size_t n = s->left < 1000 ? s->left : 1000;

	assert_true(n <= room);
	memset(into, 's', n);
	s->left -= n;
	*got = n;
	return n ? RC_OK : s->end;
}

static void test_from_a_reader(void **state)
{
	struct source source = { 70001, RC_OK };
	struct outbox_mail mail = { .read = read_source, .read_arg = &source };
	struct buf back = BUF_INIT(1 << 20);

	(void)state;
	write_mail(&mail);
	assert_int_equal(read_back(&back), RC_OK);
	assert_int_equal(back.len, 70001);
	buf_free(&back);
}

static void test_a_reader_that_fails_leaves_nothing(void **state)
{
	struct source source = { 5000, RC_RETRY };
	struct outbox_mail mail = { .read = read_source, .read_arg = &source };
	struct outbox_payload *p = NULL;
	struct store_blob *blob = NULL;

	(void)state;
	assert_int_equal(outbox_payload_write(store, id, &key, &mail, &blob, NULL), RC_RETRY);
	assert_null(blob);
	assert_int_equal(outbox_payload_open(store, id, &key, &p, NULL), RC_ABSENT);
	assert_int_equal(access(scratch_path(&scratch, NAME), F_OK), -1);
}

static void test_nothing_is_in_clear(void **state)
{
	char bytes[1000];
	int fd = -1;

	(void)state;
	write_message(SLICE("canary canary canary canary"));
	assert_int_equal(store_blob_open(store, STORE_OUTBOX, id, &fd, NULL), RC_OK);
	ssize_t len = read(fd, bytes, sizeof bytes);
	close(fd);
	assert_true(len > 27);
	assert_null(memmem(bytes, (size_t)len, "canary", 6));
}

static void damage(off_t at)
{
	int fd = open(scratch_path(&scratch, NAME), O_RDWR);
	char c;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void test_damage_is_found(void **state)
{
	static char bytes[100000];
	struct buf back = BUF_INIT(1 << 20);
	struct crypto_key right = key;

	(void)state;
	write_message((struct slice){ bytes, sizeof bytes });
	damage(70000);
	assert_int_equal(read_back(&back), RC_INVALID);
	damage(70000);
	buf_clear(&back);
	assert_int_equal(read_back(&back), RC_OK);
	assert_int_equal(truncate(scratch_path(&scratch, NAME), 12 + 65552), 0); /* one record */
	assert_int_equal(read_back(&back), RC_INVALID);
	key.bytes[0] ^= 1;
	assert_int_equal(read_back(&back), RC_INVALID);
	key = right;
	buf_free(&back);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sizes_around_the_records),
		TEST(test_from_a_reader),
		TEST(test_a_reader_that_fails_leaves_nothing),
		TEST(test_nothing_is_in_clear),
		TEST(test_damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
