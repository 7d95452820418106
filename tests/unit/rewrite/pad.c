#include "rewrite/pad.h"

#include "support/spooled.h"

/* What a body takes in Postfix's queue file: a record for each line, cut at limit bytes. */
static uint64_t in_queue_file(const char *body, size_t len, size_t limit)
{
	uint64_t size = 0;

	for (size_t at = 0; at < len;) {
		const char *end = memmem(body + at, len - at, "\r\n", 2);
		size_t line = end ? (size_t)(end - body) - at : len - at;
		at += line + (end ? 2 : 0);
		do {
			size_t n = line < limit ? line : limit;
			size += 1 + (n < 128 ? 1u : 2u) + n;
			line -= n;
		} while (line);
	}
	return size;
}

static struct buf body_of(size_t lines, size_t width)
{
	struct buf body = BUF_INIT(1 << 22);

	for (size_t i = 0; i < lines; i++) {
		for (size_t k = 0; k < width; k++)
			(void)!buf_add_byte(&body, 'x');
		(void)!buf_add_text(&body, "\r\n");
	}
	return body;
}

static const struct {
	size_t lines, width;
} bodies[] = {
	{ 1, 1 },    { 3, 0 },    { 500, 20 }, { 500, 76 }, { 40, 127 },  { 40, 128 },
	{ 30, 998 }, { 3, 2047 }, { 3, 2048 }, { 3, 2049 }, { 2, 50000 },
};

static void test_the_room_covers_every_limit_of_a_line(void **state)
{
	static const size_t limits[] = { 128, 1000, 2048, 4096 };

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct buf body = body_of(bodies[i].lines, bodies[i].width);
		struct spool *spool = spooled(buf_text(&body));
		struct rewrite_room room;

		assert_int_equal(rewrite_measure(spool, 0, &room, NULL), RC_OK);
		for (size_t k = 0; k < COUNT(limits); k++) {
			uint64_t takes = in_queue_file(body.at, body.len, limits[k]);
			if (room.least > takes || room.most < takes)
				fail_msg("%zu lines of %zu at %zu: %u is not in %u to %u",
					 bodies[i].lines, bodies[i].width, limits[k],
					 (unsigned)takes, (unsigned)room.least,
					 (unsigned)room.most);
		}
		spool_free(spool);
		buf_free(&body);
	}
}

static void test_the_old_end_is_crossed_by_empty_lines(void **state)
{
	(void)state;
	for (uint64_t old = 0; old < 3000; old += 7)
		for (uint64_t more = 0; more < 200; more += 60)
			for (uint64_t have = 0; have == 0 || have + 64 <= old; have += 333) {
				struct splice body = { .arena = arena_new(1 << 16) };
				struct rewrite_room room = { old, old + more };
				splice_add_repeated(&body, SLICE("k"), have);
				rewrite_pad(&room, &body);
				struct buf all = spliced(&body);
				assert_true(all.len >= room.most + 20);
				for (uint64_t at = old < 4 ? 0 : old - 4; at < all.len; at++)
					assert_true(all.at[at] == '\r' || all.at[at] == '\n');
				buf_free(&all);
				arena_free(body.arena);
			}
}

static void test_blanks_come_after_unless_the_new_body_reaches_the_old_end(void **state)
{
	static const struct {
		uint64_t old, new_len, cut_end;
		enum rewrite_place place;
	} rows[] = {
		{ 100000, 50000, 99000, REWRITE_PAD_AFTER },
		{ 100000, 99936, 10, REWRITE_PAD_AFTER },
		{ 100000, 99937, 10, REWRITE_PAD_NONE }, /* the end holds nothing that was cut */
		{ 100000, 99937, 95905, REWRITE_PAD_BEFORE },
		{ 100000, 200000, 100000, REWRITE_PAD_BEFORE },
		{ 100000, 200000, 5000, REWRITE_PAD_NONE },
		{ 20, 800, 20, REWRITE_PAD_BEFORE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct rewrite_room room = { rows[i].old, rows[i].old };
		assert_int_equal(rewrite_pad_place(&room, rows[i].new_len, rows[i].cut_end),
				 rows[i].place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_room_covers_every_limit_of_a_line),
		cmocka_unit_test(test_the_old_end_is_crossed_by_empty_lines),
		cmocka_unit_test(test_blanks_come_after_unless_the_new_body_reaches_the_old_end),
	};
	return cmocka_run_group_tests_name("rewrite/pad", tests, NULL, NULL);
}
