/* metrics/metrics.h: what is counted while a daemon runs, and how it is told.
 *
 *     postern_recipients_total{verdict="divert"} 17
 *     postern_lookup_seconds_bucket{le="0.01"} 4032
 *
 * One table names every family with its labels; code counts by number. No value says
 * anything of a message, a sender or a recipient.
 *
 * Standard  the Prometheus text format, 0.0.4
 * Threads   any: atomic counters, no lock */
#pragma once

#include "base/buf.h"

#include <stdint.h>

enum metrics_family {                     /* label values are numbered as in the comment */
		      METRICS_MESSAGES,   /* none */
		      METRICS_RECIPIENTS, /* enum verdict_kind */
		      METRICS_FAILURES,   /* none: 451 for reasons of our own */
		      METRICS_UNREAD,     /* none: messages of which something could not be read */
		      METRICS_ASSURANCE,  /* enum assurance_level */
		      METRICS_PROOFS,     /* enum assurance_by */
		      METRICS_CACHE,      /* 0 hit, 1 miss */
		      METRICS_LOOKUPS,    /* enum dns_status */
		      METRICS_QUESTIONS,  /* as METRICS_QUESTION_ below */
		      METRICS_FETCHES,    /* 0 had, 1 not had */
		      METRICS_PROBES,     /* 0 kept, 1 broken, 2 not found out */
		      METRICS_ALARMS,     /* none */
		      METRICS_MAPS,       /* 0 OK, 1 TEMP, 2 NOTFOUND, 3 PERM */
		      METRICS_OUTBOX,     /* enum outbox_fate */
		      METRICS_FAMILIES,
};

enum metrics_question { /* datagrams of a DNS client, and what it did besides */
			METRICS_QUESTION_SENT,
			METRICS_QUESTION_SOUNDING,
			METRICS_QUESTION_LATE,
			METRICS_QUESTION_AGAIN,
			METRICS_QUESTION_IGNORED,
			METRICS_QUESTION_TCP,
};

enum { METRICS_VALUES_MAX = 8 }; /* of one family's label */

enum metrics_span { METRICS_LOOKUP_TIME, METRICS_FETCH_TIME, METRICS_END_TIME, METRICS_SPANS };

enum metrics_gauge {
	METRICS_SESSIONS,
	METRICS_DESTINATIONS,
	METRICS_STRIPPED,
	METRICS_RESOLVER_SOUND,
	METRICS_GAUGES
};

struct metrics;

struct metrics *metrics_new(void);          /* NULL: out of memory */
void metrics_free(struct metrics *metrics); /* NULL is fine */

/* All of them: metrics NULL is fine, and counts nothing. */
void metrics_count(struct metrics *metrics, enum metrics_family family, unsigned value);
/* The same of what is counted elsewhere: the total so far. */
void metrics_count_as(struct metrics *metrics, enum metrics_family family, unsigned value,
		      uint64_t total);
void metrics_time(struct metrics *metrics, enum metrics_span span, int64_t took_ms);
void metrics_set(struct metrics *metrics, enum metrics_gauge gauge, int64_t value);

/* What has been counted, for tests and summaries. */
uint64_t metrics_counted(const struct metrics *metrics, enum metrics_family family, unsigned value);

/* Adds all of it as text. RC_LIMIT, RC_NOMEM: from out. */
enum rc metrics_format(const struct metrics *metrics, struct buf *out);
