#include "deposit/life.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <string.h>

enum { BATCH = 64 }; /* deposits ended in one transaction */

struct ending {
	struct buf ids;     /* STORE_ID_BYTES each */
	struct buf numbers; /* of recipients, as uint32_t */
	int64_t now_s;
};

static bool collect_due(void *arg, const struct store_deposit *deposit)
{
	struct ending *ending = arg;

	if (deposit->state != STORE_DEPOSIT_OPEN || deposit->until_s > ending->now_s)
		return true;
	return buf_add(&ending->ids, deposit->id, STORE_ID_BYTES) == RC_OK;
}

static bool take_open(void *arg, const struct store_deposit *deposit)
{
	struct store_deposit *out = arg;

	*out = *deposit;
	return false;
}

static bool collect_number(void *arg, const struct store_recipient *recipient)
{
	struct ending *ending = arg;

	return buf_add(&ending->numbers, &recipient->number, sizeof recipient->number) == RC_OK;
}

/* Empties the records: with them go K_srv, the wrapped dek, and the commitment. */
static enum rc end_rows(struct store_tx *tx, const uint8_t *id, enum store_deposit_state state,
			struct ending *ending, struct fault *why)
{
	struct store_deposit deposit;
	struct store_recipient recipient = { .state = 0, .record = SLICE("") };
	enum rc rc = store_deposit_find(tx, id, take_open, &deposit, why);

	if (rc != RC_OK)
		return rc;
	if (deposit.state != STORE_DEPOSIT_OPEN)
		return fault(why, RC_ABSENT, "the deposit has ended");
	deposit.state = state;
	deposit.record = SLICE("");
	rc = store_deposit_set(tx, &deposit, why);

	buf_clear(&ending->numbers);
	if (rc == RC_OK)
		rc = store_recipients(tx, id, collect_number, ending, why);
	if (rc == RC_OK && buf_state(&ending->numbers) != RC_OK)
		rc = fault(why, RC_NOMEM, "out of memory");
	memcpy(recipient.deposit, id, STORE_ID_BYTES);
	for (size_t at = 0; rc == RC_OK && at < ending->numbers.len; at += sizeof(uint32_t)) {
		memcpy(&recipient.number, ending->numbers.at + at, sizeof(uint32_t));
		rc = store_recipient_set(tx, &recipient, why);
	}
	return rc;
}

static enum rc end_all(struct store *store, enum store_deposit_state state, struct ending *ending,
		       struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(store, &tx, why);

	if (rc == RC_OK && state == STORE_DEPOSIT_EXPIRED)
		rc = store_deposit_each(tx, collect_due, ending, why);
	for (size_t at = 0; rc == RC_OK && at < ending->ids.len; at += STORE_ID_BYTES)
		rc = end_rows(tx, (const uint8_t *)ending->ids.at + at, state, ending, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

/* The rows go first: without their keys a blob that stays behind after a crash is noise, and
 * store_blob_sweep() removes it. */
static enum rc end(struct store *store, enum store_deposit_state state, struct ending *ending,
		   struct fault *why)
{
	enum rc rc = end_all(store, state, ending, why);

	for (size_t at = 0; rc == RC_OK && at < ending->ids.len; at += STORE_ID_BYTES)
		rc = store_blob_remove(store, STORE_BLOBS, (const uint8_t *)ending->ids.at + at,
				       why);
	return rc;
}

enum rc deposit_expire(struct store *store, int64_t now_s, unsigned *count, struct fault *why)
{
	struct ending ending = {
		.ids = BUF_INIT(BATCH * STORE_ID_BYTES),
		.numbers = BUF_INIT(1 << 20),
		.now_s = now_s,
	};
	unsigned ended = 0;
	enum rc rc;

	do {
		buf_clear(&ending.ids);
		rc = end(store, STORE_DEPOSIT_EXPIRED, &ending, why);
		ended += rc == RC_OK ? (unsigned)(ending.ids.len / STORE_ID_BYTES) : 0;
	} while (rc == RC_OK && ending.ids.len == ending.ids.max);
	buf_free(&ending.ids);
	buf_free(&ending.numbers);
	if (rc == RC_OK && count)
		*count = ended;
	return rc;
}

enum rc deposit_revoke(struct store *store, const uint8_t id[STORE_ID_BYTES], struct fault *why)
{
	struct ending ending = { .ids = BUF_INIT(STORE_ID_BYTES), .numbers = BUF_INIT(1 << 20) };
	enum rc rc = buf_add(&ending.ids, id, STORE_ID_BYTES);

	rc = rc == RC_OK ? end(store, STORE_DEPOSIT_REVOKED, &ending, why)
			 : fault(why, rc, "out of memory");
	buf_free(&ending.ids);
	buf_free(&ending.numbers);
	return rc;
}
