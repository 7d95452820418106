/* pickup/hook.h: the operator's program that carries a code to a telephone, a pager, a letter.
 *
 *     portal.code_command = "/etc/postern/send-code"
 *
 *     on its standard input      number=+493012345678
 *                                code=12345678
 *                                language=de
 *                                organisation=Our Example
 *                                until=2026-11-22T03:55:47Z
 *
 * Never in arguments or the environment, which other users of the host can see. It has
 * PICKUP_HOOK_MS; its exit status 0 says that the code is on its way. It is run without a shell,
 * without arguments, with a PATH and nothing else in its environment; what it prints goes to where
 * our standard error goes.
 *
 * The keeper's sandbox starts no program. So a process of its own, the runner, is forked before
 * it, does nothing but this, and ends with the socket's other end.
 *
 * Threads  pickup_hook_start(): before there are threads. pickup_hook_send(): any */
#pragma once

#include "pickup/pickup.h"

enum {
	PICKUP_HOOK_MS = 12000, /* an SMS gateway answers in seconds; below PICKUP_ASK_MS */
	PICKUP_HOOKS_MAX = 16,  /* commands at a time: more would be a flood */
};

/* What the runner does first, to give up rights that it does not need. Anything but RC_OK: it
 * ends, and every code fails. */
typedef enum rc pickup_drop_fn(void *arg, struct fault *why);

/* Forks the runner; drop may be NULL. *socket is for pickup_hook_send() and close-on-exec. The
 * runner keeps whatever else is open: it is forked before there is much.
 * RC_RETRY: no process or no descriptors. */
enum rc pickup_hook_start(const char *command, pickup_drop_fn *drop, void *arg, int *socket,
			  struct fault *why);

/* Has the command run and waits for its end.
 *   RC_RETRY  it failed, took too long, could not be started, or too many run */
enum rc pickup_hook_send(int socket, const struct pickup_code *code, struct fault *why);
