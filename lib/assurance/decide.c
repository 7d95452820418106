#include "assurance/decide.h"

#include "assurance/hosts.h"
#include "base/arena.h"
#include "base/buf.h"
#include "dane/base.h"
#include "dane/tlsa.h"
#include "dns/name.h"

#include <stdlib.h>
#include <string.h>

enum {
	DECIDE_BYTES_MAX = 256 * 1024, /* 32 hosts and 64 patterns with their sentences: 60 KiB */
	REASONS_MAX = ASSURANCE_HOSTS_MAX + 5,
};

struct host { /* what is concluded about one */
	struct dane_step dane;
	enum assurance_by by;
	bool disproved; /* by a probe: promised, and not kept */
	bool promising; /* it might be authenticated, so that not knowing matters */
};

struct decision {
	const struct assurance_evidence *e;
	struct arena *arena;
	bool found_securely;
	struct assurance result;
	struct assurance_mx mx[ASSURANCE_HOSTS_MAX];
	struct host hosts[ASSURANCE_HOSTS_MAX];
	const char *reasons[REASONS_MAX];
	const char *match[ASSURANCE_HOSTS_MAX];
	struct assurance_sts sts;
	uint32_t ttl;
	const char *vouched; /* the operator's word; "" without */
	bool out_of_memory;
};

