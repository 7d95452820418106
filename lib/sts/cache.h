/* sts/cache.h: the policies that we remember, and what they oblige us to.
 *
 *     partner.example  enforce  id 20261122T0245  fetched on Monday, until Monday next
 *
 * That a policy is remembered is the whole protection that MTA-STS gives: who
 * can suppress a TXT record or block HTTPS for an hour must gain nothing by it.
 * So an unexpired policy applies whatever DNS and HTTPS say; a TXT record alone
 * never extends one; and a domain that had `enforce` and whose policy could not
 * be renewed in time is *lost*, for 30 days, not "without a policy".
 *
 * Standard  RFC 8461 §3.3 (duty to apply, back-off), §5.1, §10.2 (refresh)
 * Memory    owns copies, some 250 bytes for a policy; what _find and _each hand out lives
 *           until the next call
 * Threads   one user at a time: in the daemon, the loop's thread */
#pragma once

#include "sts/stored.h"

enum {
	STS_CACHE_MAX = 100000,      /* policies; far more than one site writes to in a year.
	                         * A full cache keeps what it has */
	STS_FAILURES_MAX = 10000,    /* domains whose failed fetch is remembered */
	STS_LOST_S = 30 * 24 * 3600, /* how long a lost `enforce` is held against hope */
	STS_BACKOFF_S = 300,         /* after a failed fetch, per id (§3.3) */
	STS_REFRESH_S = 24 * 3600,   /* §3.3; less up to an eighth, by domain, so that
	                             * not all are due at once */
};

struct sts_cache;

/* Where changes are written. save is told to keep record under domain until
 * until_s at least; both are copied. NULL functions: nothing outlives us. */
struct sts_cache_store {
	void *arg;
	void (*save)(void *arg, const char *domain, struct slice record, int64_t until_s);
	void (*remove)(void *arg, const char *domain);
};

struct sts_cache *sts_cache_new(const struct sts_cache_store *store); /* NULL: nowhere; no memory */
void sts_cache_free(struct sts_cache *cache);                         /* NULL is fine */

/* Takes a record from the store, at start. A damaged one makes its domain
 * STS_UNREADABLE: RC_INVALID, and *why says so. RC_LIMIT, RC_NOMEM: not taken. */
enum rc sts_cache_load(struct sts_cache *cache, struct slice domain, struct slice record,
		       struct fault *why);

enum sts_standing {
	STS_UNKNOWN,    /* no policy is remembered that still means anything */
	STS_LIVE,       /* an unexpired policy: it applies */
	STS_LOST,       /* `enforce` ran out, less than STS_LOST_S ago, without renewal */
	STS_UNREADABLE, /* there was a policy; its record is damaged */
};

struct sts_known {
	enum sts_standing standing;
	const struct sts_stored *stored; /* when STS_LIVE or STS_LOST */
	const char *failure; /* why the last fetch failed, "" if none did since the last success */
	int64_t retry_s;     /* when it may be tried again; 0 without failure */
};

struct sts_known sts_cache_find(const struct sts_cache *cache, const char *domain, int64_t now_s);

enum sts_need {
	STS_NEED_NOTHING, /* what is known is enough, or a failed fetch has to rest */
	STS_NEED_REFRESH, /* a live policy is due for renewal; nobody need wait for it */
	STS_NEED_FETCH,   /* a policy is announced that we do not have, or one was lost */
};

/* Whether a policy is to be fetched. announced: the TXT record's, or NULL. */
enum sts_need sts_cache_need(const struct sts_cache *cache, const char *domain,
			     const struct sts_record *announced, int64_t now_s);

/* Each live policy that is due for renewal and whose last failure has rested, until fn returns
 * false. Nobody need have asked for its domain: a promise must not run out for lack of mail.
 * fn must not change the cache. */
typedef bool sts_cache_due_fn(void *arg, const char *domain, const char *id);
void sts_cache_each_due(const struct sts_cache *cache, int64_t now_s, sts_cache_due_fn *fn,
			void *arg);

/* A fetch under id ("" when none was announced) gave text: remembered from now_s
 * for its max_age.
 *   RC_INVALID, RC_LIMIT  text is no policy: to be told as a failure
 *   RC_NOMEM */
enum rc sts_cache_keep(struct sts_cache *cache, const char *domain, const char *id,
		       struct slice text, int64_t now_s, struct fault *why);

/* A fetch under id failed for the reason given; it rests for STS_BACKOFF_S. */
void sts_cache_failed(struct sts_cache *cache, const char *domain, const char *id,
		      const char *reason, int64_t now_s);

/* The operator's word that the domain's promise no longer counts. */
void sts_cache_forget(struct sts_cache *cache, const char *domain);

/* Each domain with a policy, live or lost, or with a damaged one, in no order, until fn returns
 * false. fn must not change the cache. */
typedef bool sts_cache_each_fn(void *arg, const char *domain, const struct sts_known *known);
void sts_cache_each(const struct sts_cache *cache, int64_t now_s, sts_cache_each_fn *fn, void *arg);

size_t sts_cache_count(const struct sts_cache *cache); /* domains with a policy or a damaged one */
