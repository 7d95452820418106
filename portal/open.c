#include "open.h"

#include "ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "deposit/derive.h"
#include "deposit/phrase.h"
#include "deposit/proof.h"
#include "handle.h"
#include "opened.h"
#include "plain.h"
#include "stream.h"
#include "unseal.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum {
	CODE_MAX = 400, /* bytes of a typed code, or of a whole link */
	PIN_MAX = 60,
	STRETCHES_MAX = 2, /* PBKDF2 at once; each takes a processor for up to 0.3 s */
};

static atomic_uint stretches;

/* What one POST …/open has come to. */
struct opening {
	struct request *request;
	uint8_t half[CRYPTO_CODE_BYTES];
	char code[CRYPTO_CODE_TEXT];
	struct buf phrase, address, sender;
	char pin[PICKUP_CODE_MAX + 1];
	uint8_t ticket[PICKUP_TICKET_BYTES];
	struct pickup_reply visit; /* of PROVE, without its texts */
	struct handle *handle;
	struct pickup_scan scan; /* its texts are in scan_words */
	struct buf scan_words;
};

static void opening_fini(struct opening *o)
{
	handle_give(o->request->worker->handles, o->handle);
	buf_wipe(&o->phrase);
	buf_free(&o->address);
	buf_free(&o->sender);
	buf_free(&o->scan_words);
	crypto_wipe(o, sizeof *o);
}

/* ---- pages that ask for more ---- */

struct asking {
	const char *said;   /* the section with what is wrong or missing */
	bool asks_code;     /* again; else the code is carried along */
	const char *factor; /* "ask_phrase", "ask_pin" or NULL */
	const char *name;   /* of a value in what is said, or NULL */
	struct slice value;
	unsigned status;
};

static enum MHD_Result ask_again(const struct opening *o, const struct asking *asking)
{
	struct view view;

	view_begin(&view, o->request);
	view_show(&view, "pickup");
	view_show(&view, "plain_again");
	view_show(&view, asking->said);
	view_show(&view, asking->asks_code ? "ask_code" : "keep_code");
	if (asking->factor)
		view_show(&view, asking->factor);
	view_set_text(&view, "code", o->code);
	if (asking->name)
		view_set(&view, asking->name, asking->value);
	return view_answer(&view, o->request, asking->status);
}

static enum MHD_Result ask_later(const struct opening *o, const char *factor, uint64_t wait_s)
{
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%llu", (unsigned long long)wait_s);
	return ask_again(o,
			 &(const struct asking){ .said = wait_s ? "slow" : "later",
						 .factor = factor,
						 .name = "wait",
						 .value = slice_of(seconds),
						 .status = wait_s ? MHD_HTTP_TOO_MANY_REQUESTS
								  : MHD_HTTP_SERVICE_UNAVAILABLE });
}

static enum MHD_Result give_ended(const struct opening *o, const struct pickup_reply *reply)
{
	char when[CLOCK_TEXT];
	struct view view;

	view_begin(&view, o->request);
	view_show(&view, "ended");
	view_show(&view, reply->state == PICKUP_REVOKED   ? "ended_revoked"
			 : reply->state == PICKUP_EXPIRED ? "ended_expired"
							  : "ended_sent");
	view_set_text(&view, "ended", clock_format_words(reply->ended_s, when));
	return view_answer(&view, o->request, MHD_HTTP_GONE);
}

/* What the keeper refused, as the page says it. wrong: the section for a wrong proof. */
static enum MHD_Result refused(const struct opening *o, const struct pickup_reply *reply,
			       const char *wrong, const char *factor)
{
	switch (reply->result) {
	case PICKUP_DENIED:
		return ask_again(o,
				 &(const struct asking){ .said = wrong,
							 .asks_code = !factor,
							 .factor = factor ? factor : "ask_phrase",
							 .status = MHD_HTTP_FORBIDDEN });
	case PICKUP_SLOW:
	case PICKUP_LIMIT:
		return ask_later(o, factor, reply->wait_s ? reply->wait_s : 1);
	case PICKUP_ENDED:
		return give_ended(o, reply);
	case PICKUP_OK:
	case PICKUP_ORDER:
	case PICKUP_RETRY:
	case PICKUP_RESULTS:
		break;
	}
	return ask_later(o, factor, 0);
}

