#include "dns/client.h"

#include "base/clock.h"
#include "base/table.h"
#include "dns/ring.h"
#include "dns/server.h"
#include "dns/wire.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = DNS_NAME_MAX + 2 };

/* One question put to one server: the slot, and the way back to the question. */
struct attempt {
	struct dns_slot slot;
	struct question *question;
};

/* A server, and the way back to the client. */
struct server {
	struct dns_server dns;
	struct dns_client *client;
};

struct question {
	struct dns_client *client;
	struct dns_question asks;
	struct ring place; /* in server.waiting, client.due[] or client.done */
	struct ring age;   /* in client.ages */
	bool in_table, asked, delivering;
	int64_t due_ms;      /* when asked: the time for the next try */
	int64_t deadline_ms; /* the end */
	struct ring lookups;
	struct attempt attempts[DNS_TRIES_MAX];
	unsigned tries;
	uint8_t tried[DNS_SERVERS_MAX];  /* how often each server was asked */
	bool failed_at[DNS_SERVERS_MAX]; /* said that it cannot answer */
	bool proof_failed;               /* one of them was a server that we trust */
	struct fault why;                /* the latest failure, "" while there is none */
	const struct dns_answer *answer;
	size_t query_len;
	uint8_t query[DNS_QUERY_MAX];
	char name[DNS_NAME_MAX];
};

struct dns_lookup {
	struct question *question;
	struct ring link;
	dns_done *done;
	void *arg;
};

struct dns_client {
	struct loop *loop;
	struct loop_timer *timer;
	int64_t armed_ms; /* when the timer comes; INT64_MAX: not */
	struct server servers[DNS_SERVERS_MAX];
	size_t server_count;
	unsigned tries;
	int64_t timeout_ms, try_ms[DNS_TRIES_MAX];
	struct table *table;            /* questions under way, by name and type */
	struct ring due[DNS_TRIES_MAX]; /* asked n + 1 times, oldest first: try_ms is constant */
	struct ring ages;               /* all under way, oldest first: so is timeout_ms */
	struct ring done;               /* to be delivered */
	bool delivering, freed;
	const struct dns_answer *no_memory;
	struct dns_client_stats stats;
};

static struct slice key_of(const struct question *q, char *out)
{
	size_t len = strlen(q->name);

	memcpy(out, q->name, len);
	out[len] = (char)((unsigned)q->asks.type >> 8);
	out[len + 1] = (char)q->asks.type;
	return (struct slice){ out, len + 2 };
}

/* So that the timer comes when the first thing is due. */
static void arm(struct dns_client *c)
{
	int64_t next = INT64_MAX;

	if (!ring_is_empty(&c->done))
		next = 0;
	else if (!ring_is_empty(&c->ages))
		next = RING_HOLDER(c->ages.next, struct question, age)->deadline_ms;
	for (unsigned i = 0; i < c->tries; i++)
		if (!ring_is_empty(&c->due[i])) {
			int64_t due = RING_HOLDER(c->due[i].next, struct question, place)->due_ms;
			next = due < next ? due : next;
		}
	if (next >= c->armed_ms)
		return; /* it comes early enough, and is set again then */
	c->armed_ms = next;
	loop_timer_set(c->timer, next - clock_mono_ms());
}

static struct server *server_of(const struct attempt *a)
{
	return RING_HOLDER(a->slot.server, struct server, dns);
}

static void wait_or_send(struct question *q, struct server *s);

/* Gives the place back, for the question that has waited longest. */
static void release(struct attempt *a)
{
	if (!a->slot.server)
		return;
	struct server *s = server_of(a);
	dns_server_release(&a->slot);
	while (!s->client->freed && !dns_server_is_full(&s->dns) && !ring_is_empty(&s->dns.waiting))
		wait_or_send(RING_HOLDER(s->dns.waiting.next, struct question, place), s);
}

static void finish(struct question *q, const struct dns_answer *answer)
{
	struct dns_client *c = q->client;
	char key[KEY_MAX];

	if (!answer)
		answer = dns_answer_ref(c->no_memory);
	q->answer = answer;
	q->asked = false;
	ring_remove(&q->age);
	ring_append(&c->done, &q->place);
	if (q->in_table)
		(void)table_remove(c->table, key_of(q, key));
	q->in_table = false;
	for (unsigned i = 0; i < q->tries; i++)
		release(&q->attempts[i]);
}

