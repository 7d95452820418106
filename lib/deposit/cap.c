#include "deposit/cap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HOUR_S = 3600, TEXT = 48 };
static const char bucket[] = "deposits-per-hour";

/* "3 1795312345": so many, in the hour that ends then. */
static bool read_count(struct slice text, uint64_t *made, int64_t *until_s)
{
	struct slice head;
	uint64_t until;

	if (!slice_take_until(&text, ' ', &head) || !slice_to_u64(head, made) ||
	    !slice_to_u64(text, &until) || until > INT64_MAX)
		return false;
	*until_s = (int64_t)until;
	return true;
}

enum rc deposit_cap_take(struct store_tx *tx, struct slice sender, unsigned per_hour, int64_t now_s,
			 bool count, struct fault *why)
{
	struct buf value = BUF_INIT(TEXT);
	int64_t until_s = now_s + HOUR_S;
	uint64_t made = 0;
	char text[TEXT];

	if (per_hour == 0)
		return RC_OK;
	enum rc rc = store_get(tx, bucket, sender, now_s, &value, why);
	if (rc == RC_OK && !read_count(buf_slice(&value), &made, &until_s))
		rc = fault(why, RC_RETRY, "store is damaged: a sender's count");
	buf_free(&value);
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	if (made >= per_hour)
		return fault(why, RC_LIMIT, "sender has made %u deposits within an hour", per_hour);
	if (!count)
		return RC_OK;
	snprintf(text, sizeof text, "%" PRIu64 " %" PRId64, made + 1, until_s);
	return store_put(tx, bucket, sender, (struct slice){ text, strlen(text) }, until_s, why);
}