/* ---- the steps ---- */

static bool prove(struct opening *o, enum MHD_Result *done)
{
	CLEANUP(ask_end) struct ask ask;
	CLEANUP(crypto_key_wipe) struct crypto_key auth1 = { 0 };
	struct pickup_request question = ask_begin(&ask, o->request, PICKUP_PROVE);

	question.mode = PICKUP_SERVER;
	ask.reply.result = PICKUP_RETRY;
	if (deposit_derive_auth1(o->request->target.id, o->half, &auth1, NULL) == RC_OK) {
		memcpy(question.proof, auth1.bytes, sizeof question.proof);
		(void)ask_for(&ask, o->request, &question);
	}
	if (ask.reply.result != PICKUP_OK) {
		*done = refused(o, &ask.reply, "denied", NULL);
		return false;
	}
	(void)buf_add_slice(&o->address, ask.reply.address);
	(void)buf_add_slice(&o->sender, ask.reply.sender);
	o->visit = ask.reply;
	o->visit.address = o->visit.sender = (struct slice){ 0 };
	memcpy(o->ticket, ask.reply.ticket, sizeof o->ticket);
	return true;
}

static enum MHD_Result send_pin(struct opening *o)
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, o->request, PICKUP_CODE);

	question.mode = PICKUP_SERVER;
	memcpy(question.ticket, o->ticket, sizeof question.ticket);
	if (ask_for(&ask, o->request, &question) != PICKUP_OK)
		return refused(o, &ask.reply, "denied", NULL);
	return ask_again(o, &(const struct asking){ .said = "need_pin",
						    .factor = "ask_pin",
						    .name = "sent_to",
						    .value = ask.reply.sent_to,
						    .status = MHD_HTTP_OK });
}

/* Whether the form has what the factor takes; else *done asks for it. */
static bool has_factor(struct opening *o, enum MHD_Result *done)
{
	switch (o->visit.factor) {
	case RULES_FACTOR_PHRASE:
		if (o->phrase.len == 0) {
			*done = ask_again(o, &(const struct asking){ .said = "need_phrase",
								     .factor = "ask_phrase",
								     .status = MHD_HTTP_OK });
			return false;
		}
		break;
	case RULES_FACTOR_CODE:
		if (!o->pin[0]) {
			*done = send_pin(o);
			return false;
		}
		break;
	case RULES_FACTOR_LINK:
		break;
	}
	if (o->visit.factor != RULES_FACTOR_PHRASE)
		buf_wipe(&o->phrase); /* typed where none was asked for */
	if (o->visit.factor_wait_s == 0)
		return true;
	*done = ask_later(o, o->pin[0] ? "ask_pin" : "ask_phrase", o->visit.factor_wait_s);
	return false;
}

struct halves { /* wiped together */
	struct crypto_key stretched, server, auth2;
};

static enum rc stretch(const struct opening *o, struct halves *h, struct fault *why)
{
	const struct deposit_party party = {
		.id = o->request->target.id,
		.address = buf_slice(&o->address),
		.phrase = buf_slice(&o->phrase),
	};
	enum rc rc = RC_LIMIT;

	if (atomic_fetch_add(&stretches, 1) < STRETCHES_MAX || !o->phrase.len)
		rc = deposit_derive_stretch(&party, (uint32_t)o->visit.rounds, &h->stretched, why);
	atomic_fetch_sub(&stretches, 1);
	if (rc == RC_OK)
		rc = deposit_derive_auth2(&party, o->half, &h->stretched, &h->auth2, why);
	return rc;
}

static void keep_scan(struct opening *o, const struct pickup_scan *scan)
{
	o->scan = *scan;
	(void)buf_add_slice(&o->scan_words, scan->engine);
	(void)buf_add_slice(&o->scan_words, scan->result);
	struct slice words = buf_slice(&o->scan_words);
	o->scan.engine = (struct slice){ words.at, scan->engine.len };
	o->scan.result = (struct slice){ words.at + scan->engine.len, scan->result.len };
}

