#include "deposit/handle.h"

#include "base/cleanup.h"
#include "base/hex.h"
#include "deposit/held.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	HOUR_S = 3600,
	STEP_S = 14 * 24 *
		 HOUR_S,       /* by which one extension keeps it longer, and no more than may be */
	VIEW_MAX = 256 * 1024, /* bytes: 100 addresses of 1,000 */
	COUNT_TEXT = 24,
};

static const char bucket[] = "handle"; /* id -> wrong numbers within the hour */

/* ---- looking ---- */

void deposit_view_free(struct deposit_view *view)
{
	buf_free(&view->sender);
	buf_free(&view->recipients);
	*view = (struct deposit_view){ 0 };
}

static enum rc fill(const struct deposit_life *life, const struct deposit_held *held,
		    struct deposit_view *out, struct fault *why)
{
	struct deposit_view view = {
		.state = held->state,
		.made_s = held->made_s,
		.until_s = held->until_s,
		.ended_s = deposit_held_ended_s(held),
		.extended_s = held->until_s,
		.wait_s = out->wait_s,
		.sender = BUF_INIT(VIEW_MAX),
		.recipients = BUF_INIT(VIEW_MAX),
		.recipient_count = held->recipient_count,
	};
	int64_t longest_s = deposit_longest_s(life, held->made_s);
	int64_t next_s = held->until_s + STEP_S;

	if (held->state == STORE_DEPOSIT_OPEN && longest_s > held->until_s)
		view.extended_s = next_s < longest_s ? next_s : longest_s;
	(void)buf_add_slice(&view.sender, held->sender);
	for (size_t i = 0; i < held->recipient_count; i++)
		(void)buf_addf(&view.recipients, "%u %.*s\n", (unsigned)held->recipients[i].state,
			       SLICE_ARG(held->recipients[i].address));
	deposit_view_free(out);
	*out = view;
	if (buf_state(&view.sender) == RC_OK && buf_state(&view.recipients) == RC_OK)
		return RC_OK;
	deposit_view_free(out);
	return fault(why, RC_NOMEM, "out of memory");
}

static enum rc no_such(struct fault *why)
{
	return fault(why, RC_INVALID, "there is no such message");
}

/* Reads the deposit, whatever the tag, so that both wrongs take the same way. */
static enum rc look(const struct deposit_life *life, const struct deposit_request *request,
		    struct deposit_held **held, struct deposit_view *out, struct fault *why)
{
	uint8_t tag[DEPOSIT_LINK_TAG_BYTES];
	enum rc rc = deposit_link_tag(life->site->keys, request->id, tag, why);

	if (rc != RC_OK)
		return rc;
	rc = deposit_held_look(life->site->store, request->id, held, why);
	if (!crypto_same(tag, request->tag, sizeof tag) || rc == RC_ABSENT)
		return rc == RC_OK || rc == RC_ABSENT ? no_such(why) : rc;
	return rc == RC_OK ? fill(life, *held, out, why) : rc;
}

/* ---- the number ---- */

/* "2 1795312345": wrong ones, and until when they count. */
static enum rc read_count(struct store_tx *tx, struct slice key, int64_t now_s, uint64_t *count,
			  int64_t *until_s, struct fault *why)
{
	struct buf value = BUF_INIT(2 * COUNT_TEXT);
	struct slice rest, first;
	uint64_t until;
	enum rc rc = store_get(tx, bucket, key, now_s, &value, why);

	*count = 0;
	*until_s = now_s + HOUR_S;
	rest = buf_slice(&value);
	if (rc == RC_OK && (!slice_take_until(&rest, ' ', &first) || !slice_to_u64(first, count) ||
			    !slice_to_u64(rest, &until) || until > INT64_MAX))
		rc = fault(why, RC_RETRY, "store is damaged: a count of numbers");
	else if (rc == RC_OK)
		*until_s = (int64_t)until;
	buf_free(&value);
	return rc == RC_ABSENT ? RC_OK : rc;
}

static bool is_number(struct slice typed, const char *number)
{
	char digits[DEPOSIT_NUMBER_DIGITS];
	size_t count = 0;

	for (size_t i = 0; i < typed.len; i++) {
		if (typed.at[i] == ' ' || typed.at[i] == '-')
			continue;
		if (count == sizeof digits)
			return false;
		digits[count++] = typed.at[i];
	}
	return count == sizeof digits && crypto_same(digits, number, sizeof digits);
}

/* RC_INVALID: it is wrong, which is counted. RC_LIMIT: it was not looked at. */
static enum rc check_number(const struct deposit_life *life, const struct deposit_request *request,
			    int64_t now_s, uint32_t *wait_s, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	const struct slice key = { (const char *)request->id, STORE_ID_BYTES };
	char number[DEPOSIT_NUMBER_TEXT], text[2 * COUNT_TEXT];
	uint64_t count;
	int64_t until_s;
	enum rc rc = deposit_link_number(life->site->keys, request->id, number, why);

	if (rc == RC_OK)
		rc = store_begin(life->site->store, &tx, why);
	if (rc == RC_OK)
		rc = read_count(tx, key, now_s, &count, &until_s, why);
	if (rc != RC_OK)
		return rc;
	if (count >= DEPOSIT_NUMBER_TRIES) {
		*wait_s = (uint32_t)(until_s - now_s);
		return fault(why, RC_LIMIT, "too many wrong numbers: wait %u seconds", *wait_s);
	}
	if (is_number(request->number, number))
		return RC_OK;
	snprintf(text, sizeof text, "%" PRIu64 " %" PRId64, count + 1, until_s);
	rc = store_put(tx, bucket, key, slice_of(text), until_s, why);
	if (rc == RC_OK)
		rc = store_commit(&tx, why);
	return rc == RC_OK ? fault(why, RC_INVALID, "that is not the number") : rc;
}

static enum rc act(const struct deposit_life *life, const struct deposit_request *request,
		   int64_t until_s, int64_t now_s, struct fault *why)
{
	const struct deposit_ending revoked = { STORE_DEPOSIT_REVOKED, "sender", SLICE("") };
	int64_t kept_s;

	switch (request->action) {
	case DEPOSIT_LOOK:
		return RC_OK;
	case DEPOSIT_REVOKE:
		return deposit_end(life, request->id, &revoked, now_s, why);
	case DEPOSIT_EXTEND:
		return deposit_extend(life, request->id, until_s, "sender", SLICE(""), now_s,
				      &kept_s, why);
	}
	return fault(why, RC_INVALID, "no such action");
}

enum rc deposit_handle_use(const struct deposit_life *life, const struct deposit_request *request,
			   int64_t now_s, struct deposit_view *out, struct fault *why)
{
	CLEANUP(deposit_held_free) struct deposit_held *held = NULL, *fresh = NULL;
	enum rc rc;

	deposit_view_free(out);
	rc = look(life, request, &held, out, why);
	if (rc != RC_OK || request->action == DEPOSIT_LOOK)
		return rc;
	rc = check_number(life, request, now_s, &out->wait_s, why);
	if (rc == RC_OK)
		rc = act(life, request, out->extended_s, now_s, why);
	if (rc != RC_OK && rc != RC_ABSENT)
		return rc;
	/* As it is now, whoever has done it. */
	struct fault unread;
	enum rc again = deposit_held_look(life->site->store, request->id, &fresh, &unread);
	if (again == RC_OK)
		again = fill(life, fresh, out, &unread);
	return again == RC_OK ? rc : fault(why, again, "%s", unread.text);
}
