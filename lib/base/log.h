/* base/log.h: where a program says what happened to it.
 *
 *     log_line(LOG_WARN, "3XkF2", "reason=\"store full\" verdict=%s", word);
 *     →  3XkF2: reason="store full" verdict=defer
 *
 * One line per event, key=value, beginning with the queue id where there is
 * one. Only programs log above LOG_LOW; library code returns a struct fault
 * and each failure is logged once, by the program that gives up on it.
 *
 * Threads  any */
#pragma once

enum log_level { LOG_LOW, LOG_NOTE, LOG_WARN, LOG_FAIL };

enum log_target {
	LOG_TO_STDERR, /* "program: text", for -f and for command-line tools */
	LOG_TO_SYSLOG, /* facility mail */
	LOG_TO_BOTH,
};

/* Once, before threads start. name must live on. Lines below floor are dropped. */
void log_open(const char *name, enum log_target target, enum log_level floor);

/* id may be NULL. Bytes that are not printable ASCII come out as '?', since
 * lines quote what strangers sent. */
void log_line(enum log_level level, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
