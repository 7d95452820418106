#include "dns/asking.h"

#include "base/clock.h"

#include <string.h>

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* When those who wait need another sounding. Until then something is to come. */
static int64_t next_sounding_ms(const struct dns_server *s)
{
	if (ring_is_empty(&s->waiting))
		return INT64_MAX;
	return (s->window.sound_usec + DNS_SOUNDING_USEC) / 1000 + 1;
}

/* When the first thing is due: INT64_MAX for never. */
static int64_t next_ms(const struct dns_asking *c)
{
	int64_t next = INT64_MAX;

	if (!ring_is_empty(&c->done))
		return 0;
	if (!ring_is_empty(&c->ages))
		next = RING_HOLDER(c->ages.next, struct dns_asked, age)->deadline_ms;
	for (unsigned i = 0; i < c->tries; i++)
		if (!ring_is_empty(&c->due[i])) {
			int64_t due = RING_HOLDER(c->due[i].next, struct dns_asked, place)->due_ms;
			next = earlier(next, due);
		}
	for (size_t i = 0; i < c->server_count; i++)
		next = earlier(next, next_sounding_ms(&c->servers[i].dns));
	return next;
}

void dns_asking_arm(struct dns_asking *c)
{
	int64_t next = next_ms(c);

	if (next >= c->armed_ms)
		return; /* it comes early enough, and is set again then */
	c->armed_ms = next;
	loop_timer_set(c->timer, next - clock_mono_ms());
}

static struct dns_asking_server *server_of(const struct dns_attempt *a)
{
	return RING_HOLDER(a->slot.server, struct dns_asking_server, dns);
}

static void ask(struct dns_asked *q, struct dns_asking_server *s)
{
	struct dns_asking *c = q->asking;
	struct dns_attempt *a = &q->attempts[q->tries];

	a->asked = q;
	/* On failure the next try may do better. */
	if (dns_server_ask(&s->dns, q->query, q->query_len, &a->slot, &q->why) == RC_OK)
		c->stats.sent++;
	c->stats.retried += q->tries > 0;
	q->tried[s - c->servers]++;
	q->due_ms = a->slot.sent_usec / 1000 + c->try_ms[q->tries];
	q->out = true;
	ring_append(&c->due[q->tries], &q->place);
	q->tries++;
}

/* Those who have waited longest, as far as the window goes. */
static void let_in(struct dns_asking_server *s)
{
	while (!s->asking->stopped && !ring_is_empty(&s->dns.waiting)) {
		s->asking->stats.soundings += dns_server_sound(&s->dns);
		if (!dns_server_is_open(&s->dns))
			break;
		ask(RING_HOLDER(s->dns.waiting.next, struct dns_asked, place), s);
	}
}

static void wait_for(struct dns_asked *q, struct dns_asking_server *s)
{
	q->out = false;
	ring_append(&s->dns.waiting, &q->place);
	let_in(s);
}

static void release(struct dns_attempt *a)
{
	if (!a->slot.server)
		return;
	struct dns_asking_server *s = server_of(a);
	dns_server_release(&a->slot);
	let_in(s);
}

static void finish(struct dns_asked *q, const struct dns_answer *answer)
{
	struct dns_asking *c = q->asking;

	if (!answer)
		answer = dns_answer_ref(c->no_memory);
	q->answer = answer;
	q->out = false;
	ring_remove(&q->age);
	ring_append(&c->done, &q->place);
	for (unsigned i = 0; i < q->tries; i++)
		release(&q->attempts[i]);
}

void dns_question_fail(struct dns_asked *q, const char *why)
{
	finish(q,
	       dns_answer_make(&(struct dns_answer){
		       .asked = q->name, .type = q->asks.type, .status = DNS_FAILED, .why = why }));
}

/* The query as this attempt sends it. */
static struct slice query_of(const struct dns_attempt *a)
{
	struct dns_asked *q = a->asked;

	q->query[0] = (uint8_t)(a->slot.id >> 8);
	q->query[1] = (uint8_t)a->slot.id;
	return (struct slice){ (char *)q->query, q->query_len };
}

static bool may_ask(const struct dns_asked *q, size_t i)
{
	return !q->failed_at[i] && (!q->proof_failed || q->asking->servers[i].dns.trusted);
}

/* The server asked least often; of those, first one that is not silent, then the
 * first in the settings. NULL: each has failed. */
