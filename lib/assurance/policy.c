#include "assurance/policy.h"

#include "base/arena.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES = 2 };

struct family {
	struct assurance_policy_job *job;
	void *lookup; /* NULL: answered */
	const struct dns_answer *answer;
};

struct assurance_policy_job {
	const struct assurance_sources *sources;
	struct sts_cache *cache;
	char domain[DNS_NAME_MAX], host[DNS_NAME_MAX], id[STS_ID_MAX + 1];
	struct family families[FAMILIES];
	void *fetch, *timer;
	assurance_policy_done *done;
	void *arg;
};

static void job_free(struct assurance_policy_job *job)
{
	for (int i = 0; i < FAMILIES; i++)
		dns_answer_unref(job->families[i].answer);
	free(job);
}

void assurance_policy_cancel(struct assurance_policy_job *job)
{
	if (!job)
		return;
	const struct assurance_sources *s = job->sources;

	for (int i = 0; i < FAMILIES; i++)
		if (job->families[i].lookup)
			s->lookup_cancel(s->arg, job->families[i].lookup);
	if (job->fetch)
		s->fetch_cancel(s->arg, job->fetch);
	if (job->timer)
		s->timer_cancel(s->arg, job->timer);
	job_free(job);
}

static void finish(struct assurance_policy_job *job, const char *failure)
{
	const struct assurance_sources *s = job->sources;
	assurance_policy_done *done = job->done;
	void *arg = job->arg;

	if (failure)
		sts_cache_failed(job->cache, job->domain, job->id, failure, s->now_s(s->arg));
	assurance_policy_cancel(job);
	done(arg, !failure);
}

static void on_fetched(void *arg, const struct assurance_fetched *fetched)
{
	struct assurance_policy_job *job = arg;
	const struct assurance_sources *s = job->sources;
	struct fault why = { 0 };

	job->fetch = NULL;
	if (fetched->rc != RC_OK) {
		finish(job, fetched->why);
		return;
	}
	enum rc rc = sts_cache_keep(job->cache, job->domain, job->id, fetched->text,
				    s->now_s(s->arg), &why);
	finish(job, rc == RC_OK ? NULL : why.text);
}

/* The address records of both families, in one row. */
static size_t take_addresses(const struct assurance_policy_job *job, struct dns_address *out,
			     size_t room)
{
	size_t count = 0;

	for (int f = 0; f < FAMILIES; f++) {
		const struct dns_answer *answer = job->families[f].answer;

		for (size_t i = 0; i < answer->count && count < room; i++)
			out[count++] = answer->records[i].address;
	}
	return count;
}

static void fetch(struct assurance_policy_job *job)
{
	const struct assurance_sources *s = job->sources;
	struct dns_address addresses[16]; /* more than curl will ever try in a minute */
	size_t count = take_addresses(job, addresses, sizeof addresses / sizeof *addresses);
	const struct dns_answer *a = job->families[0].answer, *aaaa = job->families[1].answer;
	struct fault why;

	if (count > 0) {
		job->fetch = s->fetch(s->arg, job->host, addresses, count, on_fetched, job);
		if (!job->fetch)
			finish(job, "memory is out");
		return;
	}
	if (a->status == DNS_FAILED || aaaa->status == DNS_FAILED)
		(void)fault(&why, RC_RETRY, "looking up the address of %s failed: %s", job->host,
			    a->status == DNS_FAILED ? a->why : aaaa->why);
	else
		(void)fault(&why, RC_ABSENT, "%s has no address", job->host);
	finish(job, why.text);
}

static void on_address(void *arg, const struct dns_answer *answer)
{
	struct family *family = arg;

	family->lookup = NULL;
	family->answer = dns_answer_ref(answer);
	for (int i = 0; i < FAMILIES; i++)
		if (family->job->families[i].lookup)
			return;
	fetch(family->job);
}

static void on_too_long(void *arg)
{
	struct assurance_policy_job *job = arg;

	job->timer = NULL;
	finish(job, "the name of its policy host would be too long");
}

static bool start(struct assurance_policy_job *job)
{
	static const enum dns_type types[FAMILIES] = { DNS_A, DNS_AAAA };
	const struct assurance_sources *s = job->sources;
	int len = snprintf(job->host, sizeof job->host, "mta-sts.%s", job->domain);

	if (len < 0 || (size_t)len >= sizeof job->host) {
		job->timer = s->timer(s->arg, 0, on_too_long, job);
		return job->timer;
	}
	for (int i = 0; i < FAMILIES; i++) {
		struct family *family = &job->families[i];

		family->job = job;
		family->lookup = s->lookup(s->arg, job->host, types[i], on_address, family);
		if (!family->lookup)
			return false;
	}
	return true;
}

