/* outbox/item.h: what outbox.c and worker.c know of each other's insides. */
#pragma once

#include "outbox/outbox.h"
#include "outbox/payload.h"

struct outbox {
	struct store *store;
	struct crypto_key key;
};

/* Unwraps the row key that sealed is. RC_INVALID: of another outbox key, or damaged. */
enum rc outbox_unwrap(const struct outbox *outbox, const uint8_t id[STORE_ID_BYTES],
		      const uint8_t *sealed, struct crypto_key *out, struct fault *why);
