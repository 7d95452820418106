#include "plain.h"

#include "failure.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "crypto/secret.h"
#include "deposit/derive.h"
#include "page/form.h"

#include <string.h>

enum { FIELD_MAX = 400 }; /* bytes of a typed code or number, blanks and a link's front included */

enum rc plain_field(const struct request *request, const char *name, struct buf *out)
{
	enum rc rc = page_form_get(buf_slice(&request->body), name, out, NULL);

	return rc == RC_OK && out->len == 0 ? RC_ABSENT : rc;
}

enum MHD_Result plain_index(struct request *request, bool bad_code)
{
	struct view view;

	view_begin(&view, request);
	view_show(&view, "live");
	view_show(&view, "live_home");
	view_show(&view, "home");
	if (bad_code)
		view_show(&view, "home_bad_code");
	return view_answer(&view, request, bad_code ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_OK);
}

enum MHD_Result plain_pickup(struct request *request)
{
	static const char *const shown[] = { "live",     "live_pickup", "live_body",  "pickup",
					     "ask_code", "ask_phrase",  "plain_first" };
	struct view view;

	view_begin(&view, request);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		view_show(&view, shown[i]);
	view_set_text(&view, "code", request->target.code);
	return view_answer(&view, request, MHD_HTTP_OK);
}

/* Where the code's message is; always somewhere. */
static enum pickup_result locate(struct request *request, struct ask *ask,
				 const uint8_t half[CRYPTO_CODE_BYTES])
{
	CLEANUP(crypto_key_wipe) struct crypto_key locator = { 0 };
	struct pickup_request question = ask_begin(ask, request, PICKUP_LOCATE);

	if (deposit_derive_locator(half, &locator, NULL) != RC_OK)
		return PICKUP_RETRY;
	memcpy(question.proof, locator.bytes, sizeof question.proof);
	enum pickup_result result = ask_for(ask, request, &question);
	if (result == PICKUP_OK)
		memcpy(request->target.id, ask->reply.id, sizeof request->target.id);
	return result;
}

enum MHD_Result plain_locate(struct request *request)
{
	CLEANUP(buf_wipe) struct buf typed = BUF_SECRET(FIELD_MAX);
	CLEANUP(ask_end) struct ask ask = { .fd = -1 };
	uint8_t half[CRYPTO_CODE_BYTES];
	char code[CRYPTO_CODE_TEXT];
	enum MHD_Result done;
	struct view view;

	if (plain_field(request, "code", &typed) != RC_OK ||
	    crypto_code_parse(buf_slice(&typed), half, NULL) != RC_OK)
		return plain_index(request, true);
	enum pickup_result result = locate(request, &ask, half);
	crypto_code_format(half, true, code);
	crypto_wipe(half, sizeof half);
	if (result == PICKUP_OK) {
		view_begin(&view, request);
		view_show(&view, "pickup");
		view_show(&view, "plain_first");
		view_show(&view, "keep_code");
		view_show(&view, "ask_phrase");
		view_set_text(&view, "code", code);
		done = view_answer(&view, request, MHD_HTTP_OK);
	} else {
		done = failure_result(request, &ask.reply);
	}
	crypto_wipe(code, sizeof code);
	return done;
}

enum MHD_Result plain_about(struct request *request)
{
	struct view view;

	view_begin(&view, request);
	view_show(&view, "about");
	view_set_text(&view, "key", request->worker->site_key);
	return view_answer(&view, request, MHD_HTTP_OK);
}

/* ---- the sender's page ---- */

struct sender_page {
	char made[CLOCK_TEXT], until[CLOCK_TEXT];
	struct page_value parties[PICKUP_PARTIES_MAX][2];
};

static const char *state_section(enum pickup_state state)
{
	switch (state) {
	case PICKUP_OPEN:
		return "state_open";
	case PICKUP_REVOKED:
		return "state_revoked";
	case PICKUP_EXPIRED:
		return "state_expired";
	case PICKUP_SENT_ON:
	case PICKUP_STATES:
		break;
	}
	return "state_sent";
}

