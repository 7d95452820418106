#include "metrics/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

static const struct {
	const char *name, *help, *label; /* label NULL: the family has one value */
	const char *values[METRICS_VALUES_MAX];
} families[METRICS_FAMILIES] = {
	[METRICS_MESSAGES] = { "messages_total", "Messages judged.", NULL, { "" } },
	[METRICS_RECIPIENTS] = { "recipients_total",
				 "Recipients of judged messages, by verdict.",
				 "verdict",
				 { "pass", "deliver", "encrypt", "rewrite", "divert", "hold",
				   "defer", "refuse" } },
	[METRICS_FAILURES] = { "failures_total",
			       "Messages deferred for a failure of Postern's own.",
			       NULL,
			       { "" } },
	[METRICS_UNREAD] = { "unread_total",
			     "Messages of which something could not be read.",
			     NULL,
			     { "" } },
	[METRICS_ASSURANCE] = { "assurance_total",
				"Destinations found out, by what they guarantee.",
				"level",
				{ "undetermined", "unroutable", "none", "encrypted",
				  "authenticated", "requiretls" } },
	[METRICS_PROOFS] = { "assurance_by_total",
			     "Destinations found out, by what their guarantee rests on.",
			     "by",
			     { "nothing", "dane", "sts", "pin", "null" } },
	[METRICS_CACHE] = { "cache_total",
			    "Questions for a destination, by whether it was remembered.",
			    "outcome",
			    { "hit", "miss" } },
	[METRICS_LOOKUPS] = { "lookups_total",
			      "DNS lookups, by outcome.",
			      "outcome",
			      { "found", "nodata", "nxdomain", "failed" } },
	[METRICS_QUESTIONS] = { "dns_questions_total",
				"What was asked of the resolvers: questions, looks at what they "
				"have read, answers that did not come in time, questions asked "
				"again, answers that nobody had asked for, and TCP connections.",
				"what",
				{ "sent", "sounding", "late", "again", "ignored", "tcp" } },
	[METRICS_FETCHES] = { "fetches_total",
			      "MTA-STS policies asked for over HTTPS.",
			      "outcome",
			      { "had", "not_had" } },
	[METRICS_PROBES] = { "probes_total",
			     "MX hosts spoken to, by whether they keep what is promised for them.",
			     "outcome",
			     { "kept", "broken", "not_found_out" } },
	[METRICS_ALARMS] = { "alarms_total",
			     "Alarms raised; the log has their words.",
			     NULL,
			     { "" } },
	[METRICS_MAPS] = { "socketmap_replies_total",
			   "Replies to the MTA's questions on TLS policy.",
			   "reply",
			   { "OK", "TEMP", "NOTFOUND", "PERM" } },
	[METRICS_OUTBOX] = { "outbox_total",
			     "What became of mail in the outbox.",
			     "fate",
			     { "accepted", "refused", "delayed", "given_up" } },
};

static const struct {
	const char *name, *help;
} spans[METRICS_SPANS] = {
	[METRICS_LOOKUP_TIME] = { "lookup_seconds", "How long DNS lookups take." },
	[METRICS_FETCH_TIME] = { "fetch_seconds", "How long policy fetches take." },
	[METRICS_END_TIME] = { "end_of_message_seconds",
			       "How long the end of a message takes, waits for lookups included." },
};

static const struct {
	const char *name, *help;
} gauges[METRICS_GAUGES] = {
	[METRICS_SESSIONS] = { "sessions", "Messages at hand now." },
	[METRICS_DESTINATIONS] = { "cached_destinations", "Destinations remembered." },
	[METRICS_STRIPPED] = { "starttls_stripped", "1 while every host spoken to lately lacks the "
						    "STARTTLS it promised." },
	[METRICS_RESOLVER_SOUND] = { "resolver_sound",
				     "1 when the resolvers passed their last test, 0 when not, -1 "
				     "before it." },
};

/* Milliseconds; above the last comes +Inf. */
static const int64_t bounds_ms[] = { 1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 30000 };
enum { BOUNDS = sizeof bounds_ms / sizeof *bounds_ms };

struct metrics {
	_Atomic uint64_t counters[METRICS_FAMILIES][METRICS_VALUES_MAX];
	_Atomic uint64_t buckets[METRICS_SPANS][BOUNDS + 1]; /* each counts its own */
	_Atomic uint64_t sums_ms[METRICS_SPANS];
	_Atomic int64_t gauges[METRICS_GAUGES];
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = calloc(1, sizeof *metrics);

