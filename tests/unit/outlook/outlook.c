#include "outlook/outlook.h"

#include "loop/loop.h"
#include "metrics/metrics.h"

#include "support/unit.h"

/* A resolver that is not there: port 1 on loopback refuses. */
static const char settings_text[] =
	"resolver = { servers = [ \"127.0.0.1\" ]; port = 1; timeout_ms = 300; tries = 1; };\n";

static const char rules_text[] =
	"destinations = ( { domain = \"partner.example\"; assurance = \"authenticated\";\n"
	"  match = [ \"mx1.partner.example\" ]; why = \"contract 2026-14\"; } );\n";

struct seen {
	struct loop *loop;
	enum assurance_level level;
	enum assurance_by by;
	bool done, waiting;
};

static void done(void *arg, const struct assurance *a)
{
	struct seen *seen = arg;

	seen->level = a->level;
	seen->by = a->by;
	seen->done = true;
	if (seen->waiting)
		loop_stop(seen->loop);
}

static struct seen ask(struct loop *loop, struct outlook *o, const char *domain)
{
	struct seen seen = { .loop = loop };

	(void)assurance_service_get(outlook_service(o), domain, done, &seen);
	if (!seen.done) {
		seen.waiting = true;
		loop_run(loop);
	}
	assert_true(seen.done);
	return seen;
}

static void test_pins_hold_and_silence_is_undetermined(void **state)
{
	(void)state;
	struct fault why;
	const struct settings *settings;
	const struct rules *rules;
	struct outlook *o;
	struct loop *loop = loop_new(&why);

	assert_int_equal(settings_parse((struct slice){ settings_text, strlen(settings_text) }, "s",
					&settings, &why),
			 RC_OK);
	assert_int_equal(
		rules_parse((struct slice){ rules_text, strlen(rules_text) }, "r", &rules, &why),
		RC_OK);
	struct outlook_config config = { .settings = settings, .rules = rules };
	assert_int_equal(outlook_open(loop, &config, &o, &why), RC_OK);
	settings_unref(settings); /* as a reload does: it has its own */

	assert_int_equal(ask(loop, o, "stranger.example").level, ASSURANCE_UNDETERMINED);
	struct metrics *metrics = metrics_new();
	outlook_tell(o, metrics);
	assert_true(metrics_counted(metrics, METRICS_QUESTIONS, METRICS_QUESTION_SENT) > 0);
	assert_int_equal(metrics_counted(metrics, METRICS_QUESTIONS, METRICS_QUESTION_TCP), 0);
	metrics_free(metrics);
	struct seen pinned = ask(loop, o, "partner.example");
	assert_int_equal(pinned.level, ASSURANCE_AUTHENTICATED);
	assert_int_equal(pinned.by, ASSURANCE_BY_PIN);

	/* A reload without the pin: the operator's word no longer counts. */
	assert_int_equal(outlook_set_pins(o, NULL, &why), RC_OK);
	assert_int_equal(ask(loop, o, "partner.example").level, ASSURANCE_UNDETERMINED);

	assert_int_equal(outlook_close(o, &why), RC_OK);
	assert_int_equal(outlook_close(NULL, &why), RC_OK);
	loop_free(loop);
	rules_unref(rules);
}

static void resolver_says(void *arg, const char *complaints)
{
	struct seen *seen = arg;

	seen->done = true;
	assert_non_null(strstr(complaints, "resolver 127.0.0.1"));
	loop_stop(seen->loop);
}

static void test_resolvers_are_tested_when_somebody_listens(void **state)
{
	(void)state;
	struct fault why;
	const struct settings *settings;
	struct outlook *o;
	struct loop *loop = loop_new(&why);
	struct seen seen = { .loop = loop };

	assert_int_equal(settings_parse((struct slice){ settings_text, strlen(settings_text) }, "s",
					&settings, &why),
			 RC_OK);
	const struct outlook_config config = {
		.settings = settings,
		.resolver = resolver_says,
		.arg = &seen,
	};
	assert_int_equal(outlook_open(loop, &config, &o, &why), RC_OK);
	loop_run(loop);
	assert_true(seen.done);
	assert_int_equal(outlook_close(o, &why), RC_OK);

	/* Closed while a test is under way: nobody is told. */
	seen.done = false;
	assert_int_equal(outlook_open(loop, &config, &o, &why), RC_OK);
	assert_int_equal(outlook_close(o, &why), RC_OK);
	assert_false(seen.done);
	loop_free(loop);
	settings_unref(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pins_hold_and_silence_is_undetermined),
		cmocka_unit_test(test_resolvers_are_tested_when_somebody_listens),
	};
	return cmocka_run_group_tests_name("outlook/outlook", tests, NULL, NULL);
}
