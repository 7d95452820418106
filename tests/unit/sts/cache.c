#include "sts/cache.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { NOW = 1800000000, DAY = 86400 };

#define ENFORCE "version: STSv1\nmode: enforce\nmx: mx.d.test\nmax_age: 604800\n"
#define TESTING "version: STSv1\nmode: testing\nmx: mx.d.test\nmax_age: 604800\n"

static const struct sts_record id7 = { "7" }, id8 = { "8" };

struct shelf { /* a store of one record */
	struct buf record;
	int64_t until_s;
	unsigned saved, removed;
};

static void save(void *arg, const char *domain, struct slice record, int64_t until_s)
{
	struct shelf *shelf = arg;

	assert_string_equal(domain, "d.test");
	buf_clear(&shelf->record);
	assert_int_equal(buf_add_slice(&shelf->record, record), RC_OK);
	shelf->until_s = until_s;
	shelf->saved++;
}

static void forget(void *arg, const char *domain)
{
	struct shelf *shelf = arg;

	assert_string_equal(domain, "d.test");
	shelf->removed++;
}

static struct sts_cache *with(const char *text)
{
	struct sts_cache *cache = sts_cache_new(NULL);

	assert_int_equal(sts_cache_keep(cache, "d.test", "7", (struct slice){ text, strlen(text) },
					NOW, NULL),
			 RC_OK);
	return cache;
}

static const struct {
	const char *sentence, *text;
	int64_t after_s;
	enum sts_standing standing;
} lives[] = {
	{ "just fetched", ENFORCE, 0, STS_LIVE },
	{ "one second left", ENFORCE, 7 * DAY - 1, STS_LIVE },
	{ "ran out: lost", ENFORCE, 7 * DAY, STS_LOST },
	{ "lost for 30 days", ENFORCE, 37 * DAY - 1, STS_LOST },
	{ "and no longer", ENFORCE, 37 * DAY, STS_UNKNOWN },
	{ "testing ran out: nothing was promised", TESTING, 7 * DAY, STS_UNKNOWN },
	{ "a clock set back", ENFORCE, -DAY, STS_LIVE },
};

static void test_standing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lives); i++) {
		struct sts_cache *cache = with(lives[i].text);
		struct sts_known known = sts_cache_find(cache, "d.test", NOW + lives[i].after_s);

		print_message("   %s\n", lives[i].sentence);
		assert_int_equal(known.standing, lives[i].standing);
		assert_int_equal(known.stored != NULL, lives[i].standing != STS_UNKNOWN);
		sts_cache_free(cache);
	}
}

static const struct {
	const char *sentence, *text;
	int64_t after_s;
	const struct sts_record *announced;
	enum sts_need need;
} needs[] = {
	{ "nothing announced, nothing known", NULL, 0, NULL, STS_NEED_NOTHING },
	{ "announced, nothing known", NULL, 0, &id7, STS_NEED_FETCH },
	{ "known and fresh", ENFORCE, 60, &id7, STS_NEED_NOTHING },
	{ "known and fresh, the record is gone", ENFORCE, 60, NULL, STS_NEED_NOTHING },
	{ "another id", ENFORCE, 60, &id8, STS_NEED_FETCH },
	{ "a day old", ENFORCE, DAY, &id7, STS_NEED_REFRESH },
	{ "a day old, the record is gone (RFC 8461 10.2)", ENFORCE, DAY, NULL, STS_NEED_REFRESH },
	{ "lost, the record is gone", ENFORCE, 8 * DAY, NULL, STS_NEED_FETCH },
	{ "lost, announced", ENFORCE, 8 * DAY, &id7, STS_NEED_FETCH },
	{ "testing ran out, the record is gone", TESTING, 8 * DAY, NULL, STS_NEED_NOTHING },
	{ "a clock set back", ENFORCE, -DAY, &id7, STS_NEED_REFRESH },
};

static void test_need(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(needs); i++) {
		struct sts_cache *cache = needs[i].text ? with(needs[i].text) : sts_cache_new(NULL);

		print_message("   %s\n", needs[i].sentence);
		assert_int_equal(
			sts_cache_need(cache, "d.test", needs[i].announced, NOW + needs[i].after_s),
			needs[i].need);
		sts_cache_free(cache);
	}
}

/* Seen in others: what failed asked again for every message (RFC 8461 §3.3). */
static void test_failure_rests(void **state)
{
	(void)state;
	struct sts_cache *cache = sts_cache_new(NULL);

	sts_cache_failed(cache, "d.test", "7", "a time-out", NOW);
	assert_string_equal(sts_cache_find(cache, "d.test", NOW).failure, "a time-out");
	assert_int_equal(sts_cache_find(cache, "d.test", NOW).standing, STS_UNKNOWN);
	assert_int_equal(sts_cache_count(cache), 0);
	assert_int_equal(sts_cache_need(cache, "d.test", &id7, NOW + 299), STS_NEED_NOTHING);
	assert_int_equal(sts_cache_need(cache, "d.test", &id7, NOW + 300), STS_NEED_FETCH);
	assert_int_equal(sts_cache_need(cache, "d.test", &id7, NOW - 1), STS_NEED_FETCH);
	assert_int_equal(sts_cache_need(cache, "d.test", &id8, NOW + 1), STS_NEED_FETCH);

	assert_int_equal(sts_cache_keep(cache, "d.test", "8", SLICE(ENFORCE), NOW + 2, NULL),
			 RC_OK);
	assert_string_equal(sts_cache_find(cache, "d.test", NOW + 2).failure, "");
	assert_int_equal(sts_cache_count(cache), 1);
	sts_cache_free(cache);
}

