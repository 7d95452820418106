/* dns/window.h: how many questions may go to one server now.
 *
 *     question 1 … 64 sent         →  64 that it may not have read yet: no more for now
 *     question 40 is answered      →  it has read 1 to 40: forty more may go
 *     quick, for so many unread    →  128 may be unread
 *     question 700 is lost         →  half as many may be
 *
 * Two things bound it. A server reads from a socket whose buffer, as Linux makes them,
 * holds some 160 questions; what comes beyond is lost without anybody's fault, and is
 * missed only when its time is over. And it works on so many at a time, and drops others.
 *
 * What a server has read nobody says, but it reads in order: an answer proves that what
 * was sent before it has been read. Answers that must be fetched from afar say so late;
 * so now and then it is asked for what every resolver has at hand (a sounding). Where a
 * sounding comes back as quickly as on an idle day, nothing waits in the buffer, the way
 * is long, and more may be on it; where it is late, the server is busy: what is unread is
 * enough to keep it so. A long way takes the same time again and again; a busy machine does
 * not, and is not taken for one.
 *
 * Standard  RFC 5681 in spirit
 * Threads   pure functions; times are clock_mono_usec() */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DNS_UNREAD = 64, /* questions that may be unread, at the least */
	DNS_UNREAD_MAX = 2048,
	DNS_UNREAD_PER_MS = 100, /* of the way, at the most: no resolver answers more */
	DNS_PLACES = 1000,       /* questions that it works on at a time; unbound has 1024 places
			    * for each thread (num-queries-per-thread) and drops the rest */
	DNS_PLACES_MAX = DNS_PLACES + DNS_UNREAD_MAX, /* those on a long way are not there yet */
	DNS_SOUNDING_USEC = 200000, /* after which a sounding is given up for another */
	DNS_STEADY = 8, /* round trips as quick as the quickest that make a long way, each
				     * that is not counted against two of them */
	DNS_BASE_USEC = 600000000, /* how long the quickest answer counts, twice that at most:
				     * ways change */
};

struct dns_window {
	uint64_t sent;      /* questions so far; each has the number of those before it */
	uint64_t read;      /* those before this one have been read */
	size_t unread;      /* how many may be otherwise */
	int64_t base_usec;  /* how long the quickest answer of late took; INT64_MAX: none yet */
	int64_t newer_usec; /* the quickest since: */
	int64_t since_usec;
	uint64_t round;     /* an answer to what went from here on is the next round trip */
	unsigned steady;    /* round trips as quick as the quickest, less those that were not */
	uint64_t cut;       /* a loss of what went before this one is no new loss */
	bool sounding;      /* one is under way */
	uint64_t sounded;   /* its number */
	int64_t sound_usec; /* when it went */
};

void dns_window_init(struct dns_window *window);

/* Whether another may go; used: questions under way. */
bool dns_window_is_open(const struct dns_window *window, size_t used);

/* One goes: its number. */
uint64_t dns_window_send(struct dns_window *window);

/* Whether a sounding should go now, open or not; one that went too long ago is given up. */
bool dns_window_wants_sounding(const struct dns_window *window, int64_t now_usec);
void dns_window_sound(struct dns_window *window, int64_t now_usec);

/* What became of the question with that number: answered, or not in its time. */
void dns_window_answered(struct dns_window *window, uint64_t number, int64_t sent_usec,
			 int64_t now_usec);
void dns_window_lost(struct dns_window *window, uint64_t number);

/* The sounding was answered. wanted: questions wait. */
void dns_window_sounded(struct dns_window *window, bool wanted, int64_t now_usec);
