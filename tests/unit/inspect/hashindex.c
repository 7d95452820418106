#include "inspect/hashindex.h"

#include "base/siphash.h"
#include "support/unit.h"

#include <stdlib.h>

static const struct siphash_key key = { 3, 4 };

static uint64_t hash_of(uint64_t i)
{
	return siphash(&key, (struct slice){ (const char *)&i, sizeof i });
}

/* Every third hash has two values. */
static char *make(size_t hashes, struct hashindex_head *head, struct slice *bytes)
{
	struct hashindex_posting *postings = calloc(2 * hashes + 1, sizeof *postings);
	size_t count = 0;

	for (size_t i = 0; i < hashes; i++) {
		postings[count++] = (struct hashindex_posting){ hash_of(i), (uint32_t)i };
		if (i % 3 == 0)
			postings[count++] = (struct hashindex_posting){ hash_of(i), 7 };
	}
	hashindex_sort(postings, count);
	*head = hashindex_plan(count);
	char *at = calloc(1, hashindex_size(head));
	hashindex_fill(head, postings, at);
	*bytes = (struct slice){ at, hashindex_size(head) };
	free(postings);
	return at;
}

static void test_what_is_there_is_found(void **state)
{
	static const size_t sizes[] = { 0, 1, 5, 100, 10000 };
	(void)state;

	for (size_t k = 0; k < COUNT(sizes); k++) {
		const struct hashindex_entry *first;
		struct hashindex_head head;
		struct hashindex x;
		struct slice bytes;
		size_t wrong = 0;
		char *at = make(sizes[k], &head, &bytes);
		assert_true(hashindex_open(&head, bytes, &x));
		for (size_t i = 0; i < sizes[k]; i++) {
			assert_int_equal(hashindex_find(&x, hash_of(i), &first), i % 3 ? 1 : 2);
			assert_true(first[0].value == i || first[1].value == i);
		}
		for (size_t i = sizes[k]; i < 2 * sizes[k]; i++) {
			wrong += hashindex_may_have(&x, hash_of(i));
			assert_int_equal(hashindex_find(&x, hash_of(i), &first), 0);
		}
		assert_true(wrong <= 1 + sizes[k] / 25); /* the header says one in fifty */
		free(at);
	}
}

static void test_what_cannot_be_right_is_refused(void **state)
{
	struct hashindex_head head, bad;
	struct hashindex x;
	struct slice bytes;
	(void)state;

	char *at = make(100, &head, &bytes);
	assert_false(hashindex_open(&head, (struct slice){ at, bytes.len - 8 }, &x));
	bad = head;
	bad.filter_blocks += 1;
	assert_int_equal(hashindex_size(&bad), 0);
	bad = head;
	bad.bucket_bits = HASHINDEX_BITS_MAX + 1;
	assert_int_equal(hashindex_size(&bad), 0);
	bad = head;
	bad.entries = 1ull << 32;
	assert_int_equal(hashindex_size(&bad), 0);
	uint32_t *buckets = (void *)(at + head.filter_blocks * 8);
	buckets[1] += 1000;
	assert_false(hashindex_open(&head, bytes, &x));
	buckets[1] -= 1000;
	assert_true(hashindex_open(&head, bytes, &x));
	buckets[0] = 1;
	assert_false(hashindex_open(&head, bytes, &x));
	free(at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_there_is_found),
		cmocka_unit_test(test_what_cannot_be_right_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
