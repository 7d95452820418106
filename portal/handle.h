/* portal/handle.h: messages that were opened without JavaScript, for as long as their reader may
 * save attachments: keys and places, never the message itself.
 *
 *     0a1b2c3d…   32 digits on the page, back with each download or reply
 *
 * Memory   HANDLES_MAX at most; each is wiped when its time is over or its place is wanted
 * Threads  any */
#pragma once

#include "crypto/secret.h"
#include "deposit/record.h"
#include "page/letter.h"
#include "pickup/wire.h"

enum {
	HANDLES_MAX = 200, /* opened within a quarter of an hour, without JavaScript */
	HANDLE_LIFE_MS = 15 * 60 * 1000,
	HANDLE_BYTES = 16,
};

struct handle {
	uint8_t name[HANDLE_BYTES];
	uint8_t id[STORE_ID_BYTES]; /* of the deposit */
	uint8_t ticket[PICKUP_TICKET_BYTES];
	struct crypto_key dek;
	struct deposit_record record;
	uint64_t blob_bytes, size; /* size: of the original */
	struct page_letter *letter;
	struct buf proof; /* the proof file */
	/* Of handle.c. */
	int64_t until_ms;
	unsigned users;
	bool listed;
};

struct handles;

struct handles *handles_new(void); /* NULL: out of memory */
void handles_free(struct handles *handles);

struct handle *handle_new(void); /* one not yet listed; NULL: out of memory */
/* Names it and keeps it; the caller still uses it until handle_give(). The oldest that nobody uses
 * goes where there is no room. False: all are in use, or no randomness. */
bool handle_keep(struct handles *handles, struct handle *handle);

/* That of a name and a deposit, in use until handle_give(); NULL: there is none any more. */
struct handle *handle_take(struct handles *handles, const uint8_t name[HANDLE_BYTES],
			   const uint8_t id[STORE_ID_BYTES]);
/* What was never listed, or is no longer, is wiped when nobody uses it. NULL is fine. */
void handle_give(struct handles *handles, struct handle *handle);
