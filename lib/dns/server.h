/* dns/server.h: one server that is asked: its address, whether we trust it, the
 * window of questions at it, and whether it has gone silent.
 *
 * Threads  all on the loop's thread */
#pragma once

#include "base/fault.h"
#include "dns/ring.h"
#include "dns/tcp.h"
#include "dns/udp.h"

#include <netinet/in.h>

enum {
	DNS_WINDOW = 48,        /* questions at one server at a time, to begin with: unbound drops
	                            * the rest of a burst above about 64; the others wait here */
	DNS_WINDOW_MAX = 128,   /* as far as the window opens while answers come, by one for each; a
	                       * loss halves it. A socket's buffer, as Linux makes them, holds some
	                       * 160 datagrams: more could be lost without anybody's fault */
	DNS_MISSES_MAX = 3,     /* questions in a row unanswered: the server is silent */
	DNS_SILENCE_MS = 10000, /* for how long it is then asked last */
	DNS_IDS_AT_ONCE = 128,  /* 256 bytes: getrandom() gives them whole or not at all */
};

/* One question put to the server. It lies in its owner's memory. */
struct dns_slot {
	struct dns_server *server; /* NULL: holds no place in a window */
	size_t place;
	struct dns_slot *next; /* with the same low bits of the id */
	uint16_t id;
	struct dns_udp_port *port; /* one of these two */
	struct dns_tcp *tcp;
	bool refused; /* nobody listened, just then */
	int64_t sent_ms;
};

struct dns_server {
	struct loop *loop;
	char text[INET6_ADDRSTRLEN]; /* the address, for words */
	struct sockaddr_storage at;
	socklen_t at_len;
	bool trusted; /* its AD bit counts */
	struct dns_udp *udp;
	struct dns_slot *slots[DNS_WINDOW_MAX];
	struct dns_slot *by_id[DNS_WINDOW_MAX]; /* by the id's low bits, in chains */
	size_t used, window;                    /* of them */
	struct ring waiting;                    /* the owner's, for a place in the window */
	unsigned misses;
	int64_t answered_ms, silent_until_ms;
	uint16_t ids[DNS_IDS_AT_ONCE];
	size_t ids_left;
};

/* address: "127.0.0.1", "::1". events.arg should lead to *s. RC_INVALID: not an
 * address; RC_NOMEM. On failure *s needs no closing. */
enum rc dns_server_open(struct dns_server *s, struct loop *loop, const char *address, uint16_t port,
			const struct dns_udp_events *events, struct fault *why);
void dns_server_close(struct dns_server *s); /* its slots have been released */

/* The address as bytes: 4 or 16, in network order. */
const uint8_t *dns_server_address(const struct dns_server *s);

bool dns_server_is_full(const struct dns_server *s);

/* Sends query (a whole message, into which it writes a fresh id that no other
 * question at the server has) and takes a place in the window, which must not be
 * full. RC_RETRY: no socket, *why; *slot holds no place. */
enum rc dns_server_ask(struct dns_server *s, uint8_t *query, size_t len, struct dns_slot *slot,
		       struct fault *why);

/* The same question, id and place, by TCP. RC_RETRY: no socket. */
enum rc dns_server_ask_tcp(struct dns_slot *slot, const uint8_t *query, size_t len,
			   dns_tcp_done *done, void *arg);

/* The slot of the question that has this id, or NULL. */
struct dns_slot *dns_server_find(const struct dns_server *s, uint16_t id);

/* Gives the place back; whatever comes for it is ignored from now on. A slot that
 * holds none is fine. */
void dns_server_release(struct dns_slot *slot);

void dns_server_answered(struct dns_server *s);                /* anything, to anybody */
void dns_server_missed(struct dns_server *s, int64_t sent_ms); /* what was sent then */
bool dns_server_is_silent(const struct dns_server *s);
