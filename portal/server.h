/* portal/server.h: libmicrohttpd, set up so that strangers can be let in.
 *
 * Threads  WORKER_THREADS of its own, made by server_start() */
#pragma once

#include "worker.h"

struct server_tls { /* PEM, or both empty */
	struct buf certificate, key;
};

enum { SERVER_PEM_MAX = 128 * 1024 }; /* bytes of a chain: far more than any has */
#define SERVER_TLS_INIT                                                                            \
	{                                                                                          \
		BUF_SECRET(SERVER_PEM_MAX), BUF_SECRET(SERVER_PEM_MAX)                             \
	}

/* portal.certificate and portal.key, while files can be read. As file_read(). */
enum rc server_tls_read(const struct settings *settings, struct server_tls *out, struct fault *why);
void server_tls_wipe(struct server_tls *tls); /* for CLEANUP() */

/* listener: a listening socket, which the server takes. tls must live as long as the server.
 * *out ends with MHD_stop_daemon(). */
enum rc server_start(struct worker *worker, int listener, const struct server_tls *tls,
		     struct MHD_Daemon **out, struct fault *why);
