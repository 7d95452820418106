/* inspect/shelf.h: compiled expressions, kept on disk from one start to the next. For this
 * layer's own use.
 *
 *     STATE/compiled/5d41402a…   "POSTERN1", the key, the bytes' SHA-256, the bytes
 *
 * Whoever can change such a file can make us run what he likes: libhs believes what it is
 * given. So nothing is read from a folder or a file that is not ours (or root's) or that others
 * may write to, nor through links. A damaged file is taken away, and is as none.
 *
 * Threads  any; of two that write one name, one stays */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "crypto/hash.h"

enum {
	SHELF_BYTES = 256 << 20, /* of one file: 1,000 expressions take 2 MB */
	SHELF_NAMES = 10000,     /* in the folder that are looked at, when the oldest go */
};

/* Adds what was kept under the key to out, and marks it as used now.
 *   RC_ABSENT   there is none, or it was damaged
 *   RC_INVALID  somebody else could have written it
 *   RC_RETRY, RC_NOMEM */
enum rc shelf_read(const char *folder, const uint8_t key[CRYPTO_HASH_BYTES], struct buf *out,
		   struct fault *why);

/* Keeps bytes under the key, whole or not at all, and of all that is there the `most` that
 * were used last. The folder is made where there is none. */
enum rc shelf_write(const char *folder, const uint8_t key[CRYPTO_HASH_BYTES], struct slice bytes,
		    unsigned most, struct fault *why);
