#include "dns/window.h"

#include "support/unit.h"

#include <stdlib.h>

enum { MS = 1000, NEAR_USEC = 300, FAR_USEC = 20 * MS };

static uint64_t send_some(struct dns_window *w, size_t count)
{
	uint64_t last = 0;

	for (size_t i = 0; i < count; i++)
		last = dns_window_send(w);
	return last;
}

static void what_may_be_unread_goes_and_no_more(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	for (unsigned i = 0; i < DNS_UNREAD; i++) {
		assert_true(dns_window_is_open(&w, i));
		assert_int_equal(dns_window_send(&w), i);
	}
	assert_false(dns_window_is_open(&w, DNS_UNREAD));
	/* Who has answered the fortieth has read those before it. */
	dns_window_answered(&w, 39, 0, NEAR_USEC);
	for (unsigned i = 0; i < 40; i++) {
		assert_true(dns_window_is_open(&w, DNS_UNREAD - 1));
		(void)dns_window_send(&w);
	}
	assert_false(dns_window_is_open(&w, DNS_UNREAD - 1));
	dns_window_answered(&w, 10, 0, NEAR_USEC); /* one that took longer: nothing new */
	assert_false(dns_window_is_open(&w, DNS_UNREAD - 1));
}

static void so_many_are_worked_on_at_a_time(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	assert_true(dns_window_is_open(&w, DNS_PLACES - 1));
	assert_false(dns_window_is_open(&w, DNS_PLACES));
	w.unread = DNS_UNREAD_MAX; /* those on the way are not there */
	assert_true(dns_window_is_open(&w, DNS_PLACES + DNS_UNREAD_MAX - DNS_UNREAD - 1));
	assert_false(dns_window_is_open(&w, DNS_PLACES + DNS_UNREAD_MAX - DNS_UNREAD));
	assert_true(DNS_PLACES + DNS_UNREAD_MAX - DNS_UNREAD <= DNS_PLACES_MAX);
}

static void soundings_go_when_half_is_unread_one_at_a_time(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	(void)send_some(&w, DNS_UNREAD / 2 - 1);
	assert_false(dns_window_wants_sounding(&w, 0));
	(void)send_some(&w, 1);
	assert_true(dns_window_wants_sounding(&w, 0));
	dns_window_sound(&w, 0);
	assert_int_equal(w.sent, DNS_UNREAD / 2 + 1);
	assert_false(dns_window_wants_sounding(&w, DNS_SOUNDING_USEC - 1));
	assert_true(dns_window_wants_sounding(&w, DNS_SOUNDING_USEC)); /* lost, perhaps */
	dns_window_sounded(&w, true, NEAR_USEC);
	assert_int_equal(w.read, w.sent);
	assert_false(dns_window_wants_sounding(&w, DNS_SOUNDING_USEC));
}

/* So many rounds: as much as may be unread, and a sounding that takes so long. */
static void sound_rounds(struct dns_window *w, int rounds, int64_t took_usec, bool wanted)
{
	static int64_t now;

	for (int i = 0; i < rounds; i++) {
		dns_window_sound(w, now);
		while (dns_window_is_open(w, 0))
			(void)dns_window_send(w);
		now += took_usec;
		dns_window_sounded(w, wanted, now);
	}
}

static void a_long_way_holds_more(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	sound_rounds(&w, DNS_STEADY - 1, FAR_USEC, true);
	assert_int_equal(w.unread, DNS_UNREAD); /* it might be by chance */
	sound_rounds(&w, 1, FAR_USEC, true);
	assert_int_equal(w.unread, 2 * DNS_UNREAD);
	sound_rounds(&w, 1, FAR_USEC, true);
	assert_int_equal(w.unread, 4 * DNS_UNREAD);
	sound_rounds(&w, 1, FAR_USEC * 2, true); /* late: they wait in the buffer */
	assert_int_equal(w.unread, 4 * DNS_UNREAD);
	sound_rounds(&w, 1, FAR_USEC, false); /* nobody wants more */
	assert_int_equal(w.unread, 4 * DNS_UNREAD);
	sound_rounds(&w, 9, FAR_USEC, true);
	assert_int_equal(w.unread, FAR_USEC / MS * DNS_UNREAD_PER_MS);
	sound_rounds(&w, 9, FAR_USEC * 10, true);
	assert_int_equal(w.unread, FAR_USEC / MS * DNS_UNREAD_PER_MS);
}

