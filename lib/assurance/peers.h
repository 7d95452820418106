/* assurance/peers.h: what MX hosts showed when they were spoken to, for a while.
 *
 *     mx1.partner.example:25 by dane, 3 1 1 9f86…   proved, offers REQUIRETLS   for a day
 *     mx2.partner.example:25 by sts                 another certificate        for six hours
 *
 * A result counts for the proof that was asked for: other TLSA records, or a policy in
 * their place, are another peer. One that could not be reached is not held against
 * a host: port 25 may be closed on our side; it only rests before it is tried again.
 *
 * Hosts of different names that promise TLS and all offer none, one after the other: that
 * is no longer what they do, but what somebody on the way does. Their results do not count
 * while it lasts, and the caller can raise an alarm.
 *
 * Memory   bounded by PEERS_MAX entries of some 300 bytes
 * Threads  one user at a time: the loop's */
#pragma once

#include "assurance/source.h"

enum {
	ASSURANCE_PEERS_MAX = 10000,       /* hosts; a busy site speaks to some thousands */
	ASSURANCE_PEER_GOOD_S = 24 * 3600, /* proved: as long as MTA-STS trusts a day-old policy */
	ASSURANCE_PEER_BAD_S = 6 * 3600,   /* it broke its promise: until somebody mends it */
	ASSURANCE_PEER_REST_S = 600,       /* after a failure; doubled with each, up to: */
	ASSURANCE_PEER_REST_MAX_S = 3 * 3600,
	ASSURANCE_PEERS_PER_MINUTE = 60,   /* probes begun: nobody may take us for a scanner */
	ASSURANCE_PEERS_STRIPPED = 3,      /* hosts in a row without TLS that make an alarm */
	ASSURANCE_PEERS_STRIPPED_S = 3600, /* that lie no further apart */
};

struct assurance_peers;

struct assurance_peers *assurance_peers_new(void);        /* NULL: out of memory */
void assurance_peers_free(struct assurance_peers *peers); /* NULL is fine */

/* Whether key may be spoken to now; if so it counts as begun. */
bool assurance_peers_take(struct assurance_peers *peers, const char *key, int64_t now_s);

/* The same for a whole destination, whose hosts are not known yet: no probe has begun, but
 * one may now begin. */
bool assurance_peers_look(struct assurance_peers *peers, const char *key, int64_t now_s);

/* What came of it. host: its name, by which hosts are told apart. */
void assurance_peers_note(struct assurance_peers *peers, const char *key, const char *host,
			  const struct assurance_probed *probed, int64_t now_s);

/* Borrowed until the next note; NULL: nothing is known that counts. */
const struct assurance_probed *assurance_peers_find(struct assurance_peers *peers, const char *key,
						    int64_t now_s);

/* What host showed, whoever asked; and a key such as take() and look() know. */
void assurance_peers_forget(struct assurance_peers *peers, const char *host);
void assurance_peers_forget_key(struct assurance_peers *peers, const char *key);

/* Whether all that were spoken to lately lack STARTTLS, though they promised it. */
bool assurance_peers_are_stripped(const struct assurance_peers *peers, int64_t now_s);
