/* assurance/cache.h: what is known of destinations, until it is to be looked at again.
 *
 *     used lately       as they are, at hand for whoever asks
 *     all the others    packed (assurance/pack.h): some 200 bytes each
 *
 * Bounded: when it is full, what was used longest ago goes. Nothing that matters
 * is lost so: policies live in sts/cache.h.
 *
 * Memory   owns what it keeps
 * Threads  any: a lock is held for a look into memory, never over I/O */
#pragma once

#include "assurance/assurance.h"

enum {
	/* Kept unpacked: a megabyte, and most of a day's traffic. */
	ASSURANCE_CACHE_OPEN = 1024,
};

struct assurance_cache;

struct assurance_cache *assurance_cache_new(size_t max);  /* NULL: memory */
void assurance_cache_free(struct assurance_cache *cache); /* NULL is fine */

/* The caller's reference; NULL: not known, or only of before now_s. */
const struct assurance *assurance_cache_find(struct assurance_cache *cache, const char *key,
					     int64_t now_s);

/* Replaces. When memory is out it is not kept. */
void assurance_cache_keep(struct assurance_cache *cache, const char *key,
			  const struct assurance *assurance);
void assurance_cache_forget(struct assurance_cache *cache, const char *key);
void assurance_cache_clear(struct assurance_cache *cache);
size_t assurance_cache_count(struct assurance_cache *cache);
