#include "assurance/renewal.h"

#include "assurance/policy.h"

#include <stdlib.h>
#include <string.h>

struct renewal { /* a policy being fetched */
	struct assurance_renewals *renewals;
	struct renewal *next, **at;
	struct assurance_policy_job *job;
	char domain[DNS_NAME_MAX];
};

struct assurance_renewals {
	const struct assurance_sources *sources;
	struct sts_cache *policies;
	struct renewal *first;
	size_t count;
};

struct assurance_renewals *assurance_renewals_new(const struct assurance_sources *sources,
						  struct sts_cache *policies)
{
	struct assurance_renewals *renewals = calloc(1, sizeof *renewals);

	if (renewals)
		*renewals = (struct assurance_renewals){ sources, policies, NULL, 0 };
	return renewals;
}

static void renewal_free(struct renewal *r)
{
	*r->at = r->next;
	if (r->next)
		r->next->at = r->at;
	r->renewals->count--;
	free(r);
}

void assurance_renewals_free(struct assurance_renewals *renewals)
{
	if (!renewals)
		return;
	while (renewals->first) {
		assurance_policy_cancel(renewals->first->job);
		renewal_free(renewals->first);
	}
	free(renewals);
}

static void on_renewed(void *arg, bool ok)
{
	struct renewal *r = arg;

	(void)ok; /* a failure is noted in the cache of policies, and rests there */
	renewal_free(r);
}

void assurance_renew(struct assurance_renewals *renewals, const char *domain, const char *id)
{
	struct renewal *r;

	for (r = renewals->first; r; r = r->next)
		if (strcmp(r->domain, domain) == 0)
			return;
	if (renewals->count >= ASSURANCE_RENEWALS_MAX || strlen(domain) >= sizeof r->domain)
		return;
	r = calloc(1, sizeof *r);
	if (!r)
		return;
	r->renewals = renewals;
	memcpy(r->domain, domain, strlen(domain) + 1);
	r->next = renewals->first;
	r->at = &renewals->first;
	if (r->next)
		r->next->at = &r->next;
	renewals->first = r;
	renewals->count++;
	r->job = assurance_policy_fetch(renewals->sources, renewals->policies, domain, id,
					on_renewed, r);
	if (!r->job)
		renewal_free(r);
}

static bool renew_one(void *arg, const char *domain, const char *id)
{
	struct assurance_renewals *renewals = arg;

	assurance_renew(renewals, domain, id);
	return renewals->count < ASSURANCE_RENEWALS_MAX;
}

void assurance_renew_due(struct assurance_renewals *renewals)
{
	if (renewals->count < ASSURANCE_RENEWALS_MAX)
		sts_cache_each_due(renewals->policies,
				   renewals->sources->now_s(renewals->sources->arg), renew_one,
				   renewals);
}
