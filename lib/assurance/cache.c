#include "assurance/cache.h"

#include "assurance/pack.h"
#include "base/siphash.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES_MIN = 64 };

struct entry {
	struct entry *next;           /* of the same place */
	struct entry *newer, *older;  /* by use */
	const struct assurance *open; /* NULL: only packed */
	int64_t until;
	uint32_t packed_len;
	uint16_t key_len;
	char bytes[]; /* key, then what is packed */
};

struct assurance_cache {
	pthread_mutex_t lock; /* of all below */
	struct siphash_key hash;
	struct assurance_packer *packer;
	struct entry **places;
	size_t place_count; /* a power of two */
	size_t count, max;
	/* The open ones are the newest open_count; last_open is the oldest of them. */
	struct entry *newest, *oldest, *last_open;
	size_t open_count;
};

struct assurance_cache *assurance_cache_new(size_t max)
{
	struct assurance_cache *cache = calloc(1, sizeof *cache);

	if (!cache)
		return NULL;
	pthread_mutex_init(&cache->lock, NULL);
	cache->max = max;
	cache->place_count = PLACES_MIN;
	cache->places = calloc(cache->place_count, sizeof(struct entry *));
	cache->packer = assurance_packer_new();
	if (cache->places && cache->packer && siphash_key_make(&cache->hash))
		return cache;
	assurance_cache_free(cache);
	return NULL;
}

/* ---- the order of use ---- */

static void shut(struct assurance_cache *cache, struct entry *e)
{
	if (!e->open)
		return;
	assurance_unref(e->open);
	e->open = NULL;
	cache->open_count--;
	if (cache->last_open == e)
		cache->last_open = e->newer;
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

/* e is the newest, and stands open; so that they stay few the oldest of them is shut. */
static void open_newest(struct assurance_cache *cache, struct entry *e,
			const struct assurance *assurance)
{
	e->open = assurance_ref(assurance);
	if (!cache->last_open)
		cache->last_open = e;
	if (++cache->open_count > ASSURANCE_CACHE_OPEN)
		shut(cache, cache->last_open);
}

/* ---- places ---- */

static struct entry **place_of(const struct assurance_cache *cache, struct slice key)
{
	struct entry **at = &cache->places[siphash(&cache->hash, key) & (cache->place_count - 1)];

	while (*at && ((*at)->key_len != key.len || memcmp((*at)->bytes, key.at, key.len) != 0))
		at = &(*at)->next;
	return at;
}

/* Twice as many places, or as many as before when memory is out: slower, and right. */
static void spread(struct assurance_cache *cache)
{
	struct entry **old = cache->places;
	size_t old_count = cache->place_count;
	struct entry **places = calloc(2 * old_count, sizeof(struct entry *));

	if (!places)
		return;
	cache->places = places;
	cache->place_count = 2 * old_count;
	for (size_t i = 0; i < old_count; i++) {
		for (struct entry *e = old[i], *next; e; e = next) {
			next = e->next;
			struct entry **at = place_of(cache, (struct slice){ e->bytes, e->key_len });
			e->next = NULL;
			*at = e;
		}
	}
	free(old);
}

static void drop(struct assurance_cache *cache, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	shut(cache, e);
	unlink_entry(cache, e);
	cache->count--;
	free(e);
}

static void drop_key(struct assurance_cache *cache, struct slice key)
{
	struct entry **at = place_of(cache, key);

	if (*at)
		drop(cache, at);
}

static void drop_all(struct assurance_cache *cache)
{
	while (cache->newest)
		drop_key(cache, (struct slice){ cache->newest->bytes, cache->newest->key_len });
}

/* ---- what others see ---- */

void assurance_cache_free(struct assurance_cache *cache)
{
	if (!cache)
		return;
	drop_all(cache);
	free(cache->places);
	assurance_packer_free(cache->packer);
	pthread_mutex_destroy(&cache->lock);
	free(cache);
}

/* Much later than any `until` we give: the clock was set back meanwhile. */
static bool is_over(const struct entry *e, int64_t now_s)
{
	return now_s >= e->until || e->until - now_s > 2 * 3600;
}

static const struct assurance *use(struct assurance_cache *cache, struct entry *e)
{
	const struct slice packed = { e->bytes + e->key_len, e->packed_len };
	const struct assurance *a =
		e->open ? assurance_ref(e->open) : assurance_unpack(cache->packer, packed);

	shut(cache, e);
	unlink_entry(cache, e);
	link_newest(cache, e);
	if (a)
		open_newest(cache, e, a);
	return a;
}

const struct assurance *assurance_cache_find(struct assurance_cache *cache, const char *key,
					     int64_t now_s)
{
	const struct assurance *found = NULL;

	pthread_mutex_lock(&cache->lock);
	struct entry **at = place_of(cache, slice_of(key));
	if (*at && is_over(*at, now_s))
		drop(cache, at);
	else if (*at)
		found = use(cache, *at);
	pthread_mutex_unlock(&cache->lock);
	return found;
}

static struct entry *entry_new(struct slice key, struct slice packed, int64_t until)
{
	struct entry *e = calloc(1, sizeof *e + key.len + packed.len);

	if (!e)
		return NULL;
	e->until = until;
	e->key_len = (uint16_t)key.len;
	e->packed_len = (uint32_t)packed.len;
	memcpy(e->bytes, key.at, key.len);
	memcpy(e->bytes + key.len, packed.at, packed.len);
	return e;
}

static void keep(struct assurance_cache *cache, struct slice key, const struct assurance *assurance)
{
	struct buf packed = BUF_INIT(ASSURANCE_PACK_MAX);
	struct entry *e = NULL;

	if (assurance_pack(cache->packer, assurance, &packed) == RC_OK)
		e = entry_new(key, buf_slice(&packed), assurance->until);
	buf_free(&packed);
	if (!e)
		return;
	if (cache->count >= cache->max)
		drop_key(cache, (struct slice){ cache->oldest->bytes, cache->oldest->key_len });
	if (cache->count >= cache->place_count)
		spread(cache);
	*place_of(cache, key) = e;
	cache->count++;
	link_newest(cache, e);
	open_newest(cache, e, assurance);
}

void assurance_cache_keep(struct assurance_cache *cache, const char *key,
			  const struct assurance *assurance)
{
	struct slice name = slice_of(key);

	pthread_mutex_lock(&cache->lock);
	drop_key(cache, name);
	if (cache->max > 0 && name.len <= UINT16_MAX)
		keep(cache, name, assurance);
	pthread_mutex_unlock(&cache->lock);
}

void assurance_cache_forget(struct assurance_cache *cache, const char *key)
{
	pthread_mutex_lock(&cache->lock);
	drop_key(cache, slice_of(key));
	pthread_mutex_unlock(&cache->lock);
}

void assurance_cache_clear(struct assurance_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	drop_all(cache);
	pthread_mutex_unlock(&cache->lock);
}

size_t assurance_cache_count(struct assurance_cache *cache)
{
	pthread_mutex_lock(&cache->lock);
	size_t count = cache->count;
	pthread_mutex_unlock(&cache->lock);
	return count;
}
