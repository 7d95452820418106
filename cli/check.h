/* cli/check.h: what the parts of `postern check` share: the JSON of the contract, the report for
 * people, the watch. */
#pragma once

#include "assurance/assurance.h"
#include "base/arena.h"
#include "cli/command.h"
#include "cli/lookup.h"

enum {
	CHECK_REPORT_BYTES_MAX = 1024 * 1024,
	CHECK_CHANGES_MAX = 64, /* between two looks at one domain; what is more is not told */
};

struct check_change { /* since the look before */
	int64_t at_s;
	size_t count; /* 0: the first look */
	const char *const *texts;
};

/* One line; change may be NULL, or adds "ts" and "changes". cli/check_json.c */
void check_write_json(const struct assurance *a, const struct check_change *change,
		      struct buf *out);
const char *check_lookup_name(enum assurance_lookup lookup);     /* "not-asked" */
const char *check_source_name(enum assurance_sts_source source); /* "fetched" */

/* The report that can be forwarded: printable ASCII, no line longer than 79 characters unless a
 * name is; it begins "DOMAIN: LEVEL". cli/check_report.c */
void check_write_report(const struct assurance *a, struct buf *out);
const char *check_colour(enum assurance_level level); /* what switches a terminal to it */

/* What is not the same, as sentences in the arena. cli/check_watch.c */
size_t check_compare(const struct assurance *was, const struct assurance *is, struct arena *arena,
		     const char *texts[static CHECK_CHANGES_MAX]);

/* Looks again every seconds, and prints what has changed since got, until a signal. got holds the
 * last state then. */
void check_watch(struct cli *cli, struct lookup *lookup, unsigned seconds,
		 const char *const *domains, size_t count, const struct assurance **got);
