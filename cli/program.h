/* cli/program.h: running another program, without a shell, and reading what it says. */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

/* Runs argv[0], found by PATH and in /usr/sbin, with input on its standard input; adds
 * its standard output to out; its standard error is dropped. It ends when the program
 * does, or has said more than out takes.
 *   RC_OK       it ended with status 0
 *   RC_ABSENT   there is no such program
 *   RC_INVALID  it ended otherwise; out may hold something
 *   RC_LIMIT    it said too much
 *   RC_RETRY, RC_NOMEM */
enum rc program_run(const char *const argv[], struct slice input, struct buf *out,
		    struct fault *why);