static void finish_failed(struct question *q, const char *why)
{
	finish(q,
	       dns_answer_make(&(struct dns_answer){
		       .asked = q->name, .type = q->asks.type, .status = DNS_FAILED, .why = why }));
}

/* The query as this attempt sends it. */
static struct slice query_of(const struct attempt *a)
{
	struct question *q = a->question;

	q->query[0] = (uint8_t)(a->slot.id >> 8);
	q->query[1] = (uint8_t)a->slot.id;
	return (struct slice){ (char *)q->query, q->query_len };
}

static void wait_or_send(struct question *q, struct server *s)
{
	struct dns_client *c = q->client;

	if (dns_server_is_full(&s->dns)) {
		q->asked = false;
		ring_append(&s->dns.waiting, &q->place);
		return;
	}
	struct attempt *a = &q->attempts[q->tries];
	a->question = q;
	/* On failure the next try may do better. */
	if (dns_server_ask(&s->dns, q->query, q->query_len, &a->slot, &q->why) == RC_OK)
		c->stats.sent++;
	c->stats.retried += q->tries > 0;
	q->tried[s - c->servers]++;
	q->due_ms = a->slot.sent_ms + c->try_ms[q->tries];
	q->asked = true;
	ring_append(&c->due[q->tries], &q->place);
	q->tries++;
}

static bool may_ask(const struct question *q, size_t i)
{
	return !q->failed_at[i] && (!q->proof_failed || q->client->servers[i].dns.trusted);
}

/* The server asked least often; of those, first one that is not silent, then the
 * first in the settings. NULL: each has failed. */
static struct server *pick(const struct question *q)
{
	struct dns_client *c = q->client;
	struct server *best = NULL;
	unsigned best_rank = UINT32_MAX;

	for (size_t i = 0; i < c->server_count; i++) {
		unsigned rank = q->tried[i] * 2U + dns_server_is_silent(&c->servers[i].dns);
		if (may_ask(q, i) && rank < best_rank) {
			best = &c->servers[i];
			best_rank = rank;
		}
	}
	return best;
}

static bool may_still_hear(const struct question *q)
{
	for (unsigned i = 0; i < q->tries; i++) {
		const struct attempt *a = &q->attempts[i];
		if (a->slot.server && !a->slot.refused &&
		    may_ask(q, (size_t)(server_of(a) - q->client->servers)))
			return true;
	}
	return false;
}

static void next_try(struct question *q)
{
	struct server *s = q->tries < q->client->tries ? pick(q) : NULL;

	q->asked = false;
	ring_remove(&q->place);
	if (s)
		wait_or_send(q, s);
	else if (!may_still_hear(q))
		finish_failed(q, q->why.text);
	/* Else an answer or the deadline ends it. */
}

/* This server cannot answer this question; q->why says why. */
static void give_up_server(struct attempt *a)
{
	struct question *q = a->question;
	bool waiting = !q->asked && !ring_is_empty(&q->place);

	q->failed_at[server_of(a) - q->client->servers] = true;
	if (waiting) /* for this server, or for one that is not to be asked any more */
		ring_remove(&q->place);
	release(a);
	if (waiting || !may_still_hear(q))
		next_try(q);
}

static void take_answer(struct attempt *a, struct slice message)
{
	struct server *s = server_of(a);
	struct question *q = a->question;
	const struct dns_answer *answer =
		dns_wire_read(message, &q->asks, s->dns.trusted, s->dns.text);

	if (!answer) {
		finish(q, NULL);
	} else if (answer->status == DNS_FAILED) {
		(void)fault(&q->why, RC_RETRY, "%s", answer->why);
		dns_answer_unref(answer);
		q->proof_failed |= s->dns.trusted;
		give_up_server(a);
	} else if (may_ask(q, (size_t)(s - q->client->servers))) {
		finish(q, answer);
	} else { /* asked before the proof failed, answered after */
		dns_answer_unref(answer);
		give_up_server(a);
	}
}