struct assurance_policy_job *assurance_policy_fetch(const struct assurance_sources *sources,
						    struct sts_cache *cache, const char *domain,
						    const char *id, assurance_policy_done *done,
						    void *arg)
{
	struct assurance_policy_job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	job->sources = sources;
	job->cache = cache;
	job->done = done;
	job->arg = arg;
	snprintf(job->domain, sizeof job->domain, "%s", domain);
	snprintf(job->id, sizeof job->id, "%s", id);
	if (!start(job)) {
		assurance_policy_cancel(job);
		return NULL;
	}
	return job;
}

/* ---- conclusion ---- */

static enum rc copy_policy(const struct sts_stored *stored, struct arena *arena,
			   struct assurance_policy *out)
{
	struct sts_policy *policy = ARENA_NEW(arena, struct sts_policy);
	char *text = arena_text(arena, stored->text);
	const char *id = arena_format(arena, "%s", stored->id);

	if (!policy || !text || !id)
		return RC_NOMEM;
	/* The cache's own form of it: it parses, or memory is broken. */
	if (sts_policy_parse((struct slice){ text, stored->text.len }, policy, NULL) != RC_OK)
		return RC_INVALID;
	out->policy = policy;
	out->id = id;
	out->expires_s = stored->expires_s;
	return RC_OK;
}

static const char *lost(const char *domain, const struct sts_known *known, struct arena *arena)
{
	char expired[CLOCK_TEXT], until[CLOCK_TEXT];

	return arena_format(
		arena,
		"the MTA-STS policy of %s, in mode enforce, ran out at %s and cannot be "
		"renewed (%s): until %s, or until the operator forgets it, this is not "
		"taken for the end of its promise",
		domain, clock_format(known->stored->expires_s, expired),
		*known->failure ? known->failure : "no fetch has ended yet",
		clock_format(known->stored->expires_s + STS_LOST_S, until));
}

static const char *unpromised(const char *domain, const struct sts_known *known,
			      const struct dns_answer *txt, struct arena *arena,
			      enum assurance_promise *promise)
{
	struct sts_record record;
	struct fault why = { 0 };

	switch (sts_record_choose(txt, &record, &why)) {
	case RC_OK:
		return arena_format(
			arena,
			"%s announces an MTA-STS policy that cannot be had: %s; with "
			"none remembered, nothing was promised (RFC 8461 section 3.3)",
			domain, *known->failure ? known->failure : "its max_age is over at once");
	case RC_ABSENT:
	case RC_INVALID:
	case RC_LIMIT:
	case RC_NOMEM:
		return arena_format(arena, "%s", why.text);
	case RC_RETRY:
		*promise = ASSURANCE_UNCERTAIN;
		return arena_format(arena, "%s, so that an MTA-STS policy may be hidden from us",
				    why.text);
	}
	return "";
}

enum rc assurance_policy_conclude(const struct sts_cache *cache, const char *domain,
				  const struct dns_answer *txt, const char *cut, bool fetched,
				  int64_t now_s, struct arena *arena, struct assurance_policy *out)
{
	const struct sts_known known = sts_cache_find(cache, domain, now_s);
	struct assurance_policy policy = {
		.id = "",
		.why = "",
		.ttl = txt ? txt->ttl : 0,
		.source = fetched ? ASSURANCE_STS_FETCHED : ASSURANCE_STS_CACHED,
	};

	if (known.standing == STS_LIVE || (fetched && known.stored)) {
		enum rc rc = copy_policy(known.stored, arena, &policy);
		if (rc != RC_OK)
			return rc;
		policy.promise = ASSURANCE_PROMISED;
		if (*known.failure)
			policy.why = arena_format(arena,
						  "the MTA-STS policy of %s could not be renewed: "
						  "%s; the one remembered applies (RFC 8461 "
						  "section 3.3)",
						  domain, known.failure);
	} else if (known.standing == STS_LOST) {
		policy.promise = ASSURANCE_UNCERTAIN;
		policy.why = lost(domain, &known, arena);
	} else if (known.standing == STS_UNREADABLE) {
		policy.promise = ASSURANCE_UNCERTAIN;
		policy.held = true;
		policy.why = arena_format(
			arena,
			"what is stored of the MTA-STS policy of %s is damaged, and "
			"it cannot be fetched (%s): until that works, or until the "
			"operator forgets it, its promise is held to stand",
			domain, *known.failure ? known.failure : "no fetch has ended yet");
	} else if (!txt || cut) {
		policy.promise = ASSURANCE_UNCERTAIN;
		policy.why = arena_format(arena,
					  "whether %s has an MTA-STS policy was not found out: %s",
					  domain, cut ? cut : "no such record can exist");
	} else {
		policy.why = unpromised(domain, &known, txt, arena, &policy.promise);
	}
	if (!policy.why)
		return RC_NOMEM;
	*out = policy;
	return RC_OK;
}