/* Whoever is let run now and then by a busy machine takes any time. */
static void a_busy_machine_is_no_long_way(void **state)
{
	struct dns_window w;
	uint32_t any = 1;

	(void)state;
	dns_window_init(&w);
	for (int i = 0; i < 10000; i++) {
		any = any * 1664525 + 1013904223;
		sound_rounds(&w, 1, 3 * MS + (any >> 8) % (25 * MS), true);
		assert_int_equal(w.unread, DNS_UNREAD);
	}
}

static void a_short_way_does_not(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	sound_rounds(&w, 9, NEAR_USEC, true);
	assert_int_equal(w.unread, DNS_UNREAD);
}

/* A resolver's first answers come from afar, through it. */
static void what_was_taken_for_far_and_is_near(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	sound_rounds(&w, 10, FAR_USEC, true);
	assert_true(w.unread > DNS_UNREAD);
	dns_window_answered(&w, send_some(&w, 1), 0, NEAR_USEC);
	assert_int_equal(w.unread, DNS_UNREAD);
}

static void a_loss_halves_it_once(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	sound_rounds(&w, 20, FAR_USEC, true);
	size_t before = w.unread;
	uint64_t last = send_some(&w, 10);
	dns_window_lost(&w, last - 9);
	assert_int_equal(w.unread, before / 2);
	dns_window_lost(&w, last); /* of the same rush */
	assert_int_equal(w.unread, before / 2);
	assert_int_equal(w.read, last + 1); /* it waits in no buffer any more */
	for (int i = 0; i < 20; i++)
		dns_window_lost(&w, send_some(&w, 1));
	assert_int_equal(w.unread, DNS_UNREAD);
}

/* The way has become longer; it is believed after a while, not at once and not never. */
static void ways_change(void **state)
{
	struct dns_window w;

	(void)state;
	dns_window_init(&w);
	dns_window_answered(&w, 0, 0, NEAR_USEC);
	for (int64_t at = MS; at < DNS_BASE_USEC; at += DNS_BASE_USEC / 10)
		dns_window_answered(&w, 0, at, at + FAR_USEC);
	assert_int_equal(w.base_usec, NEAR_USEC);
	for (int64_t at = DNS_BASE_USEC; at < 3 * (int64_t)DNS_BASE_USEC; at += DNS_BASE_USEC / 10)
		dns_window_answered(&w, 0, at, at + FAR_USEC);
	assert_int_equal(w.base_usec, FAR_USEC);
}

/* ---- a resolver, in numbers ----
 * It reads from a buffer that holds `buffer`, takes `cost` for each question, answers soundings
 * at once and all else `recursion` later, over a way of `way` in each direction. Of each `nap`
 * and 3 ms it sleeps the nap. Whoever asks has `count` questions at once. Time goes in steps of 10 us. */

enum { STEP_USEC = 10, LATER_MAX = 8192, SOUNDING = 1 << 30 };

struct queue { /* in order of time, each with the same delay */
	int64_t due[LATER_MAX];
	uint64_t number[LATER_MAX];
	size_t head, tail;
};

static void put(struct queue *q, int64_t due, uint64_t number)
{
	assert_true(q->tail - q->head < LATER_MAX);
	q->due[q->tail % LATER_MAX] = due;
	q->number[q->tail++ % LATER_MAX] = number;
}

static bool take(struct queue *q, int64_t now, uint64_t *number)
{
	if (q->head == q->tail || q->due[q->head % LATER_MAX] > now)
		return false;
	*number = q->number[q->head++ % LATER_MAX];
	return true;
}

struct resolver {
	const char *sentence;
	int64_t cost, recursion, way, nap;
	size_t buffer, count;
	int64_t within_ms;
};

struct rush {
	struct dns_window w;
	struct queue there, buffer, worked, sounded, answers;
	size_t sent, used, answered, dropped, most;
	int64_t free_at; /* when the resolver reads on */
};

