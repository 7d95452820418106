#include "reader/pool.h"

#include "base/clock.h"
#include "support/beside.h"
#include "support/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* What was heard, as text. */
static void hear_begin(void *of, const char *path)
{
	assert_int_equal(buf_addf(of, "<%s", path), RC_OK);
}

static void hear_text(void *of, struct slice text)
{
	assert_int_equal(buf_add_slice(of, text), RC_OK);
}

static void hear_end(void *of)
{
	assert_int_equal(buf_add_text(of, ">"), RC_OK);
}

static void hear_file(void *of, const char *path, const struct reader_file *f)
{
	assert_int_equal(
		buf_addf(of, "%s(%.*s %d %s)", path, SLICE_ARG(f->name), (int)f->bytes, f->type),
		RC_OK);
}

static void hear_property(void *of, const char *path, struct slice name, struct slice value)
{
	assert_int_equal(buf_addf(of, "%s{%.*s %.*s}", path, SLICE_ARG(name), SLICE_ARG(value)),
			 RC_OK);
}

static void hear_label(void *of, const char *path, struct slice value)
{
	assert_int_equal(buf_addf(of, "%s[%.*s]", path, SLICE_ARG(value)), RC_OK);
}

static void hear_opaque(void *of, const char *path, const char *why)
{
	assert_int_equal(buf_addf(of, "%s!%s", path, why), RC_OK);
}

static const struct reader_heard heard = { hear_begin,    hear_text,  hear_end,   hear_file,
					   hear_property, hear_label, hear_opaque };

static struct reader_pool *pool_of(const char *program, unsigned processes)
{
	static char path[BESIDE_MAX];
	struct reader_pool *pool = reader_pool_new(
		&(struct reader_config){ .program = program ? beside(program, path) : NULL,
					 .processes = processes,
					 .memory_bytes = 256 << 20 });

	assert_non_null(pool);
	return pool;
}

/* One document of a name; buf_free() what comes. */
static struct buf read_with(struct reader_pool *pool, const char *name, struct slice bytes,
			    unsigned wall_ms, unsigned cpu_ms, struct reader_spent *spent)
{
	struct buf out = BUF_INIT(1 << 20);
	struct spool *spool = spool_new(1 << 16, 1 << 24, "/tmp");
	struct reader_job job = { .bytes = spool,
				  .name = slice_of(name),
				  .limits = { 4, 100, 100, 1 << 24, cpu_ms },
				  .wall_ms = wall_ms };

	assert_non_null(spool);
	assert_int_equal(spool_add(spool, bytes.at, bytes.len, NULL), RC_OK);
	reader_pool_read(pool, &job, &heard, &out, spent);
	spool_free(spool);
	return out;
}

static void check(struct reader_pool *pool, const char *name, unsigned wall_ms, unsigned cpu_ms,
		  const char *wanted)
{
	struct reader_spent spent;
	struct buf out = read_with(pool, name, SLICE("4111"), wall_ms, cpu_ms, &spent);

	if (strcmp(buf_text(&out), wanted) != 0)
		fail_msg("%s: %s", name, buf_text(&out));
	buf_free(&out);
}

static void test_documents_are_read(void **state)
{
	struct reader_pool *pool = pool_of(NULL, 2);
	struct reader_spent spent;
	struct fault why;
	(void)state;

	if (reader_pool_try(pool, &why) != RC_OK)
		fail_msg("%s", why.text);
	struct buf out = read_with(pool, "a.txt", SLICE("4111"), 60000, 10000, &spent);
	assert_string_equal(buf_text(&out), "<4111>");
	buf_free(&out);
	out = read_with(pool, "a.txt", SLICE(""), 60000, 10000, &spent);
	assert_string_equal(buf_text(&out), "");
	buf_free(&out);
	out = read_with(pool, "a.eml",
			SLICE("X: 1\nContent-Type: text/xml; name=123456789.xml\n\n"
			      "begin 644 123456789/1234567\n$-#$Q,0``\n`\nend\n"),
			60000, 10000, &spent);
	/* Long numbers in names are not shown. */
	assert_non_null(strstr(buf_text(&out), "<1"));
	assert_null(strstr(buf_text(&out), "!"));
	buf_free(&out);
	reader_pool_free(pool);
}

static void test_a_large_document_goes_through(void **state)
{
	struct reader_pool *pool = pool_of(NULL, 1);
	struct reader_spent spent;
	size_t size = 3 << 20;
	char *text = malloc(size);
	struct buf all = BUF_INIT(1 << 24);
	(void)state;

	assert_non_null(text);
	memset(text, 'x', size);
	struct spool *spool = spool_new(1 << 16, 1 << 24, "/tmp");
	struct reader_job job = { .bytes = spool,
				  .limits = { 4, 100, 100, 1 << 24, 10000 },
				  .wall_ms = 60000 };
	assert_int_equal(spool_add(spool, text, size, NULL), RC_OK);
	reader_pool_read(pool, &job, &heard, &all, &spent);
	assert_int_equal(all.len, size + 2);
	spool_free(spool);
	buf_free(&all);
	free(text);
	reader_pool_free(pool);
}

