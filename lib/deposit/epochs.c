#include "deposit/epochs.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/renew.h"
#include "deposit/held.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	DAY_S = 24 * 3600,
	GRACE_S = DAY_S, /* a message that is being sealed has its epoch in hand; minutes at most */
	MARK_BYTES = 8,
	MARK_TEXT = 2 * MARK_BYTES + 1,
	TEXT_MAX = 64,
	ALL_MAX = 1 << 20, /* open deposits that are looked through */
};

/* "0000000007" → "MADE MARK". They stay when the key goes: another of that number is known then. */
static const char bucket[] = "epoch";

struct known { /* what the store says of one */
	uint32_t number;
	int64_t made_s;
	char mark[MARK_TEXT];
};

struct work {
	struct store *store;
	struct crypto_keys *keys;
	int64_t now_s;
	size_t known_count;
	struct known known[CRYPTO_EPOCHS_MAX + 1]; /* by number; the last is the latest ever */
	bool damaged;
	size_t number_count;
	uint32_t numbers[CRYPTO_EPOCHS_MAX]; /* whose keys are there */
	unsigned users[CRYPTO_EPOCHS_MAX];   /* open deposits' recipients under each */
	unsigned lost;
};

/* By which the key is known again, and which says nothing of it. */
static enum rc mark_of(const struct crypto_keys *keys, uint32_t number, char out[MARK_TEXT],
		       struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key key = { 0 };
	uint8_t hash[CRYPTO_HASH_BYTES];

	if (!crypto_keys_epoch(keys, number, &key))
		return fault(why, RC_RETRY, "the key of epoch %u is gone", (unsigned)number);
	enum rc rc = crypto_hmac(&key, SLICE("postern epoch"), hash, why);
	if (rc == RC_OK)
		hex_format(hash, MARK_BYTES, out);
	return rc;
}

/* ---- what the store knows ---- */

static bool take_known(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	struct work *w = arg;
	struct slice made;
	uint64_t number, made_s;

	(void)until_s;
	if (!slice_to_u64(key, &number) || number > UINT32_MAX ||
	    !slice_take_until(&value, ' ', &made) || !slice_to_u64(made, &made_s) ||
	    made_s > INT64_MAX || value.len != MARK_TEXT - 1) {
		w->damaged = true;
		return false;
	}
	if (w->known_count == CRYPTO_EPOCHS_MAX + 1) /* only the latest count */
		memmove(w->known, w->known + 1, --w->known_count * sizeof *w->known);
	struct known *known = &w->known[w->known_count++];
	*known = (struct known){ .number = (uint32_t)number, .made_s = (int64_t)made_s };
	memcpy(known->mark, value.at, MARK_TEXT - 1);
	return true;
}

static enum rc read_known(struct work *w, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(w->store, &tx, why);

	w->known_count = 0;
	if (rc == RC_OK)
		rc = store_each(tx, bucket, 0, take_known, w, why);
	if (rc == RC_OK && w->damaged)
		rc = fault(why, RC_RETRY, "store is damaged: what is known of an epoch");
	w->number_count = crypto_keys_numbers(w->keys, w->numbers);
	return rc;
}

static const struct known *find(const struct work *w, uint32_t number)
{
	for (size_t i = 0; i < w->known_count; i++)
		if (w->known[i].number == number)
			return &w->known[i];
	return NULL;
}

static uint32_t latest(const struct work *w)
{
	uint32_t mine = w->numbers[w->number_count - 1];
	uint32_t ever = w->known_count ? w->known[w->known_count - 1].number : 0;

	return mine > ever ? mine : ever;
}

static void key_of(uint32_t number, char out[TEXT_MAX])
{
	snprintf(out, TEXT_MAX, "%010" PRIu32, number);
}

