#include "assurance/live.h"

#include "base/clock.h"
#include "dns/client.h"
#include "loop/loop.h"
#include "web/fetch.h"

#include <stdlib.h>
#include <string.h>

static const char policy_path[] = "/.well-known/mta-sts.txt"; /* RFC 8461 §3.2 */

struct assurance_live {
	struct loop *loop;
	struct assurance_live_config config;
	char *ca_file;
};

struct fetch {
	struct web_fetch *web;
	assurance_fetched_fn *done;
	void *arg;
};

struct timer {
	struct loop_timer *timer;
	assurance_timer_fn *fn;
	void *arg;
};

static void *lookup(void *arg, const char *name, enum dns_type type, dns_done *done, void *done_arg)
{
	struct assurance_live *live = arg;

	return dns_client_lookup(live->config.resolver, name, type, done, done_arg);
}

static void lookup_cancel(void *arg, void *handle)
{
	(void)arg;
	dns_lookup_cancel(handle);
}

static void on_fetched(void *arg, enum rc rc, struct slice body, const char *why)
{
	struct fetch *fetch = arg;
	const struct assurance_fetched fetched = { .rc = rc, .text = body, .why = why };
	assurance_fetched_fn *done = fetch->done;
	void *done_arg = fetch->arg;

	free(fetch);
	done(done_arg, &fetched);
}

static void *fetch(void *arg, const char *host, const struct dns_address *addresses, size_t count,
		   assurance_fetched_fn *done, void *done_arg)
{
	struct assurance_live *live = arg;
	struct fetch *fetch = calloc(1, sizeof *fetch);
	const struct web_request request = {
		.host = host,
		.port = live->config.sts_port,
		.path = policy_path,
		.address_count = count,
		.addresses = addresses,
		.ca_file = live->ca_file,
		.timeout_ms = live->config.sts_timeout_ms,
	};

	if (!fetch)
		return NULL;
	fetch->done = done;
	fetch->arg = done_arg;
	fetch->web = web_fetch_start(live->loop, &request, on_fetched, fetch);
	if (!fetch->web) {
		free(fetch);
		return NULL;
	}
	return fetch;
}

static void fetch_cancel(void *arg, void *handle)
{
	struct fetch *fetch = handle;

	(void)arg;
	web_fetch_cancel(fetch->web);
	free(fetch);
}

static void on_timer(void *arg)
{
	struct timer *timer = arg;
	assurance_timer_fn *fn = timer->fn;
	void *fn_arg = timer->arg;

	loop_timer_free(timer->timer);
	free(timer);
	fn(fn_arg);
}

static void *timer(void *arg, int64_t after_ms, assurance_timer_fn *fn, void *fn_arg)
{
	struct assurance_live *live = arg;
	struct timer *timer = calloc(1, sizeof *timer);

	if (!timer)
		return NULL;
	timer->fn = fn;
	timer->arg = fn_arg;
	timer->timer = loop_timer_new(live->loop, on_timer, timer);
	if (!timer->timer) {
		free(timer);
		return NULL;
	}
	loop_timer_set(timer->timer, after_ms);
	return timer;
}

static void timer_cancel(void *arg, void *handle)
{
	struct timer *timer = handle;

	(void)arg;
	loop_timer_free(timer->timer);
	free(timer);
}

static int64_t now_s(void *arg)
{
	(void)arg;
	return clock_wall_s();
}

struct assurance_live *assurance_live_new(struct loop *loop,
					  const struct assurance_live_config *config)
{
	struct assurance_live *live = calloc(1, sizeof *live);

	if (!live)
		return NULL;
	live->loop = loop;
	live->config = *config;
	live->ca_file = strdup(config->sts_ca_file ? config->sts_ca_file : "");
	if (!live->ca_file) {
		free(live);
		return NULL;
	}
	return live;
}

struct assurance_sources assurance_live_sources(struct assurance_live *live)
{
	return (struct assurance_sources){
		.arg = live,
		.lookup = lookup,
		.lookup_cancel = lookup_cancel,
		.fetch = fetch,
		.fetch_cancel = fetch_cancel,
		.timer = timer,
		.timer_cancel = timer_cancel,
		.now_s = now_s,
	};
}

void assurance_live_free(struct assurance_live *live)
{
	if (!live)
		return;
	free(live->ca_file);
	free(live);
}
