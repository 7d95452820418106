#include "dns/window.h"

void dns_window_init(struct dns_window *w)
{
	*w = (struct dns_window){ .unread = DNS_UNREAD,
				  .base_usec = INT64_MAX,
				  .newer_usec = INT64_MAX };
}

bool dns_window_is_open(const struct dns_window *w, size_t used)
{
	return used < DNS_PLACES + w->unread - DNS_UNREAD && w->sent - w->read < w->unread;
}

uint64_t dns_window_send(struct dns_window *w)
{
	return w->sent++;
}

bool dns_window_wants_sounding(const struct dns_window *w, int64_t now_usec)
{
	if (w->sounding && now_usec - w->sound_usec < DNS_SOUNDING_USEC)
		return false;
	return w->sent - w->read >= w->unread / 2;
}

void dns_window_sound(struct dns_window *w, int64_t now_usec)
{
	w->sounding = true;
	w->sounded = dns_window_send(w);
	w->sound_usec = now_usec;
}

static void note_read(struct dns_window *w, uint64_t number)
{
	if (number >= w->read)
		w->read = number + 1;
}

/* What the way can hold between two answers, beside what a buffer can. */
static size_t most_of(const struct dns_window *w)
{
	int64_t most = w->base_usec / (1000 / DNS_UNREAD_PER_MS);

	if (most < DNS_UNREAD)
		return DNS_UNREAD;
	return most < DNS_UNREAD_MAX ? (size_t)most : DNS_UNREAD_MAX;
}

static bool is_quick(const struct dns_window *w, int64_t took_usec)
{
	return took_usec <= w->base_usec + w->base_usec / 4;
}

static void note_time(struct dns_window *w, uint64_t number, int64_t took_usec, int64_t now_usec)
{
	if (now_usec - w->since_usec > DNS_BASE_USEC) {
		w->base_usec = w->newer_usec;
		w->newer_usec = INT64_MAX;
		w->since_usec = now_usec;
	}
	if (took_usec < w->newer_usec)
		w->newer_usec = took_usec;
	if (took_usec < w->base_usec / 2)
		w->steady = 0;
	if (took_usec < w->base_usec)
		w->base_usec = took_usec;
	/* It may have been taken for far, while it had to ask others itself. */
	if (w->unread > most_of(w))
		w->unread = most_of(w);
	if (number < w->round)
		return;
	if (!is_quick(w, took_usec))
		w->steady -= w->steady < 2 ? w->steady : 2;
	else if (w->steady < 2 * DNS_STEADY)
		w->steady++;
	w->round = w->sent;
}

void dns_window_answered(struct dns_window *w, uint64_t number, int64_t sent_usec, int64_t now_usec)
{
	note_read(w, number);
	note_time(w, number, now_usec - sent_usec, now_usec);
}

void dns_window_sounded(struct dns_window *w, bool wanted, int64_t now_usec)
{
	int64_t took = now_usec - w->sound_usec;
	bool held = wanted && w->sent - w->read >= w->unread;

	w->sounding = false;
	note_read(w, w->sounded);
	note_time(w, w->sounded, took, now_usec);
	if (held && w->steady >= DNS_STEADY && is_quick(w, took))
		w->unread = w->unread * 2 < most_of(w) ? w->unread * 2 : most_of(w);
}

void dns_window_lost(struct dns_window *w, uint64_t number)
{
	note_read(w, number); /* or it never got there: it is in no buffer any more */
	if (number < w->cut)
		return;
	w->unread = w->unread / 2 > DNS_UNREAD ? w->unread / 2 : DNS_UNREAD;
	w->cut = w->sent;
}
