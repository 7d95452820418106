/* assurance/cache.h: what is known of destinations, until it is to be looked at again.
 *
 * Bounded: when it is full, what was used longest ago goes. Nothing that matters
 * is lost so: policies live in sts/cache.h.
 *
 * Memory   holds references
 * Threads  one user at a time */
#pragma once

#include "assurance/assurance.h"

struct assurance_cache;

struct assurance_cache *assurance_cache_new(size_t max);  /* NULL: memory */
void assurance_cache_free(struct assurance_cache *cache); /* NULL is fine */

/* Borrowed until the next call; NULL: not known, or only of before now_s. */
const struct assurance *assurance_cache_find(struct assurance_cache *cache, const char *key,
					     int64_t now_s);

/* Replaces. When memory is out it is not kept. */
void assurance_cache_keep(struct assurance_cache *cache, const char *key,
			  const struct assurance *assurance);
void assurance_cache_forget(struct assurance_cache *cache, const char *key);
void assurance_cache_clear(struct assurance_cache *cache);
size_t assurance_cache_count(const struct assurance_cache *cache);
