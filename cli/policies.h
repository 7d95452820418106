/* cli/policies.h: the MTA-STS policies that the daemon remembers, read from its store, for
 * `postern known` and `postern forget`. */
#pragma once

#include "cli/command.h"
#include "cli/operator.h"
#include "json/line.h"
#include "sts/cache.h"

/* CLI_OK; else what to return, after a message: CLI_NO without a store, CLI_UNDETERMINED when it
 * cannot be read. *out is the caller's, for sts_cache_free(). */
int policies_open(struct cli *cli, struct operator_site *site, struct sts_cache **out);

/* "mode enforce, id 20261101, fetched …, until …, mx mx1.partner.example": adds to out. */
void policies_tell(const struct sts_known *known, struct buf *out);

/* standing, mode, id, fetched, until and mx, as members of the line. */
void policies_write(const struct sts_known *known, struct json_line *line);
