/* outbox/payload.h: the message of one item, sealed in a blob of its own.
 *
 * A crypto/stream.h under the row key, bound to the row's id, in the store's area
 * STORE_OUTBOX: read back in pieces, so that a large message is never whole in memory.
 *
 * Memory   one record of the stream, wiped
 * Threads  one user at a time */
#pragma once

#include "outbox/outbox.h"

/* Writes mail's message into a blob that needs only store_blob_add() to be durable.
 *   RC_LIMIT  more than STORE_BLOB_MAX    RC_RETRY  the disk    else what read() gave */
enum rc outbox_payload_write(struct store *store, const uint8_t id[STORE_ID_BYTES],
			     const struct crypto_key *key, const struct outbox_mail *mail,
			     struct store_blob **out, struct fault *why);

struct outbox_payload;

/* Opens it, the first record proven.
 *   RC_ABSENT   there is no such file
 *   RC_INVALID  changed, cut, or sealed under another key    RC_RETRY  the disk */
enum rc outbox_payload_open(struct store *store, const uint8_t id[STORE_ID_BYTES],
			    const struct crypto_key *key, struct outbox_payload **out,
			    struct fault *why);
/* The next bytes, at most room; 0 is the end, and genuine. RC_INVALID, RC_RETRY. */
enum rc outbox_payload_read(struct outbox_payload *payload, char *into, size_t room, size_t *got,
			    struct fault *why);
void outbox_payload_close(struct outbox_payload **payload); /* for CLEANUP(); NULL is fine */
