/* cli/deposit_secret.h: codes and phrases, from a file or typed without being shown. Never
 * from arguments, which every user of the machine can read.
 *
 * Memory   what is read is a secret: buf_wipe() it */
#pragma once

#include "cli/command.h"

enum { SECRET_MAX = 4096 }; /* bytes of a file with a code or a phrase; a link fits */

/* Adds the file's first line that is not empty to out. False after a message. */
bool secret_read(const struct cli *cli, const char *path, struct buf *out);

/* Asks on the terminal. False after a message when there is none, or on Ctrl-C. */
bool secret_ask(const struct cli *cli, const char *prompt, struct buf *out);

/* Whether there is a terminal to ask on. */
bool secret_can_ask(void);

/* The code within text: what follows the last '#' or "%23" of a link, else all of it. */
struct slice secret_code(struct slice text);
