#include "assurance/probes.h"

#include "assurance/hosts.h"
#include "base/siphash.h"
#include "dane/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADDRESSES_MAX = 16, /* of one host; those who probe try half as many at most */
	VERSION_MAX = 16,   /* "TLSv1.3" */
};

/* A peer's key: host, port, proof, and 16 digits for what the proof must match. */
enum { KEY_MAX = DNS_NAME_MAX + 40 };

struct one {
	struct assurance_probes *probes;
	char host[DNS_NAME_MAX], key[KEY_MAX];
	void *handle; /* NULL: not under way */
	bool wished;
	struct assurance_probed probed;
	char tls[VERSION_MAX];
	struct fault why;
};

struct assurance_probes {
	const struct assurance_sources *sources;
	struct assurance_peers *peers; /* may be NULL */
	assurance_probes_fn *done;
	void *arg;
	size_t left, count;
	struct one ones[];
};

static void set(struct one *one, const struct assurance_probed *probed)
{
	one->probed = *probed;
	one->probed.tls = one->tls;
	one->probed.why = one->why.text;
	if (strlen(probed->tls) < sizeof one->tls)
		memcpy(one->tls, probed->tls, strlen(probed->tls) + 1);
	(void)fault(&one->why, probed->rc, "%s", probed->why);
}

static void on_probed(void *arg, const struct assurance_probed *probed)
{
	struct one *one = arg;
	struct assurance_probes *p = one->probes;

	one->handle = NULL;
	set(one, probed);
	if (p->peers)
		assurance_peers_note(p->peers, one->key, one->host, probed,
				     p->sources->now_s(p->sources->arg));
	if (--p->left == 0)
		p->done(p->arg);
}

static void add_addresses(const struct dns_answer *answer, struct dns_address *out, size_t *count)
{
	for (size_t i = 0; answer && answer->status == DNS_FOUND && i < answer->count; i++)
		if (*count < ADDRESSES_MAX)
			out[(*count)++] = answer->records[i].address;
}

/* Room for what a wish points to. */
struct room {
	struct dns_address addresses[ADDRESSES_MAX];
	const char *names[ASSURANCE_PROBE_NAMES_MAX];
	struct dane_step step;
};

/* How host i is to be spoken to; false when it has no address. */
static bool wish_for(const struct assurance_probes_wish *wish, size_t i, struct room *room,
		     struct assurance_probe_wish *to)
{
	const struct assurance_host *host = &wish->hosts[i];
	const struct assurance_mx *judged = &wish->judged->mx[i];
	const struct dane_evidence evidence = { .host = host->host,
						.port = wish->destination->port,
						.found_securely =
							judged->lookup == ASSURANCE_SECURE,
						.a = host->a,
						.aaaa = host->aaaa,
						.cname = host->cname,
						.expanded = host->expanded,
						.original = host->original };

	*to = (struct assurance_probe_wish){ .host = host->host,
					     .port = wish->destination->port,
					     .addresses = room->addresses,
					     .names = room->names };
	add_addresses(host->a, room->addresses, &to->address_count);
	add_addresses(host->aaaa, room->addresses, &to->address_count);
	if (to->address_count == 0)
		return false;
	if (wish->pin && assurance_meets(judged->level, ASSURANCE_AUTHENTICATED)) {
		to->by = ASSURANCE_BY_PIN;
		to->pin = wish->pin;
	} else if (judged->level == ASSURANCE_AUTHENTICATED && judged->usable > 0) {
		dane_base_step(&evidence, &room->step);
		to->by = ASSURANCE_BY_DANE;
		to->tlsa = room->step.bound;
		to->name_count = assurance_reference_names(wish->destination, wish->mx,
							   room->step.base, room->names);
	} else if (judged->level == ASSURANCE_AUTHENTICATED) {
		to->by = ASSURANCE_BY_STS;
	}
	return true;
}

static uint64_t mix(uint64_t mixed, struct slice bytes)
{
	const struct siphash_key key = { mixed, bytes.len };

	return siphash(&key, bytes);
}

static uint64_t proof_of_pin(const struct assurance_pin *pin)
{
	uint64_t proof = mix(pin->match_count, pin->ca);

	for (size_t i = 0; i < pin->match_count; i++)
		proof = mix(proof, slice_of(pin->match[i]));
	for (size_t i = 0; i < pin->key_count; i++)
		proof = mix(proof, slice_of(pin->keys[i]));
	return proof;
}