static void go(struct rush *r, const struct resolver *how, int64_t now)
{
	for (;;) {
		bool wanted = r->sent < how->count;
		if (wanted && dns_window_wants_sounding(&r->w, now)) {
			put(&r->there, now + how->way, r->w.sent | SOUNDING);
			dns_window_sound(&r->w, now);
		}
		if (!wanted || !dns_window_is_open(&r->w, r->used))
			return;
		put(&r->there, now + how->way, dns_window_send(&r->w));
		r->sent++;
		r->used++;
	}
}

static void step(struct rush *r, const struct resolver *how, int64_t now, int64_t *sent_usec)
{
	uint64_t number;

	while (take(&r->there, now, &number)) {
		if (r->buffer.tail - r->buffer.head < how->buffer)
			put(&r->buffer, now, number);
		else
			r->dropped++;
	}
	bool asleep = now % (how->nap + 3 * MS) >= 3 * MS;
	while (!asleep && r->free_at <= now && take(&r->buffer, now, &number)) {
		r->free_at = (r->free_at > now - STEP_USEC ? r->free_at : now) + how->cost;
		if (number & SOUNDING)
			put(&r->sounded, r->free_at + how->way, number);
		else
			put(&r->answers, r->free_at + how->recursion + how->way, number);
	}
	if (take(&r->sounded, now, &number))
		dns_window_sounded(&r->w, r->sent < how->count, now);
	while (take(&r->answers, now, &number)) {
		dns_window_answered(&r->w, number, sent_usec[number], now);
		r->used--;
		r->answered++;
	}
}

static void no_rush_drowns_a_resolver(void **state)
{
	static const struct resolver rows[] = {
		{ "near, everything at hand", 10, 0, 20, 0, 160, 20000, 400 },
		{ "near, all from afar", 30, 20 * MS, 20, 0, 160, 10000, 450 },
		{ "near, slow, all from afar", 100, 50 * MS, 50, 0, 160, 5000, 700 },
		{ "near, very slow", 1000, 100 * MS, 20, 0, 160, 500, 900 },
		{ "near, a long recursion: the places bound it", 20, 200 * MS, 20, 0, 160, 4000,
		  1000 },
		{ "near, and often asleep", 20, 0, 20, 20 * MS, 160, 20000, 9000 },
		{ "near, often asleep, all from afar", 20, 20 * MS, 20, 20 * MS, 160, 20000, 9000 },
		{ "twenty milliseconds away, with room", 5, 0, 10 * MS, 0, 4000, 20000, 500 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct resolver *how = &rows[i];
		struct rush *r = calloc(1, sizeof *r);
		int64_t *sent_usec = calloc(2 * how->count, sizeof *sent_usec), now = 0;
		print_message("   %s\n", how->sentence);
		dns_window_init(&r->w);
		while (r->answered < how->count && r->dropped == 0) {
			uint64_t before = r->w.sent;
			go(r, how, now);
			for (uint64_t n = before; n < r->w.sent; n++)
				sent_usec[n] = now;
			r->most = r->used > r->most ? r->used : r->most;
			step(r, how, now, sent_usec);
			now += STEP_USEC;
		}
		print_message("      %zu ms, at most %zu at a time, of which %zu unread\n",
			      (size_t)(now / MS), r->most, r->w.unread);
		assert_int_equal(r->dropped, 0);
		assert_true(now / MS <= how->within_ms);
		free(sent_usec);
		free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_be_unread_goes_and_no_more),
		cmocka_unit_test(so_many_are_worked_on_at_a_time),
		cmocka_unit_test(soundings_go_when_half_is_unread_one_at_a_time),
		cmocka_unit_test(a_long_way_holds_more),
		cmocka_unit_test(a_busy_machine_is_no_long_way),
		cmocka_unit_test(a_short_way_does_not),
		cmocka_unit_test(what_was_taken_for_far_and_is_near),
		cmocka_unit_test(a_loss_halves_it_once),
		cmocka_unit_test(ways_change),
		cmocka_unit_test(no_rush_drowns_a_resolver),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
