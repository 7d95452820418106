/* cli/rules.h: what `postern rules` can do: one file for each verb. argv[0] is the verb. */
#pragma once

#include "cli/command.h"

int rules_test(struct cli *cli, int argc, char **argv);  /* cli/rules_test.c */
int rules_diff(struct cli *cli, int argc, char **argv);  /* cli/rules_diff.c */
int rules_index(struct cli *cli, int argc, char **argv); /* cli/rules_index.c */
