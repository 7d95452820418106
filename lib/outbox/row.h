/* outbox/row.h: what the store keeps of one item: envelope, wrapped row key, and how
 * the last try ended.
 *
 *     "PO1" | field | field | …      field = tag (1) | length (4, highest byte first) | bytes
 *
 * A newer Postern adds fields, which an older one passes over, and never changes one:
 * what would, takes another "PO1".
 *
 * The store's disk is not a stranger, but a damaged one must not become a wild read or
 * a command that the MTA misreads: what is decoded has the form that was encoded.
 *
 * Memory   decoding borrows from the record and takes its list from an arena
 * Threads  pure functions */
#pragma once

#include "base/arena.h"
#include "crypto/aead.h"
#include "outbox/outbox.h"

struct outbox_row {
	struct outbox_mail mail; /* all but the message */
	struct slice words;      /* the last answer; "" before the first try */
	bool has_key;            /* not once it is stuck */
	bool told;               /* that it is late: told once, however long it waits */
	uint8_t sealed_key[CRYPTO_SEALED_KEY_BYTES];
};

/* RC_LIMIT, RC_NOMEM from the buffer. */
enum rc outbox_row_encode(const struct outbox_row *row, struct buf *out);

/* RC_INVALID: damaged. RC_NOMEM: so is the arena full. */
enum rc outbox_row_decode(struct slice record, struct arena *arena, struct outbox_row *out,
			  struct fault *why);

/* Whether s can stand in an SMTP command: no control character, and not too long. */
bool outbox_is_wordy(struct slice s);
