#include "deposit/resend.h"

#include "base/cleanup.h"
#include "base/spool.h"
#include "crypto/pass.h"
#include "crypto/random.h"
#include "deposit/open.h"
#include "deposit/source.h"

#include <stdlib.h>
#include <string.h>

enum {
	HEAD_MAX = 4096, /* bytes of the field that makes it a copy of ours */
	COPIES_MAX = DEPOSIT_RECIPIENTS_MAX / CRYPTO_PASS_RECIPIENTS_MAX + 1,
};

struct deposit_resend {
	const struct deposit_site *site;
	const struct deposit_held *held;
	const bool *chosen; /* while copies are sealed */
	int64_t now_s;
	struct buf row; /* onward borrows from it */
	struct deposit_onward onward;
	struct spool *original;
	uint64_t body_at;
	uint8_t body_digest[CRYPTO_HASH_BYTES];
	size_t copy_count;
	struct outbox_item *copies[COPIES_MAX];
};

static enum rc read_row(const struct deposit_resend *s, struct buf *row, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(s->site->store, &tx, why);

	return rc == RC_OK ? store_get(tx, DEPOSIT_ONWARD_BUCKET,
				       (struct slice){ (const char *)s->held->id, STORE_ID_BYTES },
				       0, row, why)
			   : rc;
}

static enum rc keep_piece(void *arg, struct slice bytes, struct fault *why)
{
	return spool_add(arg, bytes.at, bytes.len, why);
}

static enum rc open_original(struct deposit_resend *s, const struct crypto_key *key,
			     struct fault *why)
{
	CLEANUP(crypto_key_wipe) struct crypto_key dek = { 0 };
	const struct deposit_onward_keys keys = { key, s->site->keys };
	struct deposit_record record;
	enum rc rc = read_row(s, &s->row, why);

	if (rc == RC_OK)
		rc = deposit_onward_decode(buf_slice(&s->row), &keys, s->held->id, &dek, &s->onward,
					   why);
	if (rc == RC_OK && s->onward.recipient_count != s->held->recipient_count)
		rc = fault(why, RC_INVALID, "what is kept of a deposit's recipients is damaged");
	if (rc == RC_OK)
		rc = deposit_record_decode(s->held->record, &record, why);
	return rc == RC_OK ? deposit_open_blob(s->site->store, s->held->id, &record, &dek,
					       keep_piece, s->original, why)
			   : rc;
}

/* As the milter will see it when the copy comes back. */
static enum rc measure(struct deposit_resend *s, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf header = BUF_SECRET(DEPOSIT_HEADER_MAX);
	CLEANUP(crypto_hash_free) struct crypto_hash *h = NULL;
	const struct deposit_source source = deposit_source_spool(s->original);
	char piece[8192];
	enum rc rc = deposit_source_header(&source, &header, why);

	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &h, why);
	s->body_at = header.len + 2;
	for (uint64_t at = s->body_at; rc == RC_OK;) {
		size_t got;
		rc = spool_read(s->original, at, piece, sizeof piece, &got, why);
		if (rc != RC_OK || got == 0)
			break;
		crypto_hash_add(h, (struct slice){ piece, got });
		at += got;
	}
	crypto_wipe(piece, sizeof piece);
	return rc == RC_OK ? crypto_hash_end(&h, s->body_digest, why) : rc;
}

/* ---- copies ---- */

struct copy {
	size_t count;
	struct slice addresses[CRYPTO_PASS_RECIPIENTS_MAX];
	struct outbox_recipient recipients[CRYPTO_PASS_RECIPIENTS_MAX];
};

static void next_copy(const struct deposit_resend *s, size_t *at, struct copy *copy)
{
	copy->count = 0;
	for (; *at < s->held->recipient_count && copy->count < CRYPTO_PASS_RECIPIENTS_MAX; ++*at) {
		if (!s->chosen[*at])
			continue;
		copy->addresses[copy->count] = s->held->recipients[*at].address;
		copy->recipients[copy->count++] = (struct outbox_recipient){
			.address = s->held->recipients[*at].address,
			.notify = s->onward.recipients[*at].notify,
			.orcpt = s->onward.recipients[*at].orcpt,
		};
	}
}

