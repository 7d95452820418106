/* cli/index.h: `postern rules index`: one file for each kind. argv[0] is the kind. */
#pragma once

#include "cli/command.h"

int index_exact(struct cli *cli, int argc, char **argv);       /* cli/index_exact.c */
int index_fingerprint(struct cli *cli, int argc, char **argv); /* cli/index_fingerprint.c */

/* What was written is for the mail server too: it gets the group of its folder. False after a
 * message: that could not be done. */
bool index_share(const struct cli *cli, const char *path);
