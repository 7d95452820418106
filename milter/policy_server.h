/* milter/policy_server.h: answers the MTA's questions on TLS policy, as a socketmap.
 *
 *     19:strict good.example,    →    12:OK dane-only,
 *     15:strict .example,        →     9:NOTFOUND ,
 *
 * Four maps, as in assurance/map.h: `strict`, what the strict transport must insist
 * on; `policy` and `policy-tlsrpt`, for all other mail; `sts`, for Sendmail. Keys that start with a dot
 * are the parent labels that Postfix tries after a host: never a promise.
 * Requests may be pipelined; answers come in their order.
 *
 * A client that sends what is no netstring, or too long a one, is closed: there is no
 * way to find the next request.
 *
 * Threads  the loop's */
#pragma once

#include "assurance/service.h"
#include "base/fault.h"

struct loop;
struct metrics;
struct policy_server;

enum {
	POLICY_SERVER_PIPELINE = 64, /* requests of one client under way; it is not read beyond */
	POLICY_SERVER_OUT_MAX = 1 << 20, /* bytes a client may leave unread before it is not read */
};

struct policy_server_config {
	const char *listen, *mode, *group; /* as loop_listen() */
	unsigned connections_max;          /* further ones wait in the listen queue */
	int64_t idle_ms;                   /* after which a silent client is closed */
	size_t request_max;                /* bytes; Postfix sends up to 10,000 */
	struct assurance_service *service; /* borrowed */
	struct metrics *metrics;           /* the same */
};

enum rc policy_server_new(struct loop *loop, const struct policy_server_config *config,
			  struct policy_server **out, struct fault *why);
void policy_server_free(struct policy_server *server); /* NULL is fine */