	if (metrics)
		atomic_init(&metrics->gauges[METRICS_RESOLVER_SOUND], -1);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	free(metrics);
}

void metrics_count(struct metrics *metrics, enum metrics_family family, unsigned value)
{
	assert(family < METRICS_FAMILIES && value < METRICS_VALUES_MAX &&
	       families[family].values[value]);
	if (metrics)
		atomic_fetch_add_explicit(&metrics->counters[family][value], 1,
					  memory_order_relaxed);
}

void metrics_count_as(struct metrics *metrics, enum metrics_family family, unsigned value,
		      uint64_t total)
{
	assert(family < METRICS_FAMILIES && value < METRICS_VALUES_MAX &&
	       families[family].values[value]);
	if (metrics)
		atomic_store_explicit(&metrics->counters[family][value], total,
				      memory_order_relaxed);
}

void metrics_time(struct metrics *metrics, enum metrics_span span, int64_t took_ms)
{
	size_t i = 0;

	if (!metrics)
		return;
	if (took_ms < 0)
		took_ms = 0;
	while (i < BOUNDS && took_ms > bounds_ms[i])
		i++;
	atomic_fetch_add_explicit(&metrics->buckets[span][i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&metrics->sums_ms[span], (uint64_t)took_ms, memory_order_relaxed);
}

void metrics_set(struct metrics *metrics, enum metrics_gauge gauge, int64_t value)
{
	if (metrics)
		atomic_store_explicit(&metrics->gauges[gauge], value, memory_order_relaxed);
}

uint64_t metrics_counted(const struct metrics *metrics, enum metrics_family family, unsigned value)
{
	return atomic_load_explicit(&metrics->counters[family][value], memory_order_relaxed);
}

static void head(struct buf *out, const char *name, const char *help, const char *type)
{
	(void)buf_addf(out, "# HELP postern_%s %s\n# TYPE postern_%s %s\n", name, help, name, type);
}

static void format_family(const struct metrics *metrics, enum metrics_family f, struct buf *out)
{
	const char *name = families[f].name;

	head(out, name, families[f].help, "counter");
	for (unsigned v = 0; v < METRICS_VALUES_MAX && families[f].values[v]; v++) {
		uint64_t count = metrics_counted(metrics, f, v);
		if (families[f].label)
			(void)buf_addf(out, "postern_%s{%s=\"%s\"} %" PRIu64 "\n", name,
				       families[f].label, families[f].values[v], count);
		else
			(void)buf_addf(out, "postern_%s %" PRIu64 "\n", name, count);
	}
}

static void format_span(const struct metrics *metrics, enum metrics_span s, struct buf *out)
{
	uint64_t below = 0;

	head(out, spans[s].name, spans[s].help, "histogram");
	for (size_t i = 0; i < BOUNDS; i++) {
		below += atomic_load_explicit(&metrics->buckets[s][i], memory_order_relaxed);
		(void)buf_addf(out,
			       "postern_%s_bucket{le=\"%" PRId64 ".%03" PRId64 "\"} %" PRIu64 "\n",
			       spans[s].name, bounds_ms[i] / 1000, bounds_ms[i] % 1000, below);
	}
	below += atomic_load_explicit(&metrics->buckets[s][BOUNDS], memory_order_relaxed);
	uint64_t sum = atomic_load_explicit(&metrics->sums_ms[s], memory_order_relaxed);
	(void)buf_addf(out, "postern_%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", spans[s].name, below);
	(void)buf_addf(out,
		       "postern_%s_sum %" PRIu64 ".%03" PRIu64 "\npostern_%s_count %" PRIu64 "\n",
		       spans[s].name, sum / 1000, sum % 1000, spans[s].name, below);
}

enum rc metrics_format(const struct metrics *metrics, struct buf *out)
{
	for (enum metrics_family f = 0; f < METRICS_FAMILIES; f++)
		format_family(metrics, f, out);
	for (enum metrics_span s = 0; s < METRICS_SPANS; s++)
		format_span(metrics, s, out);
	for (enum metrics_gauge g = 0; g < METRICS_GAUGES; g++) {
		head(out, gauges[g].name, gauges[g].help, "gauge");
		(void)buf_addf(out, "postern_%s %" PRId64 "\n", gauges[g].name,
			       atomic_load_explicit(&metrics->gauges[g], memory_order_relaxed));
	}
	return buf_state(out);
}