static struct dns_asking_server *pick(const struct dns_asked *q)
{
	struct dns_asking *c = q->asking;
	struct dns_asking_server *best = NULL;
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

static bool may_still_hear(const struct dns_asked *q)
{
	for (unsigned i = 0; i < q->tries; i++) {
		const struct dns_attempt *a = &q->attempts[i];
		if (a->slot.server && !a->slot.refused &&
		    may_ask(q, (size_t)(server_of(a) - q->asking->servers)))
			return true;
	}
	return false;
}

static void next_try(struct dns_asked *q)
{
	struct dns_asking_server *s = q->tries < q->asking->tries ? pick(q) : NULL;

	q->out = false;
	ring_remove(&q->place);
	if (s)
		wait_for(q, s);
	else if (!may_still_hear(q))
		dns_question_fail(q, q->why.text);
	/* Else an answer or the deadline ends it. */
}

/* This server cannot answer this question; q->why says why. */
static void give_up_server(struct dns_attempt *a)
{
	struct dns_asked *q = a->asked;
	bool waiting = !q->out && !ring_is_empty(&q->place);

	q->failed_at[server_of(a) - q->asking->servers] = true;
	if (waiting) /* for this server, or for one that is not to be asked any more */
		ring_remove(&q->place);
	release(a);
	if (waiting || !may_still_hear(q))
		next_try(q);
}

static void take_answer(struct dns_attempt *a, struct slice message)
{
	struct dns_asking_server *s = server_of(a);
	struct dns_asked *q = a->asked;
	const struct dns_answer *answer =
		dns_wire_read(message, &q->asks, s->dns.trusted, s->dns.text);

	if (!answer) {
		finish(q, NULL);
	} else if (answer->status == DNS_FAILED) {
		(void)fault(&q->why, RC_RETRY, "%s", answer->why);
		dns_answer_unref(answer);
		q->proof_failed |= s->dns.trusted;
		give_up_server(a);
	} else if (may_ask(q, (size_t)(s - q->asking->servers))) {
		finish(q, answer);
	} else { /* asked before the proof failed, answered after */
		dns_answer_unref(answer);
		give_up_server(a);
	}
}

static void on_tcp(void *arg, struct slice message, const char *why)
{
	struct dns_attempt *a = arg;
	struct dns_asking_server *s = server_of(a);
	struct dns_asking *c = s->asking;

	if (message.at && dns_wire_replies(query_of(a), message)) {
		take_answer(a, message);
	} else {
		(void)fault(&a->asked->why, RC_RETRY, "TCP to %s: %s", s->dns.text,
			    message.at ? "it answers something else" : why);
		give_up_server(a);
	}
	c->on_done(c->arg);
}

/* The answer did not fit: the same question again, over TCP, in the same place. */
static void ask_by_tcp(struct dns_attempt *a)
{
	struct dns_asked *q = a->asked;
	struct dns_asking *c = q->asking;
	struct slice query = query_of(a);

	c->stats.tcp++;
	if (dns_server_ask_tcp(&a->slot, (const uint8_t *)query.at, query.len, on_tcp, a) !=
	    RC_OK) {
		(void)fault(&q->why, RC_RETRY, "no TCP socket to ask %s", server_of(a)->dns.text);
		give_up_server(a);
	} else if (q->out && a == &q->attempts[q->tries - 1]) {
		q->due_ms = clock_mono_ms() + c->try_ms[q->tries - 1];
		ring_append(&c->due[q->tries - 1], &q->place);
	}
}

static struct dns_slot *slot_of(const struct dns_server *s, const struct dns_udp_port *port,
				struct slice message)
{
	if (message.len < 2)
		return NULL;
	struct dns_slot *slot = dns_server_find(
		s, (uint16_t)((uint8_t)message.at[0] << 8 | (uint8_t)message.at[1]));
	return slot && slot->port == port ? slot : NULL;
}

static void on_message(void *arg, const struct dns_udp_port *port, struct slice message)
{
	struct dns_asking_server *s = arg;
	struct dns_slot *slot = slot_of(&s->dns, port, message);

	if (slot == &s->dns.sounding) {
		if (dns_server_take_sounding(&s->dns, message))
			let_in(s);
		else
			s->asking->stats.ignored++;
		return;
	}
	struct dns_attempt *a = slot ? RING_HOLDER(slot, struct dns_attempt, slot) : NULL;
	if (!a || !dns_wire_replies(query_of(a), message)) {
		s->asking->stats.ignored++;
		return;
	}
	dns_server_answered(slot);
	if (dns_wire_is_truncated(message))
		ask_by_tcp(a);
	else
		take_answer(a, message);
}

/* Nobody listens. Another server is asked at once. Without one the question
 * stays: a resolver that restarts may be back in time for the next try. */
static void refuse(struct dns_attempt *a, const char *why)
{
	struct dns_asked *q = a->asked;
	struct dns_asking_server *s = server_of(a), *other = pick(q);

	(void)fault(&q->why, RC_RETRY, "%s: %s", s->dns.text, why);
	a->slot.refused = true;
	if (!q->out || a != &q->attempts[q->tries - 1])
		return; /* the next try is under way already */
	if (q->tries == q->asking->tries || (other && other != s))
		next_try(q);
}

static void on_refused(void *arg, const struct dns_udp_port *port, const char *why)
{
	struct dns_asking_server *s = arg;

	dns_server_refused(&s->dns);
	/* From the end, since a place given back is filled with the last. */
	for (size_t i = s->dns.used; i-- > 0;) {
		struct dns_slot *slot = i < s->dns.used ? s->dns.slots[i] : NULL;
		if (slot && slot != &s->dns.sounding && slot->port == port && !slot->refused)
			refuse(RING_HOLDER(slot, struct dns_attempt, slot), why);
	}
}

static void on_settled(void *arg)
{
	struct dns_asking *c = ((struct dns_asking_server *)arg)->asking;

	c->on_done(c->arg);
}

static void run_out(struct dns_asked *q)
{
	struct fault why;
	double seconds = (double)q->asking->timeout_ms / 1000;

	if (*q->why.text)
		(void)fault(&why, RC_RETRY, "no answer in %g s: %s", seconds, q->why.text);
	else
		(void)fault(&why, RC_RETRY, "no answer in %g s", seconds);
	dns_question_fail(q, why.text);
}

static void miss(struct dns_attempt *a)
{
	if (!a->slot.server)
		return;
	a->asked->asking->stats.late++;
	dns_server_missed(&a->slot);
}

static void on_timer(void *arg)
{
	struct dns_asking *c = arg;
	int64_t now = clock_mono_ms();

	c->armed_ms = INT64_MAX;
	while (!ring_is_empty(&c->ages)) {
		struct dns_asked *q = RING_HOLDER(c->ages.next, struct dns_asked, age);
		if (q->deadline_ms > now)
			break;
		run_out(q);
	}
	for (unsigned i = 0; i < c->tries; i++)
		while (!ring_is_empty(&c->due[i])) {
			struct dns_asked *q = RING_HOLDER(c->due[i].next, struct dns_asked, place);
			if (q->due_ms > now)
				break;
			miss(&q->attempts[i]);
			next_try(q);
		}
	for (size_t i = 0; i < c->server_count; i++)
		let_in(&c->servers[i]);
	c->on_done(c->arg);
}

static enum rc open_server(struct dns_asking *c, const struct dns_client_config *config, size_t i,
			   struct fault *why)
{
	struct dns_asking_server *s = &c->servers[i];
	const struct dns_udp_events events = { on_message, on_refused, on_settled, s };