static enum rc add_field(const struct deposit_resend *s, const struct copy *copy, struct buf *out,
			 struct fault *why)
{
	struct crypto_pass pass = {
		.use = "strict",
		.until_s = s->now_s + CRYPTO_PASS_LIFE_S,
		.recipient_count = copy->count,
		.recipients = copy->addresses,
	};
	enum rc rc = crypto_random(pass.id, sizeof pass.id, why);

	memcpy(pass.body_digest, s->body_digest, sizeof pass.body_digest);
	(void)buf_add_text(out, "Postern-Handback: ");
	if (rc == RC_OK)
		rc = crypto_pass_format(&s->site->keys->header, &pass, out, why);
	(void)buf_add_text(out, "\r\n");
	if (rc == RC_OK && buf_state(out) != RC_OK)
		rc = fault(why, buf_state(out), "out of memory");
	return rc;
}

struct reading { /* the field, then the original */
	struct slice head;
	const struct spool *original;
	uint64_t at;
	struct fault why;
};

static enum rc read_copy(void *arg, char *to, size_t room, size_t *got)
{
	struct reading *r = arg;
	enum rc rc = RC_OK;

	if (r->at < r->head.len) {
		size_t left = r->head.len - (size_t)r->at;
		*got = left < room ? left : room;
		memcpy(to, r->head.at + r->at, *got);
	} else {
		rc = spool_read(r->original, r->at - r->head.len, to, room, got, &r->why);
	}
	r->at += rc == RC_OK ? *got : 0;
	return rc;
}

static enum rc seal_copy(struct deposit_resend *s, const struct copy *copy, struct fault *why)
{
	CLEANUP(buf_free) struct buf head = BUF_INIT(HEAD_MAX);
	enum rc rc = add_field(s, copy, &head, why);
	struct reading reading = { .head = buf_slice(&head), .original = s->original };
	const struct outbox_mail mail = {
		.kind = OUTBOX_HANDBACK,
		.from = s->held->sender,
		.recipient_count = copy->count,
		.recipients = copy->recipients,
		.ret = MAIL_RET_HDRS,
		.envid = s->onward.envid,
		.smtputf8 = s->onward.smtputf8,
		.eightbit = s->onward.eightbit,
		.read = read_copy,
		.read_arg = &reading,
	};

	if (rc == RC_OK)
		rc = outbox_seal(s->site->outbox, &mail, &s->copies[s->copy_count], why);
	s->copy_count += rc == RC_OK;
	return rc;
}

enum rc deposit_resend_open(const struct deposit_site *site, const struct crypto_key *key,
			    const struct deposit_held *held, const char *spool_folder,
			    size_t memory_bytes, struct deposit_resend **out, struct fault *why)
{
	CLEANUP(deposit_resend_free) struct deposit_resend *s = calloc(1, sizeof *s);

	if (!s)
		return fault(why, RC_NOMEM, "out of memory");
	s->site = site;
	s->held = held;
	s->row = BUF_SECRET(DEPOSIT_ONWARD_MAX);
	s->original = spool_new(memory_bytes, STORE_BLOB_MAX, spool_folder);
	if (!s->original)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = open_original(s, key, why);
	if (rc == RC_OK)
		rc = measure(s, why);
	if (rc == RC_OK)
		*out = TAKE(s);
	return rc;
}

enum rc deposit_resend_seal(struct deposit_resend *s, const bool *chosen, int64_t now_s,
			    struct fault *why)
{
	size_t at = 0;
	enum rc rc = RC_OK;

	s->chosen = chosen;
	s->now_s = now_s;
	for (;;) {
		struct copy copy;
		next_copy(s, &at, &copy);
		if (rc != RC_OK || copy.count == 0)
			return rc;
		rc = seal_copy(s, &copy, why);
	}
}

enum rc deposit_resend_add(struct store_tx *tx, const struct deposit_resend *s, int64_t now_s,
			   struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < s->copy_count; i++)
		rc = outbox_add(tx, s->copies[i], now_s, why);
	return rc;
}

void deposit_resend_keep(struct deposit_resend *s)
{
	for (size_t i = 0; i < s->copy_count; i++)
		outbox_keep(&s->copies[i]);
}

void deposit_resend_free(struct deposit_resend **resend)
{
	struct deposit_resend *s = TAKE(*resend);

	if (!s)
		return;
	for (size_t i = 0; i < s->copy_count; i++)
		outbox_drop(&s->copies[i]);
	spool_free(s->original);
	buf_wipe(&s->row);
	free(s);
}
