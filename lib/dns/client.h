/* dns/client.h: asks the resolver, many questions at a time, without waiting.
 *
 *     dns_client_lookup(client, "example.com", DNS_MX, on_mx, session);
 *
 * UDP first, from several sockets with ports and ids nobody can guess (RFC 5452),
 * each port given up after a while; TCP when the answer did not fit. What is asked
 * already is not asked again: the answer is shared. Nothing is remembered after
 * that: the cache is assurance's.
 *
 * The servers are asked in the order given, one that has been silent last. A
 * lookup whose server is silent, or fails, goes on to the next. But once a server
 * that we trust to validate has failed (for bogus data it says SERVFAIL), only
 * others that we trust are asked: no unsigned word replaces a failed proof.
 *
 * Standard  RFC 1035 §4.2, RFC 5452 §9 (matching), RFC 7766 (TCP)
 * Memory    the client owns its lookups; config is not kept
 * Threads   all on the loop's thread */
#pragma once

#include "dns/answer.h"
#include "loop/loop.h"

enum {
	DNS_SERVERS_MAX = 8,
	DNS_TRIES_MAX = 8,
	DNS_LOOKUPS_MAX = 8192, /* different questions under way or waiting; about 12 MB */
};

struct dns_client_config {
	const char *const *servers; /* addresses: "127.0.0.1", "::1" */
	size_t server_count;        /* 1..DNS_SERVERS_MAX */
	uint16_t port;
	/* Whether the AD bit of the server at this address (4 or 16 bytes, network
	 * order) counts; called in dns_client_new() only. NULL: of none. */
	bool (*trusts)(const void *arg, int family, const uint8_t *address);
	const void *trusts_arg;
	int64_t timeout_ms; /* > 0; of a whole lookup, all tries and waiting included */
	unsigned tries;     /* 1..DNS_TRIES_MAX; the first is given the least time, each
	                     * further one twice as much */
};

struct dns_client;
struct dns_lookup;

/* NULL: an address is none, a number is out of its range, or no memory. The
 * server need not be there yet. */
struct dns_client *dns_client_new(struct loop *loop, const struct dns_client_config *config,
				  struct fault *why);

/* No lookup calls back any more. May be called from a callback; NULL is fine. */
void dns_client_free(struct dns_client *client);

/* name as dns_name_normalise() writes it, or "" for the root; another gives
 * DNS_FAILED. done is called once, never before this has returned; the handle is
 * spent as soon as it is. NULL: out of memory, done is not called. */
struct dns_lookup *dns_client_lookup(struct dns_client *client, const char *name,
				     enum dns_type type, dns_done *done, void *arg);

void dns_lookup_cancel(struct dns_lookup *lookup); /* done is not called; NULL is fine */

struct dns_client_stats {
	uint64_t lookups;   /* asked of us */
	uint64_t shared;    /* answered by a question that was under way already */
	uint64_t sent;      /* questions, by datagram */
	uint64_t soundings; /* and to see what a server has read (dns/window.h) */
	uint64_t retried;   /* tries after the first */
	uint64_t late;      /* tries that were not answered in their time */
	uint64_t ignored;   /* datagrams that answered nothing we had asked */
	uint64_t tcp;       /* connections */
	size_t under_way;   /* questions now */
};
struct dns_client_stats dns_client_stats(const struct dns_client *client);
