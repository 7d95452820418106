/* milter/site.h: what all sessions of the daemon share.
 *
 * Threads  made and freed on the main thread; functions here from any thread. What
 *          the pointers lead to says itself which threads may use it */
#pragma once

#include "crypto/secret.h"
#include "deposit/site.h"
#include "ruleset.h"

#include <pthread.h>
#include <stdatomic.h>

struct site {
	struct loop *loop;
	struct assurance_service *assurance; /* the loop's; tickets from any thread */
	struct audit_log *audit;
	struct metrics *metrics;
	struct store *store;
	struct outbox *outbox;
	struct outbox_worker *worker;
	struct crypto_keys *keys;
	struct crypto_key upgrade; /* upgrade.key */
	char route_token[65];
	char *spool_folder;          /* for temporary files: under state */
	struct spool_pool *spools;   /* of messages */
	struct loop_timer *tidy;     /* the loop's: closes files at rest */
	bool spools_rest;            /* the tidying's: some still do */
	struct reader_pool *readers; /* of documents */
	atomic_uint messages;
	atomic_int settling;  /* settle.h */
	pthread_mutex_t lock; /* of what follows */
	struct ruleset *ruleset;
};

/* The current snapshot; the caller's reference. */
struct ruleset *site_ruleset(struct site *site);
void site_set_ruleset(struct site *site, struct ruleset *ruleset); /* takes the reference */

/* The facts of records that the audit has, as lines of the log. */
struct audit_record;
void site_syslog(const struct audit_record *records, size_t count);

/* What deposits need to know, by that snapshot; it lives as long as the snapshot does. */
struct deposit_site site_deposits(const struct site *site, const struct ruleset *ruleset);

/* The timer's; and what wakes it when a message has given its file back. */
void site_tidy(void *site);
void site_watch_spools(struct site *site);

/* Counts one message in, unless max are there; every true is followed by one leave. */
bool site_enter(struct site *site, unsigned max);
void site_leave(struct site *site);
