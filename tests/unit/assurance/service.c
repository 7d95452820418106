#include "assurance/service.h"

#include "assurance/peers.h"
#include "assurance/pins.h"
#include "base/clock.h"
#include "loop/loop.h"
#include "sts/cache.h"
#include "support/famine.h"
#include "support/script.h"
#include "support/unit.h"

#include <pthread.h>
#include <stdio.h>

#define GOOD                                                                                       \
	"zone d.test secure\nd.test MX 10 mx.d.test\nmx.d.test A 192.0.2.1\n"                      \
	"_25._tcp.mx.d.test TLSA 3 1 1 sha256\n"
#define STS                                                                                        \
	"s.test MX 10 mx.s.test\nmx.s.test A 192.0.2.2\n_mta-sts.s.test TXT v=STSv1; id=7\n"       \
	"mta-sts.s.test A 192.0.2.80\n"                                                            \
	"https mta-sts.s.test version: STSv1\\nmode: enforce\\nmx: mx.s.test\\nmax_age: "          \
	"604800\\n\n"

struct world {
	struct script *script;
	struct sts_cache *policies;
	struct assurance_service *service;
};

static struct world begin(struct loop *loop, const char *text, size_t gather_max)
{
	static const char *const match[] = { "mail.pinned.test" };
	static const struct assurance_pin pin = { "pinned.test", ASSURANCE_AUTHENTICATED, 1, match,
						  "by word" };
	struct world w = { script_new(text), sts_cache_new(NULL), NULL };
	const struct assurance_service_config config = {
		.sources = script_sources(w.script),
		.policies = w.policies,
		.gather_max = gather_max,
		.pin_count = 1,
		.pins = &pin,
	};
	struct fault why;

	w.service = assurance_service_new(loop, &config, &why);
	assert_non_null(w.service);
	return w;
}

static void end(struct world *w)
{
	assurance_service_free(w->service);
	assert_int_equal(script_pending(w->script), 0);
	sts_cache_free(w->policies);
	script_free(w->script);
}

struct answer {
	unsigned count;
	enum assurance_level level;
	enum assurance_by by;
	char domain[300], reason[1000];
};

static void on_answer(void *arg, const struct assurance *a)
{
	struct answer *answer = arg;

	answer->count++;
	answer->level = a->level;
	answer->by = a->by;
	snprintf(answer->domain, sizeof answer->domain, "%s", a->domain);
	snprintf(answer->reason, sizeof answer->reason, "%s", a->reasons[0]);
}

static struct answer ask(struct world *w, const char *destination)
{
	struct answer answer = { 0 };

	assurance_service_get(w->service, destination, on_answer, &answer);
	for (int i = 0; i < 1000 && !answer.count; i++)
		script_run(w->script, 100, NULL);
	assert_int_equal(answer.count, 1);
	return answer;
}

