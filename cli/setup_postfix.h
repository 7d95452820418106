/* cli/setup_postfix.h: the lines by which Postfix takes Postern in.
 *
 *     smtpd_milters = unix:postern/milter.sock
 *     header_checks = regexp:{ {/^Postern-Route: strict 3f2a…$$/ FILTER postern-strict:} } */
#pragma once

#include "cli/command.h"

/* map: a file to write the header map to, so that the token stands in no file that
 * everyone may read; NULL: in main.cf itself. Returns the exit status. */
int setup_postfix(struct cli *cli, const char *map);
