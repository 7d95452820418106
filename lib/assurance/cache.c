#include "assurance/cache.h"

#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct entry *newer, *older; /* by use */
	const struct assurance *assurance;
	char key[];
};

struct assurance_cache {
	struct table *entries;
	struct entry *newest, *oldest;
	size_t max;
};

struct assurance_cache *assurance_cache_new(size_t max)
{
	struct assurance_cache *cache = calloc(1, sizeof *cache);

	if (!cache)
		return NULL;
	cache->max = max;
	cache->entries = table_new();
	if (!cache->entries) {
		free(cache);
		return NULL;
	}
	return cache;
}

static void unlink_entry(struct assurance_cache *cache, struct entry *e)
{
	*(e->newer ? &e->newer->older : &cache->newest) = e->older;
	*(e->older ? &e->older->newer : &cache->oldest) = e->newer;
}

static void link_newest(struct assurance_cache *cache, struct entry *e)
{
	e->newer = NULL;
	e->older = cache->newest;
	*(cache->newest ? &cache->newest->newer : &cache->oldest) = e;
	cache->newest = e;
}

static void drop(struct assurance_cache *cache, struct entry *e)
{
	unlink_entry(cache, e);
	table_remove(cache->entries, slice_of(e->key));
	assurance_unref(e->assurance);
	free(e);
}

void assurance_cache_clear(struct assurance_cache *cache)
{
	while (cache->newest)
		drop(cache, cache->newest);
}

void assurance_cache_free(struct assurance_cache *cache)
{
	if (!cache)
		return;
	assurance_cache_clear(cache);
	table_free(cache->entries);
	free(cache);
}

const struct assurance *assurance_cache_find(struct assurance_cache *cache, const char *key,
					     int64_t now_s)
{
	struct entry *e = table_find(cache->entries, slice_of(key));

	if (!e)
		return NULL;
	/* Much later than any `until` we give: the clock was set back meanwhile. */
	if (now_s >= e->assurance->until || e->assurance->until - now_s > 2 * 3600) {
		drop(cache, e);
		return NULL;
	}
	unlink_entry(cache, e);
	link_newest(cache, e);
	return e->assurance;
}

void assurance_cache_keep(struct assurance_cache *cache, const char *key,
			  const struct assurance *assurance)
{
	size_t len = strlen(key);
	struct entry *e;

	assurance_cache_forget(cache, key);
	if (cache->max == 0)
		return;
	if (table_count(cache->entries) >= cache->max)
		drop(cache, cache->oldest);
	e = calloc(1, sizeof *e + len + 1);
	if (!e)
		return;
	memcpy(e->key, key, len);
	if (!table_set(cache->entries, slice_of(e->key), e, NULL)) {
		free(e);
		return;
	}
	e->assurance = assurance_ref(assurance);
	link_newest(cache, e);
}

void assurance_cache_forget(struct assurance_cache *cache, const char *key)
{
	struct entry *e = table_find(cache->entries, slice_of(key));

	if (e)
		drop(cache, e);
}

size_t assurance_cache_count(const struct assurance_cache *cache)
{
	return table_count(cache->entries);
}