	s->asking = c;
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
static void plan_tries(struct dns_asking *c)
{
	int64_t parts = ((int64_t)1 << c->tries) - 1;

	for (unsigned i = 0; i < c->tries; i++) {
		c->try_ms[i] = c->timeout_ms * ((int64_t)1 << i) / parts;
		ring_init(&c->due[i]);
	}
}

enum rc dns_asking_init(struct dns_asking *c, struct loop *loop,
			const struct dns_client_config *config, loop_fn *on_done, void *arg,
			struct fault *why)
{
	enum rc rc = check_config(config, why);

	if (rc != RC_OK)
		return rc;
	c->loop = loop;
	c->tries = config->tries;
	c->timeout_ms = config->timeout_ms;
	c->armed_ms = INT64_MAX;
	c->on_done = on_done;
	c->arg = arg;
	plan_tries(c);
	ring_init(&c->ages);
	ring_init(&c->done);
	c->timer = loop_timer_new(loop, on_timer, c);
	c->no_memory = dns_answer_make(&(struct dns_answer){
		.asked = "", .type = DNS_A, .status = DNS_FAILED, .why = "out of memory" });
	if (!c->timer || !c->no_memory)
		rc = fault(why, RC_NOMEM, "no memory for a DNS client");
	for (size_t i = 0; rc == RC_OK && i < config->server_count; i++)
		rc = open_server(c, config, i, why);
	if (rc != RC_OK)
		dns_asking_fini(c);
	return rc;
}

void dns_asking_fini(struct dns_asking *c)
{
	for (size_t i = 0; i < c->server_count; i++)
		dns_server_close(&c->servers[i].dns);
	loop_timer_free(c->timer);
	dns_answer_unref(c->no_memory);
}

void dns_question_init(struct dns_asked *q, struct dns_asking *c, const char *name,
		       enum dns_type type)
{
	size_t len = strlen(name);

	q->asking = c;
	q->asks = (struct dns_question){ q->name, type };
	ring_init(&q->place);
	ring_init(&q->age);
	c->stats.under_way++;
	if (len >= sizeof q->name)
		return;
	memcpy(q->name, name, len + 1);
	q->query_len = dns_wire_ask(0, &q->asks, q->query);
}

void dns_question_begin(struct dns_asked *q)
{
	q->deadline_ms = clock_mono_ms() + q->asking->timeout_ms;
	ring_append(&q->asking->ages, &q->age);
	next_try(q);
}

void dns_question_end(struct dns_asked *q)
{
	ring_remove(&q->age);
	ring_remove(&q->place);
	for (unsigned i = 0; i < q->tries; i++)
		release(&q->attempts[i]);
	q->asking->stats.under_way--;
	dns_answer_unref(q->answer);
}
