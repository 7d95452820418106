#include "pickup/verb.h"

#include "base/cleanup.h"
#include "deposit/handle.h"

#include <string.h>

static enum deposit_action action_of(enum pickup_action action)
{
	switch (action) {
	case PICKUP_REVOKE:
		return DEPOSIT_REVOKE;
	case PICKUP_EXTEND:
		return DEPOSIT_EXTEND;
	case PICKUP_LOOK:
	case PICKUP_ACTIONS:
		break;
	}
	return DEPOSIT_LOOK;
}

static enum pickup_state state_of(enum store_deposit_state state)
{
	switch (state) {
	case STORE_DEPOSIT_OPEN:
		return PICKUP_OPEN;
	case STORE_DEPOSIT_REVOKED:
		return PICKUP_REVOKED;
	case STORE_DEPOSIT_EXPIRED:
		return PICKUP_EXPIRED;
	case STORE_DEPOSIT_SENT_ON:
		return PICKUP_SENT_ON;
	}
	return PICKUP_EXPIRED;
}

/* "STATE ADDRESS" lines. */
static enum rc tell_parties(struct verb *v, const struct deposit_view *view, struct fault *why)
{
	struct slice lines = buf_slice(&view->recipients), line, state;
	struct pickup_reply *reply = &v->out->reply;
	enum rc rc = RC_OK;

	reply->parties_in_all = view->recipient_count;
	while (rc == RC_OK && slice_take_line(&lines, &line) &&
	       reply->party_count < PICKUP_PARTIES_MAX) {
		struct pickup_party *party = &reply->parties[reply->party_count++];
		if (!slice_take_until(&line, ' ', &state) || !slice_to_u64(state, &party->state))
			return fault(why, RC_RETRY, "a view's line is none");
		rc = verb_keeps(v, line, &party->address, why);
	}
	return rc;
}

static enum rc tell(struct verb *v, const struct deposit_view *view, enum pickup_outcome outcome,
		    struct fault *why)
{
	struct pickup_reply *reply = &v->out->reply;

	reply->outcome = outcome;
	reply->state = state_of(view->state);
	reply->made_s = view->made_s;
	reply->until_s = view->until_s;
	reply->ended_s = view->ended_s;
	reply->extended_s = view->extended_s;
	reply->wait_s = view->wait_s;
	enum rc rc = verb_keeps(v, buf_slice(&view->sender), &reply->sender, why);
	if (rc == RC_OK)
		rc = tell_parties(v, view, why);
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}

enum rc verb_handle(struct verb *v, struct fault *why)
{
	CLEANUP(deposit_view_free) struct deposit_view view = { 0 };
	bool look;
	uint32_t wait_s = pickup_slow_wait(v->pickup->slow, v->client.prefix, v->now_s, &look);
	const struct deposit_request request = {
		.id = v->q->id,
		.tag = v->q->tag,
		.number = v->q->code,
		.action = action_of(v->q->action),
	};

	if (!look) {
		v->out->reply.wait_s = wait_s;
		return verb_says(v, PICKUP_SLOW);
	}
	enum rc rc = deposit_handle_use(v->pickup->site.life, &request, v->now_s, &view, why);
	if (rc == RC_INVALID && view.sender.len == 0)
		return verb_denies(v, wait_s); /* 128 bits, as what is proved first */
	if (rc == RC_OK && request.action != DEPOSIT_LOOK)
		verb_wake(v); /* a letter says so */
	switch (rc) {
	case RC_OK:
		return tell(v, &view, PICKUP_DONE, why);
	case RC_INVALID:
		return tell(v, &view, PICKUP_WRONG_NUMBER, why);
	case RC_LIMIT:
		return tell(v, &view, PICKUP_TRIED_OUT, why);
	case RC_ABSENT:
		return tell(v, &view, PICKUP_TOO_LATE, why);
	case RC_RETRY:
	case RC_NOMEM:
		break;
	}
	return rc;
}
