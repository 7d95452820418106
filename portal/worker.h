/* portal/worker.h: the process that speaks HTTP: what its requests share, and a request.
 *
 * It holds no key of the site and opens no file. What it knows of a deposit the keeper has told
 * it, by one socketpair for each of its threads (pickup/pipe.h).
 *
 * Threads  struct worker: any, never changed once the server runs; struct request: one */
#pragma once

#include "assets.h"
#include "base/buf.h"
#include "guard.h"
#include "page/client.h"
#include "page/route.h"
#include "pickup/wire.h"
#include "settings/settings.h"

#include <microhttpd.h>
#include <sys/types.h>

enum {
	WORKER_THREADS = 8,        /* each may wait for the keeper: a disk's fsync, 10 ms or so */
	WORKER_BODY_MAX = 8192,    /* bytes of a form or of JSON: a code, a phrase, a ticket */
	WORKER_PAGE_MAX = 1 << 23, /* bytes of a page: a message's text, escaped, and the rest */
};

struct asks;        /* ask.h */
struct handles;     /* handle.h */
struct reply_parts; /* reply.h */

struct worker {
	const struct settings *settings;
	const char *prefix; /* the path in portal.url: "" or "/PATH" */
	const char *host;   /* the host in portal.url */
	const char *organisation;
	char site_key[2 * CRYPTO_PUBLIC_BYTES + 1]; /* the public half; the keeper tells it */
	struct asks *asks;
	struct guard *guard;
	struct handles *handles;
	size_t url_count;
	struct page_value *urls; /* of the embedded files, as templates name them */
	const char **tags;       /* of the languages */
};

struct request {
	struct worker *worker;
	struct MHD_Connection *connection;
	struct guard_entry *entry;
	struct page_target target;
	bool post, counted, moving;
	char client[PAGE_CLIENT_TEXT];
	struct slice agent;
	size_t language; /* of asset_languages */
	struct buf body; /* of a POST but REPLY */
	struct reply_parts *parts;
	/* What is to happen once the answer is out, if it is out whole; then freed. */
	void (*finished)(struct request *request, bool whole);
	void *finished_of;
};

struct worker_config {
	const struct settings *settings;
	int listener;        /* listening; the worker's from now on */
	const int *channels; /* WORKER_THREADS sockets to the keeper: pickup_pair() */
	int life;            /* a socket of which the keeper has the other end: its end is ours */
	bool become;         /* started as root: become user and group */
	uid_t user;
	gid_t group;
};

/* Runs until the keeper is gone, or SIGTERM or SIGINT (which the caller has blocked). The exit
 * status; what went wrong has been logged. */
int worker_run(const struct worker_config *config);
