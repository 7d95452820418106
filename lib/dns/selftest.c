#include "dns/selftest.h"

#include "base/buf.h"
#include "dns/server.h"
#include "dns/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { COMPLAINTS_MAX = DNS_SERVERS_MAX * 1024 };

/* One server: asked by a client that knows no other, and by TCP. */
struct trial {
	struct dns_selftest *test;
	char address[INET6_ADDRSTRLEN];
	struct dns_client *client;
	struct dns_server server; /* for its address; it is asked by TCP only */
	struct dns_tcp *tcp;
	struct buf udp_complaint, tcp_complaint, bogus_complaint;
	bool misleading;
};

struct dns_selftest {
	struct loop *loop;
	struct loop_timer *timer; /* the end of TCP's time, and the way to done() */
	dns_selftest_done *done;
	void *arg;
	size_t count, pending; /* trials; lookups and exchanges under way */
	const char *bogus;     /* during the start */
	size_t query_len;
	uint8_t query[DNS_QUERY_MAX];
	struct trial trials[DNS_SERVERS_MAX];
};

static void on_nothing(void *arg)
{
	(void)arg;
}

static void ignore_message(void *arg, const struct dns_udp_port *port, struct slice message)
{
	(void)arg;
	(void)port;
	(void)message;
}

static void ignore_refusal(void *arg, const struct dns_udp_port *port, const char *why)
{
	(void)arg;
	(void)port;
	(void)why;
}

static void free_test(struct dns_selftest *t)
{
	for (size_t i = 0; i < t->count; i++) {
		struct trial *trial = &t->trials[i];
		dns_client_free(trial->client);
		dns_tcp_free(trial->tcp);
		if (trial->server.udp)
			dns_server_close(&trial->server);
		buf_free(&trial->udp_complaint);
		buf_free(&trial->tcp_complaint);
		buf_free(&trial->bogus_complaint);
	}
	loop_timer_free(t->timer);
	free(t);
}

static void tell(struct dns_selftest *t)
{
	struct buf all = BUF_INIT(COMPLAINTS_MAX);
	bool misleading = false;

	for (size_t i = 0; i < t->count; i++) {
		const struct buf *each[] = { &t->trials[i].udp_complaint,
					     &t->trials[i].tcp_complaint,
					     &t->trials[i].bogus_complaint };
		misleading |= t->trials[i].misleading;
		for (size_t j = 0; j < sizeof each / sizeof *each; j++)
			if (each[j]->len)
				(void)buf_addf(&all, "%sresolver %s %s", all.len ? "; " : "",
					       t->trials[i].address, buf_text(each[j]));
	}
	const char *text = buf_state(&all) == RC_OK ? buf_text(&all)
						    : "no memory to tell what the resolvers lack";
	dns_selftest_done *done = t->done;
	void *arg = t->arg;
	free_test(t);
	done(arg, text, misleading);
	buf_free(&all);
}

/* The timer calls tell(): nothing is freed in the middle of its own callback. */
static void one_less(struct dns_selftest *t)
{
	if (--t->pending == 0)
		loop_timer_set(t->timer, 0);
}

static void on_udp(void *arg, const struct dns_answer *a)
{
	struct trial *trial = arg;
	struct buf *complaint = &trial->udp_complaint;

	if (a->status == DNS_FAILED)
		(void)buf_addf(complaint, "does not answer: %s", a->why);
	else if (a->status != DNS_FOUND)
		(void)buf_add_text(complaint, "knows no keys of the root");
	else if (!trial->server.trusted)
		(void)buf_add_text(complaint,
				   "is not one whose validation we trust (resolver.trust_ad)");
	else if (a->trust != DNS_SECURE)
		(void)buf_add_text(complaint, "does not validate: the root's keys come without AD");
	one_less(trial->test);
}

static void on_bogus(void *arg, const struct dns_answer *a)
{
	struct trial *trial = arg;
	struct buf *complaint = &trial->bogus_complaint;

	if (a->status == DNS_NXDOMAIN) {
		(void)buf_addf(complaint,
			       "knows no %s: name another whose signatures are broken "
			       "(resolver.bogus_name)",
			       a->asked);
	} else if (a->status != DNS_FAILED) {
		trial->misleading = trial->server.trusted;
		(void)buf_addf(complaint,
			       "does not validate: it gives out %s, whose signatures are broken; "
			       "nothing that it calls authentic counts",
			       a->asked);
	}
	one_less(trial->test);
}