static void test_found_out_once(void **state)
{
	(void)state;
	struct world w = begin(NULL, GOOD, 0);
	struct answer answers[3] = { 0 };

	assert_null(assurance_service_find(w.service, "d.test"));
	assert_non_null(assurance_service_get(w.service, "d.test", on_answer, &answers[0]));
	assert_non_null(assurance_service_get(w.service, "D.TEST.", on_answer, &answers[1]));
	struct assurance_get *third =
		assurance_service_get(w.service, "d.test", on_answer, &answers[2]);
	assurance_service_cancel(third);
	script_run(w.script, 1000, NULL);
	assert_int_equal(answers[0].count, 1);
	assert_int_equal(answers[1].count, 1);
	assert_int_equal(answers[2].count, 0);
	assert_int_equal(answers[0].level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(script_asked(w.script, "d.test MX"), 1);

	/* From memory, at once, until it has to be looked at again. */
	struct answer now = { 0 };
	assert_null(assurance_service_get(w.service, "d.test", on_answer, &now));
	assert_int_equal(now.count, 1);
	const struct assurance *found = assurance_service_find(w.service, "d.test");
	assert_int_equal(found->by, ASSURANCE_BY_DANE);
	assurance_unref(found);
	script_pass(w.script, 301);
	assert_null(assurance_service_find(w.service, "d.test"));
	(void)ask(&w, "d.test");
	assert_int_equal(script_asked(w.script, "d.test MX"), 2);
	end(&w);
}

static void test_what_needs_no_lookup(void **state)
{
	(void)state;
	static const struct {
		const char *destination, *domain;
		enum assurance_level level;
		enum assurance_by by;
		const char *reason;
	} rows[] = {
		{ "pinned.test", "pinned.test", ASSURANCE_AUTHENTICATED, ASSURANCE_BY_PIN,
		  "by word" },
		{ "[192.0.2.1]", "[192.0.2.1]", ASSURANCE_NONE, ASSURANCE_BY_NOTHING,
		  "is an address" },
		{ "a..b", "a..b", ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING, "" },
		{ "a\nOK dane-only", "a?OK dane-only", ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING,
		  "" },
		{ "", "", ASSURANCE_UNROUTABLE, ASSURANCE_BY_NOTHING, "" },
	};
	struct world w = begin(NULL, "", 0);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct answer answer = ask(&w, rows[i].destination);

		assert_string_equal(answer.domain, rows[i].domain);
		assert_int_equal(answer.level, rows[i].level);
		assert_int_equal(answer.by, rows[i].by);
		assert_non_null(strstr(answer.reason, rows[i].reason));
	}
	assert_int_equal(script_asked(w.script, ""), 0);
	end(&w);
}

static void test_denials_and_failures_are_remembered(void **state)
{
	(void)state;
	struct world w = begin(NULL, "f.test MX failed SERVFAIL\n", 0);

	assert_int_equal(ask(&w, "gone.test").level, ASSURANCE_UNROUTABLE);
	assert_int_equal(ask(&w, "gone.test").level, ASSURANCE_UNROUTABLE);
	assert_int_equal(script_asked(w.script, "gone.test MX"), 1);
	assert_int_equal(ask(&w, "f.test").level, ASSURANCE_UNDETERMINED);
	const struct assurance *failed = assurance_service_find(w.service, "f.test");
	assert_int_equal(failed->until, script_now_s(w.script) + 30);
	assurance_unref(failed);
	end(&w);
}

static void test_places_are_bounded(void **state)
{
	(void)state;
	struct world w = begin(NULL, "a.test MX 0 .\nb.test MX 0 .\nc.test MX 0 .\n", 1);
	struct answer answers[3] = { 0 };

	assurance_service_get(w.service, "a.test", on_answer, &answers[0]);
	assurance_service_get(w.service, "b.test", on_answer, &answers[1]);
	assurance_service_get(w.service, "c.test", on_answer, &answers[2]);
	assert_int_equal(script_asked(w.script, "b.test MX"), 0);
	script_run(w.script, 1000, NULL);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(answers[i].count, 1);
		assert_int_equal(answers[i].by, ASSURANCE_BY_NULL_MX);
	}
	end(&w);
}

static void test_policy_is_renewed_in_the_background(void **state)
{
	(void)state;
	struct world w = begin(NULL, STS, 0);

	assert_int_equal(ask(&w, "s.test").by, ASSURANCE_BY_STS);
	assert_int_equal(script_asked(w.script, "https mta-sts.s.test"), 1);
	script_pass(w.script, 86400);
	assert_int_equal(ask(&w, "s.test").by, ASSURANCE_BY_STS);
	script_run(w.script, 1000, NULL);
	assert_int_equal(script_asked(w.script, "https mta-sts.s.test"), 2);

	/* So a domain that is written to daily never loses its policy. */
	script_pass(w.script, 6 * 86400 + 1000);
	script_say(w.script, "https mta-sts.s.test fails a time-out\n");
	assert_int_equal(ask(&w, "s.test").by, ASSURANCE_BY_STS);
	end(&w);
}

