/* deposit/facts.h: what is known of a deposit beside its keys, for the proof of a pickup.
 *
 *     scan   ClamAV 1.0.7, clean, 2026-11-22T02:45:47Z
 *     recipient 0   factor independent, picked up by browser, 2026-11-23T09:12:00Z
 *
 * One record of the bucket "facts" for each deposit, under its id; it outlives the keys, and
 * goes with the deposit's row. There is nothing of the content in it. Whoever changes it
 * reads, changes and writes within one transaction.
 *
 * Threads  any, within a transaction */
#pragma once

#include "deposit/record.h"
#include "store/store.h"

enum {
	DEPOSIT_ENGINE_MAX = 200, /* bytes: "ClamAV 1.0.7/27435/Sun Nov 22 …" has 50 */
	DEPOSIT_RESULT_MAX = 100,
};

struct deposit_scan {
	char engine[DEPOSIT_ENGINE_MAX + 1]; /* what looked, and with which data; UTF-8 */
	char result[DEPOSIT_RESULT_MAX + 1]; /* "clean" */
	int64_t date_s;
};

enum deposit_mode { DEPOSIT_MODE_BROWSER, DEPOSIT_MODE_SERVER }; /* where it was decrypted */
const char *deposit_mode_name(enum deposit_mode mode);           /* "browser", "server" */

struct deposit_recipient_facts {
	bool independent;       /* the factor does not travel the notice's way */
	enum deposit_mode mode; /* of the pickup that was acknowledged first */
	int64_t picked_up_s;    /* when that was; 0: not yet */
};

struct deposit_facts {
	bool scanned;
	struct deposit_scan scan; /* where scanned */
	size_t recipient_count;
	struct deposit_recipient_facts recipients[DEPOSIT_RECIPIENTS_MAX]; /* by their number */
};

/* Puts a text into a scan: what is no UTF-8 or does not fit is cut off. */
void deposit_scan_set(char *member, size_t member_size, struct slice text);

/* RC_ABSENT: nothing is known. RC_INVALID: the record is damaged. *out only on RC_OK. */
enum rc deposit_facts_get(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_facts *out, struct fault *why);
enum rc deposit_facts_put(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  const struct deposit_facts *facts, struct fault *why);
/* RC_OK also when there was none. For whoever removes the deposit's row. */
enum rc deposit_facts_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			     struct fault *why);

/* ---- the record's layout; pure ---- */

enum {
	DEPOSIT_FACTS_BYTES = 1 + 1 + 8 + 4 + DEPOSIT_ENGINE_MAX + 4 + DEPOSIT_RESULT_MAX + 1 +
			      DEPOSIT_RECIPIENTS_MAX * 10
};
/* Adds it to out. */
enum rc deposit_facts_encode(const struct deposit_facts *facts, struct buf *out);
enum rc deposit_facts_decode(struct slice bytes, struct deposit_facts *out, struct fault *why);