/* TLSA records and reference names in 64 bits. Who chooses his own records gains nothing
 * by two that collide: both are his. */
static uint64_t proof_of(const struct assurance_probe_wish *to)
{
	uint64_t proof = 0;

	if (to->by == ASSURANCE_BY_PIN)
		return proof_of_pin(to->pin);
	if (to->by != ASSURANCE_BY_DANE)
		return 0;
	for (size_t i = 0; i < to->name_count; i++)
		proof = mix(proof, slice_of(to->names[i]));
	for (size_t i = 0; i < to->tlsa->count; i++) {
		const struct dns_tlsa *r = &to->tlsa->records[i].tlsa;
		const char head[] = { (char)r->usage, (char)r->selector, (char)r->matching };
		proof = mix(mix(proof, (struct slice){ head, sizeof head }), r->data);
	}
	return proof;
}

static void write_key(const struct assurance_probe_wish *to, char out[static KEY_MAX])
{
	snprintf(out, KEY_MAX, "%s:%u %s %016" PRIx64, to->host, to->port,
		 assurance_by_name(to->by), proof_of(to));
}

static void start(struct one *one, const struct assurance_probes_wish *wish, size_t i)
{
	const struct assurance_sources *sources = one->probes->sources;
	struct assurance_probe_wish to;
	struct room room;

	if (!wish_for(wish, i, &room, &to))
		return;
	write_key(&to, one->key);
	snprintf(one->host, sizeof one->host, "%s", to.host);
	if (wish->peers &&
	    !assurance_peers_take(wish->peers, one->key, sources->now_s(sources->arg)))
		return;
	one->wished = true;
	one->handle = sources->probe(sources->arg, &to, on_probed, one);
	if (one->handle)
		one->probes->left++;
}

bool assurance_probes_recall(const struct assurance_probes_wish *wish, struct assurance_host *hosts,
			     int64_t now_s)
{
	struct assurance_probe_wish to;
	struct room room;
	char key[KEY_MAX];
	bool any = false;

	for (size_t i = 0; i < wish->judged->mx_count; i++) {
		if (!assurance_meets(wish->judged->mx[i].level, ASSURANCE_AUTHENTICATED) ||
		    !wish_for(wish, i, &room, &to))
			continue;
		write_key(&to, key);
		hosts[i].probed = assurance_peers_find(wish->peers, key, now_s);
		any = any || hosts[i].probed;
	}
	return any;
}

static bool has_address(const struct assurance_host *host)
{
	return (host->a && host->a->status == DNS_FOUND) ||
	       (host->aaaa && host->aaaa->status == DNS_FOUND);
}

struct assurance_probes *assurance_probes_start(const struct assurance_sources *sources,
						const struct assurance_probes_wish *wish,
						assurance_probes_fn *done, void *arg)
{
	static const struct assurance_probed open = { .rc = RC_RETRY,
						      .tls = "",
						      .why = "it came to no end in time" };
	size_t count = wish->judged->mx_count;
	struct assurance_probes *p = calloc(1, sizeof *p + count * sizeof *p->ones);

	if (!p)
		return NULL;
	p->sources = sources;
	p->peers = wish->peers;
	p->count = count;
	p->done = done;
	p->arg = arg;
	for (size_t i = 0; i < count; i++) {
		p->ones[i].probes = p;
		set(&p->ones[i], &open);
		start(&p->ones[i], wish, i);
	}
	if (p->left > 0)
		return p;
	free(p);
	return NULL;
}

void assurance_probes_settle(const struct assurance_probes *p, struct assurance_host *hosts,
			     size_t count)
{
	static const struct assurance_probed unasked = { .rc = RC_RETRY,
							 .tls = "",
							 .why = "there was no time for it" };

	for (size_t i = 0; i < count; i++)
		if (!p && has_address(&hosts[i]))
			hosts[i].probed = &unasked;
		else if (p && i < p->count && p->ones[i].wished)
			hosts[i].probed = &p->ones[i].probed;
}

void assurance_probes_free(struct assurance_probes *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (p->ones[i].handle)
			p->sources->probe_cancel(p->sources->arg, p->ones[i].handle);
	free(p);
}