/* What is cheap to learn again is evicted, a promise that was made to us is not. */
static void test_what_is_evicted_is_no_policy(void **state)
{
	(void)state;
	struct script *script = script_new(STS);
	struct sts_cache *policies = sts_cache_new(NULL);
	const struct assurance_service_config config = { .sources = script_sources(script),
							 .policies = policies,
							 .cache_max = 4 };
	struct fault why;
	struct world w = { script, policies, assurance_service_new(NULL, &config, &why) };
	char name[32];

	assert_int_equal(ask(&w, "s.test").by, ASSURANCE_BY_STS);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof name, "n%d.test", i);
		(void)ask(&w, name);
	}
	assert_int_equal(assurance_service_count(w.service), 4);
	assert_null(assurance_service_find(w.service, "s.test"));
	/* Whoever is on the way now hides the policy, and it holds all the same. */
	script_say(script, "_mta-sts.s.test TXT nxdomain\nhttps mta-sts.s.test fails blocked\n");
	struct answer answer = ask(&w, "s.test");
	assert_int_equal(answer.level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(answer.by, ASSURANCE_BY_STS);
	end(&w);
}

static void test_policy_beside_dane_is_learnt_all_the_same(void **state)
{
	(void)state;
	struct world w =
		begin(NULL,
		      GOOD "_mta-sts.d.test TXT v=STSv1; id=7\nmta-sts.d.test A 192.0.2.80\n"
			   "https mta-sts.d.test delay=900 version: STSv1\\nmode: enforce\\n"
			   "mx: mx.d.test\\nmax_age: 604800\\n\n",
		      0);
	struct answer answer = { 0 };

	assurance_service_get(w.service, "d.test", on_answer, &answer);
	script_run(w.script, 100, NULL);
	assert_int_equal(answer.by, ASSURANCE_BY_DANE); /* without waiting for it */
	script_run(w.script, 2000, NULL);
	assert_int_equal(sts_cache_find(w.policies, "d.test", script_now_s(w.script)).standing,
			 STS_LIVE);
	end(&w);
}

static void test_forget(void **state)
{
	(void)state;
	struct world w = begin(NULL, STS, 0);

	(void)ask(&w, "s.test");
	assurance_service_forget(w.service, "s.test", false);
	assert_null(assurance_service_find(w.service, "s.test"));
	assert_int_equal(sts_cache_count(w.policies), 1);
	assurance_service_forget(w.service, "s.test", true);
	assert_int_equal(sts_cache_count(w.policies), 0);
	end(&w);
}

static void test_set_pins(void **state)
{
	(void)state;
	struct world w = begin(NULL, GOOD, 0);
	const struct assurance_pin bad = { "a b", ASSURANCE_AUTHENTICATED, 0, NULL, "" };
	const struct assurance_pin other = { "d.test", ASSURANCE_AUTHENTICATED, 0, NULL, "" };
	struct fault why;

	assert_int_equal(ask(&w, "d.test").by, ASSURANCE_BY_DANE);
	assert_int_equal(assurance_service_set_pins(w.service, &bad, 1, &why), RC_INVALID);
	assert_int_equal(ask(&w, "pinned.test").by, ASSURANCE_BY_PIN);
	assert_int_equal(assurance_service_set_pins(w.service, &other, 1, &why), RC_OK);
	assert_int_equal(ask(&w, "d.test").by, ASSURANCE_BY_PIN);
	assert_int_equal(ask(&w, "pinned.test").level, ASSURANCE_UNROUTABLE);
	end(&w);
}

struct alarms {
	unsigned count;
	char words[400];
};

static void on_alarm(void *arg, const char *words)
{
	struct alarms *alarms = arg;

	alarms->count++;
	snprintf(alarms->words, sizeof alarms->words, "%s", words);
}

