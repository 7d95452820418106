#include "pickup/verb.h"

#include "base/cleanup.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS_MAX = 1 << 20 }; /* of an answer: rows with their addresses, a proof */

enum rc pickup_new(const struct pickup_site *site, struct pickup **out, struct fault *why)
{
	struct pickup *pickup = calloc(1, sizeof *pickup);

	if (!pickup)
		return fault(why, RC_NOMEM, "out of memory");
	pickup->site = *site;
	enum rc rc = pickup_slow_new(&pickup->slow, why);
	if (rc != RC_OK) {
		pickup_free(pickup);
		return rc;
	}
	*out = pickup;
	return RC_OK;
}

void pickup_free(struct pickup *pickup)
{
	if (!pickup)
		return;
	pickup_slow_free(pickup->slow);
	free(pickup);
}

static enum rc verb_hello(struct verb *v, struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key site = { 0 };
	enum rc rc = crypto_keys_refresh(v->pickup->site.keys, why);

	if (rc != RC_OK)
		return rc == RC_NOMEM ? rc : RC_RETRY;
	crypto_keys_site(v->pickup->site.keys, &site);
	rc = crypto_sign_public(&site, v->out->reply.public_key, why);
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}

static verb_fn *const verbs[PICKUP_VERBS] = {
	[PICKUP_HELLO] = verb_hello,   [PICKUP_LOCATE] = verb_locate,
	[PICKUP_PROVE] = verb_prove,   [PICKUP_CODE] = verb_code,
	[PICKUP_FACTOR] = verb_factor, [PICKUP_BLOB] = verb_blob,
	[PICKUP_SENT] = verb_sent,     [PICKUP_ACKNOWLEDGE] = verb_acknowledge,
	[PICKUP_REPLY] = verb_reply,   [PICKUP_HANDLE] = verb_handle,
};

static void clear(struct pickup_answer *answer, const struct pickup_request *q)
{
	crypto_wipe(&answer->reply, sizeof answer->reply);
	answer->reply = (struct pickup_reply){ .serial = q->serial,
					       .verb = q->verb,
					       .result = PICKUP_RETRY };
	if (answer->fd >= 0)
		cleanup_fd(&answer->fd);
	answer->fd = -1;
}

static enum rc answer(struct verb *v, struct fault *why)
{
	pickup_client_read(v->q->client, &v->client);
	enum rc rc = v->texts ? RC_OK : fault(why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = pickup_client_hash(&v->pickup->site.keys->verifier, &v->client, v->q->agent,
					v->client_hash, why);
	return rc == RC_OK ? verbs[v->q->verb](v, why) : rc;
}

void pickup_answer(struct pickup *pickup, const struct pickup_request *question, int body,
		   int64_t now_s, struct pickup_answer *out)
{
	*out = (struct pickup_answer){ .fd = -1, .texts = arena_new(TEXTS_MAX) };
	struct verb v = { .pickup = pickup,
			  .q = question,
			  .body = body,
			  .now_s = now_s,
			  .out = out,
			  .texts = out->texts };

	clear(out, question);
	enum rc rc = answer(&v, &out->why);
	if (rc != RC_OK)
		clear(out, question);
	if (rc != RC_OK && !out->why.text[0]) /* the log is to have a word in any case */
		(void)!fault(&out->why, rc, rc == RC_NOMEM ? "out of memory" : "no reason given");
	if (rc == RC_OK)
		out->why.text[0] = '\0';
}

void pickup_answer_fini(struct pickup_answer *answer)
{
	if (answer->fd >= 0)
		cleanup_fd(&answer->fd);
	answer->fd = -1;
	crypto_wipe(&answer->reply, sizeof answer->reply);
	arena_free(answer->texts);
	answer->texts = NULL;
}

enum rc pickup_settle(struct pickup *pickup, int64_t now_s, struct fault *why)
{
	const struct pickup_request question = { .verb = PICKUP_ACKNOWLEDGE };
	struct pickup_answer out = { .fd = -1, .texts = arena_new(TEXTS_MAX) };
	struct verb v = { .pickup = pickup,
			  .q = &question,
			  .body = -1,
			  .now_s = now_s,
			  .out = &out,
			  .texts = out.texts };
	enum rc rc = v.texts ? verb_settle(&v, why) : fault(why, RC_NOMEM, "out of memory");

	pickup_answer_fini(&out);
	return rc;
}