/* Remembers the epoch as made now. */
static enum rc note(struct work *w, uint32_t number, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	char key[TEXT_MAX], value[TEXT_MAX], mark[MARK_TEXT];
	enum rc rc = mark_of(w->keys, number, mark, why);

	key_of(number, key);
	snprintf(value, sizeof value, "%" PRId64 " %s", w->now_s, rc == RC_OK ? mark : "");
	if (rc == RC_OK)
		rc = store_begin(w->store, &tx, why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, slice_of(key), slice_of(value), STORE_FOREVER, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	return rc == RC_OK ? read_known(w, why) : rc;
}

/* ---- making ---- */

/* Whether the key is not another than the store knows by that number. */
static enum rc is_genuine(const struct work *w, uint32_t number, bool *genuine, struct fault *why)
{
	const struct known *known = find(w, number);
	char mark[MARK_TEXT];
	enum rc rc = mark_of(w->keys, number, mark, why);

	if (rc == RC_OK)
		*genuine = !known || strcmp(known->mark, mark) == 0;
	return rc;
}

static enum rc make_next(struct work *w, struct deposit_epochs *out, struct fault *why)
{
	uint32_t number = latest(w) + 1;
	enum rc rc = crypto_epoch_make(w->keys, number, why);

	if (rc == RC_OK)
		rc = note(w, number, why);
	out->made = rc == RC_OK;
	return rc;
}

static enum rc keep_current(struct work *w, unsigned days, struct deposit_epochs *out,
			    struct fault *why)
{
	uint32_t current = w->numbers[w->number_count - 1];
	const struct known *known = find(w, current);
	bool genuine = false;

	/* The first start of all, or a crash between the key and its row. */
	if (!known && current >= latest(w))
		return note(w, current, why);
	enum rc rc = is_genuine(w, current, &genuine, why);
	if (rc != RC_OK)
		return rc;
	if (genuine && current == latest(w) && known &&
	    w->now_s - known->made_s < (int64_t)(days ? days : DEPOSIT_EPOCH_DAYS) * DAY_S)
		return RC_OK;
	return make_next(w, out, why);
}

/* ---- destroying ---- */

static bool is_open(void *arg, const struct store_deposit *deposit)
{
	(void)arg;
	return deposit->state == STORE_DEPOSIT_OPEN;
}

/* Counts the open deposits under each epoch. */
static enum rc count_one(struct work *w, const uint8_t *id, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	struct deposit_recipient_record record;
	bool lost = false;
	enum rc rc = deposit_held_look(w->store, id, &held, why);

	if (rc != RC_OK)
		return rc == RC_ABSENT ? RC_OK : rc;
	for (size_t i = 0; held->state == STORE_DEPOSIT_OPEN && i < held->recipient_count; i++) {
		bool found = false, ended;
		if (deposit_recipient_decode_any(held->recipients[i].record, &record, &ended,
						 why) != RC_OK)
			return RC_RETRY; /* which epoch it needs nobody can say */
		if (ended)               /* its copy was sent on: it needs none */
			continue;
		for (size_t n = 0; n < w->number_count && !found; n++) {
			found = w->numbers[n] == record.epoch;
			w->users[n] += found;
		}
		/* An epoch that was made since the keys were read last is no loss. */
		lost |= !found && record.epoch <= latest(w);
		crypto_wipe(&record, sizeof record);
	}
	w->lost += lost;
	return RC_OK;
}

static enum rc count_users(struct work *w, struct fault *why)
{
	struct buf ids = BUF_INIT((size_t)ALL_MAX * STORE_ID_BYTES);
	enum rc rc = deposit_held_find(w->store, is_open, NULL, ALL_MAX, &ids, why);

	for (size_t at = 0; rc == RC_OK && at < ids.len; at += STORE_ID_BYTES)
		rc = count_one(w, (const uint8_t *)ids.at + at, why);
	if (rc == RC_OK && ids.len == ids.max)
		rc = fault(why, RC_LIMIT, "more than %d open deposits", ALL_MAX);
	buf_free(&ids);
	return rc;
}

/* Whether a message may still be on its way to being stored under the epoch. */
static bool is_in_grace(const struct work *w, uint32_t number)
{
	for (size_t i = 0; i < w->known_count; i++)
		if (w->known[i].number > number) /* the next one took over then */
			return w->now_s - w->known[i].made_s < GRACE_S;
	return true;
}

static enum rc destroy_unused(struct work *w, struct deposit_epochs *out, struct fault *why)
{
	enum rc rc = count_users(w, why);

	for (size_t n = 0; rc == RC_OK && n + 1 < w->number_count; n++) {
		bool genuine = false;
		rc = is_genuine(w, w->numbers[n], &genuine, why);
		if (rc != RC_OK)
			return rc;
		/* A key that stands where another was opens nothing, however many seem to
		 * need it. */
		w->lost += genuine ? 0 : w->users[n];
		if ((genuine && w->users[n]) || is_in_grace(w, w->numbers[n]))
			continue;
		rc = crypto_epoch_destroy(w->keys, w->numbers[n], why);
		out->destroyed += rc == RC_OK;
	}
	out->lost = w->lost;
	return rc;
}

enum rc deposit_epochs_keep(struct store *store, struct crypto_keys *keys, unsigned days,
			    int64_t now_s, struct deposit_epochs *out, struct fault *why)
{
	CLEANUP(cleanup_free) struct work *w = calloc(1, sizeof *w);

	*out = (struct deposit_epochs){ 0 };
	if (!w)
		return fault(why, RC_NOMEM, "out of memory");
	*w = (struct work){ .store = store, .keys = keys, .now_s = now_s };
	enum rc rc = crypto_keys_refresh(keys, why);
	if (rc == RC_OK)
		rc = read_known(w, why);
	if (rc == RC_OK)
		rc = keep_current(w, days, out, why);
	if (rc == RC_OK)
		rc = destroy_unused(w, out, why);
	if (w->number_count)
		out->current = w->numbers[w->number_count - 1];
	return rc;
}
