#include "deposit/life.h"

#include "base/clock.h"
#include "base/cleanup.h"
#include "deposit/destroy.h"
#include "deposit/letter.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_S = 24 * 3600, LIFE_DAYS = 90, KEEP_DAYS = 30 };
enum { BATCH = 64, WARN_MAX = 1 << 20 }; /* deposits found at once */
/* ---- events and letters ---- */

/* One for each recipient. */
static enum rc tell(const struct deposit_life *life, const struct deposit_held *held,
		    const struct deposit_event *like, struct fault *why)
{
	CLEANUP(cleanup_free)
	struct deposit_event *events = calloc(held->recipient_count + 1, sizeof *events);

	if (!life->event)
		return RC_OK;
	if (!events)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < held->recipient_count; i++) {
		events[i] = *like;
		events[i].id = held->id;
		events[i].sender = held->sender;
		events[i].recipient = held->recipients[i].address;
	}
	return life->event(life->arg, events, held->recipient_count, why);
}

static const char *event_of(enum store_deposit_state state)
{
	switch (state) {
	case STORE_DEPOSIT_OPEN:
		return "extended";
	case STORE_DEPOSIT_REVOKED:
		return "revoked";
	case STORE_DEPOSIT_EXPIRED:
		return "expired";
	case STORE_DEPOSIT_SENT_ON:
		return "upgraded";
	}
	return "";
}

enum whom { ALL, UNOPENED, OPENED };

static bool is_one(const struct deposit_held_recipient *to, enum whom whom)
{
	bool opened = to->state == DEPOSIT_SENT || to->state == DEPOSIT_ACKNOWLEDGED;

	return whom == ALL || (whom == OPENED ? opened : to->state < DEPOSIT_SENT);
}

static struct slice *list(const struct deposit_held *held, enum whom whom, size_t *count)
{
	struct slice *out = calloc(held->recipient_count + 1, sizeof *out);

	*count = 0;
	for (size_t i = 0; out && i < held->recipient_count; i++)
		if (is_one(&held->recipients[i], whom))
			out[(*count)++] = held->recipients[i].address;
	return out;
}

/* Seals a letter about the deposit. A deposit that expires when all have opened it is no news.
 * A letter that cannot be written (the sender's address fits no field) keeps nothing from
 * ending. */
static enum rc seal_letter(const struct deposit_life *life, const struct deposit_held *held,
			   struct deposit_letter *letter, enum whom whom, int64_t now_s,
			   struct outbox_item **out, struct fault *why)
{
	CLEANUP(cleanup_free)
	struct slice *recipients = list(held, whom, &letter->recipient_count);
	CLEANUP(cleanup_free) struct slice *opened = list(held, OPENED, &letter->opened_count);

	if (!recipients || !opened)
		return fault(why, RC_NOMEM, "out of memory");
	if (letter->recipient_count == 0)
		return RC_OK;
	letter->id = held->id;
	letter->sender = held->sender;
	letter->made_s = held->made_s;
	letter->until_s = held->until_s;
	letter->recipients = recipients;
	letter->opened = opened;
	enum rc rc = deposit_letter_seal(life->site, letter, now_s, out, why);
	return rc == RC_INVALID || rc == RC_LIMIT ? RC_OK : rc;
}

/* ---- ending ---- */

