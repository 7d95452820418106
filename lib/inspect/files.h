/* inspect/files.h: attached files as files: their name, type, size and hash. For this
 * layer's own use.
 *
 *     { detector = "file-type"; }                        photo.jpg that is a zip
 *     { detector = "file-size"; min = 10000000; }
 *     { detector = "file-hash"; file = "known.txt"; }    SHA-256 a line, as sha256sum writes
 *
 * Memory   an open hash while a part comes: files_fini()
 * Threads  one user at a time; lists are immutable once read */
#pragma once

#include "base/fault.h"
#include "crypto/hash.h"
#include "document/filetype.h"
#include "settings/rules.h"

enum {
	FILES_LIST_MAX = 64 << 20, /* bytes of a list: some 900,000 hashes */
	FILES_HASH = 2 * CRYPTO_HASH_BYTES,
};

enum files_aspect { FILES_NONE, FILES_NAME, FILES_TYPE, FILES_SIZE, FILES_HASHED };

struct files_list; /* of hashes */

/* RC_INVALID: *why is "FILE:LINE: …", of the list or of the rule that names it. */
enum rc files_list_read(const struct rules_test *test, struct files_list **out, struct fault *why);
void files_list_free(struct files_list *l);                         /* NULL is fine */
bool files_list_has(const struct files_list *l, struct slice hash); /* hex digits */

struct files_seen {
	struct slice name;
	uint64_t bytes;
	const char *type;  /* "" for nothing known */
	struct slice hash; /* hex digits, or empty where it was not asked for */
};

/* Whether the test's aspect of it is there. list: for FILES_HASHED. */
bool files_holds(enum files_aspect aspect, const struct rules_test *test,
		 const struct files_list *list, const struct files_seen *file);

/* One file of the message, as its bytes come. */
struct files {
	bool hashing;
	struct crypto_hash *hash;
	uint64_t bytes;
	size_t head_len;
	char head[512]; /* as much as the decoder looks at */
	char digits[FILES_HASH + 1];
};

void files_begin(struct files *f, bool hashing);
void files_add(struct files *f, struct slice bytes);
/* name is borrowed; the rest lives until the next begin. */
struct files_seen files_end(struct files *f, struct slice name);
void files_fini(struct files *f); /* a zeroed one is fine */
