/* base/file.h: files read whole and written durably. */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

#include <sys/types.h>

/* Adds the file's bytes to out, whose maximum bounds the size.
 *   RC_ABSENT  no such file      RC_LIMIT  larger than out may grow
 *   RC_INVALID not a regular file, or not ours to read    RC_RETRY  I/O error */
enum rc file_read(const char *path, struct buf *out, struct fault *why);

/* Writes all of it where fd stands. RC_RETRY on failure; name is the file's, for why. */
enum rc file_write(int fd, const char *name, struct slice bytes, struct fault *why);

/* Replaces path by bytes: written beside it, fsync, rename, fsync of the
 * folder. Either the old or the new file is there whatever happens.
 *   RC_RETRY  not written (full, read-only, …)   RC_INVALID  the path cannot be
 * mode as for open(2), not subject to umask. */
enum rc file_replace(const char *path, struct slice bytes, mode_t mode, struct fault *why);

/* Makes path a folder that is there, with its parents, mode for the new ones. */
enum rc file_make_folder(const char *path, mode_t mode, struct fault *why);

/* Makes names in path's folder durable. RC_RETRY on failure. */
enum rc file_sync_folder(const char *folder, struct fault *why);