/* Takes the factor to the keeper and the key out of what comes back. */
static bool factor(struct opening *o, struct halves *h, int *blob, enum MHD_Result *done)
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, o->request, PICKUP_FACTOR);
	const char *asks = o->pin[0] ? "ask_pin" : "ask_phrase";
	struct handle *handle = o->handle;

	question.mode = PICKUP_SERVER;
	question.code = slice_of(o->pin);
	memcpy(question.ticket, o->ticket, sizeof question.ticket);
	memcpy(question.proof, h->auth2.bytes, sizeof question.proof);
	if (ask_for(&ask, o->request, &question) != PICKUP_OK) {
		*done = refused(o, &ask.reply, o->pin[0] ? "wrong_pin" : "wrong_phrase", asks);
		return false;
	}
	const struct deposit_party party = {
		.id = o->request->target.id,
		.address = buf_slice(&o->address),
		.phrase = buf_slice(&o->phrase),
	};
	const struct deposit_halves halves = { o->half, &h->server, &h->stretched };
	struct fault why;
	memcpy(h->server.bytes, ask.reply.server, sizeof h->server.bytes);
	if (deposit_derive_dek(&party, &halves, ask.reply.wrapped_dek, &handle->dek, &why) !=
	    RC_OK) {
		log_line(LOG_FAIL, NULL, "a deposit's key cannot be opened: %s", why.text);
		*done = ask_later(o, asks, 0);
		return false;
	}
	memcpy(handle->record.digest, ask.reply.digest, sizeof handle->record.digest);
	memcpy(handle->record.commitment, ask.reply.commitment, sizeof handle->record.commitment);
	handle->record.payload_bytes = o->visit.payload_bytes;
	handle->blob_bytes = o->visit.blob_bytes;
	keep_scan(o, &ask.reply.scan);
	*blob = ask.fd;
	ask.fd = -1;
	return true;
}

static bool unlock(struct opening *o, int *blob, enum MHD_Result *done)
{
	struct halves h = { 0 };
	struct fault why;
	enum rc rc = stretch(o, &h, &why);
	bool unlocked = false;

	if (rc == RC_OK)
		unlocked = factor(o, &h, blob, done);
	else
		*done = ask_later(o, "ask_phrase", rc == RC_LIMIT ? 2 : 0);
	crypto_wipe(&h, sizeof h);
	return unlocked;
}

static enum rc add_to_letter(void *arg, struct slice bytes, struct fault *why)
{
	(void)why;
	page_letter_add(arg, bytes);
	return RC_OK;
}

/* Reads the whole of it, compares the digest, and keeps what a page shows. */
static enum rc read_letter(struct opening *o, int blob, uint8_t salt[DEPOSIT_SALT_BYTES],
			   struct fault *why)
{
	CLEANUP(deposit_unseal_free) struct deposit_unseal *unseal = NULL;
	struct handle *handle = o->handle;
	enum rc rc = page_letter_new(&handle->letter, why);

	if (rc == RC_OK)
		rc = deposit_unseal_start(&handle->record, &handle->dek, o->request->target.id,
					  add_to_letter, handle->letter, &unseal, why);
	if (rc == RC_OK)
		rc = unseal_all(unseal, blob, why);
	if (rc == RC_OK)
		rc = page_letter_end(handle->letter, why);
	if (rc == RC_OK) {
		memcpy(salt, deposit_unseal_salt(unseal), DEPOSIT_SALT_BYTES);
		handle->size = deposit_unseal_size(unseal);
	}
	return rc;
}

/* Tells the keeper that it was opened; the proof goes to the handle. */
static enum rc acknowledge(struct opening *o, const uint8_t salt[DEPOSIT_SALT_BYTES],
			   struct fault *why)
{
	CLEANUP(ask_end) struct ask ask = { .fd = -1 };
	struct pickup_request question;

	if (!stream_tell_sent(o->request, PICKUP_SERVER, o->ticket))
		return fault(why, RC_RETRY, "the keeper cannot note it");
	question = ask_begin(&ask, o->request, PICKUP_ACKNOWLEDGE);
	question.mode = PICKUP_SERVER;
	memcpy(question.ticket, o->ticket, sizeof question.ticket);
	memcpy(question.proof, o->handle->record.digest, sizeof question.proof);
	if (ask_for(&ask, o->request, &question) != PICKUP_OK)
		return fault(why, RC_RETRY, "the keeper takes no receipt");
	return deposit_proof_add_salt(ask.reply.proof, salt, &o->handle->proof, why);
}

/* ---- the whole ---- */

