#include "handback.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "crypto/keys.h"
#include "crypto/pass.h"
#include "crypto/random.h"
#include "outbox/worker.h"
#include "own.h"
#include "site.h"

#include <string.h>

static const char bucket[] = "handback";

enum { DAY_S = 86400 };

/* The word by which own.c knows the class again. */
static const char *use_of(enum action_class class)
{
	switch (class) {
	case ACTION_HELD:
		return "held";
	case ACTION_PLAIN:
		return "plain";
	case ACTION_STRICT:
	case ACTION_SEALED:    /* these two do not travel as copies; were it otherwise, strict */
	case ACTION_REWRITTEN: /* is the safe way */
		return "strict";
	}
	return "strict";
}

/* The new field, then the message: read by the outbox while it seals. */
struct source {
	struct slice head;
	const struct spool *raw;
	uint64_t at;
	struct fault why; /* of a read that failed */
};

static enum rc read_source(void *arg, char *to, size_t room, size_t *got)
{
	struct source *source = arg;

	if (source->at < source->head.len) {
		size_t left = source->head.len - (size_t)source->at;
		*got = left < room ? left : room;
		memcpy(to, source->head.at + source->at, *got);
		source->at += *got;
		return RC_OK;
	}
	enum rc rc =
		spool_read(source->raw, source->at - source->head.len, to, room, got, &source->why);
	if (rc == RC_OK)
		source->at += *got;
	return rc;
}

/* What makes two submissions the same: sender, class, recipients, every byte. */
static enum rc retry_key(const struct session *s, const struct judgement *j,
			 enum action_class class, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	const struct message *m = &s->message;
	char chunk[16384];
	enum rc rc = crypto_hash_new(&s->site->keys->retry, &h, why);

	if (rc != RC_OK)
		return rc;
	if (!m->has_message_id) /* as in deposit/deposit.h: may be the same and yet another */
		return crypto_random(out, CRYPTO_HASH_BYTES, why);
	crypto_hash_add_field(h, slice_of(use_of(class)));
	crypto_hash_add_field(h, slice_of(m->from));
	for (size_t i = 0; i < m->recipient_count; i++)
		if (j->plan.classes[i] == class)
			crypto_hash_add_field(h, slice_of(m->recipients[i].address));
	crypto_hash_add_field(h, (struct slice){ 0 });
	for (uint64_t at = 0;;) {
		size_t got;
		rc = spool_read(m->raw, at, chunk, sizeof chunk, &got, why);
		if (rc != RC_OK)
			return rc;
		if (got == 0)
			return crypto_hash_end(&h, out, why);
		crypto_hash_add(h, (struct slice){ chunk, got });
		at += got;
	}
}

struct part { /* of a copy's recipients */
	size_t count;
	struct outbox_recipient recipients[CRYPTO_PASS_RECIPIENTS_MAX];
	struct slice addresses[CRYPTO_PASS_RECIPIENTS_MAX];
};

/* The next of class from *at on; count 0: no more. */
static void next_part(const struct message *m, const struct judgement *j, enum action_class class,
		      size_t *at, struct part *part)
{
	part->count = 0;
	for (; *at < m->recipient_count && part->count < CRYPTO_PASS_RECIPIENTS_MAX; ++*at) {
		const struct recipient *r = &m->recipients[*at];
		if (j->plan.classes[*at] != class)
			continue;
		part->addresses[part->count] = slice_of(r->address);
		part->recipients[part->count++] = (struct outbox_recipient){
			.address = slice_of(r->address),
			.notify = r->params.notify,
			.orcpt = r->params.orcpt,
		};
	}
}

static enum rc field_of(const struct session *s, enum action_class class, const struct part *part,
			struct buf *out, struct fault *why)
{
	struct crypto_pass pass = {
		.use = use_of(class),
		.until_s = clock_wall_s() + CRYPTO_PASS_LIFE_S,
		.recipient_count = part->count,
		.recipients = part->addresses,
	};
	enum rc rc = crypto_random(pass.id, sizeof pass.id, why);

	if (rc == RC_OK)
		rc = own_body_digest(&s->message, pass.body_digest, why);
	(void)buf_add_text(out, "Postern-Handback: ");
	if (rc == RC_OK)
		rc = crypto_pass_format(&s->site->keys->header, &pass, out, why);
	(void)buf_add_text(out, "\r\n");
	if (rc == RC_OK && buf_state(out) != RC_OK)
		rc = fault(why, RC_NOMEM, "out of memory");
	return rc;
}

