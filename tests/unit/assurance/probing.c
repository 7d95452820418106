#include "assurance/probing.h"

#include "assurance/gather.h"
#include "support/script.h"
#include "support/unit.h"

#include <stdio.h>

#define DANE                                                                                       \
	"zone d.test secure\n"                                                                     \
	"d.test MX 10 mx.d.test\n"                                                                 \
	"mx.d.test A 192.0.2.1\n"                                                                  \
	"_25._tcp.mx.d.test TLSA 3 1 1 sha256\n"

struct world {
	struct script *script;
	struct assurance_sources sources;
	struct sts_cache *policies;
	struct assurance_peers *peers;
	struct assurance_probings *probings;
	struct assurance_destination destination;
	unsigned done;
};

static void on_done(void *arg, const struct assurance_destination *destination,
		    const struct assurance *shown)
{
	struct world *w = arg;

	assert_string_equal(destination->text, "d.test");
	assert_string_equal(shown->domain, "d.test");
	w->done++;
}

static void begin(struct world *w, const char *text)
{
	*w = (struct world){ .script = script_new(text),
			     .policies = sts_cache_new(NULL),
			     .peers = assurance_peers_new() };
	w->sources = script_sources(w->script);
	w->probings = assurance_probings_new(&w->sources, w->policies, w->peers, 90000, on_done, w);
	assert_int_equal(assurance_destination_parse(SLICE("d.test"), &w->destination, NULL),
			 RC_OK);
}

static void end(struct world *w)
{
	assurance_probings_free(w->probings);
	assert_int_equal(script_pending(w->script), 0);
	assurance_peers_free(w->peers);
	sts_cache_free(w->policies);
	script_free(w->script);
}

struct level {
	bool done;
	enum assurance_level level;
	char why[400];
};

static void on_level(void *arg, const struct assurance_gathered *gathered)
{
	struct level *out = arg;

	out->done = true;
	out->level = gathered->assurance->level;
	snprintf(out->why, sizeof out->why, "%s", gathered->assurance->reasons[0]);
}

/* As a message finds it: with what the peers have shown, and without a probe of its own. */
static struct level look(struct world *w)
{
	const struct assurance_gather_wish wish = { .destination = &w->destination,
						    .policies = w->policies,
						    .within_ms = 90000,
						    .peers = w->peers };
	struct level out = { 0 };

	assert_non_null(assurance_gather_start(&w->sources, &wish, on_level, &out));
	assert_true(script_run(w->script, 100000, &out.done));
	return out;
}

static const struct {
	const char *sentence, *probe;
	enum assurance_level before, after;
	const char *why;
} rows[] = {
	{ "a host that proves itself stays", "probe mx.d.test ok starttls authenticated TLSv1.3\n",
	  ASSURANCE_AUTHENTICATED, ASSURANCE_AUTHENTICATED, "usable TLSA record" },
	{ "one that offers REQUIRETLS rises",
	  "probe mx.d.test ok starttls authenticated requiretls TLSv1.3\n", ASSURANCE_AUTHENTICATED,
	  ASSURANCE_REQUIRETLS, "REQUIRETLS" },
	{ "one with another certificate falls, before mail waits for it",
	  "probe mx.d.test fails starttls TLSv1.3 : another certificate\n", ASSURANCE_AUTHENTICATED,
	  ASSURANCE_ENCRYPTED, "another certificate" },
	{ "one without STARTTLS falls to the ground", "probe mx.d.test fails : no STARTTLS\n",
	  ASSURANCE_AUTHENTICATED, ASSURANCE_NONE, "no STARTTLS" },
	{ "one that cannot be reached from here is as it was",
	  "probe mx.d.test unknown : refused\n", ASSURANCE_AUTHENTICATED, ASSURANCE_AUTHENTICATED,
	  "usable TLSA record" },
};

static void test_what_hosts_show_counts_from_then_on(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w;

		print_message("   %s\n", rows[i].sentence);
		begin(&w, DANE);
		script_say(w.script, rows[i].probe);
		assert_int_equal(look(&w).level, rows[i].before);
		assert_int_equal(script_asked(w.script, "probe-dane mx.d.test d.test"), 0);
		assurance_probing_start(w.probings, &w.destination, NULL);
		script_run(w.script, 100000, NULL);
		assert_int_equal(w.done, 1);
		struct level after = look(&w);
		assert_int_equal(after.level, rows[i].after);
		assert_non_null(strstr(after.why, rows[i].why));
		end(&w);
	}
}

static void test_not_again_for_each_message(void **state)
{
	(void)state;
	struct world w;

	begin(&w, DANE "probe mx.d.test ok starttls authenticated TLSv1.3\n");
	for (int i = 0; i < 5; i++) {
		assurance_probing_start(w.probings, &w.destination, NULL);
		script_run(w.script, 100000, NULL);
	}
	assert_int_equal(script_asked(w.script, "probe-dane mx.d.test"), 1);
	script_pass(w.script, ASSURANCE_PEER_REST_S); /* the domain is looked at, not the host */
	assurance_probing_start(w.probings, &w.destination, NULL);
	script_run(w.script, 100000, NULL);
	assert_int_equal(script_asked(w.script, "probe-dane mx.d.test"), 1);
	script_pass(w.script, ASSURANCE_PEER_GOOD_S / 2);
	assurance_probing_start(w.probings, &w.destination, NULL);
	script_run(w.script, 100000, NULL);
	assert_int_equal(script_asked(w.script, "probe-dane mx.d.test"), 2);
	end(&w);
}

static void test_other_tlsa_records_are_another_proof(void **state)
{
	(void)state;
	struct world w;

	begin(&w, DANE "probe mx.d.test fails starttls TLSv1.3 : another certificate\n");
	assurance_probing_start(w.probings, &w.destination, NULL);
	script_run(w.script, 100000, NULL);
	assert_int_equal(look(&w).level, ASSURANCE_ENCRYPTED);
	script_say(w.script, "_25._tcp.mx.d.test TLSA 3 1 1 sha256, 3 1 2 sha512\n");
	assert_int_equal(look(&w).level, ASSURANCE_AUTHENTICATED);
	end(&w);
}

static void test_ended_in_the_middle(void **state)
{
	(void)state;
	struct world w;

	begin(&w, "zone d.test secure\nd.test MX never\n");
	assurance_probing_start(w.probings, &w.destination, NULL);
	end(&w);
	assert_int_equal(w.done, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_hosts_show_counts_from_then_on),
		cmocka_unit_test(test_not_again_for_each_message),
		cmocka_unit_test(test_other_tlsa_records_are_another_proof),
		cmocka_unit_test(test_ended_in_the_middle),
	};
	return cmocka_run_group_tests_name("assurance/probing", tests, NULL, NULL);
}
