/* milter/audit_server.h: takes audit records that other programs of ours hand over
 * (audit/hand.h), so that the file has one writer; and, for them, wakes the outbox or forgets
 * what was found out of a destination.
 *
 * STATE/audit.sock, for the owner alone. One hand-over for each connection: it is answered when
 * the records are on the disk, which a helper thread sees to, and closed.
 *
 * Threads  the loop's */
#pragma once

#include "site.h"

struct audit_server;

enum {
	AUDIT_SERVER_CONNECTIONS_MAX =
		32,                  /* as many as the portal has threads, and a few commands */
	AUDIT_SERVER_IDLE_MS = 5000, /* for a hand-over to arrive, from a process beside us */
};

/* site: its loop, audit, worker and settings. RC_RETRY: another milter listens there. */
enum rc audit_server_new(struct site *site, const char *state, struct audit_server **out,
			 struct fault *why);

/* Takes the socket away. What is being written is finished by its helper thread, and its memory
 * goes with the process; NULL is fine. */
void audit_server_free(struct audit_server *server);