static void settle(struct dns_client *c);

static void on_tcp(void *arg, struct slice message, const char *why)
{
	struct attempt *a = arg;
	struct server *s = server_of(a);
	struct dns_client *c = s->client;

	if (message.at && dns_wire_replies(query_of(a), message)) {
		take_answer(a, message);
	} else {
		(void)fault(&a->question->why, RC_RETRY, "TCP to %s: %s", s->dns.text,
			    message.at ? "it answers something else" : why);
		give_up_server(a);
	}
	settle(c);
}

/* The answer did not fit: the same question again, over TCP, in the same place. */
static void ask_by_tcp(struct attempt *a)
{
	struct question *q = a->question;
	struct dns_client *c = q->client;
	struct slice query = query_of(a);

	c->stats.tcp++;
	if (dns_server_ask_tcp(&a->slot, (const uint8_t *)query.at, query.len, on_tcp, a) !=
	    RC_OK) {
		(void)fault(&q->why, RC_RETRY, "no TCP socket to ask %s", server_of(a)->dns.text);
		give_up_server(a);
	} else if (q->asked && a == &q->attempts[q->tries - 1]) {
		q->due_ms = clock_mono_ms() + c->try_ms[q->tries - 1];
		ring_append(&c->due[q->tries - 1], &q->place);
	}
}

static void on_message(void *arg, const struct dns_udp_port *port, struct slice message)
{
	struct server *s = arg;
	uint16_t id = message.len < 2
			      ? 0
			      : (uint16_t)((uint8_t)message.at[0] << 8 | (uint8_t)message.at[1]);
	struct dns_slot *slot = message.len < 2 ? NULL : dns_server_find(&s->dns, id);
	struct attempt *a = slot ? RING_HOLDER(slot, struct attempt, slot) : NULL;

	if (!a || a->slot.port != port || !dns_wire_replies(query_of(a), message)) {
		s->client->stats.ignored++;
		return;
	}
	dns_server_answered(&s->dns);
	if (dns_wire_is_truncated(message))
		ask_by_tcp(a);
	else
		take_answer(a, message);
}

/* Nobody listens. Another server is asked at once. Without one the question
 * stays: a resolver that restarts may be back in time for the next try. */
static void refuse(struct attempt *a, const char *why)
{
	struct question *q = a->question;
	struct server *s = server_of(a), *other = pick(q);

	(void)fault(&q->why, RC_RETRY, "%s: %s", s->dns.text, why);
	a->slot.refused = true;
	if (!q->asked || a != &q->attempts[q->tries - 1])
		return; /* the next try is under way already */
	if (q->tries == q->client->tries || (other && other != s))
		next_try(q);
}

static void on_refused(void *arg, const struct dns_udp_port *port, const char *why)
{
	struct server *s = arg;

	dns_server_missed(&s->dns, INT64_MAX);
	/* From the end, since a place given back is filled with the last. */
	for (size_t i = s->dns.used; i-- > 0;) {
		struct dns_slot *slot = i < s->dns.used ? s->dns.slots[i] : NULL;
		if (slot && slot->port == port && !slot->refused)
			refuse(RING_HOLDER(slot, struct attempt, slot), why);
	}
}

static void on_settled(void *arg)
{
	settle(((struct server *)arg)->client);
}

static void run_out(struct question *q)
{
	struct fault why;
	double seconds = (double)q->client->timeout_ms / 1000;

	if (*q->why.text)
		(void)fault(&why, RC_RETRY, "no answer in %g s: %s", seconds, q->why.text);
	else
		(void)fault(&why, RC_RETRY, "no answer in %g s", seconds);
	finish_failed(q, why.text);
}

static void on_timer(void *arg)
{
	struct dns_client *c = arg;
	int64_t now = clock_mono_ms();

	c->armed_ms = INT64_MAX;
	while (!ring_is_empty(&c->ages)) {
		struct question *q = RING_HOLDER(c->ages.next, struct question, age);
		if (q->deadline_ms > now)
			break;
		run_out(q);
	}
	for (unsigned i = 0; i < c->tries; i++)
		while (!ring_is_empty(&c->due[i])) {
			struct question *q = RING_HOLDER(c->due[i].next, struct question, place);
			if (q->due_ms > now)
				break;
			const struct attempt *a = &q->attempts[i];
			if (a->slot.server)
				dns_server_missed(&server_of(a)->dns, a->slot.sent_ms);
			next_try(q);
		}
	settle(c);
}

