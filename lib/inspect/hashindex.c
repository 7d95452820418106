#include "inspect/hashindex.h"

#include <stdlib.h>
#include <string.h>

enum { HASHES_A_BLOCK = 6, HASHES_A_BUCKET = 8 };

static uint32_t bucket_of(uint64_t hash, unsigned bits)
{
	return bits ? (uint32_t)(hash >> (64 - bits)) : 0;
}

static uint32_t rest_of(uint64_t hash, unsigned bits) /* what follows these */
{
	return (uint32_t)(hash << bits >> 32);
}

/* ---- making one ---- */

static int compare(const void *a, const void *b)
{
	const struct hashindex_posting *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

void hashindex_sort(struct hashindex_posting *postings, size_t count)
{
	qsort(postings, count, sizeof *postings, compare);
}

struct hashindex_head hashindex_plan(size_t count)
{
	struct hashindex_head head = { .entries = count, .filter_blocks = 1 };

	while (head.filter_blocks * HASHES_A_BLOCK < count)
		head.filter_blocks *= 2;
	while (head.bucket_bits < HASHINDEX_BITS_MAX && count >> head.bucket_bits > HASHES_A_BUCKET)
		head.bucket_bits++;
	return head;
}

static uint64_t bucket_bytes(const struct hashindex_head *head)
{
	return ((1ull << head->bucket_bits) + 2) / 2 * 2 * sizeof(uint32_t);
}

uint64_t hashindex_size(const struct hashindex_head *head)
{
	if (head->bucket_bits > HASHINDEX_BITS_MAX || head->entries > UINT32_MAX ||
	    head->filter_blocks == 0 || head->filter_blocks > UINT32_MAX ||
	    (head->filter_blocks & (head->filter_blocks - 1)) != 0)
		return 0;
	return head->filter_blocks * sizeof(uint64_t) + bucket_bytes(head) +
	       head->entries * sizeof(struct hashindex_entry);
}

void hashindex_fill(const struct hashindex_head *head, const struct hashindex_posting *postings,
		    char *at)
{
	uint64_t *filter = (void *)at;
	uint32_t *buckets = (void *)(filter + head->filter_blocks);
	struct hashindex_entry *entries = (void *)((char *)buckets + bucket_bytes(head));

	for (size_t i = 0; i < head->entries; i++) {
		uint64_t hash = postings[i].hash;
		filter[hash >> 18 & (head->filter_blocks - 1)] |=
			1ull << (hash & 63) | 1ull << (hash >> 6 & 63) | 1ull << (hash >> 12 & 63);
		entries[i] = (struct hashindex_entry){ rest_of(hash, head->bucket_bits),
						       postings[i].value };
		buckets[bucket_of(hash, head->bucket_bits) + 1]++;
	}
	for (size_t i = 0; i < 1ull << head->bucket_bits; i++)
		buckets[i + 1] += buckets[i];
}

/* ---- using it ---- */

bool hashindex_open(const struct hashindex_head *head, struct slice bytes, struct hashindex *out)
{
	struct hashindex x = { .head = *head };
	uint64_t size = hashindex_size(head);
	uint32_t last = 0;

	if (size == 0 || size != bytes.len)
		return false;
	x.filter = (const void *)bytes.at;
	x.buckets = (const void *)(x.filter + head->filter_blocks);
	x.entries = (const void *)((const char *)x.buckets + bucket_bytes(head));
	for (uint64_t i = 0; i <= 1ull << head->bucket_bits; i++) {
		if (x.buckets[i] < last)
			return false;
		last = x.buckets[i];
	}
	if (x.buckets[0] != 0 || last != head->entries)
		return false;
	*out = x;
	return true;
}

/* The first of the entries low to high that lies at or behind rest. */
static size_t place(const struct hashindex *x, size_t low, size_t high, uint64_t rest)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (x->entries[middle].rest < rest)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t hashindex_find(const struct hashindex *x, uint64_t hash,
		      const struct hashindex_entry **first)
{
	if (!hashindex_may_have(x, hash))
		return 0;
	uint32_t bucket = bucket_of(hash, x->head.bucket_bits);
	uint64_t rest = rest_of(hash, x->head.bucket_bits);
	size_t end = x->buckets[bucket + 1], low = place(x, x->buckets[bucket], end, rest);

	*first = &x->entries[low];
	if (low == end || x->entries[low].rest != rest)
		return 0;
	/* Thousands of texts can share a run of words. */
	return place(x, low + 1, end, rest + 1) - low;
}
