/* inspect/hashindex.h: which hashes are there, and what each stands for, as a run of bytes that
 * is used where it lies. For this layer's own use.
 *
 *     filter      64 bits for every six hashes: one that is not there is told by one look, all
 *                 but one in fifty
 *     buckets     by a hash's first bits, where its entries begin
 *     entries     the next 32 bits, and a number; sorted
 *
 * Threads  any, once opened */
#pragma once

#include "base/slice.h"

enum { HASHINDEX_BITS_MAX = 26 };

struct hashindex_posting { /* what one is made of */
	uint64_t hash;
	uint32_t value;
};

struct hashindex_head {
	uint64_t entries, filter_blocks;
	uint32_t bucket_bits, zero;
};

struct hashindex_entry {
	uint32_t rest, value;
};

struct hashindex {
	struct hashindex_head head;
	const uint64_t *filter;
	const uint32_t *buckets;
	const struct hashindex_entry *entries;
};

/* ---- making one ---- */

/* By hash, then by value. */
void hashindex_sort(struct hashindex_posting *postings, size_t count);
struct hashindex_head hashindex_plan(size_t count);
/* The bytes that it takes, a multiple of 8; 0: the head is none. */
uint64_t hashindex_size(const struct hashindex_head *head);
/* at: that many bytes, zeros, aligned to 8; postings: head->entries, sorted. */
void hashindex_fill(const struct hashindex_head *head, const struct hashindex_posting *postings,
		    char *at);

/* ---- using it ---- */

/* False: it cannot be right. bytes are aligned to 8 and outlive *out. The entries' values are
 * the caller's to check. */
bool hashindex_open(const struct hashindex_head *head, struct slice bytes, struct hashindex *out);

static inline bool hashindex_may_have(const struct hashindex *x, uint64_t hash)
{
	uint64_t bits = 1ull << (hash & 63) | 1ull << (hash >> 6 & 63) | 1ull << (hash >> 12 & 63);

	return (x->filter[hash >> 18 & (x->head.filter_blocks - 1)] & bits) == bits;
}

/* How many entries the hash has, and the first. */
size_t hashindex_find(const struct hashindex *x, uint64_t hash,
		      const struct hashindex_entry **first);
