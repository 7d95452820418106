/* cli/doctor.h: what the parts of `postern doctor` share.
 *
 *     ok    keys: /etc/postern/keys has all keys, closed to others
 *     FAIL  milter: nobody answers at unix:/…/milter.sock: Connection refused
 *           -> systemctl start postern-milter, and read its log */
#pragma once

#include "cli/command.h"

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor {
	struct cli *cli;
	const struct settings *settings;
	const struct rules *rules;
	const char *postfix; /* --postfix, or NULL for Postfix's own */
	unsigned count[DOCTOR_FAIL + 1];
};

/* Tells one finding. advice: what to do, or "" where there is nothing. */
void doctor_say(struct doctor *d, enum doctor_level level, const char *check, const char *advice,
		const char *format, ...) __attribute__((format(printf, 5, 6)));

void doctor_keys(struct doctor *d);     /* the folder of keys */
void doctor_state(struct doctor *d);    /* the folder of state: owner, mode, space */
void doctor_audit(struct doctor *d);    /* the end of the audit's chain */
void doctor_outbox(struct doctor *d);   /* mail that waits too long, or never left */
void doctor_milter(struct doctor *d);   /* its socket, and whether it answers */
void doctor_map(struct doctor *d);      /* the same of the TLS policy socket */
void doctor_resolver(struct doctor *d); /* DNSSEC and TCP */
void doctor_scanner(struct doctor *d);  /* whether clamd answers */
void doctor_postfix(struct doctor *d);  /* all of the MTA's side */
