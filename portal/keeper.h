/* portal/keeper.h: the process that has the keys: answers the worker's questions
 * (pickup/wire.h) from store, keys and outbox, and hands audit records to the milter.
 *
 *     main:  settings_read(); pickup_hook_start();            the hook's runner: a process of its own
 *            pickup_pair() for each of the worker's threads
 *            fork()                child: the worker, which closes the keeper's ends
 *                                  parent: closes the worker's ends, then
 *            return keeper_run(&config);
 *
 * Keys and store are opened here, after the fork, so that nothing of them is in the worker's
 * memory. Before keeper_run() the parent has one thread, and the user that owns `state`.
 *
 * One thread for each socket: a store that is slow for one visitor keeps no other from being
 * answered. The worker is not trusted: what it sends that is no question ends the program.
 *
 * Ends when the worker does (EXIT_FAILURE), or when told to by SIGTERM or SIGINT, which go on to
 * the worker; the verbs under way are finished. */
#pragma once

#include "base/fault.h"
#include "settings/settings.h"

#include <sys/types.h>

enum { KEEPER_SOCKETS_MAX = 64 }; /* threads; more than the store can serve */

struct keeper_config {
	const struct settings *settings;
	size_t socket_count;
	const int *sockets; /* the keeper's ends, from pickup_pair() */
	pid_t worker;
	int life; /* the other end is the worker's: it ends when this does */
	int hook; /* from pickup_hook_start(); -1: no command is set */
	/* Called once all is opened and before the first question, for the sandbox: the keeper still
	 * opens files under state and keys and audit.file's folder, and connects to
	 * STATE/audit.sock (socket(AF_UNIX)); it makes threads. NULL: none. */
	enum rc (*confine)(void *arg, struct fault *why);
	void *confine_arg;
};

/* The program's exit status; what went wrong has been logged. */
int keeper_run(const struct keeper_config *config);