/* held was read before, outside of the transaction: it must still be so. */
static enum rc commit_end(const struct deposit_life *life, const struct deposit_held *held,
			  const struct deposit_ending *ending, struct outbox_item **letter,
			  int64_t now_s, struct deposit_ended *ended, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(deposit_held_free) struct deposit_held *fresh = NULL;
	const struct deposit_event event = { .event = event_of(ending->state),
					     .by = ending->by,
					     .reason = ending->reason };
	enum rc rc = store_begin(life->site->store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_held_read(tx, held->id, &fresh, why);
	if (rc == RC_OK && ending->state == STORE_DEPOSIT_EXPIRED && fresh->until_s > now_s)
		rc = fault(why, RC_ABSENT, "the deposit was extended meanwhile");
	if (rc == RC_OK)
		rc = deposit_end_held(tx, fresh, ending->state, now_s, ended, why);
	if (rc == RC_OK && *letter)
		rc = outbox_add(tx, *letter, now_s, why);
	if (rc == RC_OK)
		rc = tell(life, fresh, &event, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static enum rc end(const struct deposit_life *life, const struct deposit_held *held,
		   const struct deposit_ending *ending, int64_t now_s, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *letter = NULL;
	CLEANUP(deposit_ended_forget) struct deposit_ended ended = { 0 };
	struct deposit_letter about = { .kind = DEPOSIT_ENDED,
					.how = ending->state,
					.by = ending->by };

	if (held->state != STORE_DEPOSIT_OPEN)
		return fault(why, RC_ABSENT, "the deposit has ended");
	enum rc rc = seal_letter(life, held, &about,
				 ending->state == STORE_DEPOSIT_EXPIRED ? UNOPENED : ALL, now_s,
				 &letter, why);
	if (rc == RC_OK)
		rc = commit_end(life, held, ending, &letter, now_s, &ended, why);
	if (rc != RC_OK)
		return rc;
	outbox_keep(&letter);
	return deposit_ended_clear(life->site->store, &ended, why);
}

enum rc deposit_end(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		    const struct deposit_ending *ending, int64_t now_s, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = deposit_held_look(life->site->store, id, &held, why);

	return rc == RC_OK ? end(life, held, ending, now_s, why) : rc;
}

/* ---- extending ---- */

/* The event's reason is until when, and then what the operator says. */
static enum rc set_until(const struct deposit_life *life, const struct deposit_held *held,
			 struct store_tx *tx, int64_t until_s, const struct deposit_event *event,
			 struct fault *why)
{
	char until[CLOCK_TEXT];
	struct deposit_event told = *event;
	struct buf reason = BUF_INIT(4096);
	struct store_deposit row = {
		.state = held->state,
		.made_s = held->made_s,
		.until_s = until_s,
		.sender = held->sender,
		.record = held->record,
	};

	memcpy(row.id, held->id, sizeof row.id);
	(void)buf_addf(&reason, "until %s%s%.*s", clock_format(until_s, until),
		       event->reason.len ? ", " : "", SLICE_ARG(event->reason));
	told.reason = buf_slice(&reason);
	enum rc rc = store_deposit_set(tx, &row, why);
	if (rc == RC_OK)
		rc = tell(life, held, &told, why);
	buf_free(&reason);
	return rc;
}

int64_t deposit_longest_s(const struct deposit_life *life, int64_t made_s)
{
	return made_s + (int64_t)(life->life_days ? life->life_days : LIFE_DAYS) * DAY_S;
}

enum rc deposit_extend(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		       int64_t until_s, const char *by, struct slice reason, int64_t now_s,
		       int64_t *kept_s, struct fault *why)
{
	const struct deposit_event event = { .event = "extended", .by = by, .reason = reason };
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = store_begin(life->site->store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_held_read(tx, id, &held, why);
	if (rc != RC_OK)
		return rc;
	if (held->state != STORE_DEPOSIT_OPEN || held->until_s <= now_s)
		return fault(why, RC_ABSENT, "the deposit has ended");
	int64_t longest = deposit_longest_s(life, held->made_s);
	if (until_s > longest)
		until_s = longest;
	if (until_s <= held->until_s)
		return fault(why, RC_ABSENT, "the deposit is kept that long already");
	rc = set_until(life, held, tx, until_s, &event, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK)
		*kept_s = until_s;
	return rc;
}

/* ---- all that are due ---- */

struct sweep {
	const struct deposit_life *life;
	int64_t now_s;
	deposit_progress_fn *go_on;
	void *arg;
	unsigned count;
};

typedef enum rc sweep_one_fn(struct sweep *sweep, const struct deposit_held *held,
			     struct fault *why);

static enum rc sweep_one(struct sweep *sweep, const uint8_t *id, sweep_one_fn *one,
			 struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL;
	enum rc rc = deposit_held_look(sweep->life->site->store, id, &held, why);

	if (rc == RC_OK)
		rc = one(sweep, held, why);
	sweep->count += rc == RC_OK;
	return rc == RC_ABSENT ? RC_OK : rc; /* another process was faster */
}

/* wanted finds no deposit again once one() has dealt with it. */
static enum rc sweep_all(struct sweep *sweep, deposit_wanted_fn *wanted, sweep_one_fn *one,
			 struct fault *why)
{
	struct buf ids = BUF_INIT(BATCH * STORE_ID_BYTES);
	bool more = true;
	enum rc rc = RC_OK;

	while (more && rc == RC_OK) {
		unsigned before = sweep->count;
		buf_clear(&ids);
		rc = deposit_held_find(sweep->life->site->store, wanted, sweep, BATCH, &ids, why);
		for (size_t at = 0; more && rc == RC_OK && at < ids.len; at += STORE_ID_BYTES) {
			rc = sweep_one(sweep, (const uint8_t *)ids.at + at, one, why);
			more = !sweep->go_on || sweep->go_on(sweep->arg, sweep->count);
		}
		more = more && ids.len == ids.max && sweep->count > before;
	}
	buf_free(&ids);
	return rc;
}

static bool is_due(void *arg, const struct store_deposit *deposit)
{
	const struct sweep *sweep = arg;

	return deposit->state == STORE_DEPOSIT_OPEN && deposit->until_s <= sweep->now_s;
}

static enum rc expire_one(struct sweep *sweep, const struct deposit_held *held, struct fault *why)
{
	const struct deposit_ending ending = { STORE_DEPOSIT_EXPIRED, "time", SLICE("") };

	return end(sweep->life, held, &ending, sweep->now_s, why);
}

enum rc deposit_expire(const struct deposit_life *life, int64_t now_s, deposit_progress_fn *go_on,
		       void *arg, unsigned *count, struct fault *why)
{
	struct sweep sweep = { life, now_s, go_on, arg, 0 };
	enum rc rc = sweep_all(&sweep, is_due, expire_one, why);

	if (count)
		*count = sweep.count;
	return rc;
}

static bool is_old(void *arg, const struct store_deposit *deposit)
{
	const struct sweep *sweep = arg;
	const unsigned days = sweep->life->keep_days ? sweep->life->keep_days : KEEP_DAYS;
	struct deposit_ended_record record;

	if (deposit->state == STORE_DEPOSIT_OPEN)
		return false;
	/* One that does not say when it ended did so when its time was over, at the latest. */
	if (deposit_ended_decode(deposit->record, &record, NULL) != RC_OK)
		record.ended_s = deposit->until_s;
	return record.ended_s <= sweep->now_s - (int64_t)days * DAY_S;
}

static enum rc purge_one(struct sweep *sweep, const struct deposit_held *held, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	const struct deposit_event event = { .event = "purged", .by = "time" };
	enum rc rc = store_begin(sweep->life->site->store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_purge_rows(tx, held, why);
	if (rc == RC_OK)
		rc = tell(sweep->life, held, &event, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

enum rc deposit_purge(const struct deposit_life *life, int64_t now_s, deposit_progress_fn *go_on,
		      void *arg, unsigned *count, struct fault *why)
{
	struct sweep sweep = { life, now_s, go_on, arg, 0 };
	enum rc rc = sweep_all(&sweep, is_old, purge_one, why);

	if (count)
		*count = sweep.count;
	return rc;
}

/* ---- nobody came ---- */

static bool is_half_over(void *arg, const struct store_deposit *deposit)
{
	const struct sweep *sweep = arg;
	int64_t half_s = deposit->made_s + (deposit->until_s - deposit->made_s) / 2;

	return deposit->state == STORE_DEPOSIT_OPEN && half_s <= sweep->now_s &&
	       deposit->until_s > sweep->now_s;
}

static enum rc has_warned(struct store *store, struct slice key, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct buf value = BUF_INIT(1);
	enum rc rc = store_begin(store, &tx, why);

	if (rc == RC_OK)
		rc = store_get(tx, "warned", key, 0, &value, why);
	buf_free(&value);
	return rc;
}

static enum rc warn_one(struct sweep *sweep, const struct deposit_held *held, struct fault *why)
{
	CLEANUP(outbox_drop) struct outbox_item *letter = NULL;
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	const struct slice key = { (const char *)held->id, sizeof held->id };
	struct store *store = sweep->life->site->store;
	struct deposit_letter about = { .kind = DEPOSIT_WARNING };
	enum rc rc = has_warned(store, key, why);

	if (rc != RC_ABSENT)
		return rc == RC_OK ? RC_ABSENT : rc;
	rc = seal_letter(sweep->life, held, &about, UNOPENED, sweep->now_s, &letter, why);
	if (rc == RC_OK && !letter)
		return RC_ABSENT;
	if (rc == RC_OK)
		rc = store_begin(store, &tx, why);
	if (rc == RC_OK)
		rc = store_put(tx, "warned", key, SLICE(""), STORE_FOREVER, why);
	if (rc == RC_OK)
		rc = outbox_add(tx, letter, sweep->now_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK)
		outbox_keep(&letter);
	return rc;
}

enum rc deposit_warn(const struct deposit_life *life, int64_t now_s, unsigned *count,
		     struct fault *why)
{
	struct sweep sweep = { life, now_s, NULL, NULL, 0 };
	struct buf ids = BUF_INIT(WARN_MAX * STORE_ID_BYTES);
	enum rc rc =
		deposit_held_find(life->site->store, is_half_over, &sweep, WARN_MAX, &ids, why);

	for (size_t at = 0; rc == RC_OK && at < ids.len; at += STORE_ID_BYTES)
		rc = sweep_one(&sweep, (const uint8_t *)ids.at + at, warn_one, why);
	buf_free(&ids);
	if (count)
		*count = sweep.count;
	return rc;
}
