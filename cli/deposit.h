/* cli/deposit.h: the words of `postern deposit` that have files of their own. Each is run as a
 * command is (cli/command.h), argv[0] being its word. */
#pragma once

#include "cli/command.h"

int deposit_list(struct cli *cli, int argc, char **argv);
int deposit_revoke(struct cli *cli, int argc, char **argv);
int deposit_extend_by(struct cli *cli, int argc, char **argv);
int deposit_purge_now(struct cli *cli, int argc, char **argv);
int deposit_verify(struct cli *cli, int argc, char **argv);
int deposit_escrow_open(struct cli *cli, int argc, char **argv);
