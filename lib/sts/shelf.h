/* sts/shelf.h: the policies' place in the store.
 *
 *     bucket "sts", key "partner.example" → sts/stored.h
 *
 * Threads  any but the loop's: the store blocks */
#pragma once

#include "sts/cache.h"

struct store;

/* Told of each record that cannot be used; its domain fails closed. */
typedef void sts_shelf_damaged(void *arg, const char *reason);

/* Fills cache from store. damaged may be NULL.
 *   RC_RETRY, RC_NOMEM  the store cannot be read: what is remembered is not known,
 *                       so do not go on as if it were nothing */
enum rc sts_shelf_load(struct store *store, struct sts_cache *cache, int64_t now_s,
		       sts_shelf_damaged *damaged, void *arg, struct fault *why);

struct sts_shelf_change {
	struct sts_shelf_change *next;
	char domain[DNS_NAME_MAX];
	bool removed;
	int64_t until_s;
	struct buf record; /* unless removed */
};

/* Writes a list of changes, in their order, all or none. RC_RETRY: none. */
enum rc sts_shelf_write(struct store *store, const struct sts_shelf_change *changes,
			struct fault *why);
