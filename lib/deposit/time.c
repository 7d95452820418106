#include "deposit/time.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEXT_MAX = 200 };

static const char bucket[] = "clock";

void deposit_clocks_read(struct deposit_clocks *out)
{
	struct buf id = BUF_INIT(sizeof out->boot_id - 1);
	struct timespec boot = { 0 };

	*out = (struct deposit_clocks){ .wall_s = clock_wall_s() };
	if (clock_gettime(CLOCK_BOOTTIME, &boot) == 0)
		out->boot_s = boot.tv_sec;
	if (file_read("/proc/sys/kernel/random/boot_id", &id, NULL) == RC_OK)
		for (size_t i = 0; i < id.len && id.at[i] > ' '; i++)
			out->boot_id[i] = id.at[i];
	buf_free(&id);
}

/* How much can have passed for certain. */
static int64_t passed_s(const struct deposit_clocks *from, const struct deposit_clocks *to)
{
	bool same = strcmp(from->boot_id, to->boot_id) == 0 && to->boot_s >= from->boot_s;

	return same ? to->boot_s - from->boot_s : 0;
}

struct deposit_time deposit_time_judge(const struct deposit_time *last,
				       const struct deposit_clocks *clocks)
{
	struct deposit_time time = { .now_s = clocks->wall_s, .at = *clocks };

	if (!last)
		return time;
	int64_t passed = passed_s(&last->at, clocks), expected_s = last->now_s + passed;
	if (clocks->wall_s <= expected_s + DEPOSIT_TIME_SLACK_S)
		return time;

	time.now_s = expected_s;
	time.doubt = true;
	time.doubt_wall_s = clocks->wall_s;
	time.doubt_boot_s = clocks->boot_s;
	/* Does it go on as when the doubt began? Else it begins anew. */
	int64_t seen_s = last->at.wall_s + passed;
	if (!last->doubt || strcmp(last->at.boot_id, clocks->boot_id) != 0 ||
	    clocks->boot_s < last->at.boot_s ||
	    llabs(clocks->wall_s - seen_s) > DEPOSIT_TIME_SLACK_S)
		return time;
	time.doubt_wall_s = last->doubt_wall_s;
	time.doubt_boot_s = last->doubt_boot_s;
	if (clocks->boot_s - time.doubt_boot_s < DEPOSIT_TIME_DOUBT_S)
		return time;
	return (struct deposit_time){ .now_s = clocks->wall_s, .at = *clocks };
}

/* ---- in the store ---- */

static const struct slice key = { "deposits", 8 };

static enum rc read_last(struct store_tx *tx, struct deposit_time *out, struct fault *why)
{
	struct buf value = BUF_INIT(TEXT_MAX);
	struct deposit_time last = { 0 };
	int doubt = 0, end = 0;
	enum rc rc = store_get(tx, bucket, key, 0, &value, why);

	if (rc == RC_OK) {
		int fields =
			sscanf(buf_text(&value),
			       "%" SCNd64 " %" SCNd64 " %" SCNd64 " %d %" SCNd64 " %" SCNd64 " [%n",
			       &last.now_s, &last.at.wall_s, &last.at.boot_s, &doubt,
			       &last.doubt_wall_s, &last.doubt_boot_s, &end);
		size_t id_len = value.len - (size_t)end;
		if (fields != 6 || end == 0 || id_len == 0 || id_len > sizeof last.at.boot_id)
			rc = fault(why, RC_INVALID, "store is damaged: the time of deposits");
		else
			memcpy(last.at.boot_id, value.at + end, id_len - 1); /* less the ] */
	}
	buf_free(&value);
	last.doubt = doubt;
	if (rc == RC_OK)
		*out = last;
	return rc;
}

static enum rc write_time(struct store_tx *tx, const struct deposit_time *time, struct fault *why)
{
	char text[TEXT_MAX];

	snprintf(text, sizeof text,
		 "%" PRId64 " %" PRId64 " %" PRId64 " %d %" PRId64 " %" PRId64 " [%s]", time->now_s,
		 time->at.wall_s, time->at.boot_s, time->doubt, time->doubt_wall_s,
		 time->doubt_boot_s, time->at.boot_id);
	return store_put(tx, bucket, key, slice_of(text), STORE_FOREVER, why);
}

enum rc deposit_time_now(struct store *store, const struct deposit_clocks *clocks,
			 struct deposit_time *out, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct deposit_time last, time;
	enum rc rc = store_begin(store, &tx, why);

	if (rc != RC_OK)
		return rc;
	rc = read_last(tx, &last, why);
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	time = deposit_time_judge(rc == RC_OK ? &last : NULL, clocks);
	rc = write_time(tx, &time, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	if (rc == RC_OK)
		*out = time;
	return rc;
}

enum rc deposit_time_accept(struct store *store, const struct deposit_clocks *clocks,
			    struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	struct deposit_time time = deposit_time_judge(NULL, clocks);
	enum rc rc = store_begin(store, &tx, why);

	if (rc == RC_OK)
		rc = write_time(tx, &time, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}
