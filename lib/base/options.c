#include "base/options.h"

#include <getopt.h>

enum rc options_parse(int argc, char **argv, struct options *out, struct fault *why)
{
	struct options options = { .target = LOG_TO_SYSLOG, .wanted = OPTIONS_RUN };
	int option;

	opterr = 0; /* why says it */
	optind = 0; /* from the start, whoever asked before */
	while (options.wanted == OPTIONS_RUN && (option = getopt(argc, argv, ":c:fhV")) != -1) {
		if (option == ':')
			return fault(why, RC_INVALID, "-%c wants a file", optopt);
		if (option == '?')
			return fault(why, RC_INVALID, "there is no option -%c", optopt);
		if (option == 'c')
			options.config = optarg;
		else if (option == 'f')
			options.target = LOG_TO_BOTH;
		else
			options.wanted = option == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
	}
	if (options.wanted == OPTIONS_RUN && optind < argc)
		return fault(why, RC_INVALID, "what is \"%s\"? It takes options only",
			     argv[optind]);
	*out = options;
	return RC_OK;
}