/* Mail has to be protected there: the hosts are spoken to, and bear another key. */
static void test_a_pin_that_is_not_kept(void **state)
{
	(void)state;
	static const char *const keys[] = {
		"3f2a00ff1122334455667788990011223344556677889900aabbccddeeff0011"
	};
	const struct assurance_pin pin = { ".pinned.test", ASSURANCE_AUTHENTICATED, .key_count = 1,
					   .keys = keys };
	struct world w = { script_new(
				   "a.pinned.test MX 10 mx.pinned.test\n"
				   "mx.pinned.test A 192.0.2.1\n"
				   "probe mx.pinned.test fails starttls TLSv1.3 : another key\n"),
			   sts_cache_new(NULL), NULL };
	struct alarms alarms = { 0 };
	const struct assurance_service_config config = { .sources = script_sources(w.script),
							 .policies = w.policies,
							 .pin_count = 1,
							 .pins = &pin,
							 .alarm = on_alarm,
							 .alarm_arg = &alarms };
	struct fault why;

	w.service = assurance_service_new(NULL, &config, &why);
	assert_int_equal(ask(&w, "a.pinned.test").level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(script_asked(w.script, ""), 0); /* the operator's word needs no lookup */

	assurance_service_probe(w.service, "a.pinned.test");
	script_run(w.script, 60000, NULL);
	assert_int_equal(script_asked(w.script, "probe-pin mx.pinned.test"), 1);
	assert_int_equal(alarms.count, 1);
	assert_string_equal(alarms.words,
			    "the pin of a.pinned.test is not kept: mx.pinned.test does not keep "
			    "what the operator vouches for: another key");
	assert_int_equal(ask(&w, "A.Pinned.test").level, ASSURANCE_ENCRYPTED);
	assert_int_equal(ask(&w, "b.pinned.test").level, ASSURANCE_AUTHENTICATED);

	/* Mended, and looked at again once a bad probe no longer counts. */
	script_say(w.script, "probe mx.pinned.test ok starttls authenticated TLSv1.3\n");
	script_pass(w.script, ASSURANCE_PEER_BAD_S);
	assurance_service_probe(w.service, "a.pinned.test");
	script_run(w.script, 60000, NULL);
	assert_int_equal(script_asked(w.script, "probe-pin mx.pinned.test"), 2);
	assert_int_equal(ask(&w, "a.pinned.test").level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(alarms.count, 1);
	end(&w);
}

/* What was found of pinned hosts goes with the pin. */
static void test_other_pins_end_doubt(void **state)
{
	(void)state;
	const struct assurance_pin pin = { "d.test", ASSURANCE_AUTHENTICATED, 0, NULL, "" };
	struct world w =
		begin(NULL, GOOD "probe mx.d.test fails : it does not offer STARTTLS\n", 0);
	struct fault why;

	assert_int_equal(assurance_service_set_pins(w.service, &pin, 1, &why), RC_OK);
	assurance_service_probe(w.service, "d.test");
	script_run(w.script, 60000, NULL);
	assert_int_equal(ask(&w, "d.test").level, ASSURANCE_NONE);
	assert_int_equal(assurance_service_set_pins(w.service, NULL, 0, &why), RC_OK);
	assert_int_equal(ask(&w, "d.test").by, ASSURANCE_BY_DANE);
	end(&w);
}

/* What its hosts showed is asked again. */
static void test_forget_what_hosts_showed(void **state)
{
	(void)state;
	struct world w =
		begin(NULL, GOOD "probe mx.d.test fails : it does not offer STARTTLS\n", 0);

	for (unsigned times = 1; times <= 2; times++) {
		assurance_service_probe(w.service, "d.test");
		script_run(w.script, 60000, NULL);
		assurance_service_probe(w.service, "d.test"); /* it rests */
		script_run(w.script, 1000, NULL);
		assert_int_equal(script_asked(w.script, "probe-dane mx.d.test"), times);
		assert_int_equal(ask(&w, "d.test").level, ASSURANCE_NONE);
		assurance_service_forget(w.service, "d.test", false);
		assert_int_equal(ask(&w, "d.test").level, ASSURANCE_AUTHENTICATED);
	}
	end(&w);
}

/* As a client of the policy server does: when one of its answers ends the connection,
 * it cancels what else it asked, while the service goes through those that wait. */
struct client {
	struct world *world;
	struct assurance_get *gets[5];
	unsigned answers, anew, leaves_at;
};

struct question {
	struct client *client;
	size_t at;
};

static void on_anew(void *arg, const struct assurance *a)
{
	((struct client *)arg)->anew += a->level == ASSURANCE_UNROUTABLE;
}

static void on_answer_to_client(void *arg, const struct assurance *a)
{
	const struct question *q = arg;
	struct client *c = q->client;

	assert_int_equal(a->level, ASSURANCE_UNROUTABLE);
	c->gets[q->at] = NULL;
	if (++c->answers != c->leaves_at)
		return;
	for (size_t i = 0; i < COUNT(c->gets); i++) {
		assurance_service_cancel(c->gets[i]);
		c->gets[i] = NULL;
	}
	assurance_service_forget(c->world->service, "a.test", false);
	assert_non_null(assurance_service_get(c->world->service, "a.test", on_anew, c));
	assert_non_null(assurance_service_get(c->world->service, "c.test", on_anew, c));
}

static void test_cancelled_while_told(void **state)
{
	(void)state;
	static const char *const asked[] = { "a.test", "a.test", "a.test", "b.test", "b.test" };

	for (unsigned leaves_at = 1; leaves_at <= COUNT(asked); leaves_at++) {
		struct world w = begin(NULL, "a.test MX 0 .\nb.test MX 0 .\nc.test MX 0 .\n", 1);
		struct client c = { .world = &w, .leaves_at = leaves_at };
		struct question questions[COUNT(asked)];

		for (size_t i = 0; i < COUNT(asked); i++) {
			questions[i] = (struct question){ &c, i };
			c.gets[i] = assurance_service_get(w.service, asked[i], on_answer_to_client,
							  &questions[i]);
			assert_non_null(c.gets[i]);
		}
		script_run(w.script, 1000, NULL);
		assert_int_equal(c.answers, leaves_at);
		assert_int_equal(c.anew, 2);
		end(&w);
	}
}

/* Whichever allocation fails, whoever holds a get is told, once, and never more than
 * is true. b.test waits for the place that d.test has. */
static void test_memory_runs_out(void **state)
{
	(void)state;
	static const char *const asked[] = { "d.test", "d.test", "b.test" };
	unsigned undetermined = 0;
	bool struck = true;

	for (int n = 1; struck; n++) {
		struct world w = begin(NULL, GOOD "b.test MX 0 .\n", 1);
		struct answer answers[COUNT(asked)] = { 0 };
		struct assurance_get *gets[COUNT(asked)];

		famine_begin(n);
		for (size_t i = 0; i < COUNT(asked); i++)
			gets[i] =
				assurance_service_get(w.service, asked[i], on_answer, &answers[i]);
		script_run(w.script, 1000, NULL);
		struck = famine_end();
		script_run(w.script, 100000, NULL);
		for (size_t i = 0; i < COUNT(asked); i++) {
			assert_int_equal(answers[i].count, gets[i] ? 1 : 0);
			if (!gets[i])
				continue;
			assert_string_equal(answers[i].domain, asked[i]);
			undetermined += answers[i].level == ASSURANCE_UNDETERMINED;
			if (answers[i].level != ASSURANCE_UNDETERMINED)
				assert_int_equal(answers[i].level, i < 2 ? ASSURANCE_AUTHENTICATED
									 : ASSURANCE_UNROUTABLE);
		}
		end(&w);
	}
	assert_true(undetermined > 0);
}

static void test_freed_while_busy(void **state)
{
	(void)state;
	struct world w = begin(NULL, "a.test MX never\nb.test MX never\n", 1);
	struct answer answer = { 0 };

	assurance_service_get(w.service, "a.test", on_answer, &answer);
	assurance_service_get(w.service, "a.test", on_answer, &answer);
	assurance_service_get(w.service, "b.test", on_answer, &answer);
	end(&w);
	assert_int_equal(answer.count, 0);
}

/* ---- tickets: a loop in a thread of its own, its script played by a timer ---- */

struct stage {
	struct loop *loop;
	struct world world;
	struct loop_timer *clock;
	pthread_t thread;
};

static void tick(void *arg)
{
	struct stage *stage = arg;

	script_run(stage->world.script, 1, NULL);
	loop_timer_set(stage->clock, 1);
}

static void *play(void *arg)
{
	loop_run(((struct stage *)arg)->loop);
	return NULL;
}

static void raise_stage(struct stage *stage, const char *text)
{
	struct fault why;

	stage->loop = loop_new(&why);
	assert_non_null(stage->loop);
	stage->world = begin(stage->loop, text, 0);
	stage->clock = loop_timer_new(stage->loop, tick, stage);
	loop_timer_set(stage->clock, 1);
	assert_int_equal(pthread_create(&stage->thread, NULL, play, stage), 0);
}

static void close_service(void *arg)
{
	struct stage *stage = arg;

	loop_timer_free(stage->clock);
	end(&stage->world);
	loop_stop(stage->loop);
}

static void strike_stage(struct stage *stage)
{
	assert_int_equal(loop_post(stage->loop, close_service, stage), RC_OK);
	pthread_join(stage->thread, NULL);
	loop_free(stage->loop);
}

static void *session(void *arg)
{
	struct stage *stage = arg;

	for (int i = 0; i < 50; i++) {
		struct assurance_ticket *ticket =
			assurance_ticket_open(stage->world.service, i % 2 ? "d.test" : "gone.test");
		const struct assurance *a = assurance_ticket_wait(ticket, clock_mono_ms() + 30000);

		assert_int_equal(a->level, i % 2 ? ASSURANCE_AUTHENTICATED : ASSURANCE_UNROUTABLE);
		assurance_unref(a);
		assurance_ticket_drop(ticket);
	}
	return NULL;
}

static void test_tickets(void **state)
{
	(void)state;
	struct stage stage;
	pthread_t threads[4];

	raise_stage(&stage, GOOD);
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, session, &stage), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	strike_stage(&stage);
}

static void test_ticket_times_out_and_detaches(void **state)
{
	(void)state;
	struct stage stage;

	raise_stage(&stage, "slow.test MX never\n" GOOD);
	struct assurance_ticket *ticket = assurance_ticket_open(stage.world.service, "slow.test");
	const struct assurance *a = assurance_ticket_wait(ticket, clock_mono_ms() + 50);
	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_string_equal(a->domain, "slow.test");
	assurance_unref(a);
	assurance_ticket_drop(ticket); /* the gathering goes on without it */

	struct assurance_ticket *left = assurance_ticket_open(stage.world.service, "slow.test");
	ticket = assurance_ticket_open(stage.world.service, "d.test");
	a = assurance_ticket_wait(ticket, clock_mono_ms() + 30000);
	assert_int_equal(a->level, ASSURANCE_AUTHENTICATED);
	assurance_unref(a);
	assurance_ticket_drop(ticket);
	strike_stage(&stage);

	a = assurance_ticket_wait(left, clock_mono_ms() + 30000); /* told when the service ended */
	assert_int_equal(a->level, ASSURANCE_UNDETERMINED);
	assert_non_null(strstr(a->reasons[0], "stopping"));
	assurance_unref(a);
	assurance_ticket_drop(left);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_out_once),
		cmocka_unit_test(test_what_needs_no_lookup),
		cmocka_unit_test(test_denials_and_failures_are_remembered),
		cmocka_unit_test(test_places_are_bounded),
		cmocka_unit_test(test_policy_is_renewed_in_the_background),
		cmocka_unit_test(test_what_is_evicted_is_no_policy),
		cmocka_unit_test(test_policy_beside_dane_is_learnt_all_the_same),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_forget_what_hosts_showed),
		cmocka_unit_test(test_set_pins),
		cmocka_unit_test(test_a_pin_that_is_not_kept),
		cmocka_unit_test(test_other_pins_end_doubt),
		cmocka_unit_test(test_cancelled_while_told),
		cmocka_unit_test(test_memory_runs_out),
		cmocka_unit_test(test_freed_while_busy),
		cmocka_unit_test(test_tickets),
		cmocka_unit_test(test_ticket_times_out_and_detaches),
	};
	return cmocka_run_group_tests_name("assurance/service", tests, NULL, NULL);
}
