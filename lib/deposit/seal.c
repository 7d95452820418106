#include "deposit/seal.h"

#include "base/cleanup.h"
#include "crypto/random.h"

#include <stdlib.h>
#include <string.h>

uint64_t deposit_bucket(uint64_t len)
{
	uint64_t step = DEPOSIT_BUCKET_MIN / 8;

	if (len <= DEPOSIT_BUCKET_MIN)
		return DEPOSIT_BUCKET_MIN;
	while (step * 16 < len)
		step *= 2;
	return (len + step - 1) / step * step;
}

enum rc deposit_commit(const struct crypto_key *dek, const uint8_t id[STORE_ID_BYTES],
		       uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	static const char label[] = { 'c', 'o', 'm', 'm', 'i', 't', 'm', 'e', 'n', 't' };
	char info[sizeof label + DEPOSIT_BOUND_BYTES];
	struct crypto_key commitment;

	memcpy(info, label, sizeof label);
	deposit_bound(id, (uint8_t *)info + sizeof label);
	enum rc rc = crypto_hkdf((struct slice){ (const char *)dek->bytes, sizeof dek->bytes },
				 (struct slice){ info, sizeof info }, &commitment, why);
	if (rc == RC_OK)
		memcpy(out, commitment.bytes, sizeof commitment.bytes);
	return rc;
}

struct sealing {
	struct crypto_stream *stream;
	struct crypto_hash *hash;
};

static enum rc seal_piece(void *arg, struct slice bytes, struct fault *why)
{
	struct sealing *s = arg;

	crypto_hash_add(s->hash, bytes);
	return crypto_stream_add(s->stream, bytes, why);
}

static enum rc seal_zeros(struct crypto_stream *stream, uint64_t count, struct fault *why)
{
	static const char zeros[4096];
	enum rc rc = RC_OK;

	while (rc == RC_OK && count) {
		size_t n = count < sizeof zeros ? (size_t)count : sizeof zeros;
		rc = crypto_stream_add(stream, (struct slice){ zeros, n }, why);
		count -= n;
	}
	return rc;
}

static enum rc seal_payload(const struct deposit_source *source, struct sealing *s,
			    uint64_t payload, struct fault *why)
{
	uint8_t head[DEPOSIT_PAYLOAD_HEAD];
	enum rc rc = crypto_random(head, DEPOSIT_SALT_BYTES, why);

	if (rc != RC_OK)
		return rc;
	for (unsigned i = 0; i < 8; i++)
		head[DEPOSIT_SALT_BYTES + i] = (uint8_t)(source->size >> (56 - 8 * i));
	crypto_hash_add(s->hash, (struct slice){ (const char *)head, DEPOSIT_SALT_BYTES });
	rc = crypto_stream_add(s->stream, (struct slice){ (const char *)head, sizeof head }, why);
	crypto_wipe(head, sizeof head);
	if (rc == RC_OK)
		rc = deposit_source_each(source, seal_piece, s, why);
	if (rc == RC_OK)
		rc = seal_zeros(s->stream, payload - DEPOSIT_PAYLOAD_HEAD - source->size, why);
	return rc == RC_OK ? crypto_stream_end(s->stream, why) : rc;
}

enum rc deposit_seal(const struct deposit_source *source, const struct crypto_key *dek,
		     const uint8_t id[STORE_ID_BYTES], crypto_emit_fn *emit, void *arg,
		     struct deposit_record *record, struct fault *why)
{
	struct deposit_record made;
	struct sealing s = { 0 };
	uint8_t bound[DEPOSIT_BOUND_BYTES];

	if (source->size > STORE_BLOB_MAX / 2)
		return fault(why, RC_LIMIT, "message of %llu bytes is too long for a deposit",
			     (unsigned long long)source->size);
	deposit_bound(id, bound);
	made.payload_bytes = deposit_bucket(DEPOSIT_PAYLOAD_HEAD + source->size);
	enum rc rc = deposit_commit(dek, id, made.commitment, why);
	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &s.hash, why);
	if (rc == RC_OK)
		rc = crypto_stream_seal(dek, (struct slice){ (const char *)bound, sizeof bound },
					emit, arg, &s.stream, why);
	if (rc == RC_OK)
		rc = seal_payload(source, &s, made.payload_bytes, why);
	if (rc == RC_OK)
		rc = crypto_hash_end(&s.hash, made.digest, why);
	if (rc == RC_OK)
		*record = made;
	crypto_stream_free(&s.stream);
	crypto_hash_free(&s.hash);
	return rc;
}

