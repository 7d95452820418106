/* milter/daemon.h: the daemon: everything opened, wired, run and closed.
 *
 * The loop has the main thread, where signals come; libmilter has a second one and
 * starts its own pool. SIGHUP reads settings and rules anew; SIGTERM and SIGINT end
 * the process when no message is under way any more.
 *
 * Threads  the main one */
#pragma once

#include "ruleset.h"

/* Runs until a signal ends it. config: path of the settings, or NULL for the usual one;
 * takes the reference on ruleset. The exit status; every failure has been logged. */
int daemon_run(const char *config, struct ruleset *ruleset);
