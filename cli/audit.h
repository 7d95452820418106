/* cli/audit.h: records of the audit that are chosen, to be listed or counted. */
#pragma once

#include "cli/command.h"
#include "json/line.h"

struct sums;

struct audit_wanted {
	const struct cli *cli;
	const char *queue_id, *from, *to, *verdict, *event, *deposit, *since, *mode; /* NULL: any */
	uint64_t found;
	/* For the file that implements the two below. */
	void (*on_record)(struct audit_wanted *s, const struct json_value *record,
			  struct slice line);
	struct sums *sums;
};

bool audit_chooses(const struct audit_wanted *s); /* some option is given */

/* The exit status: 0 found, 1 none, 3 a file cannot be read. */
int audit_show(struct audit_wanted *s, const char *const *files, int count);
int audit_summary(struct audit_wanted *s, const char *const *files, int count);
