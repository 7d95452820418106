#include "pickup/slow.h"

#include "crypto/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { WAYS = 4, SETS = PICKUP_SLOW_CLIENTS / WAYS, SHIFT_MAX = 6 };

struct entry { /* zero: nobody's */
	uint8_t prefix[PICKUP_PREFIX_BYTES];
	uint32_t wrong, looks;
	int64_t wrong_s, look_s;
};

struct pickup_slow {
	struct crypto_key key; /* so that nobody can choose who shares a set */
	pthread_mutex_t lock;
	struct entry sets[SETS][WAYS];
};

enum rc pickup_slow_new(struct pickup_slow **out, struct fault *why)
{
	struct pickup_slow *slow = calloc(1, sizeof *slow);

	if (!slow)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = crypto_key_make(&slow->key, why);
	if (rc != RC_OK) {
		free(slow);
		return rc;
	}
	pthread_mutex_init(&slow->lock, NULL);
	*out = slow;
	return RC_OK;
}

void pickup_slow_free(struct pickup_slow *slow)
{
	if (!slow)
		return;
	pthread_mutex_destroy(&slow->lock);
	crypto_wipe(slow, sizeof *slow);
	free(slow);
}

/* The client's set. Should the hash fail, which it does not, all share the first. */
static struct entry *set_of(struct pickup_slow *slow, const uint8_t *prefix)
{
	uint8_t hash[CRYPTO_HASH_BYTES] = { 0 };
	const struct slice bytes = { (const char *)prefix, PICKUP_PREFIX_BYTES };

	(void)!crypto_hmac(&slow->key, bytes, hash, NULL);
	return slow->sets[((unsigned)hash[0] << 8 | hash[1]) % SETS];
}

/* A clock that was put back must not make a wait longer than it was, nor last for ever. */
static bool is_fresh(const struct entry *e, int64_t now_s)
{
	return e->wrong > 0 && now_s - e->wrong_s < PICKUP_SLOW_FORGET_S &&
	       e->wrong_s - now_s < PICKUP_SLOW_FORGET_S;
}

static struct entry *find(struct entry *set, const uint8_t *prefix, int64_t now_s)
{
	for (size_t i = 0; i < WAYS; i++)
		if (is_fresh(&set[i], now_s) &&
		    memcmp(set[i].prefix, prefix, PICKUP_PREFIX_BYTES) == 0)
			return &set[i];
	return NULL;
}

static uint32_t wait_of(const struct entry *e, int64_t now_s)
{
	if (!e || e->wrong <= PICKUP_SLOW_FREE)
		return 0;
	uint32_t shift = e->wrong - PICKUP_SLOW_FREE - 1;
	int64_t pause_s = shift < SHIFT_MAX ? 1 << shift : PICKUP_SLOW_MAX_S;
	int64_t left_s = e->wrong_s + pause_s - now_s;
	return left_s <= 0 ? 0 : (uint32_t)(left_s < pause_s ? left_s : pause_s);
}

uint32_t pickup_slow_wait(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
			  int64_t now_s, bool *look)
{
	pthread_mutex_lock(&slow->lock);
	struct entry *e = find(set_of(slow, prefix), prefix, now_s);
	uint32_t wait_s = wait_of(e, now_s);
	*look = true;
	if (wait_s) {
		if (e->look_s != now_s)
			e->looks = 0;
		e->look_s = now_s;
		*look = e->looks++ < PICKUP_SLOW_LOOKS;
	}
	pthread_mutex_unlock(&slow->lock);
	return wait_s;
}

/* The way to use for a new client: a free one, else that of the oldest. */
static struct entry *oldest(struct entry *set, int64_t now_s)
{
	struct entry *best = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (!is_fresh(&set[i], now_s))
			return &set[i];
		if (set[i].wrong_s < best->wrong_s)
			best = &set[i];
	}
	return best;
}

void pickup_slow_wrong(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
		       int64_t now_s)
{
	pthread_mutex_lock(&slow->lock);
	struct entry *set = set_of(slow, prefix);
	struct entry *e = find(set, prefix, now_s);
	if (!e) {
		e = oldest(set, now_s);
		*e = (struct entry){ .wrong = 0 };
		memcpy(e->prefix, prefix, PICKUP_PREFIX_BYTES);
	}
	if (wait_of(e, now_s) == 0) {
		e->wrong += e->wrong < PICKUP_SLOW_FREE + SHIFT_MAX + 1;
		e->wrong_s = now_s;
	}
	pthread_mutex_unlock(&slow->lock);
}

void pickup_slow_right(struct pickup_slow *slow, const uint8_t prefix[PICKUP_PREFIX_BYTES],
		       int64_t now_s)
{
	pthread_mutex_lock(&slow->lock);
	struct entry *e = find(set_of(slow, prefix), prefix, now_s);
	if (e)
		*e = (struct entry){ .wrong = 0 };
	pthread_mutex_unlock(&slow->lock);
}
