/* deposit/time.h: the time by which deposits end.
 *
 * What ends is destroyed, so a clock that jumps forward (a wrong time server, a slip of the
 * hand, a battery) must not end all of them in a rush. The wall clock is held against the
 * clock that only counts since the machine was started, and against what was known before:
 *
 *     it agrees, to the hour               the wall clock holds
 *     it has gone back                     the wall clock holds: nothing ends too early
 *     it is ahead of what can have passed  doubt: time goes on from what was known; only
 *                                          when the clock has stayed like that for a day
 *                                          does it hold. Each round says so in the log
 *
 * After the machine was off for more than an hour nobody knows how long it was: the same day
 * of doubt, in which what is over merely stays a little longer. (A recipient is
 * refused by the wall clock meanwhile, which destroys nothing.)
 *
 * Kept in the store, bucket "clock", so that a restart does not trust what it finds.
 *
 * Threads  deposit_time_judge(): pure. The rest: any but the loop's */
#pragma once

#include "base/fault.h"
#include "store/store.h"

enum {
	DEPOSIT_TIME_SLACK_S = 3600, /* a round comes every ten minutes; nobody minds an hour */
	DEPOSIT_TIME_DOUBT_S = 24 * 3600, /* long enough for somebody to read the log */
	DEPOSIT_BOOT_TEXT = 40,
};

struct deposit_clocks {
	int64_t wall_s;
	int64_t boot_s;                  /* since the machine was started, sleep included */
	char boot_id[DEPOSIT_BOOT_TEXT]; /* which start; "" where that cannot be known */
};
void deposit_clocks_read(struct deposit_clocks *out);

struct deposit_time {
	int64_t now_s; /* by which deposits end */
	struct deposit_clocks at;
	bool doubt;
	int64_t doubt_wall_s, doubt_boot_s; /* the clocks when it began */
};

/* last NULL: there was none. */
struct deposit_time deposit_time_judge(const struct deposit_time *last,
				       const struct deposit_clocks *clocks);

/* The same with what the store remembers, and remembers it. */
enum rc deposit_time_now(struct store *store, const struct deposit_clocks *clocks,
			 struct deposit_time *out, struct fault *why);

/* The operator's word that the wall clock is right. */
enum rc deposit_time_accept(struct store *store, const struct deposit_clocks *clocks,
			    struct fault *why);
