/* crypto/keyfile.h: one file of the folder of keys: 64 hexadecimal digits and a line end, mode
 * 0600, its owner's alone. For crypto/keys.c and crypto/renew.c.
 *
 * dir is the folder, open; folder its name, for words.
 *
 * Threads  any */
#pragma once

#include "base/fault.h"
#include "crypto/secret.h"

enum { KEYFILE_CHARS = 2 * CRYPTO_KEY_BYTES };

/* Opens the folder. RC_ABSENT: there is none. RC_INVALID: open to others, or not ours. */
enum rc keyfile_folder(const char *folder, int *dir, struct fault *why);

/* Reads exactly chars characters and a line end; text holds chars + 2.
 *   RC_ABSENT  no such file     RC_INVALID  not that, or open to others    RC_RETRY  the disk */
enum rc keyfile_line(int dir, const char *folder, const char *name, size_t chars, char *text,
		     struct fault *why);
enum rc keyfile_read(int dir, const char *folder, const char *name, struct crypto_key *out,
		     struct fault *why);

/* Makes a file of random bytes, durably; one that is there stays. */
enum rc keyfile_make(int dir, const char *folder, const char *name, size_t bytes,
		     struct fault *why);
/* Writes bytes, durably, in place of what was there. */
enum rc keyfile_write(const char *folder, const char *name, const uint8_t *bytes, size_t len,
		      struct fault *why);

/* Overwrites the file and removes it, durably; RC_OK also when there was none. On a disk
 * that keeps old versions (copy-on-write, flash) the bytes may stay until they are used
 * again: the folder belongs on one that does not, or is encrypted. */
enum rc keyfile_destroy(int dir, const char *folder, const char *name, struct fault *why);
