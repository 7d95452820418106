#include "pickup/verb.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "directory/directory.h"

#include <stdio.h>
#include <string.h>

enum rc verb_code_hmac(struct verb *v, const struct found *f, struct slice code,
		       uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	struct crypto_hash *h = NULL;
	enum rc rc = crypto_hash_new(&v->pickup->site.keys->verifier, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("code"));
	crypto_hash_add_field(h, (struct slice){ (const char *)f->id, sizeof f->id });
	crypto_hash_add_field(h, (struct slice){ (const char *)&f->number, sizeof f->number });
	crypto_hash_add_field(h, code);
	return crypto_hash_end(&h, out, why);
}

/* Each of the 10^8 as likely as any other: 64 random bits leave no bias that counts. */
static enum rc make_code(char out[PICKUP_CODE_DIGITS + 1], struct fault *why)
{
	uint64_t random;
	enum rc rc = crypto_random(&random, sizeof random, why);

	if (rc == RC_OK)
		snprintf(out, PICKUP_CODE_DIGITS + 1, "%0*u", PICKUP_CODE_DIGITS,
			 (unsigned)(random % 100000000));
	return rc;
}

static enum rc mask(struct verb *v, const char *number, struct fault *why)
{
	char text[8];

	directory_number_mask(number, text);
	return verb_keeps(v, slice_of(text), &v->out->reply.sent_to, why);
}

static enum rc find_number(struct verb *v, struct store_tx *tx, const struct found *f,
			   struct directory_entry *out, struct fault *why)
{
	enum rc rc = directory_lookup(tx, v->pickup->site.keys, f->address, out, why);

	if (rc == RC_OK && out->number[0])
		return RC_OK;
	if (rc == RC_OK || rc == RC_ABSENT || rc == RC_INVALID)
		return fault(why, RC_RETRY, "the directory has no number for <%.*s>",
			     SLICE_ARG(f->address));
	return rc;
}

/* Counts it and keeps its HMAC, before anything is sent: what is sent is known, and paid for. */
static enum rc note_code(struct verb *v, struct store_tx **tx, const char *code, struct found *f,
			 struct fault *why)
{
	struct pickup_progress *g = &f->progress;
	uint32_t wait_s = 0;

	if (g->code_total >= PICKUP_CODES_MAX ||
	    !pickup_hour_take(&g->codes, PICKUP_CODES_PER_HOUR, v->now_s, &wait_s)) {
		v->out->reply.wait_s = wait_s;
		(void)verb_says(v, PICKUP_LIMIT);
		return RC_ABSENT;
	}
	g->code_total++;
	g->code_tries = 0;
	g->code_until_s = v->now_s + PICKUP_CODE_S;
	v->out->reply.code_until_s = g->code_until_s;
	enum rc rc = verb_code_hmac(v, f, slice_of(code), g->code, why);
	if (rc == RC_OK)
		rc = found_put_progress(v, *tx, f, why);
	return rc == RC_OK ? store_commit(tx, why) : rc;
}

/* Whose turn it is, the number, and a code that is noted. RC_ABSENT: the result is set. */
static enum rc prepare(struct verb *v, const char *code, struct directory_entry *entry,
		       struct found *f, struct pickup_visit *visit, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(v->pickup->site.deposit->store, &tx, why);

	if (rc == RC_OK)
		rc = verb_enter(v, tx, DEPOSIT_PROVED, visit, f, why);
	if (rc != RC_OK)
		return rc;
	if (f->share.factor != RULES_FACTOR_CODE) {
		(void)verb_says(v, PICKUP_ORDER);
		return RC_ABSENT;
	}
	if (!v->pickup->site.hook)
		return fault(why, RC_RETRY, "portal.code_command is not set");
	rc = find_number(v, tx, f, entry, why);
	return rc == RC_OK ? note_code(v, &tx, code, f, why) : rc;
}

/* In the language that the directory has, else in the one of the page. */
static enum rc send_code(struct verb *v, const struct directory_entry *entry, const char *code,
			 struct fault *why)
{
	const struct pickup_site *site = &v->pickup->site;
	const struct pickup_code sent = {
		.number = entry->number,
		.code = code,
		.language =
			entry->language[0] ? entry->language : arena_text(v->texts, v->q->language),
		.organisation = site->deposit->organisation ? site->deposit->organisation : "",
		.until_s = v->out->reply.code_until_s,
	};

	return sent.language ? site->hook(site->arg, &sent, why)
			     : fault(why, RC_NOMEM, "out of memory");
}

enum rc verb_code(struct verb *v, struct fault *why)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .phrase = "" };
	char code[PICKUP_CODE_DIGITS + 1] = "";
	struct pickup_visit visit;
	struct found f;
	enum rc rc = make_code(code, why);

	if (rc == RC_OK)
		rc = prepare(v, code, &entry, &f, &visit, why);
	if (rc == RC_OK)
		rc = mask(v, entry.number, why);
	if (rc == RC_OK)
		rc = verb_audit(v, "code-sent", &f, &visit, v->out->reply.sent_to.at, why);
	if (rc == RC_OK)
		rc = send_code(v, &entry, code, why);
	crypto_wipe(code, sizeof code);
	if (rc == RC_ABSENT) /* the result is set */
		return RC_OK;
	return rc == RC_OK ? verb_says(v, PICKUP_OK) : rc;
}
