/* cli/lint.h: what is wrong with the settings and the rules, and what is dubious, for
 * `postern lint` and `postern doctor`. */
#pragma once

#include "cli/command.h"

/* wrong: the daemons would not start; otherwise a warning. */
typedef void lint_said(void *arg, bool wrong, const char *text);

/* Reads both into cli, as far as they read, and tells. RC_ABSENT: the file that
 * --config names is not there. */
enum rc lint_settings(struct cli *cli, lint_said *said, void *arg, unsigned *errors,
		      struct fault *why);