static void test_one_that_was_taken_over(void **state)
{
	struct reader_pool *pool = pool_of("rogue_reader", 1);
	(void)state;

	check(pool, "nothing", 60000, 10000, "{done 0}");
	check(pool, "crash", 60000, 10000, "!reader-crash");
	check(pool, "open", 60000, 10000, "{done 13}"); /* EACCES */
	check(pool, "socket", 60000, 10000, "!reader-forbidden");
	check(pool, "exec", 60000, 10000, "!reader-forbidden");
	check(pool, "fork", 60000, 10000, "!reader-forbidden");
	check(pool, "ptrace", 60000, 10000, "!reader-forbidden");
	check(pool, "code", 60000, 10000, "!reader-forbidden");
	if (!SANITIZED) {
		check(pool, "memory", 60000, 10000, "{done 12}"); /* ENOMEM */
		check(pool, "environment", 60000, 10000, "{done 2}");
		check(pool, "descriptors", 60000, 10000, "{done 9}"); /* EBADF */
	}
	check(pool, "garbage", 60000, 10000, "!reader-garbage");
	check(pool, "order", 60000, 10000, "!reader-garbage");
	check(pool, "half", 60000, 10000, "<4111>!reader-crash");
	check(pool, "leave", 60000, 10000, "!reader-crash");
	check(pool, "nothing", 60000, 10000, "{done 0}"); /* the next one is served again */
	reader_pool_free(pool);
}

static void test_time_is_bounded(void **state)
{
	struct reader_pool *pool = pool_of("rogue_reader", 1);
	struct reader_spent spent;
	int64_t from = clock_mono_ms();
	(void)state;

	check(pool, "spin", 60000, 100, "!inspect-cpu-ms");
	struct buf out = read_with(pool, "hang", SLICE("4111"), 100, 10000, &spent);
	assert_string_equal(buf_text(&out), "!inspect-ms");
	assert_true(spent.wall_ms >= 100 && spent.cpu_ms >= 100);
	buf_free(&out);
	assert_true(clock_mono_ms() - from < 30000);
	reader_pool_free(pool);
}

static void test_a_program_that_is_not_there(void **state)
{
	struct reader_pool *pool = pool_of("no_such_reader", 1);
	struct fault why;
	(void)state;

	assert_int_equal(reader_pool_try(pool, &why), RC_ABSENT);
	assert_non_null(strstr(why.text, "no_such_reader"));
	check(pool, "a", 60000, 10000, "!reader-start");
	check(pool, "a", 60000, 10000, "!reader-start");
	reader_pool_free(pool);
}

/* ---- several at once ---- */

static void *hang(void *of)
{
	struct reader_spent spent;
	struct buf out = read_with(of, "hang", SLICE("4111"), 2000, 10000, &spent);

	buf_free(&out);
	return NULL;
}

static void test_who_finds_none_free_waits_and_gives_up(void **state)
{
	struct reader_pool *pool = pool_of("rogue_reader", 1);
	struct reader_spent spent;
	pthread_t other;
	(void)state;

	assert_int_equal(pthread_create(&other, NULL, hang, pool), 0);
	struct buf out = { 0 };
	for (int i = 0; i < 150; i++) { /* until the other one has got hold of it */
		usleep(10000);
		buf_free(&out);
		out = read_with(pool, "nothing", SLICE("4111"), 50, 10000, &spent);
		if (strcmp(buf_text(&out), "!inspect-ms") == 0)
			break;
	}
	assert_string_equal(buf_text(&out), "!inspect-ms");
	buf_free(&out);
	check(pool, "nothing", 60000, 10000, "{done 0}"); /* it waits for the other's end */
	pthread_join(other, NULL);
	reader_pool_free(pool);
}

static void *read_some(void *of)
{
	for (int i = 0; i < 20; i++)
		check(of, i % 5 == 4 ? "crash" : "nothing", 60000, 10000,
		      i % 5 == 4 ? "!reader-crash" : "{done 0}");
	return NULL;
}

static void test_threads_share_them(void **state)
{
	struct reader_pool *pool = pool_of("rogue_reader", 2);
	pthread_t threads[4];
	(void)state;

	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_some, pool), 0);
	for (size_t i = 0; i < COUNT(threads); i++)
		pthread_join(threads[i], NULL);
	reader_pool_free(pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents_are_read),
		cmocka_unit_test(test_a_large_document_goes_through),
		cmocka_unit_test(test_one_that_was_taken_over),
		cmocka_unit_test(test_time_is_bounded),
		cmocka_unit_test(test_a_program_that_is_not_there),
		cmocka_unit_test(test_who_finds_none_free_waits_and_gives_up),
		cmocka_unit_test(test_threads_share_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
