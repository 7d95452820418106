#include "pickup/progress.h"

#include "base/pack.h"

#include <string.h>

enum {
	RECORD_MAX = 600,
	KEEP_S = 400 * 86400, /* longer than any deposit; its end removes it earlier */
	SHIFT_MAX = 8,
};

static const char bucket[] = "pickup";

static void lay_out_count(struct pack *p, uint32_t *count)
{
	uint64_t number = *count;

	pack_number(p, &number, 4);
	*count = (uint32_t)number;
}

static void lay_out_hour(struct pack *p, struct pickup_hour *hour)
{
	pack_time(p, &hour->from_s);
	lay_out_count(p, &hour->count);
}

/* A text with its NUL in size bytes. */
static void lay_out_text(struct pack *p, char *text, size_t size)
{
	struct slice s = { text, strlen(text) };

	pack_slice(p, &s, size - 1);
	if (s.len && memchr(s.at, '\0', s.len))
		pack_refuse(p, "a text holds NUL");
	if (p->out)
		return;
	memset(text, 0, size);
	if (s.len && !p->wrong)
		memcpy(text, s.at, s.len);
}

static void lay_out(struct pack *p, struct pickup_progress *g)
{
	uint64_t clients = g->client_count;

	lay_out_count(p, &g->wrong);
	pack_time(p, &g->wrong_s);
	pack_bytes(p, g->code, sizeof g->code);
	pack_time(p, &g->code_until_s);
	lay_out_count(p, &g->code_tries);
	lay_out_count(p, &g->code_total);
	lay_out_hour(p, &g->codes);
	pack_number(p, &clients, 1);
	if (clients > PICKUP_CLIENTS_MAX)
		pack_refuse(p, "there are too many clients");
	g->client_count = p->wrong ? 0 : (size_t)clients;
	for (size_t i = 0; i < g->client_count; i++)
		pack_bytes(p, g->clients[i], sizeof g->clients[i]);
	pack_time(p, &g->last.when_s);
	lay_out_text(p, g->last.address, sizeof g->last.address);
	lay_out_text(p, g->last.kind, sizeof g->last.kind);
	pack_bool(p, &g->last.server);
	lay_out_hour(p, &g->replies);
	pack_time(p, &g->unsaid_s);
}

struct key {
	uint8_t bytes[STORE_ID_BYTES + 4];
};

static struct slice key_of(const uint8_t *id, uint32_t number, struct key *key)
{
	memcpy(key->bytes, id, STORE_ID_BYTES);
	for (unsigned i = 0; i < 4; i++)
		key->bytes[STORE_ID_BYTES + i] = (uint8_t)(number >> 8 * (3 - i));
	return (struct slice){ (const char *)key->bytes, sizeof key->bytes };
}

enum rc pickup_progress_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			    struct pickup_progress *out, struct fault *why)
{
	struct pickup_progress progress = { .wrong = 0 };
	struct buf bytes = BUF_INIT(RECORD_MAX);
	struct key key;
	enum rc rc = store_get(tx, bucket, key_of(id, number, &key), 0, &bytes, why);

	if (rc == RC_OK) {
		struct pack p = PACK_FROM(buf_slice(&bytes));
		lay_out(&p, &progress);
		if (pack_end(&p, "a pickup's record", why) != RC_OK)
			rc = fault(why, RC_RETRY, "store is damaged: a pickup's record");
	}
	buf_free(&bytes);
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	*out = progress;
	return RC_OK;
}

enum rc pickup_progress_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			    const struct pickup_progress *progress, int64_t now_s,
			    struct fault *why)
{
	struct pickup_progress copy = *progress;
	struct buf bytes = BUF_INIT(RECORD_MAX);
	struct pack p = PACK_INTO(&bytes);
	struct key key;

	lay_out(&p, &copy);
	enum rc rc = pack_end(&p, "a pickup's record", why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, key_of(id, number, &key), buf_slice(&bytes),
			       now_s + KEEP_S, why);
	buf_free(&bytes);
	return rc;
}

struct unsaid {
	int64_t now_s;
	pickup_unsaid_fn *fn;
	void *arg;
};

static bool pass_unsaid(void *arg, struct slice key, struct slice value, int64_t until_s)
{
	const struct unsaid *u = arg;
	struct pickup_progress progress = { .wrong = 0 };
	struct pack p = PACK_FROM(value);
	uint32_t number = 0;

	(void)until_s;
	lay_out(&p, &progress);
	if (pack_end(&p, "a pickup's record", NULL) != RC_OK || progress.unsaid_s == 0 ||
	    u->now_s - progress.unsaid_s < PICKUP_UNSAID_S || key.len != sizeof(struct key))
		return true;
	for (size_t i = STORE_ID_BYTES; i < key.len; i++)
		number = number << 8 | (uint8_t)key.at[i];
	return u->fn(u->arg, (const uint8_t *)key.at, number);
}

enum rc pickup_progress_unsaid(struct store_tx *tx, int64_t now_s, pickup_unsaid_fn *fn, void *arg,
			       struct fault *why)
{
	struct unsaid unsaid = { now_s, fn, arg };

	return store_each(tx, bucket, now_s, pass_unsaid, &unsaid, why);
}

uint32_t pickup_progress_wait(const struct pickup_progress *progress, int64_t now_s)
{
	if (progress->wrong <= PICKUP_WRONG_FREE ||
	    now_s - progress->wrong_s >= PICKUP_WRONG_FORGET_S)
		return 0;
	uint32_t shift = progress->wrong - PICKUP_WRONG_FREE;
	int64_t pause_s = shift <= SHIFT_MAX ? 1 << shift : PICKUP_WRONG_MAX_S;
	int64_t left_s = progress->wrong_s + pause_s - now_s;
	/* A clock that was put back makes no wait longer than it was. */
	return left_s <= 0 ? 0 : (uint32_t)(left_s < pause_s ? left_s : pause_s);
}

void pickup_progress_wrong(struct pickup_progress *progress, int64_t now_s)
{
	if (now_s - progress->wrong_s >= PICKUP_WRONG_FORGET_S)
		progress->wrong = 0;
	progress->wrong += progress->wrong < UINT32_MAX;
	progress->wrong_s = now_s;
}

bool pickup_hour_take(struct pickup_hour *hour, uint32_t max, int64_t now_s, uint32_t *wait_s)
{
	int64_t left_s = hour->from_s + PICKUP_HOUR_S - now_s;

	if (left_s <= 0 || left_s > PICKUP_HOUR_S)
		*hour = (struct pickup_hour){ .from_s = now_s };
	else if (hour->count >= max) {
		*wait_s = (uint32_t)left_s;
		return false;
	}
	hour->count++;
	return true;
}

bool pickup_progress_knows(const struct pickup_progress *progress,
			   const uint8_t client[CRYPTO_HASH_BYTES])
{
	for (size_t i = 0; i < progress->client_count; i++)
		if (crypto_same(progress->clients[i], client, CRYPTO_HASH_BYTES))
			return true;
	return false;
}
