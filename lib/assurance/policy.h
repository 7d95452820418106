/* assurance/policy.h: getting the MTA-STS policy of one domain, and concluding
 * what it promises.
 *
 *     TXT says id 7, the cache knows id 6  →  A, AAAA mta-sts.DOMAIN, GET, keep
 *
 * Standard  RFC 8461 §3.3
 * Threads   one: that of the sources and the cache */
#pragma once

#include "assurance/decide.h"
#include "assurance/source.h"
#include "sts/cache.h"

struct arena;

/* Fetches a policy into the cache, or notes the failure there. */
struct assurance_policy_job;

/* ok: the cache has been given a policy just now. The job is spent. */
typedef void assurance_policy_done(void *arg, bool ok);

/* id: the one announced, or "". NULL, and done is not called: out of memory. done
 * does not come before this has returned. */
struct assurance_policy_job *assurance_policy_fetch(const struct assurance_sources *sources,
						    struct sts_cache *cache, const char *domain,
						    const char *id, assurance_policy_done *done,
						    void *arg);
void assurance_policy_cancel(struct assurance_policy_job *job); /* NULL is fine */

/* What domain's policy promises, as of now. txt: the answer at _mta-sts.domain, or
 * NULL when it was not had. cut: NULL, or why the answer or a fetch that is needed was
 * not waited for. fetched: a fetch has just been successful. Copies into the arena.
 *   RC_NOMEM */
enum rc assurance_policy_conclude(const struct sts_cache *cache, const char *domain,
				  const struct dns_answer *txt, const char *cut, bool fetched,
				  int64_t now_s, struct arena *arena, struct assurance_policy *out);
