/* deposit/stretch.h: the slow keys of a new deposit, made on other threads while its message is
 * sealed and written: PBKDF2 of the phrase for each recipient.
 *
 * They cannot be made before the message is known to be diverted: each costs a tenth of a
 * second of a processor, and ordinary mail must not. Nor can they wait until after the answer
 * to the client: what is durable by then must open with notice and phrase.
 *
 * Memory   deposit_stretch_free() waits, wipes and frees
 * Threads  one owner; works on others */
#pragma once

#include "deposit/derive.h"

struct deposit_stretch;

/* Begins. The parties with their phrases must stay until the end. RC_NOMEM. */
enum rc deposit_stretch_start(const struct deposit_party *parties, size_t count,
			      struct deposit_stretch **out, struct fault *why);

/* Waits for all of it. RC_OK: these may be asked. Else what the first that failed said. */
enum rc deposit_stretch_wait(struct deposit_stretch *stretch, struct fault *why);
const struct crypto_key *deposit_stretch_key(const struct deposit_stretch *stretch, size_t party);

void deposit_stretch_free(struct deposit_stretch **stretch); /* for CLEANUP(); NULL is fine */
