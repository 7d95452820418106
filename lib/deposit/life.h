/* deposit/life.h: how deposits end, and what is destroyed then: all in one place.
 *
 *     open ── revoked    by the sender's link or the operator
 *       │ └── expired    its time is over
 *       └──── sent on    by the upgrade, over the strict route
 *               │
 *               └── purged, keep_days later: the rows go too
 *
 * What is destroyed when: deposit/destroy.h. The sender is written to, and the audit told of
 * each recipient, in the same transaction or not at all.
 *
 * Copies that were opened before are beyond it. A backup of the store is good for nothing
 * once the epoch's key is destroyed (deposit/epochs.h).
 *
 * Threads  any but the loop's */
#pragma once

#include "base/fault.h"
#include "deposit/site.h"
#include "store/store.h"

struct deposit_event {     /* for the audit; borrowed */
	const char *event; /* "revoked", "expired", "extended", "upgraded", "purged" */
	const uint8_t *id;
	struct slice sender, recipient; /* one event for each recipient */
	const char *by;                 /* "sender", "operator", "time", "upgrade" */
	struct slice reason; /* the operator's words, or when it will end; may be empty */
};

/* Makes count events durable before what they tell of is. Called within a transaction: it
 * must not touch the store. Anything but RC_OK: nothing happens. */
typedef enum rc deposit_event_fn(void *arg, const struct deposit_event *events, size_t count,
				 struct fault *why);

struct deposit_life {                    /* borrowed */
	const struct deposit_site *site; /* its keys and outbox: for the letter to the sender */
	unsigned life_days;              /* the longest from its making; 0: 90 */
	unsigned keep_days;              /* ended rows stay so long; 0: 30 */
	deposit_event_fn *event;         /* NULL: none is told (tests) */
	void *arg;
};

/* How a deposit is ended: state REVOKED, EXPIRED or SENT_ON. */
struct deposit_ending {
	enum store_deposit_state state;
	const char *by;      /* as in deposit_event */
	struct slice reason; /* may be empty */
};

/* Ends one now and writes to the sender.
 *   RC_ABSENT  there is none, or it has ended     RC_RETRY  nothing happened */
enum rc deposit_end(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		    const struct deposit_ending *ending, int64_t now_s, struct fault *why);

int64_t deposit_longest_s(const struct deposit_life *life, int64_t made_s);

/* Keeps it until until_s, but no longer than life_days from its making: *kept_s is until
 * when then. RC_ABSENT: there is none, it has ended, or it is kept that long already. */
enum rc deposit_extend(const struct deposit_life *life, const uint8_t id[STORE_ID_BYTES],
		       int64_t until_s, const char *by, struct slice reason, int64_t now_s,
		       int64_t *kept_s, struct fault *why);

/* Ends every open deposit whose time is over, the oldest first. *count (may be NULL) is how
 * many. go_on (may be NULL) is asked between two: false stops, which is no failure.
 * now_s is deposit/time.h's: a clock that jumped must not end what it likes. */
typedef bool deposit_progress_fn(void *arg, unsigned done);
enum rc deposit_expire(const struct deposit_life *life, int64_t now_s, deposit_progress_fn *go_on,
		       void *arg, unsigned *count, struct fault *why);

/* Removes what ended keep_days ago or earlier: the rows, the link verifiers and the facts. */
enum rc deposit_purge(const struct deposit_life *life, int64_t now_s, deposit_progress_fn *go_on,
		      void *arg, unsigned *count, struct fault *why);

/* Warns the sender of every open deposit, half of whose life is over, that some recipient
 * has not opened: once for each deposit. */
enum rc deposit_warn(const struct deposit_life *life, int64_t now_s, unsigned *count,
		     struct fault *why);
