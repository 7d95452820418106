/* metrics/serve.h: tells the metrics to who asks by HTTP.
 *
 *     GET /metrics HTTP/1.1    →    HTTP/1.1 200 OK, text/plain; version=0.0.4, and the end
 *
 * One request for each connection; whatever else comes gets 404 or 400 and the end. There
 * is no secret in it, but it is not for strangers either: listen on loopback or a unix
 * socket.
 *
 * Standard  RFC 9112, as much as a scrape needs
 * Threads   the loop's */
#pragma once

#include "base/fault.h"
#include "metrics/metrics.h"

struct loop;
struct metrics_server;

enum {
	METRICS_CLIENTS_MAX = 8,    /* scrapers at once; the others wait in the listen queue */
	METRICS_REQUEST_MAX = 4096, /* bytes of a request's head; scrapers send some 300 */
	METRICS_CLIENT_MS = 5000,   /* for the whole of it: it is on this machine */
	METRICS_TEXT_MAX = 65536,   /* bytes of the answer; it has some 8,000 */
};

/* Called before each answer, to set gauges. May be NULL. */
typedef void metrics_refresh_fn(void *arg);

/* Results as loop_listen(). metrics is borrowed. */
enum rc metrics_serve(struct loop *loop, const char *listen, const char *mode, const char *group,
		      struct metrics *metrics, metrics_refresh_fn *refresh, void *arg,
		      struct metrics_server **out, struct fault *why);
void metrics_serve_end(struct metrics_server *server); /* NULL is fine */
