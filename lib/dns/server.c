#include "dns/server.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <assert.h>
#include <string.h>
#include <sys/random.h>

static bool read_address(struct dns_server *s, const char *text, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
		memcpy(&s->at, &v4, sizeof v4);
		s->at_len = sizeof v4;
	} else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
		memcpy(&s->at, &v6, sizeof v6);
		s->at_len = sizeof v6;
	} else {
		return false;
	}
	memcpy(s->text, text, strlen(text) + 1); /* inet_pton() takes no longer one */
	return true;
}

enum rc dns_server_open(struct dns_server *s, struct loop *loop, const char *address, uint16_t port,
			const struct dns_udp_events *events, struct fault *why)
{
	*s = (struct dns_server){ .loop = loop };
	dns_window_init(&s->window);
	/* That the root has no address every resolver knows, once it was asked. */
	s->sounding_len = dns_wire_ask(0, &(struct dns_question){ "", DNS_A }, s->sounding_query);
	ring_init(&s->waiting);
	if (!read_address(s, address, port))
		return fault(why, RC_INVALID, "DNS server \"%s\" is not an address", address);
	s->udp = dns_udp_new(loop, (struct sockaddr *)&s->at, s->at_len, events);
	return s->udp ? RC_OK : fault(why, RC_NOMEM, "no memory for a DNS server");
}

void dns_server_close(struct dns_server *s)
{
	dns_server_release(&s->sounding);
	assert(s->used == 0);
	dns_udp_free(s->udp);
	s->udp = NULL;
}

const uint8_t *dns_server_address(const struct dns_server *s)
{
	if (s->at.ss_family == AF_INET)
		return (const uint8_t *)&((const struct sockaddr_in *)&s->at)->sin_addr;
	return (const uint8_t *)&((const struct sockaddr_in6 *)&s->at)->sin6_addr;
}

bool dns_server_is_open(const struct dns_server *s)
{
	return dns_window_is_open(&s->window, s->used);
}

static struct dns_slot **chain_of(struct dns_server *s, uint16_t id)
{
	return &s->by_id[id % DNS_CHAINS];
}

struct dns_slot *dns_server_find(const struct dns_server *s, uint16_t id)
{
	struct dns_slot *slot = s->by_id[id % DNS_CHAINS];

	while (slot && slot->id != id)
		slot = slot->next;
	return slot;
}

static void drop_id(struct dns_server *s, struct dns_slot *slot)
{
	struct dns_slot **at = chain_of(s, slot->id);

	while (*at != slot)
		at = &(*at)->next;
	*at = slot->next;
	slot->next = NULL;
}

static bool take_id(struct dns_server *s, uint16_t *out)
{
	do {
		if (s->ids_left == 0) {
			if (getrandom(s->ids, sizeof s->ids, 0) != (ssize_t)sizeof s->ids)
				return false;
			s->ids_left = DNS_IDS_AT_ONCE;
		}
		*out = s->ids[--s->ids_left];
	} while (dns_server_find(s, *out));
	return true;
}

static enum rc send_it(struct dns_server *s, uint8_t *query, size_t len, struct dns_slot *slot,
		       struct fault *why)
{
	*slot = (struct dns_slot){ .sent_usec = clock_mono_usec() };
	if (!take_id(s, &slot->id))
		return fault(why, RC_RETRY, "no random number for an id");
	query[0] = (uint8_t)(slot->id >> 8);
	query[1] = (uint8_t)slot->id;
	enum rc rc = dns_udp_send(s->udp, (struct slice){ (char *)query, len }, &slot->port, why);
	if (rc != RC_OK)
		return rc;
	slot->next = *chain_of(s, slot->id);
	*chain_of(s, slot->id) = slot;
	slot->server = s;
	slot->place = s->used;
	s->slots[s->used++] = slot;
	return RC_OK;
}

enum rc dns_server_ask(struct dns_server *s, uint8_t *query, size_t len, struct dns_slot *slot,
		       struct fault *why)
{
	assert(s->used < DNS_PLACES_MAX);
	enum rc rc = send_it(s, query, len, slot, why);

	if (rc == RC_OK)
		slot->number = dns_window_send(&s->window);
	return rc;
}

bool dns_server_sound(struct dns_server *s)
{
	int64_t now = clock_mono_usec();

	if (!dns_window_wants_sounding(&s->window, now))
		return false;
	dns_server_release(&s->sounding);
	if (send_it(s, s->sounding_query, s->sounding_len, &s->sounding, NULL) != RC_OK)
		return false;
	dns_window_sound(&s->window, now);
	return true;
}

bool dns_server_take_sounding(struct dns_server *s, struct slice message)
{
	struct slice query = { (const char *)s->sounding_query, s->sounding_len };

	if (!dns_wire_replies(query, message))
		return false;
	dns_window_sounded(&s->window, !ring_is_empty(&s->waiting), clock_mono_usec());
	dns_server_release(&s->sounding);
	s->misses = 0;
	s->answered_usec = clock_mono_usec();
	return true;
}

enum rc dns_server_ask_tcp(struct dns_slot *slot, const uint8_t *query, size_t len,
			   dns_tcp_done *done, void *arg)
{
	struct dns_server *s = slot->server;

	dns_udp_release(slot->port);
	slot->port = NULL;
	slot->tcp = dns_tcp_new(s->loop, (struct sockaddr *)&s->at, s->at_len,
				(struct slice){ (const char *)query, len }, done, arg);
	return slot->tcp ? RC_OK : RC_RETRY;
}

void dns_server_release(struct dns_slot *slot)
{
	struct dns_server *s = slot->server;

	if (!s)
		return;
	if (slot->port)
		dns_udp_release(slot->port);
	dns_tcp_free(slot->tcp);
	drop_id(s, slot);
	s->slots[slot->place] = s->slots[--s->used];
	s->slots[slot->place]->place = slot->place;
	*slot = (struct dns_slot){ .id = slot->id, .sent_usec = slot->sent_usec };
}

void dns_server_answered(struct dns_slot *slot)
{
	struct dns_server *s = slot->server;

	s->misses = 0;
	s->answered_usec = clock_mono_usec();
	dns_window_answered(&s->window, slot->number, slot->sent_usec, s->answered_usec);
}

static void count_miss(struct dns_server *s)
{
	s->misses++;
	s->silent_until_ms = clock_mono_ms() + DNS_SILENCE_MS;
}

void dns_server_missed(struct dns_slot *slot)
{
	struct dns_server *s = slot->server;

	dns_window_lost(&s->window, slot->number);
	if (s->answered_usec < slot->sent_usec) /* else that one was lost, but the server lives */
		count_miss(s);
}

void dns_server_refused(struct dns_server *s)
{
	count_miss(s);
}

bool dns_server_is_silent(const struct dns_server *s)
{
	return s->misses >= DNS_MISSES_MAX && clock_mono_ms() < s->silent_until_ms;
}
