/* cli/lookup.h: asking about destinations as the daemon would, from a command.
 *
 *     struct lookup *lookup;
 *     if (lookup_open(cli, (struct lookup_wish){ 0 }, &lookup) != CLI_OK) …
 *     lookup_ask(lookup, texts, count, assurances);
 *     lookup_close(lookup);
 *
 * Resolvers are tested first where a name with broken signatures is known, since one that gives it
 * out is then not believed.
 *
 * The daemon's memory of MTA-STS policies is used where its store is there and may be
 * written; otherwise nothing is remembered. */
#pragma once

#include "assurance/assurance.h"
#include "cli/command.h"

struct lookup;

struct lookup_wish { /* both for reports: assurance/gather.h */
	bool whole;
	bool unpinned; /* as if the rules vouched for nothing */
	bool test;     /* the resolvers, too: what they lack is told on standard error */
	bool probe;    /* the settings must have probe.enabled */
};

/* CLI_OK, or CLI_USAGE after a message. */
int lookup_open(struct cli *cli, struct lookup_wish wish, struct lookup **out);

/* Finds all of them out together. got[i] is the caller's reference; NULL: out of
 * memory. shown (may be NULL) is called for each, in the order given, as soon as
 * those before it are there too. */
typedef void lookup_shown(void *arg, const struct assurance *assurance);
void lookup_ask(struct lookup *lookup, const char *const *destinations, size_t count,
		const struct assurance **got, lookup_shown *shown, void *arg);
/* The destinations that other rules vouch for, from now on; what was looked up is kept.
 * As outlook_set_pins(). */
enum rc lookup_set_rules(struct lookup *lookup, const struct rules *rules, struct fault *why);
/* What is remembered of a destination is looked up anew; its MTA-STS policy stays. */
void lookup_refresh(struct lookup *lookup, const char *destination);

/* Waits. False: a signal has come, now or before (SIGINT, SIGTERM), which from the first call on
 * also ends lookup_ask() early: then some of got are NULL. */
bool lookup_wait(struct lookup *lookup, int64_t ms);
void lookup_close(struct lookup *lookup); /* NULL is fine */
