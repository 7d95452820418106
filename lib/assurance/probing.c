#include "assurance/probing.h"

#include "assurance/gather.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEY_MAX = ASSURANCE_DESTINATION_MAX + 16 }; /* of a destination among the peers */

struct probing { /* one destination */
	struct assurance_probings *probings;
	struct probing *next, **at;
	struct assurance_destination destination;
	struct assurance_gather *gather;
};

struct assurance_probings {
	const struct assurance_sources *sources;
	struct sts_cache *policies;
	struct assurance_peers *peers;
	int64_t within_ms;
	assurance_probing_done *done;
	void *arg;
	struct probing *first;
	size_t count;
};

struct assurance_probings *assurance_probings_new(const struct assurance_sources *sources,
						  struct sts_cache *policies,
						  struct assurance_peers *peers, int64_t within_ms,
						  assurance_probing_done *done, void *arg)
{
	struct assurance_probings *probings = calloc(1, sizeof *probings);

	if (probings)
		*probings = (struct assurance_probings){ sources, policies, peers, within_ms,
							 done,    arg,      NULL,  0 };
	return probings;
}

static void probing_free(struct probing *p)
{
	*p->at = p->next;
	if (p->next)
		p->next->at = p->at;
	p->probings->count--;
	assurance_gather_cancel(p->gather);
	free(p);
}

void assurance_probings_free(struct assurance_probings *probings)
{
	if (!probings)
		return;
	while (probings->first)
		probing_free(probings->first);
	free(probings);
}

static void on_gathered(void *arg, const struct assurance_gathered *gathered)
{
	struct probing *p = arg;
	struct assurance_probings *probings = p->probings;

	p->gather = NULL;
	probings->done(probings->arg, &p->destination, gathered->assurance);
	probing_free(p);
}

static void start(struct assurance_probings *probings,
		  const struct assurance_destination *destination, struct assurance_pins *pins)
{
	struct probing *p = calloc(1, sizeof *p);

	if (!p)
		return;
	p->probings = probings;
	p->destination = *destination;
	p->next = probings->first;
	p->at = &probings->first;
	if (p->next)
		p->next->at = &p->next;
	probings->first = p;
	probings->count++;
	const struct assurance_gather_wish wish = {
		.destination = &p->destination,
		.policies = probings->policies,
		.within_ms = probings->within_ms,
		.probe = true,
		.peers = probings->peers,
		.pins = pins,
	};
	p->gather = assurance_gather_start(probings->sources, &wish, on_gathered, p);
	if (!p->gather)
		probing_free(p);
}

static void write_key(const char *text, char key[static KEY_MAX])
{
	snprintf(key, KEY_MAX, "destination %s", text);
}

void assurance_probing_forget(struct assurance_probings *probings, const char *text)
{
	char key[KEY_MAX];

	write_key(text, key);
	assurance_peers_forget_key(probings->peers, key);
}

void assurance_probing_start(struct assurance_probings *probings,
			     const struct assurance_destination *destination,
			     struct assurance_pins *pins)
{
	const struct assurance_sources *sources = probings->sources;
	char key[KEY_MAX];

	write_key(destination->text, key);
	if (sources->probe && probings->count < ASSURANCE_PROBINGS_MAX && !destination->literal &&
	    assurance_peers_look(probings->peers, key, sources->now_s(sources->arg)))
		start(probings, destination, pins);
}