static __attribute__((format(printf, 2, 3))) const char *say(struct decision *d, const char *format,
							     ...)
{
	struct buf text = BUF_INIT(1000);
	va_list args;

	va_start(args, format);
	enum rc rc = buf_addv(&text, format, args);
	va_end(args);

	char *kept = rc == RC_OK ? arena_text(d->arena, buf_slice(&text)) : NULL;
	buf_free(&text);
	if (!kept) {
		d->out_of_memory = true;
		return "";
	}
	for (char *c = kept; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return kept;
}

static void add_reason(struct decision *d, const char *reason)
{
	for (size_t i = 0; i < d->result.reason_count; i++)
		if (strcmp(d->reasons[i], reason) == 0)
			return;
	if (*reason && d->result.reason_count < REASONS_MAX - 1) /* insist() adds one */
		d->reasons[d->result.reason_count++] = reason;
}

static void conclude(struct decision *d, enum assurance_level level, enum assurance_by by)
{
	d->result.level = level;
	d->result.by = by;
}

static void count_ttl(struct decision *d, const struct dns_answer *answer)
{
	if (answer && answer->ttl < d->ttl)
		d->ttl = answer->ttl;
}

/* ---- hosts ---- */

static bool is_null_mx(const struct dns_answer *mx)
{
	return mx->status == DNS_FOUND && mx->count == 1 && !*mx->records[0].mx.host;
}

static enum assurance_lookup lookup_of(enum dane_seen seen)
{
	switch (seen) {
	case DANE_SEEN_SECURE:
		return ASSURANCE_SECURE;
	case DANE_SEEN_INSECURE:
		return ASSURANCE_INSECURE;
	case DANE_SEEN_NOTHING:
		return ASSURANCE_ABSENT;
	case DANE_SEEN_ERROR:
		return ASSURANCE_ERROR;
	case DANE_NOT_SEEN:
		return ASSURANCE_NOT_ASKED;
	}
	return ASSURANCE_ERROR;
}

static bool is_enforced(const struct assurance_policy *policy)
{
	return policy->promise == ASSURANCE_PROMISED && policy->policy->mode == STS_ENFORCE;
}

/* What MTA-STS makes of a host to which DANE gives only `without`. */
static void judge_by_policy(struct decision *d, struct assurance_mx *mx, struct host *host,
			    enum assurance_level without, const char *why)
{
	const struct assurance_policy *policy = &d->e->policy;

	mx->level = without;
	mx->why = why;
	if (policy->promise == ASSURANCE_UNCERTAIN) {
		mx->level = ASSURANCE_UNDETERMINED;
		mx->why = policy->why;
	} else if (is_enforced(policy) && mx->sts_match) {
		mx->level = ASSURANCE_AUTHENTICATED;
		host->by = ASSURANCE_BY_STS;
		mx->why = say(d,
			      "MTA-STS policy %s is in mode enforce and names %s "
			      "(RFC 8461 section 4.1)",
			      policy->id, mx->host);
	} else if (is_enforced(policy)) {
		mx->level = ASSURANCE_UNDETERMINED;
		mx->why = say(d,
			      "MTA-STS policy %s is in mode enforce and does not name %s, which "
			      "must not be used (RFC 8461 section 5)",
			      policy->id, mx->host);
	}
}

/* Only a record of usage 2 leaves names to be matched (RFC 7672 §3.1.1, §3.2.2). */
static void name_references(struct decision *d, struct assurance_mx *mx,
			    const struct dns_answer *tlsa)
{
	const char **names = ARENA_ARRAY(d->arena, const char *, ASSURANCE_PROBE_NAMES_MAX);
	bool named = false;

	for (size_t i = 0; i < tlsa->count; i++)
		named |= tlsa->records[i].tlsa.usage == DANE_TA &&
			 dane_tlsa_is_usable(&tlsa->records[i].tlsa, NULL);
	if (!names)
		d->out_of_memory = true;
	if (!names || !named)
		return;
	mx->names = names;
	mx->name_count =
		assurance_reference_names(d->e->destination, d->e->mx, mx->tlsa_base, names);
}

static void judge_bound(struct decision *d, struct assurance_mx *mx, struct host *host)
{
	const struct dns_answer *tlsa = host->dane.bound;
	const char *fault = "";

	mx->usable = dane_tlsa_count_usable(tlsa, &fault);
	if (mx->usable == 0) {
		judge_by_policy(d, mx, host, ASSURANCE_ENCRYPTED,
				say(d,
				    "no TLSA record of %s is usable: of the first, %s; TLS is "
				    "mandatory, but nobody is proved (RFC 7672 section 2.2)",
				    mx->host, fault));
		return;
	}
	mx->level = ASSURANCE_AUTHENTICATED;
	host->by = ASSURANCE_BY_DANE;
	name_references(d, mx, tlsa);
	mx->why = say(d,
		      "%s has %u usable TLSA record%s at %s, and every lookup on the way there "
		      "is signed (RFC 7672 section 2.2)",
		      mx->host, mx->usable, mx->usable == 1 ? "" : "s", tlsa->asked);
}

static struct assurance_mx describe_host(const struct decision *d, size_t i)
{
	const struct assurance_host *from = &d->e->hosts[i];
	const struct host *host = &d->hosts[i];

	return (struct assurance_mx){
		.host = from->host,
		.preference = from->preference,
		.lookup = d->found_securely ? ASSURANCE_SECURE : ASSURANCE_INSECURE,
		.address = lookup_of(host->dane.address),
		.tlsa = lookup_of(host->dane.tlsa),
		.tlsa_base = host->dane.base,
		.level = ASSURANCE_UNDETERMINED,
		.probe = { .tls = "", .why = "" },
	};
}

/* What DANE has come to, and the policy where it does not apply. */
static void judge_outcome(struct decision *d, struct assurance_mx *mx, struct host *host)
{
	if (host->dane.next != DANE_DONE && d->e->hosts_idle && !host->promising) {
		mx->level = ASSURANCE_NONE;
		mx->address = ASSURANCE_NOT_ASKED;
		mx->why = say(d,
			      "DANE does not apply: %s was named by MX records that are not signed",
			      mx->host);
		return;
	}
	if (host->dane.next != DANE_DONE) {
		mx->why = say(d, "%s was not looked up to the end: %s", mx->host,
			      d->e->cut ? d->e->cut : "an answer is missing");
		return;
	}
	switch (host->dane.outcome) {
	case DANE_NO_ADDRESS:
		mx->level = ASSURANCE_UNROUTABLE;
		mx->why = say(d, "%s", host->dane.why.text);
		break;
	case DANE_UNKNOWN:
		mx->why = say(d, "%s", host->dane.why.text);
		break;
	case DANE_ABSENT:
		judge_by_policy(d, mx, host, ASSURANCE_NONE,
				say(d, "DANE does not apply: %s", host->dane.why.text));
		break;
	case DANE_BOUND:
		judge_bound(d, mx, host);
		break;
	}
}

static void judge_host(struct decision *d, size_t i)
{
	const struct assurance_host *from = &d->e->hosts[i];
	const struct dane_evidence dane =
		assurance_host_evidence(from, d->e->destination->port, d->found_securely);
	struct host *host = &d->hosts[i];
	struct assurance_mx *mx = &d->mx[i];
	const struct dns_answer *answers[] = { from->a, from->aaaa, from->cname, from->expanded,
					       from->original };

	for (size_t n = 0; n < sizeof answers / sizeof *answers; n++)
		count_ttl(d, answers[n]);
	dane_base_step(&dane, &host->dane);
	*mx = describe_host(d, i);
	if (d->e->policy.promise == ASSURANCE_PROMISED && dns_is_hostname(slice_of(from->host)))
		mx->sts_match = sts_policy_names(d->e->policy.policy, slice_of(from->host));
	host->promising = d->found_securely || d->e->policy.promise == ASSURANCE_UNCERTAIN ||
			  is_enforced(&d->e->policy);
	judge_outcome(d, mx, host);
}

/* The operator's word on a host that mail can go to, whatever is published. */
static void vouch(struct decision *d, size_t i)
{
	const struct assurance_pin *pin = d->e->pin;
	struct assurance_mx *mx = &d->mx[i];

	if (!pin || mx->level == ASSURANCE_UNROUTABLE)
		return;
	mx->level = pin->level;
	mx->why = d->vouched;
	mx->name_count = pin->match_count;
	mx->names = pin->match;
	d->hosts[i].by = ASSURANCE_BY_PIN;
	d->hosts[i].promising = true;
}

static void take_away(struct assurance_mx *mx, struct host *host, enum assurance_level level,
		      const char *why)
{
	mx->level = level;
	mx->why = why;
	host->by = ASSURANCE_BY_NOTHING;
	host->disproved = true;
}

static const char *promise_of(const struct host *host)
{
	switch (host->by) {
	case ASSURANCE_BY_DANE:
		return "its TLSA record promises";
	case ASSURANCE_BY_PIN:
		return "the operator vouches for";
	case ASSURANCE_BY_STS:
	case ASSURANCE_BY_NOTHING:
	case ASSURANCE_BY_NULL_MX:
		break;
	}
	return "its MTA-STS policy promises";
}

/* What a probe makes of a host that is authenticated by what was looked up. */
static void weigh_proof(struct decision *d, struct assurance_mx *mx, struct host *host,
			const struct assurance_probed *probed)
{
	if (probed->rc == RC_OK && probed->authenticated && !probed->requiretls) {
		if (mx->level == ASSURANCE_REQUIRETLS) {
			mx->level = ASSURANCE_AUTHENTICATED;
			mx->why = say(d, "%s; but %s does not offer REQUIRETLS", mx->why, mx->host);
		}
	} else if (probed->rc == RC_OK && probed->authenticated) {
		mx->level = ASSURANCE_REQUIRETLS;
		mx->why = say(d, "%s; it offers REQUIRETLS within TLS (RFC 8689 section 4.2.1)",
			      mx->why);
	} else if (probed->rc == RC_OK || probed->rc == RC_INVALID) {
		take_away(mx, host, *probed->tls ? ASSURANCE_ENCRYPTED : ASSURANCE_NONE,
			  say(d, "%s does not keep what %s: %s", mx->host, promise_of(host),
			      probed->why));
	} else {
		take_away(mx, host, ASSURANCE_UNDETERMINED,
			  say(d, "%s could not be probed: %s", mx->host, probed->why));
	}
}

static void weigh_probe(struct decision *d, size_t i)
{
	const struct assurance_probed *probed = d->e->hosts[i].probed;
	struct assurance_mx *mx = &d->mx[i];

	if (!probed)
		return;
	mx->probe = (struct assurance_probe){
		.done = true,
		.starttls = probed->starttls,
		.authenticated = probed->authenticated,
		.requiretls = probed->requiretls && probed->authenticated,
		.tls = say(d, "%s", probed->tls),
		.why = say(d, "%s", probed->why),
	};
	if (assurance_meets(mx->level, ASSURANCE_AUTHENTICATED)) {
		weigh_proof(d, mx, &d->hosts[i], probed);
	} else if (mx->level == ASSURANCE_ENCRYPTED && probed->rc == RC_INVALID && !*probed->tls) {
		take_away(mx, &d->hosts[i], ASSURANCE_NONE,
			  say(d, "%s has TLSA records, but no TLS: %s", mx->host, probed->why));
	} else if (probed->rc == RC_OK && !probed->authenticated) {
		mx->probe.why = "neither DANE nor MTA-STS says who it must be";
	}
}

/* ---- the domain ---- */

static bool any_host(const struct decision *d, enum assurance_level level)
{
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level == level)
			return true;
	return false;
}

