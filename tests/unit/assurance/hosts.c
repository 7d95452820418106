#include "assurance/hosts.h"

#include "support/unit.h"

#include "support/mx_answer.h"

#include <stdio.h>

static void test_hosts_are_sorted_and_listed_once(void **state)
{
	(void)state;
	static const struct dns_record records[] = {
		{ .mx = { 30, "c.test" } }, { .mx = { 10, "b.test" } }, { .mx = { 0, "" } },
		{ .mx = { 20, "b.test" } }, { .mx = { 10, "a.test" } },
	};
	const struct assurance_destination d = destination("d.test");
	const struct dns_answer mx = mx_answer(records, 5);
	struct assurance_host hosts[ASSURANCE_HOSTS_MAX];

	assert_int_equal(assurance_hosts(&d, &mx, hosts), 3);
	assert_string_equal(hosts[0].host, "a.test");
	assert_string_equal(hosts[1].host, "b.test");
	assert_int_equal(hosts[1].preference, 10);
	assert_string_equal(hosts[2].host, "c.test");
}

static void test_hosts_are_bounded(void **state)
{
	(void)state;
	static char names[ASSURANCE_HOSTS_MAX + 9][16];
	static struct dns_record records[ASSURANCE_HOSTS_MAX + 9];
	const struct assurance_destination d = destination("d.test");
	struct assurance_host hosts[ASSURANCE_HOSTS_MAX];

	for (size_t i = 0; i < COUNT(records); i++) {
		snprintf(names[i], sizeof names[i], "m%zu.test", i);
		records[i].mx.host = names[i];
		records[i].mx.preference = (uint16_t)(COUNT(records) - i);
	}
	const struct dns_answer mx = mx_answer(records, COUNT(records));
	assert_int_equal(assurance_hosts(&d, &mx, hosts), ASSURANCE_HOSTS_MAX);
	assert_int_equal(hosts[0].preference, 1);
}

static void test_hosts_of_others(void **state)
{
	(void)state;
	static const struct dns_record root = { .mx = { 10, "" } };
	const struct assurance_destination domain = destination("d.test");
	const struct assurance_destination relay = destination("[r.test]:587");
	struct dns_answer mx = mx_answer(NULL, 0);
	struct assurance_host hosts[ASSURANCE_HOSTS_MAX];

	assert_int_equal(assurance_hosts(&domain, &mx, hosts), 1);
	assert_string_equal(hosts[0].host, "d.test");
	assert_int_equal(assurance_hosts(&relay, NULL, hosts), 1);
	assert_string_equal(hosts[0].host, "r.test");
	mx.status = DNS_NXDOMAIN;
	assert_int_equal(assurance_hosts(&domain, &mx, hosts), 0);
	mx.status = DNS_FAILED;
	assert_int_equal(assurance_hosts(&domain, &mx, hosts), 0);
	assert_int_equal(assurance_hosts(&domain, NULL, hosts), 0);
	mx = mx_answer(&root, 1);
	assert_int_equal(assurance_hosts(&domain, &mx, hosts), 0);
}

/* RFC 7672 §3.2.2: whom a certificate may name where DANE-TA proves a host. */
static void test_reference_names(void **state)
{
	(void)state;
	static const struct {
		const char *sentence, *destination, *expanded, *base;
		size_t count;
		const char *names[ASSURANCE_PROBE_NAMES_MAX];
	} rows[] = {
		{ "the TLSA base domain and the next-hop domain",
		  "d.test",
		  NULL,
		  "mx.d.test",
		  2,
		  { "mx.d.test", "d.test" } },
		{ "and that domain with its CNAMEs followed",
		  "d.test",
		  "real.test",
		  "mx.d.test",
		  3,
		  { "mx.d.test", "d.test", "real.test" } },
		{ "a domain that is its own host bears one name",
		  "d.test",
		  NULL,
		  "d.test",
		  1,
		  { "d.test" } },
		{ "a host that its CNAMEs lead to",
		  "d.test",
		  "real.test",
		  "real.test",
		  2,
		  { "real.test", "d.test" } },
		{ "a relay by name", "[relay.test]:587", NULL, "relay.test", 1, { "relay.test" } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct assurance_destination d = destination(rows[i].destination);
		struct dns_answer mx = mx_answer(NULL, 0);
		const char *names[ASSURANCE_PROBE_NAMES_MAX];

		print_message("   %s\n", rows[i].sentence);
		mx.aliased = rows[i].expanded != NULL;
		mx.name = rows[i].expanded ? rows[i].expanded : "d.test";
		size_t count =
			assurance_reference_names(&d, d.host ? NULL : &mx, rows[i].base, names);
		assert_int_equal(count, rows[i].count);
		for (size_t n = 0; n < count; n++)
			assert_string_equal(names[n], rows[i].names[n]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts_are_sorted_and_listed_once),
		cmocka_unit_test(test_hosts_are_bounded),
		cmocka_unit_test(test_hosts_of_others),
		cmocka_unit_test(test_reference_names),
	};
	return cmocka_run_group_tests_name("assurance/hosts", tests, NULL, NULL);
}