struct deposit_unseal {
	struct deposit_record record;
	struct crypto_stream *stream;
	struct crypto_hash *hash;
	crypto_emit_fn *emit;
	void *arg;
	uint8_t head[DEPOSIT_PAYLOAD_HEAD];
	uint64_t seen, original; /* bytes of the payload so far; length of the original */
};

void deposit_unseal_free(struct deposit_unseal **unseal)
{
	if (!*unseal)
		return;
	crypto_stream_free(&(*unseal)->stream);
	crypto_hash_free(&(*unseal)->hash);
	crypto_wipe(*unseal, sizeof **unseal);
	free(TAKE(*unseal));
}

static enum rc read_head(struct deposit_unseal *u, struct fault *why)
{
	uint64_t original = 0;

	for (unsigned i = 0; i < 8; i++)
		original = original << 8 | u->head[DEPOSIT_SALT_BYTES + i];
	if (original > u->record.payload_bytes ||
	    deposit_bucket(DEPOSIT_PAYLOAD_HEAD + original) != u->record.payload_bytes)
		return fault(why, RC_INVALID, "the deposit's lengths do not agree");
	u->original = original;
	crypto_hash_add(u->hash, (struct slice){ (const char *)u->head, DEPOSIT_SALT_BYTES });
	return RC_OK;
}

/* Takes the payload apart as its records come. */
static enum rc take_payload(void *arg, struct slice bytes, struct fault *why)
{
	struct deposit_unseal *u = arg;

	while (bytes.len && u->seen < DEPOSIT_PAYLOAD_HEAD) {
		u->head[u->seen++] = (uint8_t)bytes.at[0];
		bytes = (struct slice){ bytes.at + 1, bytes.len - 1 };
		enum rc rc = u->seen == DEPOSIT_PAYLOAD_HEAD ? read_head(u, why) : RC_OK;
		if (rc != RC_OK)
			return rc;
	}
	uint64_t end = DEPOSIT_PAYLOAD_HEAD + u->original;
	uint64_t left = u->seen < end ? end - u->seen : 0;
	struct slice original = { bytes.at, left < bytes.len ? (size_t)left : bytes.len };
	u->seen += bytes.len;
	if (original.len == 0)
		return RC_OK;
	crypto_hash_add(u->hash, original);
	return u->emit(u->arg, original, why);
}

enum rc deposit_unseal_start(const struct deposit_record *record, const struct crypto_key *dek,
			     const uint8_t id[STORE_ID_BYTES], crypto_emit_fn *emit, void *arg,
			     struct deposit_unseal **out, struct fault *why)
{
	CLEANUP(deposit_unseal_free) struct deposit_unseal *u = calloc(1, sizeof *u);
	uint8_t commitment[CRYPTO_HASH_BYTES], bound[DEPOSIT_BOUND_BYTES];

	if (!u)
		return fault(why, RC_NOMEM, "out of memory");
	u->record = *record;
	u->emit = emit;
	u->arg = arg;
	enum rc rc = deposit_commit(dek, id, commitment, why);
	if (rc == RC_OK && !crypto_same(commitment, record->commitment, sizeof commitment))
		return fault(why, RC_INVALID, "the key is not the one that sealed the deposit");
	deposit_bound(id, bound);
	if (rc == RC_OK)
		rc = crypto_hash_new(NULL, &u->hash, why);
	if (rc == RC_OK)
		rc = crypto_stream_open(dek, (struct slice){ (const char *)bound, sizeof bound },
					take_payload, u, &u->stream, why);
	if (rc == RC_OK)
		*out = TAKE(u);
	return rc;
}

enum rc deposit_unseal_add(struct deposit_unseal *u, struct slice blob, struct fault *why)
{
	return crypto_stream_add(u->stream, blob, why);
}

enum rc deposit_unseal_end(struct deposit_unseal *u, struct fault *why)
{
	uint8_t digest[CRYPTO_HASH_BYTES];
	enum rc rc = crypto_stream_end(u->stream, why);

	if (rc != RC_OK)
		return rc;
	if (u->seen != u->record.payload_bytes)
		return fault(why, RC_INVALID, "the deposit's lengths do not agree");
	rc = crypto_hash_end(&u->hash, digest, why);
	if (rc == RC_OK && !crypto_same(digest, u->record.digest, sizeof digest))
		return fault(why, RC_INVALID, "the message is not the one that the notice names");
	return rc;
}

const uint8_t *deposit_unseal_salt(const struct deposit_unseal *u)
{
	return u->head;
}

uint64_t deposit_unseal_size(const struct deposit_unseal *u)
{
	return u->original;
}
