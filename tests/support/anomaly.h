/* support/anomaly.h: the n-th durable step fails, or is the process's last.
 *
 * Included by one test program, it stands before libc's functions that change files,
 * for our code and for SQLite alike, and counts their calls.
 *
 *     for (int n = 1; n <= steps; n++) {
 *             anomaly_at = n; anomaly_errno = ENOSPC;   … the step; check the invariant
 *     }
 *
 * (pwrite and ftruncate are those of 64-bit offsets: the build says so.)
 * anomaly_at 0: nothing happens. anomaly_errno 0: the process ends there at once, as with
 * kill -9 (_exit(ANOMALY_EXIT)): run it in a child. */
#pragma once

#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { ANOMALY_EXIT = 99 };
static int anomaly_at, anomaly_errno;
static atomic_int anomaly_steps; /* threads may count at once */

static inline int anomaly_strikes(void)
{
	if (atomic_fetch_add(&anomaly_steps, 1) + 1 != anomaly_at)
		return 0;
	if (anomaly_errno == 0)
		_exit(ANOMALY_EXIT);
	errno = anomaly_errno;
	return 1;
}

#define ANOMALY(type, name, parameters, ...)                                                       \
	type name parameters;                                                                      \
	type name parameters                                                                       \
	{                                                                                          \
		return anomaly_strikes() ? (type)-1 : (type)syscall(__VA_ARGS__);                  \
	}

ANOMALY(int, fsync, (int fd), SYS_fsync, fd)
ANOMALY(int, fdatasync, (int fd), SYS_fdatasync, fd)
ANOMALY(ssize_t, write, (int fd, const void *bytes, size_t len), SYS_write, fd, bytes, len)
ANOMALY(ssize_t, pwrite, (int fd, const void *bytes, size_t len, off_t at), SYS_pwrite64, fd, bytes,
	len, at)
ANOMALY(int, linkat, (int fd, const char *from, int to_fd, const char *to, int flags), SYS_linkat,
	fd, from, to_fd, to, flags)
ANOMALY(int, ftruncate, (int fd, off_t len), SYS_ftruncate, fd, len)
