/* cli/lint_report.h: what the parts of `postern lint` share: one file for each subject. */
#pragma once

#include "cli/lint.h"

/* What lint has to say, as it comes up. */
struct lint_report {
	struct cli *cli;
	lint_said *said;
	void *arg;
	unsigned errors;
	const struct settings *settings;
	const struct rules *rules; /* NULL when they do not read */
};

/* The daemons would not start on it. */
void lint_complain(struct lint_report *report, const struct fault *why);
/* Allowed, and dubious: "FILE:LINE: what it is: what to do". */
void lint_warn(struct lint_report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

void lint_check_settings(struct lint_report *report); /* cli/lint_settings.c */
void lint_check_rules(struct lint_report *report);    /* cli/lint_rules.c */
void lint_check_dates(struct lint_report *report);    /* cli/lint_dates.c */
void lint_check_cover(struct lint_report *report);    /* cli/lint_cover.c: rules by each other */
void lint_check_markers(struct lint_report *report);  /* cli/lint_markers.c: their tests */
void lint_check_destinations(struct lint_report *report); /* cli/lint_destinations.c */
