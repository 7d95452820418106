#include "crypto/stream.h"

#include "base/cleanup.h"
#include "crypto/random.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX = 7, BOUND_MAX = 64 };
static const char magic[4] = { 'P', 'S', 'B', '1' };

struct crypto_stream {
	struct crypto_key key;
	bool sealing, headed;
	uint8_t nonce[CRYPTO_NONCE_BYTES];
	uint64_t number;
	char bound[BOUND_MAX];
	size_t bound_len;
	crypto_emit_fn *emit;
	void *arg;
	size_t held;
	char in[CRYPTO_STREAM_SEALED], out[CRYPTO_STREAM_SEALED];
};

void crypto_stream_free(struct crypto_stream **stream)
{
	if (*stream)
		crypto_wipe(*stream, sizeof **stream);
	free(TAKE(*stream));
}

static enum rc make(const struct crypto_key *key, struct slice bound, crypto_emit_fn *emit,
		    void *arg, struct crypto_stream **out, struct fault *why)
{
	struct crypto_stream *s = calloc(1, sizeof *s);

	assert(bound.len <= BOUND_MAX);
	if (!s)
		return fault(why, RC_NOMEM, "out of memory");
	s->key = *key;
	if (bound.len)
		memcpy(s->bound, bound.at, bound.len);
	s->bound_len = bound.len;
	s->emit = emit;
	s->arg = arg;
	*out = s;
	return RC_OK;
}

enum rc crypto_stream_seal(const struct crypto_key *key, struct slice bound, crypto_emit_fn *emit,
			   void *arg, struct crypto_stream **out, struct fault *why)
{
	CLEANUP(crypto_stream_free) struct crypto_stream *s = NULL;
	char head[CRYPTO_STREAM_HEAD] = { 0 };
	enum rc rc = make(key, bound, emit, arg, &s, why);

	if (rc != RC_OK)
		return rc;
	rc = crypto_random(s->nonce, PREFIX, why);
	if (rc != RC_OK)
		return rc;
	memcpy(head, magic, sizeof magic);
	memcpy(head + sizeof magic, s->nonce, PREFIX);
	rc = emit(arg, (struct slice){ head, sizeof head }, why);
	if (rc != RC_OK)
		return rc;
	s->sealing = s->headed = true;
	*out = TAKE(s);
	return RC_OK;
}

enum rc crypto_stream_open(const struct crypto_key *key, struct slice bound, crypto_emit_fn *emit,
			   void *arg, struct crypto_stream **out, struct fault *why)
{
	return make(key, bound, emit, arg, out, why);
}

static enum rc flush(struct crypto_stream *s, bool last, struct fault *why)
{
	const struct slice bound = { s->bound, s->bound_len }, in = { s->in, s->held };
	size_t len;
	enum rc rc;

	if (s->number > UINT32_MAX)
		return fault(why, RC_LIMIT, "stream is longer than 2^32 records");
	for (unsigned i = 0; i < 4; i++)
		s->nonce[PREFIX + i] = (uint8_t)(s->number >> (24 - 8 * i));
	s->nonce[PREFIX + 4] = last;
	s->number++;
	if (s->sealing) {
		len = s->held + CRYPTO_TAG_BYTES;
		rc = crypto_gcm_seal(&s->key, s->nonce, bound, in, s->out, why);
	} else if (s->held < CRYPTO_TAG_BYTES) {
		return fault(why, RC_INVALID, "stream is cut short");
	} else {
		len = s->held - CRYPTO_TAG_BYTES;
		rc = crypto_gcm_open(&s->key, s->nonce, bound, in, s->out, why);
	}
	s->held = 0;
	return rc == RC_OK ? s->emit(s->arg, (struct slice){ s->out, len }, why) : rc;
}

static void take(struct crypto_stream *s, struct slice *bytes, size_t until)
{
	size_t n = until - s->held < bytes->len ? until - s->held : bytes->len;

	if (n)
		memcpy(s->in + s->held, bytes->at, n);
	s->held += n;
	*bytes = (struct slice){ bytes->at + n, bytes->len - n };
}

static enum rc take_head(struct crypto_stream *s, struct slice *bytes, struct fault *why)
{
	take(s, bytes, CRYPTO_STREAM_HEAD);
	if (s->held < CRYPTO_STREAM_HEAD)
		return RC_OK;
	if (memcmp(s->in, magic, sizeof magic) != 0 || s->in[CRYPTO_STREAM_HEAD - 1] != 0)
		return fault(why, RC_INVALID, "not a sealed stream, or of a later version");
	memcpy(s->nonce, s->in + sizeof magic, PREFIX);
	s->headed = true;
	s->held = 0;
	return RC_OK;
}

enum rc crypto_stream_add(struct crypto_stream *s, struct slice bytes, struct fault *why)
{
	const size_t full = s->sealing ? CRYPTO_STREAM_RECORD : CRYPTO_STREAM_SEALED;
	enum rc rc = RC_OK;

	if (!s->headed)
		rc = take_head(s, &bytes, why);
	/* A full record waits until more comes: it may be the last. */
	while (rc == RC_OK && s->headed && bytes.len) {
		if (s->held == full)
			rc = flush(s, false, why);
		take(s, &bytes, full);
	}
	return rc;
}

enum rc crypto_stream_end(struct crypto_stream *s, struct fault *why)
{
	if (!s->headed)
		return fault(why, RC_INVALID, "stream is cut short");
	return flush(s, true, why);
}
