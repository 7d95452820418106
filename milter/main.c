/* postern-milter: options, settings, and off it goes. */
#include "base/options.h"
#include "daemon.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: postern-milter [-c FILE] [-f] [-h] [-V]\n"
	"\n"
	"The milter that holds outgoing mail to the transport it needs. It stays in the\n"
	"foreground; a service manager keeps it.\n"
	"\n"
	"  -c FILE  settings (default " SETTINGS_FILE ")\n"
	"  -f       log to standard error as well as to syslog\n"
	"  -h       this help\n"
	"  -V       the version\n"
	"\n"
	"Signals: HUP reads settings and rules anew, TERM and INT end it.\n"
	"See postern-milter(8); check the settings first with \"postern lint\".\n";

int main(int argc, char **argv)
{
	struct options options;
	struct ruleset *ruleset;
	struct fault why;

	if (options_parse(argc, argv, &options, &why) != RC_OK) {
		fprintf(stderr, "postern-milter: %s; try -h.\n", why.text);
		return 2;
	}
	if (options.wanted == OPTIONS_HELP)
		return fputs(usage, stdout) < 0;
	if (options.wanted == OPTIONS_VERSION)
		return puts("postern-milter " POSTERN_VERSION) < 0;
	log_open("postern-milter", options.target, LOG_NOTE);
	if (ruleset_read(options.config, &ruleset, &why) != RC_OK) {
		/* Who starts it by hand sees this without -f. */
		if (options.target == LOG_TO_SYSLOG)
			fprintf(stderr, "postern-milter: %s\n", why.text);
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
		return 2;
	}
	return daemon_run(options.config, ruleset);
}
