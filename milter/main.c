/* postern-milter: options, settings, and off it goes. */
#include "base/log.h"
#include "daemon.h"

#include <getopt.h>
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
	const char *config = NULL;
	enum log_target target = LOG_TO_SYSLOG;
	struct ruleset *ruleset;
	struct fault why;
	int option;

	while ((option = getopt(argc, argv, "c:fhV")) != -1)
		switch (option) {
		case 'c':
			config = optarg;
			break;
		case 'f':
			target = LOG_TO_BOTH;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("postern-milter " POSTERN_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs("Try \"postern-milter -h\".\n", stderr);
			return 2;
		}
	if (optind < argc) {
		fprintf(stderr, "postern-milter: what is \"%s\"? It takes options only; try -h.\n",
			argv[optind]);
		return 2;
	}
	log_open("postern-milter", target, LOG_NOTE);
	if (ruleset_read(config, &ruleset, &why) != RC_OK) {
		/* Who starts it by hand sees this without -f. */
		if (target == LOG_TO_SYSLOG)
			fprintf(stderr, "postern-milter: %s\n", why.text);
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
		return 2;
	}
	return daemon_run(config, ruleset);
}
