#include "sts/shelf.h"

#include "base/cleanup.h"
#include "store/store.h"

#include <string.h>

static const char bucket[] = "sts";

struct loading {
	struct sts_cache *cache;
	sts_shelf_damaged *damaged;
	void *arg;
	enum rc rc; /* what ended it early */
	struct fault *why;
};

static bool take(void *arg, struct slice domain, struct slice record, int64_t until_s)
{
	struct loading *loading = arg;
	struct fault why;
	enum rc rc = sts_cache_load(loading->cache, domain, record, &why);

	(void)until_s;
	if (rc == RC_INVALID && loading->damaged)
		loading->damaged(loading->arg, why.text);
	if (rc == RC_OK || rc == RC_INVALID)
		return true;
	loading->rc = fault(loading->why, rc, "%s", why.text);
	return false;
}

enum rc sts_shelf_load(struct store *store, struct sts_cache *cache, int64_t now_s,
		       sts_shelf_damaged *damaged, void *arg, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct loading loading = { cache, damaged, arg, RC_OK, why };
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = store_each(tx, bucket, now_s, take, &loading, why);
	return rc == RC_OK ? loading.rc : rc;
}

enum rc sts_shelf_write(struct store *store, const struct sts_shelf_change *changes,
			struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(store, &tx, why);

	for (const struct sts_shelf_change *c = changes; c && rc == RC_OK; c = c->next) {
		struct slice key = { c->domain, strlen(c->domain) };

		rc = c->removed
			     ? store_delete(tx, bucket, key, why)
			     : store_put(tx, bucket, key, buf_slice(&c->record), c->until_s, why);
	}
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}