static enum rc seal_part(const struct session *s, enum action_class class, const struct part *part,
			 const char *queue_id, struct outbox_item **out, struct fault *why)
{
	const struct message *m = &s->message;
	CLEANUP(buf_free) struct buf head = BUF_INIT(4096);
	enum rc rc = field_of(s, class, part, &head, why);

	if (rc != RC_OK)
		return rc;
	struct source source = { .head = buf_slice(&head), .raw = m->raw };
	struct outbox_mail mail = {
		.kind = OUTBOX_HANDBACK,
		.from = slice_of(m->from),
		.recipient_count = part->count,
		.recipients = part->recipients,
		.ret = class == ACTION_PLAIN ? m->params.ret : MAIL_RET_HDRS,
		.envid = m->params.envid,
		.smtputf8 = m->params.smtputf8,
		.eightbit = m->params.body == MAIL_BODY_8BITMIME,
		.requiretls = m->params.requiretls,
		.queue_id = slice_of(queue_id ? queue_id : ""),
		.read = read_source,
		.read_arg = &source,
	};
	return outbox_seal(s->site->outbox, &mail, out, why);
}

/* RC_ABSENT: it was not made before. */
static enum rc find_earlier(struct store_tx *tx, struct slice key, struct fault *why)
{
	CLEANUP(buf_free) struct buf value = BUF_INIT(8);

	return store_get(tx, bucket, key, clock_wall_s(), &value, why);
}

/* *made: by somebody else meanwhile; the items are then not needed. */
static enum rc commit(const struct session *s, struct outbox_item *const *items, size_t count,
		      struct slice key, bool *made, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	int64_t now_s = clock_wall_s();
	int64_t until_s =
		now_s + (int64_t)s->message.ruleset->settings->limits.retry_window_days * DAY_S;
	enum rc rc = store_begin(s->site->store, &tx, why);

	if (rc != RC_OK)
		return rc;
	/* Again: the same client may have come twice at once. */
	rc = find_earlier(tx, key, why);
	*made = rc == RC_OK;
	if (rc == RC_OK) /* what the other one wrote is durable when we have committed, too */
		return store_commit(&tx, why);
	if (rc != RC_ABSENT)
		return rc;
	rc = RC_OK;
	for (size_t i = 0; rc == RC_OK && i < count; i++)
		rc = outbox_add(tx, items[i], now_s, why);
	if (rc == RC_OK)
		rc = store_put(tx, bucket, key, SLICE("1"), until_s, why);
	return rc == RC_OK ? store_commit(&tx, why) : rc;
}

static enum rc was_made(const struct session *s, struct slice key, bool *made, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(s->site->store, &tx, why);

	if (rc == RC_OK)
		rc = find_earlier(tx, key, why);
	*made = rc == RC_OK;
	return rc == RC_ABSENT ? RC_OK : rc;
}

static enum rc make(struct session *s, const struct judgement *j, enum action_class class,
		    const char *queue_id, struct slice key, struct fault *why)
{
	struct message *m = &s->message;
	size_t at = 0, count = 0;
	size_t room = m->recipient_count / CRYPTO_PASS_RECIPIENTS_MAX + 1;
	struct outbox_item **items = ARENA_ARRAY(m->arena, struct outbox_item *, room);
	struct part *part = ARENA_NEW(m->arena, struct part);
	enum rc rc = items && part ? RC_OK : fault(why, RC_NOMEM, "out of memory");

	while (rc == RC_OK) {
		next_part(m, j, class, &at, part);
		if (part->count == 0)
			break;
		rc = seal_part(s, class, part, queue_id, &items[count], why);
		count += rc == RC_OK;
	}
	bool made = false;
	if (rc == RC_OK)
		rc = commit(s, items, count, key, &made, why);
	for (size_t i = 0; i < count; i++)
		rc == RC_OK && !made ? outbox_keep(&items[i]) : outbox_drop(&items[i]);
	return rc;
}

enum rc handback_copy(struct session *s, const struct judgement *j, enum action_class class,
		      const char *queue_id, struct fault *why)
{
	uint8_t digest[CRYPTO_HASH_BYTES];
	struct slice key = { (const char *)digest, sizeof digest };
	bool made = false;
	enum rc rc = retry_key(s, j, class, digest, why);

	if (rc == RC_OK)
		rc = was_made(s, key, &made, why);
	if (rc != RC_OK || made)
		return rc;
	rc = make(s, j, class, queue_id, key, why);
	if (rc == RC_OK)
		(void)outbox_worker_wake(s->site->worker); /* else it is found within a minute */
	return rc;
}