static void test_failures_are_bounded(void **state)
{
	(void)state;
	struct sts_cache *cache = sts_cache_new(NULL);
	char name[32];

	for (int i = 0; i <= STS_FAILURES_MAX; i++) {
		snprintf(name, sizeof name, "d%d.test", i);
		sts_cache_failed(cache, name, "7", "no", NOW);
	}
	assert_string_equal(sts_cache_find(cache, name, NOW).failure, "");
	sts_cache_failed(cache, name, "7", "no", NOW + STS_BACKOFF_S); /* the others have rested */
	assert_string_equal(sts_cache_find(cache, name, NOW + STS_BACKOFF_S).failure, "no");
	sts_cache_free(cache);
}

/* Full of promises that hold: what comes new is not remembered, what is there stays. */
static void test_no_live_policy_is_given_up_for_another(void **state)
{
	(void)state;
	struct sts_cache *cache = sts_cache_new(NULL);
	struct fault why;
	char name[32];

	for (int i = 0; i < STS_CACHE_MAX; i++) {
		snprintf(name, sizeof name, "d%d.test", i);
		assert_int_equal(sts_cache_keep(cache, name, "7", SLICE(ENFORCE), NOW, NULL),
				 RC_OK);
	}
	assert_int_not_equal(sts_cache_keep(cache, "one.more", "7", SLICE(ENFORCE), NOW, &why),
			     RC_OK);
	assert_int_equal(sts_cache_find(cache, "one.more", NOW).standing, STS_UNKNOWN);
	assert_int_equal(sts_cache_find(cache, "d0.test", NOW).standing, STS_LIVE);
	assert_int_equal(sts_cache_find(cache, name, NOW).standing, STS_LIVE);
	/* Lost ones are not given up either, until they mean nothing any more. */
	assert_int_not_equal(
		sts_cache_keep(cache, "one.more", "7", SLICE(ENFORCE), NOW + 8 * DAY, &why), RC_OK);
	assert_int_equal(sts_cache_find(cache, "d0.test", NOW + 8 * DAY).standing, STS_LOST);
	assert_int_equal(
		sts_cache_keep(cache, "one.more", "7", SLICE(ENFORCE), NOW + 40 * DAY, NULL),
		RC_OK);
	assert_int_equal(sts_cache_count(cache), 1);
	sts_cache_free(cache);
}

static void test_bad_policy_changes_nothing(void **state)
{
	(void)state;
	struct sts_cache *cache = with(ENFORCE);
	struct fault why;

	assert_int_equal(sts_cache_keep(cache, "d.test", "8", SLICE("<html>"), NOW + 5, &why),
			 RC_INVALID);
	assert_true(*why.text);
	struct sts_known known = sts_cache_find(cache, "d.test", NOW + 5);
	assert_int_equal(known.standing, STS_LIVE);
	assert_string_equal(known.stored->id, "7");
	sts_cache_free(cache);
}

static void test_restart(void **state)
{
	(void)state;
	struct shelf shelf = { .record = BUF_INIT(STS_STORED_MAX) };
	const struct sts_cache_store store = { &shelf, save, forget };
	struct sts_cache *cache = sts_cache_new(&store);
	struct fault why = { 0 };

	assert_int_equal(sts_cache_keep(cache, "d.test", "7", SLICE(ENFORCE), NOW, &why), RC_OK);
	assert_int_equal(shelf.saved, 1);
	assert_int_equal(shelf.until_s, NOW + 604800 + STS_LOST_S);
	sts_cache_free(cache);

	cache = sts_cache_new(&store);
	assert_int_equal(sts_cache_load(cache, SLICE("d.test"), buf_slice(&shelf.record), &why),
			 RC_OK);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW + 1).standing, STS_LIVE);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW + 8 * DAY).standing, STS_LOST);
	assert_int_equal(sts_cache_need(cache, "d.test", &id7, NOW + 1), STS_NEED_NOTHING);
	sts_cache_forget(cache, "d.test");
	assert_int_equal(shelf.removed, 1);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW + 1).standing, STS_UNKNOWN);
	assert_int_equal(sts_cache_count(cache), 0);
	sts_cache_free(cache);
	buf_free(&shelf.record);
}

