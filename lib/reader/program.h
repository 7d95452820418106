/* reader/program.h: the reader's program: where it is, starting it, ending it.
 *
 * It gets one end of a socket pair as its standard input, no other descriptor, no
 * arguments but its bound on memory, and an empty environment.
 *
 * Threads  any */
#pragma once

#include "base/fault.h"

#include <stdint.h>
#include <sys/types.h>

enum { READER_PATH_MAX = 4096 };

struct reader_process {
	pid_t pid;
	int fd; /* ours; does not block */
};

/* That of a build tree when this program runs out of one, otherwise the installed one. */
void reader_program_find(char path[READER_PATH_MAX]);

/* RC_ABSENT: the program is not there. RC_RETRY: the system does not let us. */
enum rc reader_program_start(const char *path, uint64_t memory_bytes, struct reader_process *out,
			     struct fault *why);

/* Ends it at once. How it ended: a finding's word for what is unread because of it. */
const char *reader_program_end(struct reader_process *p);
