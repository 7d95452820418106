/* dns/asking.h: questions on their way from server to server, each until it has its
 * answer or its time is over.
 *
 *     asked → no answer in try_ms[0] → asked again → … → answered, failed, too late
 *     (waits for a place in a server's window before each)
 *
 * Who asks, and for whom, is dns/client.h's: it lends the questions, and takes those
 * that are done when on_done is called. Nothing is called back from anywhere else.
 *
 * Standard  RFC 5452 §9 (matching), RFC 7766 (TCP)
 * Memory    a question is its owner's, and lies still until dns_question_end()
 * Threads   all on the loop's thread */
#pragma once

#include "dns/client.h"
#include "dns/server.h"
#include "dns/wire.h"

struct dns_asking;

/* One question put to one server: the slot, and the way back to the question. */
struct dns_attempt {
	struct dns_slot slot;
	struct dns_asked *asked;
};

/* One question. All but name and asks is written here alone. */
struct dns_asked {
	struct dns_asking *asking;
	struct dns_question asks; /* its name: name */
	struct ring place;        /* in server.waiting, asking.due[] or asking.done */
	struct ring age;          /* in asking.ages */
	bool out;                 /* a server has it, rather than that it waits for a place */
	int64_t due_ms;           /* when out: the time for the next try */
	int64_t deadline_ms;      /* the end */
	struct dns_attempt attempts[DNS_TRIES_MAX];
	unsigned tries;
	uint8_t tried[DNS_SERVERS_MAX];  /* how often each server was asked */
	bool failed_at[DNS_SERVERS_MAX]; /* said that it cannot answer */
	bool proof_failed;               /* one of them was a server that we trust */
	struct fault why;                /* the latest failure, "" while there is none */
	const struct dns_answer *answer; /* when done */
	size_t query_len;
	uint8_t query[DNS_QUERY_MAX];
	char name[DNS_NAME_MAX];
};

/* A server, and the way back. */
struct dns_asking_server {
	struct dns_server dns;
	struct dns_asking *asking;
};

struct dns_asking {
	struct loop *loop;
	struct loop_timer *timer;
	int64_t armed_ms; /* when the timer comes; INT64_MAX: not */
	struct dns_asking_server servers[DNS_SERVERS_MAX];
	size_t server_count;
	unsigned tries;
	int64_t timeout_ms, try_ms[DNS_TRIES_MAX];
	struct ring due[DNS_TRIES_MAX]; /* asked n + 1 times, oldest first: try_ms is constant */
	struct ring ages;               /* all under way, oldest first: so is timeout_ms */
	struct ring done;               /* to be taken */
	bool stopped;                   /* nothing is asked any more */
	const struct dns_answer *no_memory;
	struct dns_client_stats stats;
	loop_fn *on_done; /* the end of every turn; may end this */
	void *arg;
};

/* asking: all 0. RC_INVALID: a number or an address is none. RC_NOMEM. On failure there is
 * nothing to be ended. */
enum rc dns_asking_init(struct dns_asking *asking, struct loop *loop,
			const struct dns_client_config *config, loop_fn *on_done, void *arg,
			struct fault *why);
void dns_asking_fini(struct dns_asking *asking); /* all questions have been ended */

/* So that on_done comes when the first thing is due; after questions were begun. */
void dns_asking_arm(struct dns_asking *asking);

/* asked: all 0. Nothing is asked yet. query_len stays 0 where name is none. */
void dns_question_init(struct dns_asked *asked, struct dns_asking *asking, const char *name,
		       enum dns_type type);
void dns_question_begin(struct dns_asked *asked);
void dns_question_fail(struct dns_asked *asked, const char *why); /* done, in these words */
void dns_question_end(struct dns_asked *asked);                   /* whatever became of it */