static void free_question(struct question *q)
{
	char key[KEY_MAX];

	ring_remove(&q->age);
	ring_remove(&q->place);
	if (q->in_table)
		(void)table_remove(q->client->table, key_of(q, key));
	for (unsigned i = 0; i < q->tries; i++)
		release(&q->attempts[i]);
	while (!ring_is_empty(&q->lookups)) {
		struct dns_lookup *l = RING_HOLDER(q->lookups.next, struct dns_lookup, link);
		ring_remove(&l->link);
		free(l);
	}
	q->client->stats.under_way--;
	dns_answer_unref(q->answer);
	free(q);
}

static void deliver(struct dns_client *c, struct question *q)
{
	q->delivering = true;
	ring_remove(&q->place);
	while (!ring_is_empty(&q->lookups)) {
		struct dns_lookup *l = RING_HOLDER(q->lookups.next, struct dns_lookup, link);
		dns_done *done = l->done;
		void *arg = l->arg;
		ring_remove(&l->link);
		free(l);
		done(arg, q->answer);
		if (c->freed) /* with all lookups, but for those of this question */
			break;
	}
	free_question(q);
}

static void destroy(struct dns_client *c)
{
	while (!ring_is_empty(&c->ages))
		free_question(RING_HOLDER(c->ages.next, struct question, age));
	while (!ring_is_empty(&c->done))
		free_question(RING_HOLDER(c->done.next, struct question, place));
	for (size_t i = 0; i < c->server_count; i++)
		dns_server_close(&c->servers[i].dns);
	loop_timer_free(c->timer);
	table_free(c->table);
	dns_answer_unref(c->no_memory);
	free(c);
}

/* The end of every turn that began in the loop: the one place that calls back, so
 * that nothing above is ever in the middle of something when an owner cancels,
 * asks again or frees the client. */
static void settle(struct dns_client *c)
{
	c->delivering = true;
	while (!c->freed && !ring_is_empty(&c->done))
		deliver(c, RING_HOLDER(c->done.next, struct question, place));
	c->delivering = false;
	if (c->freed)
		destroy(c);
	else
		arm(c);
}

void dns_client_free(struct dns_client *c)
{
	if (!c)
		return;
	c->freed = true;
	if (!c->delivering)
		destroy(c);
}

static enum rc open_server(struct dns_client *c, const struct dns_client_config *config, size_t i,
			   struct fault *why)
{
	struct server *s = &c->servers[i];
	const struct dns_udp_events events = { on_message, on_refused, on_settled, s };

	s->client = c;
	enum rc rc =
		dns_server_open(&s->dns, c->loop, config->servers[i], config->port, &events, why);
	if (rc != RC_OK)
		return rc;
	c->server_count++;
	s->dns.trusted = config->trusts && config->trusts(config->trusts_arg, s->dns.at.ss_family,
							  dns_server_address(&s->dns));
	return RC_OK;
}

static enum rc check_config(const struct dns_client_config *config, struct fault *why)
{
	if (config->server_count < 1 || config->server_count > DNS_SERVERS_MAX)
		return fault(why, RC_INVALID, "%zu DNS servers, not 1 to %d", config->server_count,
			     DNS_SERVERS_MAX);
	if (config->tries < 1 || config->tries > DNS_TRIES_MAX || config->timeout_ms < 1)
		return fault(why, RC_INVALID, "DNS tries are not 1 to %d, or no time for them",
			     DNS_TRIES_MAX);
	return RC_OK;
}

/* try_ms in proportion 1 : 2 : 4 …, together the whole time. */
static void plan_tries(struct dns_client *c)
{
	int64_t parts = ((int64_t)1 << c->tries) - 1;

	for (unsigned i = 0; i < c->tries; i++) {
		c->try_ms[i] = c->timeout_ms * ((int64_t)1 << i) / parts;
		ring_init(&c->due[i]);
	}
}