/* How far a recipient has come, in three steps that a sender cares for. */
static const char *party_text(uint64_t state)
{
	enum { NEW = 0, ACKNOWLEDGED = 4 };

	if (state == NEW)
		return "recipient_new";
	return state >= ACKNOWLEDGED ? "recipient_opened" : "recipient_begun";
}

static void show_sender(struct view *view, struct sender_page *page, const struct request *request,
			const struct pickup_reply *reply)
{
	view_show(view, "sender");
	view_set(view, "sender", reply->sender);
	view_set_text(view, "made", clock_format_words(reply->made_s, page->made));
	view_set_text(view, "until", clock_format_words(reply->until_s, page->until));
	view_set(view, "tag", request->target.tag);
	view_set_text(view, "number", "");
	view_show(view, state_section(reply->state));
	if (reply->state == PICKUP_OPEN)
		view_show(view, "sender_can");
	for (size_t i = 0; i < reply->party_count; i++) {
		const struct pickup_party *party = &reply->parties[i];
		struct page_value *values = page->parties[i];

		values[0] = (struct page_value){ "recipient", party->address };
		values[1] = (struct page_value){
			"recipient_state",
			view_text(request, party_text(party->state)),
		};
		view_show_with(view, "recipient", values, 2);
	}
}

/* The section that says what an action came to. */
static const char *outcome_section(enum pickup_outcome outcome, enum pickup_action action)
{
	switch (outcome) {
	case PICKUP_DONE:
		return action == PICKUP_REVOKE ? "sender_done_revoke" : "sender_done_extend";
	case PICKUP_WRONG_NUMBER:
		return "sender_wrong_number";
	case PICKUP_TRIED_OUT:
	case PICKUP_TOO_LATE:
	case PICKUP_OUTCOMES:
		break;
	}
	return "sender_not";
}

static enum MHD_Result use_handle(struct request *request, enum pickup_action action,
				  const char *number)
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_HANDLE);
	struct sender_page page;
	struct view view;

	question.action = action;
	question.code = slice_of(number);
	if (!hex_parse(request->target.tag, question.tag, sizeof question.tag))
		return failure_answer(request, FAILURE_ABSENT, 0);
	if (ask_for(&ask, request, &question) != PICKUP_OK)
		return ask.reply.result == PICKUP_DENIED
			       ? failure_answer(request, FAILURE_ABSENT, 0)
			       : failure_result(request, &ask.reply);
	if (ask.reply.outcome == PICKUP_TRIED_OUT)
		return failure_answer(request, FAILURE_SLOW, ask.reply.wait_s);
	view_begin(&view, request);
	show_sender(&view, &page, request, &ask.reply);
	if (action != PICKUP_LOOK)
		view_show(&view, outcome_section(ask.reply.outcome, action));
	return view_answer(&view, request, MHD_HTTP_OK);
}

bool plain_digits(struct slice typed, char out[PICKUP_CODE_MAX + 1])
{
	size_t len = 0;
	bool good = true;

	for (size_t i = 0; good && i < typed.len; i++) {
		char c = typed.at[i];

		if (c == ' ' || c == '-')
			continue;
		good = c >= '0' && c <= '9' && len < PICKUP_CODE_MAX;
		if (good)
			out[len++] = c;
	}
	out[len] = '\0';
	return good && len > 0;
}

enum MHD_Result plain_sender(struct request *request)
{
	CLEANUP(buf_free) struct buf action = BUF_INIT(10), typed = BUF_INIT(100);
	char number[PICKUP_CODE_MAX + 1];

	if (!request->post)
		return use_handle(request, PICKUP_LOOK, "");
	if (plain_field(request, "action", &action) != RC_OK)
		return failure_answer(request, FAILURE_BAD, 0);
	/* What is no number at all counts as a wrong one. */
	if (plain_field(request, "number", &typed) != RC_OK ||
	    !plain_digits(buf_slice(&typed), number))
		number[0] = '\0';
	if (slice_is(buf_slice(&action), "revoke"))
		return use_handle(request, PICKUP_REVOKE, number);
	if (slice_is(buf_slice(&action), "extend"))
		return use_handle(request, PICKUP_EXTEND, number);
	return failure_answer(request, FAILURE_BAD, 0);
}
