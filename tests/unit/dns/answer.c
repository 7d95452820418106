#include "dns/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

static void everything_is_copied(void **state)
{
	char host[] = "mail.example", asked[] = "example", name[] = "other.example";
	struct dns_record records[] = {
		{ .mx = { 10, host } },
		{ .mx = { 0, "" } },
	};
	const struct dns_answer *a = dns_answer_make(&(struct dns_answer){ .asked = asked,
									   .type = DNS_MX,
									   .status = DNS_FOUND,
									   .trust = DNS_SECURE,
									   .aliased = true,
									   .name = name,
									   .ttl = 300,
									   .count = 2,
									   .records = records });

	(void)state;
	assert_non_null(a);
	memset(host, 'x', sizeof host - 1);
	memset(asked, 'x', sizeof asked - 1);
	memset(name, 'x', sizeof name - 1);
	memset(records, 0, sizeof records);
	assert_string_equal(a->asked, "example");
	assert_string_equal(a->name, "other.example");
	assert_string_equal(a->why, "");
	assert_int_equal(a->type, DNS_MX);
	assert_int_equal(a->status, DNS_FOUND);
	assert_int_equal(a->trust, DNS_SECURE);
	assert_true(a->aliased);
	assert_int_equal(a->ttl, 300);
	assert_int_equal(a->count, 2);
	assert_int_equal(a->records[0].mx.preference, 10);
	assert_string_equal(a->records[0].mx.host, "mail.example");
	assert_string_equal(a->records[1].mx.host, "");
	dns_answer_unref(a);
	dns_answer_unref(NULL);
}

static void each_type_brings_its_bytes(void **state)
{
	struct dns_record tlsa = { .tlsa = { 3, 1, 1, SLICE("\0\1\2") } };
	struct dns_record txt = { .txt = SLICE("v=STSv1; id=1;") };
	struct dns_record key = { .raw = SLICE("\1\1\3\10key") };
	struct dns_record cname = { .cname = "there.example" };
	struct dns_record v4 = { .address = { 2, { 192, 0, 2, 1 } } };
	const struct {
		enum dns_type type;
		struct dns_record *record;
		struct slice bytes;
	} rows[] = {
		{ DNS_TLSA, &tlsa, tlsa.tlsa.data },
		{ DNS_TXT, &txt, txt.txt },
		{ DNS_DNSKEY, &key, key.raw },
		{ DNS_CNAME, &cname, SLICE("there.example") },
		{ DNS_A, &v4, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct dns_answer *a =
			dns_answer_make(&(struct dns_answer){ .asked = "a.example",
							      .type = rows[i].type,
							      .status = DNS_FOUND,
							      .count = 1,
							      .records = rows[i].record });
		assert_non_null(a);
		const struct dns_record *r = a->records;
		struct slice got = { 0 };
		if (rows[i].type == DNS_TLSA)
			got = r->tlsa.data;
		else if (rows[i].type == DNS_TXT)
			got = r->txt;
		else if (rows[i].type == DNS_DNSKEY)
			got = r->raw;
		else if (rows[i].type == DNS_CNAME)
			got = (struct slice){ r->cname, strlen(r->cname) };
		else
			assert_memory_equal(r->address.bytes, "\300\0\2\1", 4);
		assert_int_equal(got.len, rows[i].bytes.len);
		if (got.len) {
			assert_ptr_not_equal(got.at, rows[i].bytes.at);
			assert_memory_equal(got.at, rows[i].bytes.at, got.len);
		}
		assert_string_equal(a->name, "a.example");
		dns_answer_unref(a);
	}
}

static void *ref_and_unref(void *arg)
{
	const struct dns_answer *a = arg;

	for (int i = 0; i < 10000; i++)
		dns_answer_unref(dns_answer_ref(a));
	dns_answer_unref(a);
	return NULL;
}

static void threads_share_an_answer(void **state)
{
	const struct dns_answer *a =
		dns_answer_make(&(struct dns_answer){ .asked = "a.example",
						      .type = DNS_A,
						      .status = DNS_FAILED,
						      .why = "SERVFAIL from 127.0.0.1" });
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ref_and_unref,
						(void *)(uintptr_t)dns_answer_ref(a)),
				 0);
	for (size_t i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_string_equal(a->why, "SERVFAIL from 127.0.0.1");
	dns_answer_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_copied),
		cmocka_unit_test(each_type_brings_its_bytes),
		cmocka_unit_test(threads_share_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
