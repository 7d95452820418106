#include "assurance/advice.h"

#include "support/unit.h"

#include <stdio.h>

#define MX(base, ...)                                                                              \
	.mx =                                                                                      \
		(const struct assurance_mx[]){                                                     \
			{ .host = "mx.d.test", .tlsa_base = base, .why = "", __VA_ARGS__ }         \
		},                                                                                 \
	.mx_count = 1
#define SIGNED .lookup = ASSURANCE_SECURE, .address = ASSURANCE_SECURE
#define STS(m)                                                                                     \
	.sts = &(const struct assurance_sts)                                                       \
	{                                                                                          \
		.mode = m, .id = "7"                                                               \
	}
#define PROBE(...) .probe = { .done = true, __VA_ARGS__ }

/* By RFC 7672 §3.1.1 (3 1 1 is the form to publish), RFC 7671 §8.1, RFC 8461 §4.2, §5. */
static const struct {
	const char *sentence;
	struct assurance a;
	const char *says; /* NULL: nothing */
} rows[] = {
	{ "nothing is promised at all",
	  { .domain = "d.test", .level = ASSURANCE_NONE, MX("", .lookup = ASSURANCE_INSECURE) },
	  "Publish an MTA-STS policy for d.test" },
	{ "signed MX, no TLSA",
	  { .domain = "d.test",
	    .level = ASSURANCE_NONE,
	    MX("", SIGNED, .tlsa = ASSURANCE_ABSENT, .level = ASSURANCE_NONE) },
	  "Publish a TLSA record at _25._tcp.mx.d.test" },
	{ "signed MX, unsigned host",
	  { .domain = "d.test",
	    .level = ASSURANCE_NONE,
	    MX("", .lookup = ASSURANCE_SECURE, .address = ASSURANCE_INSECURE,
	       .tlsa = ASSURANCE_NOT_ASKED) },
	  "Sign the zone that mx.d.test stands in" },
	{ "no usable TLSA record",
	  { .domain = "d.test",
	    .level = ASSURANCE_ENCRYPTED,
	    MX("mx.d.test", SIGNED, .tlsa = ASSURANCE_SECURE) },
	  "publish one of the form 3 1 1" },
	{ "servers that fail at TLSA",
	  { .domain = "d.test",
	    .level = ASSURANCE_UNDETERMINED,
	    MX("", SIGNED, .tlsa = ASSURANCE_ERROR) },
	  "do not answer the question for TLSA" },
	{ "mode testing",
	  { .domain = "d.test",
	    .level = ASSURANCE_NONE,
	    MX("", .lookup = ASSURANCE_INSECURE, .sts_match = true),
	    STS("testing") },
	  "from testing to enforce" },
	{ "an MX that the policy does not name",
	  { .domain = "d.test",
	    .level = ASSURANCE_UNDETERMINED,
	    MX("", .lookup = ASSURANCE_INSECURE),
	    STS("enforce") },
	  "Add \"mx: mx.d.test\"" },
	{ "no STARTTLS when spoken to",
	  { .domain = "d.test",
	    .level = ASSURANCE_NONE,
	    MX("mx.d.test", SIGNED, PROBE(.tls = "", .why = "it offers none")) },
	  "did not offer STARTTLS" },
	{ "another key than its record names",
	  { .domain = "d.test",
	    .level = ASSURANCE_ENCRYPTED,
	    MX("mx.d.test", SIGNED, .tlsa = ASSURANCE_SECURE, .usable = 1,
	       PROBE(.starttls = true, .tls = "TLSv1.3", .why = "matches no TLSA record")) },
	  "RFC 7671 section 8.1" },
	{ "a certificate for another name",
	  { .domain = "d.test",
	    .level = ASSURANCE_ENCRYPTED,
	    MX("", .lookup = ASSURANCE_INSECURE, .sts_match = true,
	       PROBE(.starttls = true, .tls = "TLSv1.3", .why = "for another name")),
	    STS("enforce") },
	  "certificate for its own name" },
	{ "all is well",
	  { .domain = "d.test",
	    .level = ASSURANCE_AUTHENTICATED,
	    .by = ASSURANCE_BY_DANE,
	    MX("", SIGNED, .tlsa = ASSURANCE_SECURE, .usable = 1,
	       .level = ASSURANCE_AUTHENTICATED) },
	  NULL },
	{ "a null MX is meant so",
	  { .domain = "d.test", .level = ASSURANCE_UNROUTABLE, .by = ASSURANCE_BY_NULL_MX },
	  NULL },
	{ "nothing was found out",
	  { .domain = "d.test", .level = ASSURANCE_UNDETERMINED },
	  "all name servers of d.test answer" },
	{ "a policy in mode testing: nobody has asked whose the certificate is",
	  { .domain = "d.test",
	    .level = ASSURANCE_NONE,
	    MX("", .lookup = ASSURANCE_INSECURE, .sts_match = true,
	       PROBE(.starttls = true, .tls = "TLSv1.3", .why = "nobody says who it must be")),
	    STS("testing") },
	  "from testing to enforce" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(65536);
		const char *out[ASSURANCE_ADVICE_MAX];

		print_message("   %s\n", rows[i].sentence);
		size_t count = assurance_advise(&rows[i].a, arena, out);
		assert_int_equal(count > 0, rows[i].says != NULL);
		if (rows[i].says && !strstr(out[0], rows[i].says))
			fail_msg("%s", out[0]);
		arena_free(arena);
	}
}

static void test_many_hosts_of_one_fault_are_bounded(void **state)
{
	(void)state;
	struct assurance_mx mx[40];
	char hosts[40][16];
	struct arena *arena = arena_new(65536);
	const char *out[ASSURANCE_ADVICE_MAX];
	struct assurance a = {
		.domain = "d.test", .level = ASSURANCE_NONE, .mx = mx, .mx_count = 40
	};

	for (size_t i = 0; i < COUNT(mx); i++) {
		snprintf(hosts[i], sizeof hosts[i], "mx%zu.test", i);
		mx[i] = (struct assurance_mx){ .host = hosts[i],
					       SIGNED,
					       .tlsa = ASSURANCE_ABSENT,
					       .tlsa_base = "",
					       .why = "",
					       .probe = { .tls = "", .why = "" } };
	}
	assert_int_equal(assurance_advise(&a, arena, out), ASSURANCE_ADVICE_MAX);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_many_hosts_of_one_fault_are_bounded),
	};
	return cmocka_run_group_tests_name("assurance/advice", tests, NULL, NULL);
}
