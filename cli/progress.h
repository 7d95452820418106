/* cli/progress.h: how far a long run has come, for whoever waits at a terminal.
 *
 *     [########------------------------]  25 %  1204 of 4816 messages
 *
 * It goes to standard error, and only there where that is a terminal, without --json,
 * and once a run has lasted PROGRESS_QUIET_MS: a script sees nothing of it, and who is
 * served at once neither. The line is written over itself, and gone at the end.
 *
 *     struct progress progress = progress_begin(cli, "messages", count);
 *     progress_show(&progress, i);      as often as you like
 *     progress_clear(&progress);        before anything else is printed, and at the end */
#pragma once

#include "cli/command.h"

enum {
	PROGRESS_QUIET_MS = 500, /* nobody asks himself before that whether it hangs */
	PROGRESS_EVERY_MS = 100, /* no eye reads faster */
};

struct progress {
	const char *what; /* is counted: "messages" */
	uint64_t total;   /* 0: not known */
	int64_t due_ms;   /* by clock_mono_ms() */
	bool wanted, shown;
};

struct progress progress_begin(const struct cli *cli, const char *what, uint64_t total);
void progress_show(struct progress *p, uint64_t done);
/* The same, however short the run has been: nothing else will be told for a while. */
void progress_now(struct progress *p, uint64_t done);
void progress_clear(struct progress *p);