static void add_hosts(struct decision *d, enum assurance_level level)
{
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level == level)
			add_reason(d, d->mx[i].why);
}

/* level: that of the best host. */
static void conclude_authenticated(struct decision *d, enum assurance_level level)
{
	enum assurance_by by = ASSURANCE_BY_STS;

	d->result.match = d->match;
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level == level && d->hosts[i].by == ASSURANCE_BY_DANE)
			by = ASSURANCE_BY_DANE;
	conclude(d, level, by);
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level == level && d->hosts[i].by == by)
			add_reason(d, d->mx[i].why);

	/* The hosts that qualify by the other method are not on this route. */
	for (size_t i = 0; i < d->e->host_count; i++) {
		if (by == ASSURANCE_BY_STS && d->hosts[i].by == by)
			d->match[d->result.match_count++] = d->mx[i].host;
		add_reason(d, d->mx[i].why);
	}
	if (by == ASSURANCE_BY_STS)
		add_reason(d, d->e->policy.why);
}

static const char *domain_of(const struct decision *d)
{
	return d->e->destination->text;
}

/* Why MTA-STS promises nothing, though a policy was found. */
static const char *policy_shortfall(struct decision *d)
{
	const struct assurance_policy *policy = &d->e->policy;

	if (policy->promise != ASSURANCE_PROMISED)
		return policy->why;
	switch (policy->policy->mode) {
	case STS_TESTING:
		return say(d,
			   "MTA-STS policy %s is in mode testing, which guarantees nothing "
			   "(RFC 8461 section 5)",
			   policy->id);
	case STS_NONE:
		return say(d,
			   "MTA-STS policy %s is in mode none: the domain has taken its promise "
			   "back (RFC 8461 section 8.3)",
			   policy->id);
	case STS_ENFORCE:
		return "";
	}
	return "";
}

