#include "dane/base.h"

#include "support/unit.h"

/* Answers are written as words; "" is not asked yet. */
enum { A, AAAA, CNAME, EXPANDED, ORIGINAL, ANSWERS };

#define S DANE_SEEN_SECURE
#define I DANE_SEEN_INSECURE
#define N DANE_SEEN_NOTHING
#define E DANE_SEEN_ERROR
#define X DANE_NOT_SEEN

static const struct row {
	const char *sentence;
	bool found_securely;
	const char *answers[ANSWERS];
	enum dane_next next;
	const char *ask;
	enum dane_outcome outcome;
	enum dane_seen address, tlsa;
	const char *base;
} rows[] = {
	{ "nothing is known: the addresses come first (RFC 7672 2.2.2)",
	  true,
	  { "", "", "", "", "" },
	  DANE_ASK_ADDRESSES,
	  "mx.test",
	  0,
	  X,
	  X,
	  "" },
	{ "both families are waited for",
	  true,
	  { "secure", "", "", "", "" },
	  DANE_ASK_ADDRESSES,
	  "mx.test",
	  0,
	  X,
	  X,
	  "" },
	{ "secure address: TLSA at the host",
	  true,
	  { "secure", "none", "", "", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  S,
	  X,
	  "" },
	{ "secure AAAA beside an unsigned denial of A",
	  true,
	  { "unsigned none", "secure", "", "", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  S,
	  X,
	  "" },
	{ "insecure address, no alias: no question about TLSA",
	  true,
	  { "insecure", "none", "", "", "" },
	  DANE_DONE,
	  "",
	  DANE_ABSENT,
	  I,
	  X,
	  "" },
	{ "insecure MX: no question about TLSA",
	  false,
	  { "secure", "none", "", "", "" },
	  DANE_DONE,
	  "",
	  DANE_ABSENT,
	  S,
	  X,
	  "" },
	{ "no address",
	  true,
	  { "none", "none", "", "", "" },
	  DANE_DONE,
	  "",
	  DANE_NO_ADDRESS,
	  N,
	  X,
	  "" },
	{ "no such host",
	  true,
	  { "nxdomain", "nxdomain", "", "", "" },
	  DANE_DONE,
	  "",
	  DANE_NO_ADDRESS,
	  N,
	  X,
	  "" },
	{ "one family fails, the other is not there",
	  true,
	  { "none", "failed", "", "", "" },
	  DANE_DONE,
	  "",
	  DANE_UNKNOWN,
	  E,
	  X,
	  "" },
	{ "one family fails, the other is secure",
	  true,
	  { "failed", "secure", "", "", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  S,
	  X,
	  "" },
	{ "secure alias: the expanded name first (RFC 7672 2.2.3)",
	  true,
	  { "secure alias", "none", "", "", "" },
	  DANE_ASK_EXPANDED,
	  "_25._tcp.host.test",
	  0,
	  S,
	  X,
	  "" },
	{ "found at the expanded name",
	  true,
	  { "secure alias", "none", "", "secure", "" },
	  DANE_DONE,
	  "",
	  DANE_BOUND,
	  S,
	  S,
	  "host.test" },
	{ "absent at the expanded name: the original",
	  true,
	  { "secure alias", "none", "", "nxdomain", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  S,
	  X,
	  "" },
	{ "unsigned at the expanded name: the original",
	  true,
	  { "secure alias", "none", "", "insecure", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  S,
	  X,
	  "" },
	{ "failed at the expanded name: stop",
	  true,
	  { "secure alias", "none", "", "failed", "" },
	  DANE_DONE,
	  "",
	  DANE_UNKNOWN,
	  S,
	  E,
	  "" },
	{ "found at the original after all",
	  true,
	  { "secure alias", "none", "", "none", "secure" },
	  DANE_DONE,
	  "",
	  DANE_BOUND,
	  S,
	  S,
	  "mx.test" },
	{ "nowhere",
	  true,
	  { "secure alias", "none", "", "none", "none" },
	  DANE_DONE,
	  "",
	  DANE_ABSENT,
	  S,
	  N,
	  "" },
	{ "only unsigned ones",
	  true,
	  { "secure alias", "none", "", "insecure", "none" },
	  DANE_DONE,
	  "",
	  DANE_ABSENT,
	  S,
	  I,
	  "" },
	{ "failed at the original (RFC 7672 2.1.2)",
	  true,
	  { "secure", "none", "", "", "failed" },
	  DANE_DONE,
	  "",
	  DANE_UNKNOWN,
	  S,
	  E,
	  "" },
	{ "insecure through an alias: is the alias itself signed? (RFC 7672 2.1.3)",
	  true,
	  { "insecure alias", "none", "", "", "" },
	  DANE_ASK_CNAME,
	  "mx.test",
	  0,
	  I,
	  X,
	  "" },
	{ "it is: the original name alone is asked",
	  true,
	  { "insecure alias", "none", "secure", "", "" },
	  DANE_ASK_ORIGINAL,
	  "_25._tcp.mx.test",
	  0,
	  I,
	  X,
	  "" },
	{ "it is, and TLSA is there",
	  true,
	  { "insecure alias", "none", "secure", "", "secure" },
	  DANE_DONE,
	  "",
	  DANE_BOUND,
	  I,
	  S,
	  "mx.test" },
	{ "it is not",
	  true,
	  { "insecure alias", "none", "insecure", "", "" },
	  DANE_DONE,
	  "",
	  DANE_ABSENT,
	  I,
	  X,
	  "" },
	{ "that cannot be found out",
	  true,
	  { "insecure alias", "none", "failed", "", "" },
	  DANE_DONE,
	  "",
	  DANE_UNKNOWN,
	  I,
	  X,
	  "" },
	{ "the alias was there and is gone",
	  true,
	  { "insecure alias", "none", "none", "", "" },
	  DANE_DONE,
	  "",
	  DANE_UNKNOWN,
	  I,
	  X,
	  "" },
};

static const struct dns_record one = { .cname = "host.test" };

static struct dns_answer make(const char *word, enum dns_type type)
{
	struct dns_answer a = { .asked = "mx.test", .type = type, .name = "mx.test", .why = "" };

	if (strstr(word, "none"))
		a.status = DNS_NODATA;
	else if (strstr(word, "nxdomain"))
		a.status = DNS_NXDOMAIN;
	else if (strstr(word, "failed"))
		a.status = DNS_FAILED;
	if (strncmp(word, "secure", 6) == 0 || strcmp(word, "none") == 0)
		a.trust = DNS_SECURE;
	if (strstr(word, "alias")) {
		a.aliased = true;
		a.name = "host.test";
	}
	if (a.status == DNS_FAILED)
		a.why = "SERVFAIL";
	a.count = a.status == DNS_FOUND;
	a.records = &one;
	return a;
}

static void test_steps(void **state)
{
	(void)state;
	static const enum dns_type types[ANSWERS] = { DNS_A, DNS_AAAA, DNS_CNAME, DNS_TLSA,
						      DNS_TLSA };

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		struct dns_answer made[ANSWERS];
		const struct dns_answer *given[ANSWERS];
		struct dane_step step;

		for (int n = 0; n < ANSWERS; n++) {
			made[n] = make(row->answers[n], types[n]);
			given[n] = *row->answers[n] ? &made[n] : NULL;
		}
		const struct dane_evidence evidence = {
			.host = "mx.test",
			.port = 25,
			.found_securely = row->found_securely,
			.a = given[A],
			.aaaa = given[AAAA],
			.cname = given[CNAME],
			.expanded = given[EXPANDED],
			.original = given[ORIGINAL],
		};
		print_message("   %s\n", row->sentence);
		dane_base_step(&evidence, &step);
		assert_int_equal(step.next, row->next);
		assert_string_equal(step.ask, row->ask);
		assert_int_equal(step.address, row->address);
		assert_int_equal(step.tlsa, row->tlsa);
		assert_string_equal(step.base, row->base);
		if (step.next != DANE_DONE)
			continue;
		assert_int_equal(step.outcome, row->outcome);
		assert_int_equal(step.bound != NULL, step.outcome == DANE_BOUND);
		assert_int_equal(*step.why.text == '\0', step.outcome == DANE_BOUND);
	}
}

static void test_name_too_long_for_tlsa(void **state)
{
	(void)state;
	char host[DNS_NAME_MAX];
	struct dns_answer address = make("secure", DNS_A);
	struct dane_step step;

	memset(host, 'a', sizeof host - 1);
	for (size_t i = 60; i < sizeof host - 1; i += 61)
		host[i] = '.';
	host[sizeof host - 1] = '\0';
	const struct dane_evidence evidence = {
		.host = host, .port = 25, .found_securely = true, .a = &address, .aaaa = &address
	};
	dane_base_step(&evidence, &step);
	assert_int_equal(step.next, DANE_DONE);
	assert_int_equal(step.outcome, DANE_ABSENT); /* such a name cannot exist */
}

static void test_port(void **state)
{
	(void)state;
	struct dns_answer address = make("secure", DNS_A);
	const struct dane_evidence evidence = { .host = "mx.test",
						.port = 65535,
						.found_securely = true,
						.a = &address,
						.aaaa = &address };
	struct dane_step step;

	dane_base_step(&evidence, &step);
	assert_string_equal(step.ask, "_65535._tcp.mx.test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_name_too_long_for_tlsa),
		cmocka_unit_test(test_port),
	};
	return cmocka_run_group_tests_name("dane/base", tests, NULL, NULL);
}
