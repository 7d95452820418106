/* pickup/progress.h: what is counted and remembered of one recipient of one deposit: wrong
 * factors, codes sent, clients seen, replies.
 *
 * One record of the bucket "pickup", under deposit id and number (4 bytes, the highest first). It
 * is in the store, so that two portals on one store count together and a restart forgets
 * nothing. No secret is in it: of a code, its HMAC.
 *
 *     wrong factors  1 2 3 4 5 6  7  8  9  10  11 …      forgotten a day after the last
 *     wait           0 0 0 2 4 8 16 32 64 128 256 300    seconds
 *
 * A phrase has 51 bits: at 300 s for each, a guesser who has the link's half needs millions of
 * years; and the right recipient, five minutes of patience.
 *
 * Threads  the store: any, within a transaction; the rest: pure functions */
#pragma once

#include "pickup/client.h"
#include "store/store.h"

enum {
	PICKUP_WRONG_FREE = 3,
	PICKUP_WRONG_MAX_S = 300,
	PICKUP_WRONG_FORGET_S = 86400,
	PICKUP_WRONG_TOLD = 10, /* in the audit; then each tenth: a guesser must not fill it */

	PICKUP_CODE_DIGITS = 8,
	PICKUP_CODE_S = 600,       /* how long one is good */
	PICKUP_CODE_TRIES = 5,     /* wrong ones before it is void: 5 in 10^8 */
	PICKUP_CODES_PER_HOUR = 3, /* each costs money, and rings a stranger's telephone */
	PICKUP_CODES_MAX = 10,     /* for one recipient of one deposit */

	PICKUP_ALERTS_MAX = 3, /* for one recipient: after that the sender knows */
	PICKUP_CLIENTS_MAX = PICKUP_ALERTS_MAX + 1,

	PICKUP_UNSAID_S = 60, /* after that he who was about to must have crashed */

	PICKUP_HOUR_S = 3600,
};

struct pickup_hour { /* so many in an hour, which begins with the first */
	int64_t from_s;
	uint32_t count;
};

struct pickup_progress {
	uint32_t wrong; /* factors */
	int64_t wrong_s;

	uint8_t code[CRYPTO_HASH_BYTES]; /* HMAC; good until code_until_s */
	int64_t code_until_s;            /* 0: there is none */
	uint32_t code_tries, code_total;
	struct pickup_hour codes;

	size_t client_count; /* who was sent the whole blob: hashes */
	uint8_t clients[PICKUP_CLIENTS_MAX][CRYPTO_HASH_BYTES];
	struct {
		int64_t when_s;
		char address[PICKUP_ADDRESS_TEXT], kind[PICKUP_KIND_TEXT];
		bool server;
	} last; /* the last who was; when_s 0: nobody */

	struct pickup_hour replies;
	/* Acknowledged, and not yet in the audit: since when somebody is about to write that; 0: it is
	 * written, or there is nothing to write. */
	int64_t unsaid_s;
};

/* All zero when there is none. RC_RETRY: damaged, or the store. */
enum rc pickup_progress_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			    struct pickup_progress *out, struct fault *why);
enum rc pickup_progress_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			    const struct pickup_progress *progress, int64_t now_s,
			    struct fault *why);

/* Seconds until another factor is looked at. */
uint32_t pickup_progress_wait(const struct pickup_progress *progress, int64_t now_s);
void pickup_progress_wrong(struct pickup_progress *progress, int64_t now_s);

/* Counts one more; false, and *wait_s until there may be, when it would be more than max in the
 * hour. */
bool pickup_hour_take(struct pickup_hour *hour, uint32_t max, int64_t now_s, uint32_t *wait_s);

/* fn is called for each recipient whose acknowledgement is not yet in the audit, and nobody is
 * about to write it. It must not call the store. */
typedef bool pickup_unsaid_fn(void *arg, const uint8_t id[STORE_ID_BYTES], uint32_t number);
enum rc pickup_progress_unsaid(struct store_tx *tx, int64_t now_s, pickup_unsaid_fn *fn, void *arg,
			       struct fault *why);

/* Whether this client was sent the blob before. */
bool pickup_progress_knows(const struct pickup_progress *progress,
			   const uint8_t client[CRYPTO_HASH_BYTES]);
