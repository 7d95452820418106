#include "pickup/event.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hex.h"

/* Bytes: the recipients of one deposit, 100, each with addresses of 1,000 and a reason. */
enum { WORK_MAX = 1 << 20 };

static bool fill(struct arena *arena, const struct deposit_event *event, struct audit_record *out)
{
	char id[2 * STORE_ID_BYTES + 1];

	*out = (struct audit_record){
		.ts_usec = clock_wall_usec(),
		.event = event->event,
		.from = arena_text(arena, event->sender),
		.to = arena_text(arena, event->recipient),
		.reason = arena_format(arena, "by %s%s%.*s", event->by,
				       event->reason.len ? ": " : "", SLICE_ARG(event->reason)),
		.deposit = arena_format(arena, "%s", hex_format(event->id, STORE_ID_BYTES, id)),
	};
	return out->from && out->to && out->reason && out->deposit;
}

enum rc pickup_event_append(pickup_append_fn *append, void *arg, const struct deposit_event *events,
			    size_t count, struct fault *why)
{
	struct arena *arena = arena_new(WORK_MAX);
	struct audit_record *records =
		arena ? ARENA_ARRAY(arena, struct audit_record, count + 1) : NULL;
	bool filled = records;

	for (size_t i = 0; filled && i < count; i++)
		filled = fill(arena, &events[i], &records[i]);
	enum rc rc = filled ? append(arg, records, count, why)
			    : fault(why, RC_NOMEM, "no room for the audit's records");
	arena_free(arena);
	return rc;
}
