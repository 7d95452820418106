#include "cli/lookup.h"

#include "loop/loop.h"
#include "outlook/outlook.h"
#include "store/store.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct lookup {
	const struct cli *cli;
	struct loop *loop;
	struct store *store; /* NULL: nothing is remembered */
	struct outlook *outlook;
	bool untested, awaited; /* the resolvers are being tested; and somebody waits for it */
	struct loop_signal *interrupt, *term;
	struct loop_timer *pause;
	bool interrupted;
};

static void warn(void *arg, const char *reason)
{
	struct lookup *lookup = arg;

	(void)cli_fail(lookup->cli, CLI_OK, "%s", reason);
}

static void say_of_resolvers(void *arg, const char *complaints)
{
	struct lookup *lookup = arg;

	lookup->untested = false;
	if (*complaints)
		(void)cli_fail(lookup->cli, CLI_OK, "what is found here may be too little: %s",
			       complaints);
	if (lookup->awaited)
		loop_stop(lookup->loop);
}

static void await_test(struct lookup *lookup)
{
	lookup->awaited = lookup->untested;
	if (lookup->awaited)
		loop_run(lookup->loop);
	lookup->awaited = false;
}

/* The daemon's store, if there is one that we may write to. Never makes one: a
 * file of root's would be in the daemon's way. */
static void open_store(struct lookup *lookup, const struct settings *s)
{
	struct buf path = BUF_INIT(4096);
	struct fault why;

	if (buf_addf(&path, "%s/postern.db", s->state) == RC_OK &&
	    access(buf_text(&path), R_OK | W_OK) == 0 &&
	    store_open(s->state, &lookup->store, &why) != RC_OK) {
		lookup->store = NULL;
		warn(lookup, why.text);
	}
	buf_free(&path);
}

static bool open_all(struct lookup *lookup, const struct settings *s, const struct rules *rules,
		     struct lookup_wish wish, struct fault *why)
{
	struct outlook_config config = { .settings = s,
					 .rules = rules,
					 .complain = warn,
					 .arg = lookup,
					 .whole = wish.whole,
					 .probe = wish.probe };

	lookup->untested = wish.test || *s->resolver.bogus_name;
	if (lookup->untested)
		config.resolver = say_of_resolvers;
	lookup->loop = loop_new(why);
	if (!lookup->loop)
		return false;
	open_store(lookup, s);
	config.store = lookup->store;
	if (outlook_open(lookup->loop, &config, &lookup->outlook, why) != RC_OK)
		return false;
	await_test(lookup);
	return true;
}

int lookup_open(struct cli *cli, struct lookup_wish wish, struct lookup **out)
{
	const struct settings *s = cli_settings(cli);
	const struct rules *rules = s ? cli_rules(cli) : NULL;
	struct lookup *lookup = rules ? calloc(1, sizeof *lookup) : NULL;
	struct fault why = { .text = "memory is out" };

	if (!s || !rules)
		return CLI_USAGE;
	if (wish.probe && !s->probe.enabled) {
		free(lookup);
		return cli_fail(
			cli, CLI_USAGE,
			"the settings forbid probing (probe.enabled is false): leave --probe "
			"out to see what DNS and MTA-STS guarantee");
	}
	if (lookup)
		lookup->cli = cli;
	if (!lookup || !open_all(lookup, s, wish.unpinned ? NULL : rules, wish, &why)) {
		lookup_close(lookup);
		return cli_fail(cli, CLI_USAGE, "%s", why.text);
	}
	*out = lookup;
	return CLI_OK;
}

enum rc lookup_set_rules(struct lookup *lookup, const struct rules *rules, struct fault *why)
{
	return outlook_set_pins(lookup->outlook, rules, why);
}

void lookup_close(struct lookup *lookup)
{
	struct fault why;

	if (!lookup)
		return;
	loop_signal_free(lookup->interrupt);
	loop_signal_free(lookup->term);
	loop_timer_free(lookup->pause);
	if (outlook_close(lookup->outlook, &why) != RC_OK)
		warn(lookup, why.text);
	loop_free(lookup->loop);
	store_close(lookup->store);
	free(lookup);
}

/* ---- asking ---- */

struct round {
	struct lookup *lookup;
	const struct assurance **got;
	size_t count, answered, next_shown;
	lookup_shown *shown;
	void *arg;
	bool running; /* a stop before that would end the next round's run */
};

struct question {
	struct round *round;
	size_t index;
	struct assurance_get *get; /* NULL: answered */
};

static void on_answer(void *arg, const struct assurance *assurance)
{
	struct question *question = arg;
	struct round *round = question->round;

	question->get = NULL;
	round->got[question->index] = assurance_ref(assurance);
	round->answered++;
	while (round->next_shown < round->count && round->got[round->next_shown]) {
		if (round->shown)
			round->shown(round->arg, round->got[round->next_shown]);
		round->next_shown++;
	}
	if (round->running && round->answered == round->count)
		loop_stop(round->lookup->loop);
}

void lookup_ask(struct lookup *lookup, const char *const *destinations, size_t count,
		const struct assurance **got, lookup_shown *shown, void *arg)
{
	struct round round = { lookup, got, count, 0, 0, shown, arg, false };
	struct question *questions = calloc(count + 1, sizeof *questions);

	for (size_t i = 0; i < count; i++)
		got[i] = NULL;
	for (size_t i = 0; questions && i < count; i++) {
		size_t before = round.answered;

		questions[i] = (struct question){ &round, i, NULL };
		struct assurance_get *get =
			assurance_service_get(outlook_service(lookup->outlook), destinations[i],
					      on_answer, &questions[i]);
		questions[i].get = get;
		if (!get && round.answered == before)
			round.answered++; /* no memory, not even to say so */
	}
	round.running = questions && round.answered < count && !lookup->interrupted;
	if (round.running)
		loop_run(lookup->loop);
	for (size_t i = 0; questions && i < count; i++)
		assurance_service_cancel(questions[i].get);
	free(questions);
}

/* ---- asking again ---- */

void lookup_refresh(struct lookup *lookup, const char *destination)
{
	assurance_service_forget(outlook_service(lookup->outlook), destination, false);
}

static void on_signal(void *arg, int number)
{
	struct lookup *lookup = arg;

	(void)number;
	lookup->interrupted = true;
	loop_stop(lookup->loop);
}

static void on_pause_over(void *arg)
{
	struct lookup *lookup = arg;

	loop_stop(lookup->loop);
}

bool lookup_wait(struct lookup *lookup, int64_t ms)
{
	if (!lookup->pause) {
		lookup->pause = loop_timer_new(lookup->loop, on_pause_over, lookup);
		lookup->interrupt = loop_signal_new(lookup->loop, SIGINT, on_signal, lookup);
		lookup->term = loop_signal_new(lookup->loop, SIGTERM, on_signal, lookup);
	}
	if (!lookup->pause || !lookup->interrupt || !lookup->term)
		return false;
	if (!lookup->interrupted) {
		loop_timer_set(lookup->pause, ms);
		loop_run(lookup->loop);
	}
	return !lookup->interrupted;
}
