/* inspect/indexfile.h: the file that an index lies in, whatever it is of. For this layer's
 * own use.
 *
 *     "PSTNIDX" and a byte order mark, kind, version, salt, length, SHA-256 │ payload
 *
 * The digest tells a damaged file from one that is whole, not a forged one: who can write
 * the index can write the rules too. The payload is checked by who reads it, as a stranger's.
 *
 * Hashes in it are keyed by the salt and, where the operator gives one, a key of his own.
 * With the file alone and no such key, whoever guesses a value can see whether it is in
 * there: a number of ten digits falls in minutes. Such an index is as secret as the table.
 *
 * Memory   the file is read as a whole, not mapped: one that is cut short while it is used
 *          would otherwise end the process
 * Threads  any, once read */
#pragma once

#include "base/fault.h"
#include "base/siphash.h"
#include "base/slice.h"
#include "settings/rules.h"

enum {
	INDEXFILE_SALT = 16,
	INDEXFILE_KEY_MIN = 16, /* bytes of a key: less can be guessed */
	INDEXFILE_KEY_MAX = 4096,
};

/* Bytes: 16 million rows of eight columns, and less than what a server has to spare. */
#define INDEXFILE_MAX (2ull << 30)

enum indexfile_kind { INDEXFILE_EXACT = 1, INDEXFILE_FINGERPRINT = 2 };

struct indexfile {
	char *block;          /* the whole */
	struct slice payload; /* begins at a multiple of 8 */
	struct siphash_key key;
};

/* key_path: "" for none. RC_INVALID: *why says what is wrong with which file; RC_RETRY: it
 * cannot be read; RC_NOMEM. *out is the caller's: indexfile_free(). */
enum rc indexfile_read(const char *path, const char *key_path, enum indexfile_kind kind,
		       struct indexfile *out, struct fault *why);
void indexfile_free(struct indexfile *f); /* a zeroed one is fine */

/* A new one with room for a payload of len bytes, which is zeros: to be filled, the key to be
 * used for it, and then written, by replacing what path is. RC_LIMIT: over INDEXFILE_MAX. */
enum rc indexfile_new(const char *key_path, enum indexfile_kind kind, struct indexfile *out,
		      struct fault *why); /* without a payload yet */
enum rc indexfile_room(struct indexfile *f, uint64_t len, struct fault *why);
enum rc indexfile_write(struct indexfile *f, const char *path, struct fault *why);

/* The payload, while it is filled. */
static inline char *indexfile_bytes(struct indexfile *f)
{
	return f->block + (f->payload.at - f->block);
}
