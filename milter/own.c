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
	bool once; /* for these bytes alone, header and all */
} uses[] = {
	{ "Postern-Notice", "notice", ACTION_PLAIN, true },
	{ "Postern-Notice", "report", ACTION_PLAIN, true },
	{ "Postern-Notice", "reply", ACTION_PLAIN, true },
	{ "Postern-Handback", "strict", ACTION_STRICT, false },
	{ "Postern-Handback", "held", ACTION_HELD, false },
	{ "Postern-Handback", "plain", ACTION_PLAIN, false },
};

/* SHA-256 of the message as it came, from byte at on. */
static enum rc digest_from(const struct message *m, uint64_t at, uint8_t out[CRYPTO_HASH_BYTES],
			   struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	char chunk[16384];
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

enum rc own_body_digest(const struct message *m, uint8_t out[32], struct fault *why)
{
	return digest_from(m, m->body_at, out, why);
}

/* A pass on its way to being used by this message. */
struct use {
	struct session *s;
	uint8_t id[CRYPTO_PASS_ID_BYTES];
	uint8_t whole[CRYPTO_HASH_BYTES]; /* digest of the message, header and all */
	enum action_class class;
	bool once;
};

/* RC_INVALID: the pass was used by another message. */
static enum rc use_for_one(struct store_tx *tx, const struct use *use, const char *address,
			   int64_t now_s, struct fault *why)
{
	CLEANUP(buf_free) struct buf key = BUF_INIT(STORE_KEY_MAX);
	CLEANUP(buf_free) struct buf seen = BUF_INIT(CRYPTO_HASH_BYTES);
	const struct slice whole = { (const char *)use->whole, sizeof use->whole };

	(void)buf_add(&key, use->id, sizeof use->id);
	if (buf_add_text(&key, address) != RC_OK)
		return fault(why, RC_LIMIT, "the address is too long");
	enum rc rc = store_get(tx, bucket, buf_slice(&key), now_s, &seen, why);
	if (rc == RC_ABSENT)
		return store_put(tx, bucket, buf_slice(&key), whole, now_s + CRYPTO_PASS_LIFE_S,
				 why);
	if (rc == RC_OK && use->once &&
	    (seen.len != whole.len || memcmp(seen.at, whole.at, whole.len) != 0))
		return fault(why, RC_INVALID, "the pass was used before");
	return rc;
}

/* Marks the pass as used for all recipients of this message, or for none. */
static enum rc use_up(const struct use *use, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	const struct message *m = &use->s->message;
	enum rc rc = store_begin(use->s->site->store, &tx, why);

	for (size_t i = 0; rc == RC_OK && i < m->recipient_count; i++)
		rc = use_for_one(tx, use, m->recipients[i].address, clock_wall_s(), why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static struct slice value_of(const struct own_field *field)
{
	return (struct slice){ field->value, strlen(field->value) };
}

static enum rc holds(struct use *use, const struct own_field *field, const char *word,
		     struct crypto_pass *expected, struct fault *why)
{
	expected->use = word;
	enum rc rc = crypto_pass_verify(&use->s->site->keys->header, value_of(field), expected,
					clock_wall_s(), use->id, why);
	if (rc == RC_OK)
		rc = digest_from(&use->s->message, 0, use->whole, why);
	return rc == RC_OK ? use_up(use, why) : rc;
}

bool own_is_handback(const struct message *m)
{
	for (size_t i = 0; i < m->own_count; i++)
		if (strcasecmp(m->own[i].name, "Postern-Handback") == 0 &&
		    crypto_pass_is_formed(value_of(&m->own[i])))
			return true;
	return false;
}

bool own_could_be(const struct message *m)
{
	for (size_t i = 0; i < m->own_count; i++)
		for (size_t u = 0; u < sizeof uses / sizeof *uses; u++)
			if (strcasecmp(m->own[i].name, uses[u].field) == 0)
				return true;
	return false;
}

/* Tries each field for each use. RC_ABSENT: none holds, *why says why the last did not. */
static enum rc try_all(struct session *s, struct crypto_pass *expected, enum action_class *class,
		       struct fault *why)
{
	const struct message *m = &s->message;

	for (size_t i = 0; i < m->own_count; i++)
		for (size_t u = 0; u < sizeof uses / sizeof *uses; u++) {
			struct use use = { .s = s, .class = uses[u].class, .once = uses[u].once };
			if (strcasecmp(m->own[i].name, uses[u].field) != 0)
				continue;
			enum rc rc = holds(&use, &m->own[i], uses[u].use, expected, why);
			if (rc == RC_OK)
				*class = use.class;
			if (rc != RC_INVALID && rc != RC_LIMIT)
				return rc;
		}
	return RC_ABSENT;
}

enum rc own_mail(struct session *s, enum action_class *class, struct fault *why)
{
	struct message *m = &s->message;

	if (!own_could_be(m) || m->recipient_count == 0)
		return RC_ABSENT;
	struct slice *addresses = ARENA_ARRAY(m->arena, struct slice, m->recipient_count);
	struct crypto_pass expected = { .recipient_count = m->recipient_count,
					.recipients = addresses };
	if (!addresses)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < m->recipient_count; i++)
		addresses[i] = (struct slice){ m->recipients[i].address,
					       strlen(m->recipients[i].address) };
	enum rc rc = own_body_digest(m, expected.body_digest, why);
	if (rc == RC_OK)
		rc = try_all(s, &expected, class, why);
	if (rc == RC_ABSENT)
		log_line(LOG_WARN, NULL, "from=<%s> client=%s: a field of ours does not hold: %s",
			 m->from, s->client, why->text);
	return rc;
}
