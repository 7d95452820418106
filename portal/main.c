/* postern-portal: options, settings, and off it goes. */
#include "base/options.h"
#include "start.h"

#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: postern-portal [-c FILE] [-f] [-h] [-V]\n"
	"\n"
	"The web pages where recipients pick messages up. It stays in the foreground; a\n"
	"service manager keeps it, and a web server with TLS stands before it.\n"
	"\n"
	"  -c FILE  settings (default " SETTINGS_FILE ")\n"
	"  -f       log to standard error as well as to syslog\n"
	"  -h       this help\n"
	"  -V       the version\n"
	"\n"
	"Signals: TERM and INT end it; it reads its settings when it starts.\n"
	"See postern-portal(8); check the settings first with \"postern lint\".\n";

static enum rc read_settings(const char *config, const struct settings **out, struct fault *why)
{
	enum rc rc = settings_read(config ? config : SETTINGS_FILE, out, why);

	return rc == RC_OK ? settings_check_portal(*out, why) : rc;
}

static int run(const char *config, enum log_target target)
{
	const struct settings *settings = NULL;
	struct fault why;
	int status = 2;

	log_open("postern-portal", target, LOG_NOTE);
	if (read_settings(config, &settings, &why) == RC_OK) {
		status = start_portal(settings);
	} else {
		/* Who starts it by hand sees this without -f. */
		if (target == LOG_TO_SYSLOG)
			fprintf(stderr, "postern-portal: %s\n", why.text);
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
	}
	settings_unref(settings);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct fault why;

	if (options_parse(argc, argv, &options, &why) != RC_OK) {
		fprintf(stderr, "postern-portal: %s; try -h.\n", why.text);
		return 2;
	}
	if (options.wanted == OPTIONS_HELP)
		return fputs(usage, stdout) < 0;
	if (options.wanted == OPTIONS_VERSION)
		return puts("postern-portal " POSTERN_VERSION) < 0;
	return run(options.config, options.target);
}
