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

/* After that: looks the destinations of the rules up, and tells where what is published
 * contradicts a pin, or promises more. RC_RETRY after a message: that could not begin. */
enum rc lint_destinations(struct cli *cli, lint_said *said, void *arg);
