/* cli/operator.h: what an operator does at the command line, on record.
 *
 * The record's `auth` is who did it: the user, or for root who became root by sudo, as far as
 * the environment tells. */
#pragma once

#include "audit/record.h"
#include "cli/command.h"
#include "crypto/keys.h"
#include "store/store.h"

/* Sets the records' ts and auth. */
void operator_sign(struct audit_record *records, size_t count);

/* Makes the records durable, by the milter or, when none runs, by writing them; sets their ts
 * and auth. Anything but RC_OK: what they tell of must not happen. */
enum rc operator_record(struct cli *cli, struct audit_record *records, size_t count,
			struct fault *why);

struct operator_site { /* what most such commands need */
	struct store *store;
	struct crypto_keys *keys;
};

/* False after a message; *status is what to return then: CLI_USAGE without settings, CLI_NO
 * without a store, else CLI_UNDETERMINED. */
bool operator_open_store(struct cli *cli, struct operator_site *site, int *status); /* no keys */
bool operator_open(struct cli *cli, struct operator_site *site, int *status);
void operator_close(struct operator_site *site); /* for CLEANUP(); zeros are fine */

/* Strangers' bytes on a terminal: adds text, with '?' for what is not printable ASCII. */
void operator_add_text(struct buf *out, struct slice text);