static void conclude_lower(struct decision *d, enum assurance_level level)
{
	conclude(d, level, ASSURANCE_BY_NOTHING);
	if (level == ASSURANCE_UNROUTABLE)
		add_reason(d, say(d, "no host for %s has an address", domain_of(d)));
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->hosts[i].disproved && d->mx[i].level == level)
			add_reason(d, d->mx[i].why);
	if (level != ASSURANCE_NONE || d->found_securely)
		add_hosts(d, level);
	else
		add_reason(d, say(d,
				  "the MX records of %s are not signed, so DANE cannot prove its "
				  "hosts (RFC 7672 section 2.2.1)",
				  domain_of(d)));
	if (level == ASSURANCE_NONE || level == ASSURANCE_ENCRYPTED)
		add_reason(d, policy_shortfall(d));
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level != level)
			add_reason(d, d->mx[i].why);
}

static void conclude_vouched(struct decision *d, enum assurance_level level)
{
	const struct assurance_pin *pin = d->e->pin;

	conclude(d, level, ASSURANCE_BY_PIN);
	d->result.match = pin->match;
	d->result.match_count = pin->match_count;
	d->result.keys = pin->keys;
	d->result.key_count = pin->key_count;
	d->result.anchors = pin->anchors;
}

/* The operator's word rests on no lookup; what they say stands behind it. */
static void insist(struct decision *d)
{
	if (!d->e->pin)
		return;
	conclude_vouched(d, d->e->pin->level);
	memmove(d->reasons + 1, d->reasons, d->result.reason_count * sizeof *d->reasons);
	d->reasons[0] = d->vouched;
	d->result.reason_count++;
}

