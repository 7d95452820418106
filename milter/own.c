#include "own.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/keys.h"
#include "crypto/pass.h"
#include "site.h"
#include "store/store.h"

#include <string.h>
#include <strings.h>

static const char bucket[] = "pass";

static const struct {
	const char *field, *use;
	enum action_class class;
} uses[] = {
	{ "Postern-Notice", "notice", ACTION_PLAIN },
	{ "Postern-Notice", "report", ACTION_PLAIN },
	{ "Postern-Handback", "strict", ACTION_STRICT },
	{ "Postern-Handback", "held", ACTION_HELD },
};

enum rc own_body_digest(const struct message *m, uint8_t out[32], struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	char chunk[16384];
	uint64_t at = m->body_at;
	enum rc rc = crypto_hash_new(NULL, &h, why);

	while (rc == RC_OK) {
		size_t got;
		rc = spool_read(m->raw, at, chunk, sizeof chunk, &got, why);
		if (rc != RC_OK || got == 0)
			break;
		crypto_hash_add(h, (struct slice){ chunk, got });
		at += got;
	}
	return rc == RC_OK ? crypto_hash_end(&h, out, why) : rc;
}

static enum rc use_for_one(struct store_tx *tx, const uint8_t id[CRYPTO_PASS_ID_BYTES],
			   const char *address, int64_t now_s, struct fault *why)
{
	CLEANUP(buf_free) struct buf key = BUF_INIT(STORE_KEY_MAX);
	CLEANUP(buf_free) struct buf seen = BUF_INIT(8);

	(void)buf_add(&key, id, CRYPTO_PASS_ID_BYTES);
	if (buf_add_text(&key, address) != RC_OK)
		return fault(why, RC_LIMIT, "the address is too long");
	enum rc rc = store_get(tx, bucket, buf_slice(&key), now_s, &seen, why);
	if (rc == RC_OK)
		return fault(why, RC_INVALID, "the pass was used before");
	if (rc != RC_ABSENT)
		return rc;
	return store_put(tx, bucket, buf_slice(&key), SLICE("1"), now_s + CRYPTO_PASS_LIFE_S, why);
}

/* Marks the pass as used for all recipients of this message, or for none. */
static enum rc use_up(struct session *s, const uint8_t id[CRYPTO_PASS_ID_BYTES], struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin(s->site->store, &tx, why);

	for (size_t i = 0; rc == RC_OK && i < s->message.recipient_count; i++)
		rc = use_for_one(tx, id, s->message.recipients[i].address, clock_wall_s(), why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static bool holds(struct session *s, const struct own_field *field, const char *use,
		  struct crypto_pass *expected, struct fault *why)
{
	uint8_t id[CRYPTO_PASS_ID_BYTES];

	expected->use = use;
	return crypto_pass_verify(&s->site->keys->header,
				  (struct slice){ field->value, strlen(field->value) }, expected,
				  clock_wall_s(), id, why) == RC_OK &&
	       use_up(s, id, why) == RC_OK;
}

static bool could_be_own(const struct message *m)
{
	for (size_t i = 0; i < m->own_count; i++)
		for (size_t u = 0; u < sizeof uses / sizeof *uses; u++)
			if (strcasecmp(m->own[i].name, uses[u].field) == 0)
				return m->recipient_count > 0;
	return false;
}

bool own_mail(struct session *s, enum action_class *class)
{
	struct message *m = &s->message;
	struct fault why = { 0 };

	if (!could_be_own(m))
		return false;
	struct slice *addresses = ARENA_ARRAY(m->arena, struct slice, m->recipient_count);
	struct crypto_pass expected = { .recipient_count = m->recipient_count,
					.recipients = addresses };
	if (!addresses || own_body_digest(m, expected.body_digest, &why) != RC_OK)
		return false;
	for (size_t i = 0; i < m->recipient_count; i++)
		addresses[i] = (struct slice){ m->recipients[i].address,
					       strlen(m->recipients[i].address) };
	for (size_t i = 0; i < m->own_count; i++)
		for (size_t u = 0; u < sizeof uses / sizeof *uses; u++) {
			if (strcasecmp(m->own[i].name, uses[u].field) != 0 ||
			    !holds(s, &m->own[i], uses[u].use, &expected, &why))
				continue;
			*class = uses[u].class;
			return true;
		}
	log_line(LOG_WARN, NULL, "from=<%s> client=%s: a field of ours does not hold: %s", m->from,
		 s->client, why.text);
	return false;
}
