/* portal/sandbox.h: what the portal's processes give up before they hear a stranger.
 *
 *     worker   reads and writes the descriptors it has; takes connections on its socket; opens
 *              nothing, makes no socket, starts nothing, signals nobody
 *     keeper   the same, and files below the folders named, and unix sockets (to hand records
 *              to the milter); no network, starts nothing
 *
 * Three walls, each of which holds alone: Landlock (files, where the kernel has it), seccomp
 * (system calls) and, when started by root, another user. Whatever is refused is refused with
 * EPERM: a library that tries something odd goes on, and says so.
 *
 * Standard  seccomp(2), landlock(7), prctl(2)
 * Threads   sandbox_files() before threads are made; sandbox_calls() afterwards, for all */
#pragma once

#include "base/fault.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum sandbox_role {
	SANDBOX_WORKER_START, /* SANDBOX_WORKER, and threads can be made, and the wall narrowed */
	SANDBOX_WORKER,
	SANDBOX_KEEPER,
};

struct sandbox_folder {
	const char *path; /* a file or a folder; one that is not there is passed over */
	bool write;
};

/* Not to be dumped, traced by equals, or given more rights than now. */
enum rc sandbox_begin(struct fault *why);

/* Opens nothing from now on but what lies below the folders. *there (may be NULL) tells
 * whether the kernel has Landlock; without it the other walls stand. */
enum rc sandbox_files(const struct sandbox_folder *folders, size_t count, bool *there,
		      struct fault *why);

/* Bounds for the worker, once its threads are there: descriptors, the size of a reply's file,
 * no process. */
enum rc sandbox_limits(unsigned descriptors, uint64_t file_bytes, struct fault *why);

/* Becomes user, with its groups gone. Only root can. */
enum rc sandbox_become(uid_t user, gid_t group, struct fault *why);

/* The system calls of role alone, for every thread. friend: a process that the keeper may
 * send signals to; 0: none. */
enum rc sandbox_calls(enum sandbox_role role, pid_t friend, struct fault *why);
