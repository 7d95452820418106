#include "outbox/payload.h"

#include "base/cleanup.h"
#include "crypto/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BOUND = 14 + STORE_ID_BYTES };

/* What a payload is bound to: it opens in its own place only. */
static struct slice bind(const uint8_t id[STORE_ID_BYTES], char bound[BOUND])
{
	memcpy(bound, "outbox payload", BOUND - STORE_ID_BYTES);
	memcpy(bound + BOUND - STORE_ID_BYTES, id, STORE_ID_BYTES);
	return (struct slice){ bound, BOUND };
}

static enum rc to_blob(void *arg, struct slice bytes, struct fault *why)
{
	return store_blob_write(arg, bytes, why);
}

/* Pulls the message out of mail->read into the stream. */
static enum rc pull(const struct outbox_mail *mail, struct crypto_stream *stream, struct fault *why)
{
	CLEANUP(buf_wipe) struct buf piece = BUF_SECRET(CRYPTO_STREAM_RECORD);
	char *space;

	if (buf_reserve(&piece, CRYPTO_STREAM_RECORD, &space) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	for (;;) {
		size_t got = 0;
		enum rc rc = mail->read(mail->read_arg, space, CRYPTO_STREAM_RECORD, &got);
		if (rc != RC_OK)
			return fault(why, rc, "the message cannot be read");
		if (got == 0)
			return RC_OK;
		rc = crypto_stream_add(stream, (struct slice){ space, got }, why);
		if (rc != RC_OK)
			return rc;
	}
}

enum rc outbox_payload_write(struct store *store, const uint8_t id[STORE_ID_BYTES],
			     const struct crypto_key *key, const struct outbox_mail *mail,
			     struct store_blob **out, struct fault *why)
{
	CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
	CLEANUP(crypto_stream_free) struct crypto_stream *stream = NULL;
	char bound[BOUND];

	enum rc rc = store_blob_new(store, STORE_OUTBOX, id, &blob, why);
	if (rc == RC_OK)
		rc = crypto_stream_seal(key, bind(id, bound), to_blob, blob, &stream, why);
	if (rc == RC_OK && mail->read)
		rc = pull(mail, stream, why);
	else if (rc == RC_OK)
		rc = crypto_stream_add(stream, mail->message, why);
	if (rc == RC_OK)
		rc = crypto_stream_end(stream, why);
	if (rc == RC_OK)
		rc = store_blob_finish(blob, why);
	if (rc == RC_OK)
		*out = TAKE(blob);
	return rc;
}

struct outbox_payload {
	int fd;
	struct crypto_stream *stream;
	struct buf plain; /* opened, and not yet read */
	size_t read;      /* of plain */
	char *sealed;     /* CRYPTO_STREAM_RECORD bytes to read into */
	bool ended;
};

static enum rc to_plain(void *arg, struct slice bytes, struct fault *why)
{
	struct outbox_payload *p = arg;
	enum rc rc = buf_add_slice(&p->plain, bytes);

	return rc == RC_OK ? rc : fault(why, rc, "out of memory");
}

/* Opens more, until there is something to read or the end. */
static enum rc fill(struct outbox_payload *p, struct fault *why)
{
	buf_clear(&p->plain);
	p->read = 0;
	while (p->plain.len == 0 && !p->ended) {
		enum rc rc;
		ssize_t n = read(p->fd, p->sealed, CRYPTO_STREAM_RECORD);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault(why, RC_RETRY, "cannot read an outbox payload: %s",
				     strerror(errno));
		p->ended = n == 0;
		rc = p->ended ? crypto_stream_end(p->stream, why)
			      : crypto_stream_add(p->stream, (struct slice){ p->sealed, (size_t)n },
						  why);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

void outbox_payload_close(struct outbox_payload **payloadp)
{
	struct outbox_payload *p = TAKE(*payloadp);

	if (!p)
		return;
	cleanup_fd(&p->fd);
	crypto_stream_free(&p->stream);
	buf_wipe(&p->plain);
	free(p->sealed);
	free(p);
}

enum rc outbox_payload_open(struct store *store, const uint8_t id[STORE_ID_BYTES],
			    const struct crypto_key *key, struct outbox_payload **out,
			    struct fault *why)
{
	CLEANUP(outbox_payload_close) struct outbox_payload *p = calloc(1, sizeof *p);
	char bound[BOUND];

	if (!p)
		return fault(why, RC_NOMEM, "out of memory");
	p->fd = -1;
	p->plain = BUF_SECRET(4 * CRYPTO_STREAM_RECORD);
	p->sealed = malloc(CRYPTO_STREAM_RECORD);
	if (!p->sealed)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = store_blob_open(store, STORE_OUTBOX, id, &p->fd, why);
	if (rc == RC_OK)
		rc = crypto_stream_open(key, bind(id, bound), to_plain, p, &p->stream, why);
	if (rc == RC_OK)
		rc = fill(p, why);
	if (rc == RC_OK)
		*out = TAKE(p);
	return rc;
}

enum rc outbox_payload_read(struct outbox_payload *p, char *into, size_t room, size_t *got,
			    struct fault *why)
{
	if (p->read == p->plain.len && !p->ended) {
		enum rc rc = fill(p, why);
		if (rc != RC_OK)
			return rc;
	}
	size_t left = p->plain.len - p->read, n = left < room ? left : room;
	if (n)
		memcpy(into, p->plain.at + p->read, n);
	p->read += n;
	*got = n;
	return RC_OK;
}