static void test_damaged_record_fails_closed(void **state)
{
	(void)state;
	struct shelf shelf = { .record = BUF_INIT(STS_STORED_MAX) };
	const struct sts_cache_store store = { &shelf, save, forget };
	struct sts_cache *cache = sts_cache_new(&store);
	struct fault why = { 0 };

	assert_int_equal(sts_cache_keep(cache, "d.test", "7", SLICE(ENFORCE), NOW, &why), RC_OK);
	sts_cache_free(cache);
	shelf.record.at[shelf.record.len / 2] ^= 4;

	cache = sts_cache_new(&store);
	assert_int_equal(sts_cache_load(cache, SLICE("d.test"), buf_slice(&shelf.record), &why),
			 RC_INVALID);
	assert_non_null(strstr(why.text, "d.test cannot be used"));
	assert_int_equal(sts_cache_find(cache, "d.test", NOW).standing, STS_UNREADABLE);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW + 999 * DAY).standing, STS_UNREADABLE);
	assert_int_equal(sts_cache_need(cache, "d.test", NULL, NOW), STS_NEED_FETCH);
	sts_cache_failed(cache, "d.test", "", "no", NOW);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW).standing, STS_UNREADABLE);
	assert_int_equal(sts_cache_keep(cache, "d.test", "7", SLICE(ENFORCE), NOW, &why), RC_OK);
	assert_int_equal(sts_cache_find(cache, "d.test", NOW).standing, STS_LIVE);
	assert_int_equal(sts_cache_count(cache), 1);
	sts_cache_free(cache);
	buf_free(&shelf.record);
}

static void test_record_under_another_name(void **state)
{
	(void)state;
	struct shelf shelf = { .record = BUF_INIT(STS_STORED_MAX) };
	const struct sts_cache_store store = { &shelf, save, forget };
	struct sts_cache *cache = sts_cache_new(&store);
	struct fault why = { 0 };

	assert_int_equal(sts_cache_keep(cache, "d.test", "7", SLICE(ENFORCE), NOW, &why), RC_OK);
	assert_int_equal(sts_cache_load(cache, SLICE("e.test"), buf_slice(&shelf.record), &why),
			 RC_INVALID);
	assert_int_equal(sts_cache_find(cache, "e.test", NOW).standing, STS_UNREADABLE);
	sts_cache_free(cache);
	buf_free(&shelf.record);
}

/* RFC 8461 §10.2 and our reading of "daily": less up to an eighth, by domain, so that a site's
 * policies are not all renewed in one minute. */
static void test_renewal_is_spread_by_domain(void **state)
{
	(void)state;
	static const char text[] = "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: 604800\n";
	const struct slice policy = { text, sizeof text - 1 };
	const struct sts_record announced = { "1" };
	struct sts_cache *cache = sts_cache_new(NULL);
	int64_t first = INT64_MAX, last = 0;
	struct fault why;

	for (int i = 0; i < 50; i++) {
		char domain[20];
		int64_t due = 0;
		snprintf(domain, sizeof domain, "d%d.test", i);
		assert_int_equal(sts_cache_keep(cache, domain, "1", policy, 0, &why), RC_OK);
		while (sts_cache_need(cache, domain, &announced, due) == STS_NEED_NOTHING)
			due += 60;
		assert_true(due >= DAY * 7 / 8 && due <= DAY + 60);
		first = due < first ? due : first;
		last = due > last ? due : last;
	}
	assert_true(last - first > 3600);
	sts_cache_free(cache);
}

static bool list_them(void *arg, const char *domain, const struct sts_known *known)
{
	static const char standings[] = { '?', 'L', 'x', 'u' };
	char *at = arg;

	at += strlen(at);
	*at++ = domain[0];
	*at++ = standings[known->standing];
	*at = '\0';
	return domain[0] != '!';
}

static void test_all_that_is_known_is_listed(void **state)
{
	(void)state;
	struct sts_cache *cache = sts_cache_new(NULL);
	static const char text[] = "version: STSv1\nmode: enforce\nmx: a.test\nmax_age: 1000\n";
	const struct slice policy = { text, sizeof text - 1 };
	char listed[50] = "";
	struct fault why;

	assert_int_equal(sts_cache_keep(cache, "live.test", "1", policy, 5000, &why), RC_OK);
	assert_int_equal(sts_cache_keep(cache, "gone.test", "1", policy, 1000, &why), RC_OK);
	assert_int_equal(sts_cache_load(cache, SLICE("bad.test"), SLICE("x"), &why), RC_INVALID);
	sts_cache_failed(cache, "failed.test", "1", "no answer", 5000); /* that is no policy */
	sts_cache_each(cache, 5000, list_them, listed);
	assert_int_equal(strlen(listed), 6);
	assert_non_null(strstr(listed, "lL"));
	assert_non_null(strstr(listed, "gx"));
	assert_non_null(strstr(listed, "bu"));
	sts_cache_free(cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standing),
		cmocka_unit_test(test_need),
		cmocka_unit_test(test_failure_rests),
		cmocka_unit_test(test_failures_are_bounded),
		cmocka_unit_test(test_no_live_policy_is_given_up_for_another),
		cmocka_unit_test(test_bad_policy_changes_nothing),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_damaged_record_fails_closed),
		cmocka_unit_test(test_record_under_another_name),
		cmocka_unit_test(test_renewal_is_spread_by_domain),
		cmocka_unit_test(test_all_that_is_known_is_listed),
	};
	return cmocka_run_group_tests_name("sts/cache", tests, NULL, NULL);
}