/* False: no host keeps what the operator vouches for. */
static bool conclude_pinned(struct decision *d)
{
	enum assurance_level level =
		any_host(d, ASSURANCE_REQUIRETLS) ? ASSURANCE_REQUIRETLS : ASSURANCE_AUTHENTICATED;

	if (!any_host(d, level))
		return false;
	conclude_vouched(d, level);
	add_hosts(d, level);
	for (size_t i = 0; i < d->e->host_count; i++)
		add_reason(d, d->mx[i].why);
	return true;
}

static bool is_unsure(const struct decision *d)
{
	for (size_t i = 0; i < d->e->host_count; i++)
		if (d->mx[i].level == ASSURANCE_UNDETERMINED && d->hosts[i].promising)
			return true;
	return false;
}

static void conclude_unroutable(struct decision *d)
{
	conclude_lower(d, ASSURANCE_UNROUTABLE);
	insist(d);
}

static void conclude_from_hosts(struct decision *d)
{
	for (size_t i = 0; i < d->e->host_count; i++) {
		judge_host(d, i);
		vouch(d, i);
		weigh_probe(d, i);
	}
	if (d->e->pin && conclude_pinned(d))
		return;
	if (any_host(d, ASSURANCE_REQUIRETLS))
		conclude_authenticated(d, ASSURANCE_REQUIRETLS);
	else if (any_host(d, ASSURANCE_AUTHENTICATED))
		conclude_authenticated(d, ASSURANCE_AUTHENTICATED);
	else if (is_unsure(d))
		conclude_lower(d, ASSURANCE_UNDETERMINED);
	else if (any_host(d, ASSURANCE_ENCRYPTED))
		conclude_lower(d, ASSURANCE_ENCRYPTED);
	else if (any_host(d, ASSURANCE_NONE))
		conclude_lower(d, ASSURANCE_NONE);
	else if (any_host(d, ASSURANCE_UNDETERMINED))
		conclude_lower(d, ASSURANCE_UNDETERMINED);
	else
		conclude_unroutable(d);
}

/* Settles what needs no host; false when hosts decide. */
static bool conclude_from_mx(struct decision *d)
{
	const struct assurance_evidence *e = d->e;

	if (e->destination->literal) {
		conclude(d, ASSURANCE_NONE, ASSURANCE_BY_NOTHING);
		add_reason(d, say(d,
				  "%s is an address: neither DANE nor MTA-STS can prove who "
				  "answers there (RFC 7672 section 2.2, RFC 8461 section 3.4)",
				  domain_of(d)));
		return true;
	}
	if (e->destination->host)
		return false;
	if (!e->mx || e->mx->status == DNS_FAILED) {
		conclude(d, ASSURANCE_UNDETERMINED, ASSURANCE_BY_NOTHING);
		add_reason(d, say(d,
				  "looking up the MX records of %s failed: %s "
				  "(RFC 7672 section 2.1.2)",
				  e->destination->name,
				  e->mx    ? e->mx->why
				  : e->cut ? e->cut
					   : "no answer"));
		return true;
	}
	if (e->mx->status == DNS_NXDOMAIN) {
		conclude(d, ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING);
		add_reason(d, say(d, "there is no domain %s", e->destination->name));
		return true;
	}
	if (is_null_mx(e->mx)) {
		conclude(d, ASSURANCE_UNROUTABLE, ASSURANCE_BY_NULL_MX);
		add_reason(d, say(d, "%s accepts no mail: it has a null MX (RFC 7505 section 3)",
				  e->destination->name));
		return true;
	}
	if (e->host_count == 0) {
		conclude(d, ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING);
		add_reason(d, say(d, "the MX records of %s name no host", e->destination->name));
		return true;
	}
	return false;
}

