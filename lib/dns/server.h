/* dns/server.h: one server that is asked: its address, whether we trust it, the
 * window of questions at it, and whether it has gone silent.
 *
 * Threads  all on the loop's thread */
#pragma once

#include "base/fault.h"
#include "dns/ring.h"
#include "dns/tcp.h"
#include "dns/udp.h"
#include "dns/window.h"
#include "dns/wire.h"

#include <netinet/in.h>

enum {
	DNS_MISSES_MAX = 3,     /* questions in a row unanswered: the server is silent */
	DNS_SILENCE_MS = 10000, /* for how long it is then asked last */
	DNS_CHAINS = 2048,      /* of ids: about as many as there can be questions */
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
	int64_t sent_usec;
	uint64_t number; /* in the window */
};

struct dns_server {
	struct loop *loop;
	char text[INET6_ADDRSTRLEN]; /* the address, for words */
	struct sockaddr_storage at;
	socklen_t at_len;
	bool trusted; /* its AD bit counts */
	struct dns_udp *udp;
	struct dns_slot *slots[DNS_PLACES_MAX + 1]; /* the sounding's is one of them */
	struct dns_slot *by_id[DNS_CHAINS];         /* by the id's low bits, in chains */
	size_t used;                                /* of them */
	struct dns_window window;
	struct ring waiting; /* the owner's, for a place in the window */
	struct dns_slot sounding;
	size_t sounding_len;
	uint8_t sounding_query[DNS_QUERY_MAX];
	unsigned misses;
	int64_t answered_usec, silent_until_ms;
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

bool dns_server_is_open(const struct dns_server *s); /* whether a question may go to it now */

/* Sends a sounding (dns/window.h) when one is due; whether it did. */
bool dns_server_sound(struct dns_server *s);

/* What came for the slot of the sounding: false when it is not its answer. */
bool dns_server_take_sounding(struct dns_server *s, struct slice message);

/* Sends query (a whole message, into which it writes a fresh id that no other
 * question at the server has) and takes a place in the window, which must be
 * open. RC_RETRY: no socket, *why; *slot holds no place. */
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

/* What became of the question in that slot, which holds a place. */
void dns_server_answered(struct dns_slot *slot);
void dns_server_missed(struct dns_slot *slot); /* not in its time */
void dns_server_refused(struct dns_server *s); /* nobody listens */
bool dns_server_is_silent(const struct dns_server *s);