/* The code within what was typed or pasted: what follows the last mark of a whole link. */
static struct slice code_within(struct slice text)
{
	for (size_t i = text.len; i > 0; i--)
		if (text.at[i - 1] == '#')
			return (struct slice){ text.at + i, text.len - i };
	return text;
}

/* Reads the form. False: *done asks again. */
static bool read_form(struct opening *o, enum MHD_Result *done)
{
	CLEANUP(buf_wipe) struct buf code = BUF_SECRET(CODE_MAX), phrase = BUF_SECRET(CODE_MAX);
	CLEANUP(buf_wipe) struct buf pin = BUF_SECRET(PIN_MAX), confirm = BUF_SECRET(PIN_MAX);

	if (plain_field(o->request, "code", &code) != RC_OK ||
	    crypto_code_parse(code_within(buf_slice(&code)), o->half, NULL) != RC_OK) {
		*done = ask_again(o, &(const struct asking){ .said = "bad_code",
							     .asks_code = true,
							     .factor = "ask_phrase",
							     .status = MHD_HTTP_BAD_REQUEST });
		return false;
	}
	crypto_code_format(o->half, true, o->code);
	bool has_pin = plain_field(o->request, "pin", &pin) == RC_OK;
	if (has_pin && !plain_digits(buf_slice(&pin), o->pin)) {
		*done = ask_again(o, &(const struct asking){ .said = "wrong_pin",
							     .factor = "ask_pin",
							     .status = MHD_HTTP_BAD_REQUEST });
		return false;
	}
	bool has_phrase = plain_field(o->request, "phrase", &phrase) == RC_OK;
	if (has_phrase && deposit_phrase_normalise(buf_slice(&phrase), &o->phrase, NULL) != RC_OK) {
		*done = ask_again(o, &(const struct asking){ .said = "wrong_phrase",
							     .factor = "ask_phrase",
							     .status = MHD_HTTP_BAD_REQUEST });
		return false;
	}
	if (plain_field(o->request, "confirm", &confirm) == RC_OK)
		return true;
	*done = ask_again(o, &(const struct asking){ .said = "need_confirm",
						     .factor = has_pin ? "ask_pin" : "ask_phrase",
						     .status = MHD_HTTP_BAD_REQUEST });
	return false;
}

/* Opens it into the handle. */
static enum rc open_blob(struct opening *o, int blob, struct fault *why)
{
	uint8_t salt[DEPOSIT_SALT_BYTES];
	enum rc rc = read_letter(o, blob, salt, why);

	if (rc == RC_OK)
		rc = acknowledge(o, salt, why);
	memcpy(o->handle->id, o->request->target.id, sizeof o->handle->id);
	memcpy(o->handle->ticket, o->ticket, sizeof o->handle->ticket);
	if (rc == RC_OK && !handle_keep(o->request->worker->handles, o->handle))
		rc = fault(why, RC_LIMIT, "too many messages are open");
	return rc;
}

static enum MHD_Result open_it(struct opening *o)
{
	CLEANUP(cleanup_fd) int blob = -1;
	enum MHD_Result done;
	struct fault why;

	if (!read_form(o, &done) || !prove(o, &done) || !has_factor(o, &done))
		return done;
	o->handle = handle_new();
	if (!o->handle)
		return MHD_NO;
	if (!unlock(o, &blob, &done))
		return done;
	if (open_blob(o, blob, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "a message cannot be opened: %s", why.text);
		return ask_later(o, o->pin[0] ? "ask_pin" : "ask_phrase", 0);
	}
	const struct opened_page page = {
		.handle = o->handle,
		.scan = &o->scan,
		.independent = o->visit.independent,
		.reply_bytes = o->visit.may_reply ? o->visit.reply_bytes : 0,
	};
	return opened_answer(o->request, &page);
}

enum MHD_Result open_answer(struct request *request)
{
	struct opening opening = {
		.request = request,
		.phrase = BUF_SECRET(DEPOSIT_PHRASE_MAX),
		.address = BUF_INIT(PICKUP_ADDRESS_MAX),
		.sender = BUF_INIT(PICKUP_ADDRESS_MAX),
		.scan_words = BUF_INIT(2 * PICKUP_WORDS_MAX),
	};
	enum MHD_Result done = open_it(&opening);

	opening_fini(&opening);
	return done;
}
