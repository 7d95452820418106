#include "deposit/held.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <string.h>

/* Bytes: DEPOSIT_RECIPIENTS_MAX recipients, each with an address and a record of 1 KiB. */
enum { HELD_MAX = 1 << 20, RECIPIENTS_MAX = 100 };

const char *deposit_pickup_name(uint32_t state)
{
	static const char *const names[] = { [DEPOSIT_NEW] = "new",
					     [DEPOSIT_PROVED] = "proved",
					     [DEPOSIT_FACTORED] = "factored",
					     [DEPOSIT_SENT] = "sent",
					     [DEPOSIT_ACKNOWLEDGED] = "acknowledged",
					     [DEPOSIT_SENT_ON] = "sent on" };

	return state < sizeof names / sizeof *names ? names[state] : "?";
}

void deposit_held_free(struct deposit_held **heldp)
{
	struct deposit_held *held = TAKE(*heldp);

	if (held)
		arena_free(held->arena); /* the deposit is within it */
}

struct reading {
	struct arena *arena;
	struct deposit_held *held;
	enum rc rc;
	struct fault *why;
};

static bool copy(struct reading *r, struct slice from, struct slice *to)
{
	const char *text = arena_text(r->arena, from);

	*to = (struct slice){ text, from.len };
	if (!text)
		r->rc = fault(r->why, RC_NOMEM, "out of memory");
	return text != NULL;
}

static bool take_deposit(void *arg, const struct store_deposit *deposit)
{
	struct reading *r = arg;
	struct deposit_held *held = r->held;

	memcpy(held->id, deposit->id, sizeof held->id);
	held->state = deposit->state;
	held->made_s = deposit->made_s;
	held->until_s = deposit->until_s;
	(void)(copy(r, deposit->sender, &held->sender) && copy(r, deposit->record, &held->record));
	return false;
}

static bool take_recipient(void *arg, const struct store_recipient *recipient)
{
	struct reading *r = arg;
	struct deposit_held *held = r->held;

	if (held->recipient_count == RECIPIENTS_MAX) {
		r->rc = fault(r->why, RC_LIMIT, "deposit has more than %d recipients",
			      RECIPIENTS_MAX);
		return false;
	}
	struct deposit_held_recipient *to = &held->recipients[held->recipient_count++];
	to->number = recipient->number;
	to->state = recipient->state;
	return copy(r, recipient->address, &to->address) && copy(r, recipient->record, &to->record);
}

enum rc deposit_held_read(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_held **out, struct fault *why)
{
	struct arena *arena = arena_new(HELD_MAX);
	CLEANUP(deposit_held_free)
	struct deposit_held *held = arena ? ARENA_NEW(arena, struct deposit_held) : NULL;

	if (!held) {
		arena_free(arena);
		return fault(why, RC_NOMEM, "out of memory");
	}
	held->arena = arena;
	held->recipients = ARENA_ARRAY(arena, struct deposit_held_recipient, RECIPIENTS_MAX);
	if (!held->recipients)
		return fault(why, RC_NOMEM, "out of memory");
	struct reading r = { arena, held, RC_OK, why };
	enum rc rc = store_deposit_find(tx, id, take_deposit, &r, why);
	if (rc == RC_OK && r.rc == RC_OK)
		rc = store_recipients(tx, id, take_recipient, &r, why);
	if (rc == RC_OK)
		rc = r.rc;
	if (rc == RC_OK)
		*out = TAKE(held);
	return rc;
}

enum rc deposit_held_look(struct store *store, const uint8_t id[STORE_ID_BYTES],
			  struct deposit_held **out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(store, &tx, why);

	return rc == RC_OK ? deposit_held_read(tx, id, out, why) : rc;
}

int64_t deposit_held_ended_s(const struct deposit_held *held)
{
	struct deposit_ended_record record;

	if (held->state == STORE_DEPOSIT_OPEN ||
	    deposit_ended_decode(held->record, &record, NULL) != RC_OK)
		return 0;
	return record.ended_s;
}

struct finding {
	deposit_wanted_fn *fn;
	void *arg;
	struct buf *ids;
	size_t left;
};

static bool collect(void *arg, const struct store_deposit *deposit)
{
	struct finding *f = arg;

	if (!f->fn(f->arg, deposit))
		return true;
	f->left--;
	return buf_add(f->ids, deposit->id, STORE_ID_BYTES) == RC_OK && f->left > 0;
}

enum rc deposit_held_find(struct store *store, deposit_wanted_fn *fn, void *arg, size_t max,
			  struct buf *ids, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct finding finding = { fn, arg, ids, max };
	enum rc rc = store_begin_reading(store, &tx, why);

	if (rc == RC_OK)
		rc = store_deposit_each(tx, collect, &finding, why);
	if (rc == RC_OK && buf_state(ids) != RC_OK)
		rc = fault(why, buf_state(ids), "too many deposits at once");
	return rc;
}
