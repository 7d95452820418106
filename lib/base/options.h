/* base/options.h: the options that both daemons take.
 *
 *     postern-milter [-c FILE] [-f] [-h] [-V]
 *
 * Memory   config points into argv
 * Threads  one: getopt(3) keeps its place in globals */
#pragma once

#include "base/fault.h"
#include "base/log.h"

struct options {
	const char *config; /* NULL: none is named */
	enum log_target target;
	enum { OPTIONS_RUN, OPTIONS_HELP, OPTIONS_VERSION } wanted;
};

/* RC_INVALID: another option, -c without a file, or a word that is none. Nothing is printed. */
enum rc options_parse(int argc, char **argv, struct options *out, struct fault *why);