struct dns_client *dns_client_new(struct loop *loop, const struct dns_client_config *config,
				  struct fault *why)
{
	if (check_config(config, why) != RC_OK)
		return NULL;
	struct dns_client *c = calloc(1, sizeof *c);
	if (!c) {
		(void)fault(why, RC_NOMEM, "no memory for a DNS client");
		return NULL;
	}
	c->loop = loop;
	c->tries = config->tries;
	c->timeout_ms = config->timeout_ms;
	c->armed_ms = INT64_MAX;
	plan_tries(c);
	ring_init(&c->ages);
	ring_init(&c->done);
	c->table = table_new();
	c->timer = loop_timer_new(loop, on_timer, c);
	c->no_memory = dns_answer_make(&(struct dns_answer){
		.asked = "", .type = DNS_A, .status = DNS_FAILED, .why = "out of memory" });
	enum rc rc = RC_OK;
	if (!c->table || !c->timer || !c->no_memory)
		rc = fault(why, RC_NOMEM, "no memory for a DNS client");
	for (size_t i = 0; rc == RC_OK && i < config->server_count; i++)
		rc = open_server(c, config, i, why);
	if (rc == RC_OK)
		return c;
	destroy(c);
	return NULL;
}

static struct question *new_question(struct dns_client *c, const char *name, enum dns_type type)
{
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		return NULL;

	q->client = c;
	q->asks = (struct dns_question){ q->name, type };
	ring_init(&q->place);
	ring_init(&q->age);
	ring_init(&q->lookups);
	c->stats.under_way++;
	size_t len = strlen(name);
	if (len < sizeof q->name) {
		memcpy(q->name, name, len + 1);
		q->query_len = dns_wire_ask(0, &q->asks, q->query);
	}
	return q;
}

/* Begins the question, or ends it at once. */
static void begin(struct question *q, const char *name)
{
	struct dns_client *c = q->client;
	char key[KEY_MAX];
	struct fault why;

	if (q->query_len == 0) {
		(void)fault(&why, RC_INVALID, "\"%s\" is not a name to ask for", name);
		finish_failed(q, why.text);
		return;
	}
	if (table_count(c->table) >= DNS_LOOKUPS_MAX) {
		finish_failed(q, "too many lookups under way");
		return;
	}
	q->in_table = table_set(c->table, key_of(q, key), q, NULL);
	if (!q->in_table) {
		finish(q, NULL);
		return;
	}
	q->deadline_ms = clock_mono_ms() + c->timeout_ms;
	ring_append(&c->ages, &q->age);
	next_try(q);
}

static struct question *find_question(struct dns_client *c, const char *name, enum dns_type type)
{
	char key[KEY_MAX];
	size_t len = strlen(name);

	if (len >= DNS_NAME_MAX)
		return NULL;
	memcpy(key, name, len);
	key[len] = (char)((unsigned)type >> 8);
	key[len + 1] = (char)type;
	return table_find(c->table, (struct slice){ key, len + 2 });
}

struct dns_lookup *dns_client_lookup(struct dns_client *c, const char *name, enum dns_type type,
				     dns_done *done, void *arg)
{
	struct question *q = find_question(c, name, type);
	struct dns_lookup *l = calloc(1, sizeof *l);
	bool fresh = !q;

	if (l && fresh)
		q = new_question(c, name, type);
	if (!l || !q) {
		free(l);
		return NULL;
	}
	*l = (struct dns_lookup){ .question = q, .done = done, .arg = arg };
	ring_init(&l->link);
	ring_append(&q->lookups, &l->link);
	c->stats.lookups++;
	c->stats.shared += !fresh;
	if (fresh) {
		begin(q, name);
		arm(c);
	}
	return l;
}

void dns_lookup_cancel(struct dns_lookup *l)
{
	if (!l)
		return;
	struct question *q = l->question;

	ring_remove(&l->link);
	free(l);
	if (ring_is_empty(&q->lookups) && !q->delivering)
		free_question(q);
}

struct dns_client_stats dns_client_stats(const struct dns_client *c)
{
	return c->stats;
}