static void describe_policy(struct decision *d)
{
	const struct assurance_policy *policy = &d->e->policy;
	const char **mx;

	if (policy->promise != ASSURANCE_PROMISED)
		return;
	mx = ARENA_ARRAY(d->arena, const char *, policy->policy->mx_count + 1);
	for (size_t i = 0; mx && i < policy->policy->mx_count; i++)
		if (!(mx[i] = arena_text(d->arena, policy->policy->mx[i])))
			mx = NULL;
	if (!mx) {
		d->out_of_memory = true;
		return;
	}
	d->sts = (struct assurance_sts){
		.mode = sts_mode_name(policy->policy->mode),
		.id = policy->id,
		.max_age = policy->policy->max_age,
		.mx_count = policy->policy->mx_count,
		.mx = mx,
		.source = policy->source,
	};
	d->result.sts = &d->sts;
}

static void describe_pin(struct decision *d)
{
	struct buf words = BUF_INIT(2000);

	d->vouched = "";
	if (d->e->pin && assurance_pin_words(d->e->pin, &words) == RC_OK)
		d->vouched = say(d, "%s", buf_text(&words));
	buf_free(&words);
}

static int64_t until_of(const struct decision *d)
{
	const struct assurance_policy *policy = &d->e->policy;
	int64_t now_s = d->e->now_s, until_s;

	if (d->result.level == ASSURANCE_UNDETERMINED)
		return now_s + ASSURANCE_RETRY_S;
	until_s = now_s + (d->ttl < ASSURANCE_UNTIL_MIN_S ? ASSURANCE_UNTIL_MIN_S : d->ttl);

	/* A promise is not kept in memory for longer than it was given. */
	if (d->result.by == ASSURANCE_BY_STS && policy->expires_s < until_s)
		until_s = policy->expires_s > now_s ? policy->expires_s : now_s + 1;
	return until_s;
}

const struct assurance *assurance_decide(const struct assurance_evidence *e)
{
	const struct assurance *made = NULL;
	struct decision *d = calloc(1, sizeof *d);

	if (!d)
		return NULL;
	d->e = e;
	d->arena = arena_new(DECIDE_BYTES_MAX);
	if (!d->arena) {
		free(d);
		return NULL;
	}
	d->ttl = ASSURANCE_UNTIL_MAX_S;
	d->found_securely = e->destination->host || (e->mx && e->mx->trust == DNS_SECURE);
	count_ttl(d, e->mx);
	if (e->policy.ttl < d->ttl && !e->destination->literal)
		d->ttl = e->policy.ttl;

	describe_policy(d);
	describe_pin(d);
	if (conclude_from_mx(d)) {
		insist(d);
	} else {
		conclude_from_hosts(d);
		d->result.mx_count = e->host_count;
	}
	d->result.domain = e->destination->text;
	d->result.held = e->policy.held;
	d->result.reasons = d->reasons;
	d->result.mx = d->mx;
	d->result.until = until_of(d);
	if (!d->out_of_memory)
		made = assurance_make(&d->result);
	arena_free(d->arena);
	free(d);
	return made;
}

const struct assurance *assurance_undetermined(const char *domain, const char *reason,
					       int64_t now_s)
{
	const struct assurance like = {
		.domain = domain,
		.level = ASSURANCE_UNDETERMINED,
		.until = now_s + ASSURANCE_RETRY_S,
		.reason_count = 1,
		.reasons = &reason,
	};
	return assurance_make(&like);
}