static void on_tcp(void *arg, struct slice message, const char *why)
{
	struct trial *trial = arg;
	struct dns_selftest *t = trial->test;

	if (!message.at)
		(void)buf_addf(&trial->tcp_complaint, "does not answer over TCP: %s", why);
	else if (!dns_wire_replies((struct slice){ (char *)t->query, t->query_len }, message))
		(void)buf_add_text(&trial->tcp_complaint, "answers something else over TCP");
	dns_tcp_free(trial->tcp);
	trial->tcp = NULL;
	one_less(t);
}

static void on_timer(void *arg)
{
	struct dns_selftest *t = arg;

	for (size_t i = 0; i < t->count; i++)
		if (t->trials[i].tcp)
			on_tcp(&t->trials[i], (struct slice){ 0 }, "no answer");
	/* The clients have the same time and end by themselves. */
	if (t->pending == 0)
		tell(t);
}

static enum rc begin(struct dns_selftest *t, const struct dns_client_config *config,
		     const char *address, struct fault *why)
{
	static const struct dns_udp_events none = { ignore_message, ignore_refusal, on_nothing,
						    NULL };
	struct trial *trial = &t->trials[t->count];
	struct dns_client_config alone = *config;

	trial->test = t;
	trial->udp_complaint = trial->tcp_complaint = trial->bogus_complaint =
		BUF_INIT(COMPLAINTS_MAX);
	alone.servers = &address;
	alone.server_count = 1;
	t->count++;
	trial->client = dns_client_new(t->loop, &alone, why);
	if (!trial->client)
		return RC_INVALID;
	enum rc rc = dns_server_open(&trial->server, t->loop, address, config->port, &none, why);
	if (rc != RC_OK)
		return rc;
	struct dns_server *s = &trial->server;
	memcpy(trial->address, s->text, sizeof s->text);
	s->trusted = config->trusts &&
		     config->trusts(config->trusts_arg, s->at.ss_family, dns_server_address(s));
	trial->tcp = dns_tcp_new(t->loop, (struct sockaddr *)&s->at, s->at_len,
				 (struct slice){ (char *)t->query, t->query_len }, on_tcp, trial);
	if (!trial->tcp || !dns_client_lookup(trial->client, "", DNS_DNSKEY, on_udp, trial))
		return fault(why, RC_NOMEM, "no memory or descriptors to test the resolvers");
	t->pending += 2;
	if (!*t->bogus)
		return RC_OK;
	if (!dns_client_lookup(trial->client, t->bogus, DNS_A, on_bogus, trial))
		return fault(why, RC_NOMEM, "no memory to test the resolvers");
	t->pending++;
	return RC_OK;
}

struct dns_selftest *dns_selftest_start(struct loop *loop, const struct dns_client_config *config,
					const char *bogus, dns_selftest_done *done, void *arg,
					struct fault *why)
{
	uint16_t id;

	if (config->server_count < 1 || config->server_count > DNS_SERVERS_MAX) {
		(void)fault(why, RC_INVALID, "%zu DNS servers, not 1 to %d", config->server_count,
			    DNS_SERVERS_MAX);
		return NULL;
	}
	struct dns_selftest *t = calloc(1, sizeof *t);
	if (t)
		t->timer = loop_timer_new(loop, on_timer, t);
	if (!t || !t->timer || getrandom(&id, sizeof id, 0) != (ssize_t)sizeof id) {
		(void)fault(why, RC_NOMEM, "no memory to test the resolvers");
		if (t)
			free_test(t);
		return NULL;
	}
	t->loop = loop;
	t->bogus = bogus;
	t->done = done;
	t->arg = arg;
	t->query_len = dns_wire_ask(id, &(struct dns_question){ "", DNS_DNSKEY }, t->query);
	for (size_t i = 0; i < config->server_count; i++)
		if (begin(t, config, config->servers[i], why) != RC_OK) {
			free_test(t);
			return NULL;
		}
	loop_timer_set(t->timer, config->timeout_ms);
	return t;
}

void dns_selftest_cancel(struct dns_selftest *t)
{
	if (t)
		free_test(t);
}
