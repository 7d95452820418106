#include "base/splice.h"

#include "base/buf.h"
#include "support/unit.h"

static struct spool *spool_of(const char *text)
{
	struct fault why = { "" };
	struct spool *spool = spool_new(4096, 4096, "/tmp");

	assert_non_null(spool);
	assert_int_equal(spool_add(spool, text, strlen(text), &why), RC_OK);
	return spool;
}

static void check_read(const struct splice *s, size_t room, const char *wanted)
{
	struct buf all = BUF_INIT(4096);
	char chunk[64];
	size_t got;

	do {
		assert_int_equal(splice_read(s, all.len, chunk, room, &got, NULL), RC_OK);
		assert_true(got <= room);
		(void)!buf_add(&all, chunk, got);
	} while (got);
	assert_string_equal(buf_text(&all), wanted);
	assert_int_equal(all.len, s->size);
	buf_free(&all);
}

static void pieces_read_as_one_text(void **state)
{
	struct spool *spool = spool_of("0123456789");
	struct splice s = { .arena = arena_new(1 << 16) };

	(void)state;
	check_read(&s, 7, "");
	splice_add_spool(&s, spool, 2, 3);
	splice_add_text(&s, SLICE("-"));
	splice_add_text(&s, SLICE(""));
	splice_add_spool(&s, spool, 0, 0);
	splice_add_repeated(&s, SLICE("abc"), 8);
	splice_add_spool(&s, spool, 9, 1);
	for (size_t room = 1; room < 20; room++)
		check_read(&s, room, "234-abcabcab9");
	for (size_t i = 0; i < 40; i++)
		splice_add_text(&s, SLICE("xy"));
	assert_int_equal(s.size, 13 + 80);
	check_read(
		&s, 5,
		"234-abcabcab9xyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyxyx"
		"yxyxyxyxyxy");
	arena_free(s.arena);
	spool_free(spool);
}

static void a_piece_beyond_the_spool_is_a_failure(void **state)
{
	struct spool *spool = spool_of("01");
	struct splice s = { .arena = arena_new(1 << 16) };
	struct fault why = { "" };
	char chunk[8];
	size_t got;

	(void)state;
	splice_add_spool(&s, spool, 0, 3);
	assert_int_equal(splice_read(&s, 0, chunk, sizeof chunk, &got, &why), RC_OK);
	assert_int_equal(got, 2);
	assert_int_equal(splice_read(&s, 2, chunk, sizeof chunk, &got, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "shorter"));
	arena_free(s.arena);
	spool_free(spool);
}

static void what_is_not_whole_is_not_read(void **state)
{
	struct splice s = { .arena = arena_new(16) };
	struct fault why = { "" };
	char chunk[8];
	size_t got;

	(void)state;
	splice_add_text(&s, SLICE("a"));
	assert_true(s.lost);
	assert_int_equal(splice_read(&s, 0, chunk, sizeof chunk, &got, &why), RC_NOMEM);
	assert_string_equal(why.text, "out of memory");
	arena_free(s.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_read_as_one_text),
		cmocka_unit_test(a_piece_beyond_the_spool_is_a_failure),
		cmocka_unit_test(what_is_not_whole_is_not_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
