#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

enum { LINE_MAX_BYTES = 2000 }; /* what syslog daemons pass on whole */

static const char *program = "postern";
static enum log_target target = LOG_TO_STDERR;
static enum log_level floor_level = LOG_NOTE;

void log_open(const char *name, enum log_target where, enum log_level floor)
{
	program = name;
	target = where;
	floor_level = floor;
	if (where != LOG_TO_STDERR)
		openlog(name, LOG_PID | LOG_NDELAY, LOG_MAIL);
}

static int priority(enum log_level level)
{
	switch (level) {
	case LOG_LOW:
		return LOG_DEBUG;
	case LOG_NOTE:
		return LOG_INFO;
	case LOG_WARN:
		return LOG_WARNING;
	case LOG_FAIL:
		return LOG_ERR;
	}
	return LOG_ERR;
}

void log_line(enum log_level level, const char *id, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (level < floor_level)
		return;
	int head = id ? snprintf(line, sizeof line, "%.64s: ", id) : 0;
	va_start(args, format);
	vsnprintf(line + head, sizeof line - (size_t)head, format, args);
	va_end(args);
	for (char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';

	if (target != LOG_TO_SYSLOG)
		fprintf(stderr, "%s: %s\n", program, line);
	if (target != LOG_TO_STDERR)
		syslog(priority(level), "%s", line);
}
