#include "inspect/fingerprint.h"

#include "base/buf.h"
#include "inspect/fingerprintmake.h"
#include "support/scratched.h"
#include "support/unit.h"

#include <stdio.h>
#include <time.h>

/* Words from..to of an endless text, each of its own. */
static void words(struct buf *out, unsigned seed, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		(void)!buf_addf(out, "w%u%s", (i + 1) * seed, i % 10 == 9 ? ".\n" : " ");
}

static void add(struct fingerprint_make *m, const char *name, unsigned seed, unsigned count)
{
	struct buf text = BUF_INIT(1 << 20);
	struct fingerprint_summary sum;
	struct fault why = { "" };

	words(&text, seed, 0, count);
	fingerprint_make_text(m, buf_slice(&text));
	if (fingerprint_make_end(m, name, &sum, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(sum.words, count);
	buf_free(&text);
}

struct shares {
	unsigned percent[8];
};

static void on_seen(void *of, size_t text, unsigned before, unsigned percent)
{
	struct shares *s = of;

	assert_int_equal(s->percent[text], before);
	assert_true(percent >= before && percent <= 100);
	s->percent[text] = percent;
}

static void measure(struct fingerprint_state *s, struct slice text, struct shares *out)
{
	struct fingerprint_run run = { 0 };
	const struct mime_token *token;
	struct mime_tokens tokens;
	uint64_t hash;
	bool more = true;

	mime_tokens_begin(&tokens);
	while (more) {
		token = mime_token_take(&tokens, &text);
		if (!token) {
			more = false;
			token = mime_token_end(&tokens);
		}
		if (token && fingerprint_take(&run, fingerprint_key(s->index), token, &hash))
			fingerprint_add(s, hash, on_seen, out);
	}
}

/* Which part of which text is in the message, and what is then measured of each of them. */
static const struct {
	const char *name;
	unsigned seed, from, to;
	unsigned memo[2], book[2]; /* least and most */
} rows[] = {
	{ "the whole memo", 7, 0, 100, { 100, 100 }, { 0, 0 } },
	{ "half of the memo", 7, 25, 75, { 45, 50 }, { 0, 0 } },
	{ "the memo within more", 7, 0, 1000, { 100, 100 }, { 0, 0 } },
	{ "the whole book", 11, 0, 50000, { 0, 0 }, { 100, 100 } },
	{ "a third of the book", 11, 10000, 26667, { 0, 0 }, { 31, 36 } },
	{ "a chapter of the book", 11, 700, 2700, { 0, 0 }, { 3, 4 } },
	{ "another text", 13, 0, 10000, { 0, 0 }, { 0, 0 } },
	{ "three words", 7, 0, 3, { 0, 0 }, { 0, 0 } },
};

static void test_containment(void **state)
{
	struct fingerprint_make *m;
	struct fingerprint *f;
	struct fault why;
	(void)state;

	assert_int_equal(fingerprint_make_new("", &m, &why), RC_OK);
	add(m, "memo.txt", 7, 100);
	add(m, "book.txt", 11, 50000);
	assert_int_equal(fingerprint_make_write(m, scratch_path(&scratch, "i"), &why), RC_OK);
	fingerprint_make_free(m);
	assert_int_equal(fingerprint_open(scratch.path, "", &f, &why), RC_OK);
	assert_int_equal(fingerprint_count(f), 2);
	assert_string_equal(fingerprint_name(f, 1), "book.txt");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fingerprint_state s = { .index = f };
		struct shares shares = { 0 };
		struct buf text = BUF_INIT(1 << 20);
		words(&text, rows[i].seed, rows[i].from, rows[i].to);
		measure(&s, buf_slice(&text), &shares);
		measure(&s, buf_slice(&text), &shares); /* once more adds nothing */
		if (shares.percent[0] < rows[i].memo[0] || shares.percent[0] > rows[i].memo[1] ||
		    shares.percent[1] < rows[i].book[0] || shares.percent[1] > rows[i].book[1])
			fail_msg("%s: %u %u", rows[i].name, shares.percent[0], shares.percent[1]);
		fingerprint_state_fini(&s);
		buf_free(&text);
	}
	fingerprint_free(f);
	fingerprint_free(NULL);
}

static void ignore(void *of, size_t text, unsigned before, unsigned percent)
{
	(void)of, (void)text, (void)before, (void)percent;
}

/* A letterhead over and over: it is looked at in every text once, not each time. With a look at
 * each of them this takes longer by a factor of thousands. */
static void test_what_all_texts_share_costs_no_more_than_once(void **state)
{
	enum { TIMES = 1000000, CPU_SECONDS = 2 };
	struct fingerprint_run run = { 0 };
	struct fingerprint_make *m;
	struct fingerprint_summary sum;
	struct fingerprint *f;
	struct mime_tokens tokens;
	struct slice head = SLICE("aa bb cc dd ");
	uint64_t hash = 0;
	char text[200];
	struct fault why;
	(void)state;

	assert_int_equal(fingerprint_make_new("", &m, &why), RC_OK);
	for (unsigned i = 0; i < FINGERPRINT_TEXTS_MAX; i++) {
		snprintf(text, sizeof text, "aa bb cc dd %u a%u b%u c%u d%u e%u f%u g%u", i, i, i,
			 i, i, i, i, i);
		fingerprint_make_text(m, slice_of(text));
		assert_int_equal(fingerprint_make_end(m, "x", &sum, &why), RC_OK);
	}
	assert_int_equal(fingerprint_make_write(m, scratch_path(&scratch, "i"), &why), RC_OK);
	fingerprint_make_free(m);
	assert_int_equal(fingerprint_open(scratch.path, "", &f, &why), RC_OK);
	mime_tokens_begin(&tokens);
	for (const struct mime_token *t; (t = mime_token_take(&tokens, &head));)
		(void)!fingerprint_take(&run, fingerprint_key(f), t, &hash);
	struct fingerprint_state s = { .index = f };
	clock_t from = clock();
	for (unsigned i = 0; i < TIMES; i++)
		fingerprint_add(&s, hash, ignore, NULL);
	assert_true(clock() - from < CPU_SECONDS * CLOCKS_PER_SEC);
	assert_int_equal(s.counts[0], 1);
	assert_int_equal(s.counts[FINGERPRINT_TEXTS_MAX - 1], 1);
	fingerprint_state_fini(&s);
	fingerprint_free(f);
}

/* Parts of a text that stand in two places count together, and signs count for nothing. */
static void test_a_text_in_pieces(void **state)
{
	struct fingerprint_make *m;
	struct fingerprint *f;
	struct shares shares = { 0 };
	struct fault why;
	(void)state;

	assert_int_equal(fingerprint_make_new("", &m, &why), RC_OK);
	add(m, "memo.txt", 7, 100);
	assert_int_equal(fingerprint_make_write(m, scratch_path(&scratch, "i"), &why), RC_OK);
	fingerprint_make_free(m);
	assert_int_equal(fingerprint_open(scratch.path, "", &f, &why), RC_OK);
	struct fingerprint_state s = { .index = f };
	for (unsigned from = 0; from < 100; from += 50) {
		struct buf text = BUF_INIT(1 << 20);
		words(&text, 7, from, from + 50);
		for (size_t i = 0; i < text.len; i++)
			if (text.at[i] == ' ')
				text.at[i] = i % 2 ? '-' : '\n';
		measure(&s, buf_slice(&text), &shares);
		buf_free(&text);
	}
	assert_in_range(shares.percent[0], 96, 99); /* but what went over the cut */
	fingerprint_state_fini(&s);
	fingerprint_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_containment),
		cmocka_unit_test(test_what_all_texts_share_costs_no_more_than_once),
		cmocka_unit_test(test_a_text_in_pieces),
	};
	return cmocka_run_group_tests(tests, scratch_set_up, scratch_drop);
}
