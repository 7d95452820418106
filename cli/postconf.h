/* cli/postconf.h: Postfix's settings as postconf(1) tells them.
 *
 *     smtpd_milters = unix:postern/milter.sock
 *     postern-strict/unix/smtp_tls_security_level = dane-only
 *
 * Memory   slices live as long as the struct; those of a text, as long as that */
#pragma once

#include "cli/doctor.h"

enum { POSTCONF_TEXT_MAX = 16 << 20 }; /* of one answer: a transport map of 200,000 lines */

struct postconf {
	struct doctor *d;
	struct buf main, services; /* "name = value", "service/type/name = value" */
	char token[65];            /* of the route; "" when it cannot be read */
};

/* Runs program, with -c FOLDER where --postfix names one, and the words up to NULL.
 * Results as program_run(). */
enum rc postconf_ask(const struct doctor *d, const char *program, const char *const *words,
		     struct slice input, struct buf *out, struct fault *why);

bool postconf_next_line(struct slice *text, struct slice *line);
struct slice postconf_trimmed(struct slice s);

/* "name = value" in two; false for anything else. */
bool postconf_split_line(struct slice line, struct slice *name, struct slice *value);

/* The next word of a list as Postfix reads it: between commas and white space, what
 * stands in braces in one piece. */
bool postconf_next_word(struct slice *list, struct slice *word);

/* at is NULL where the name is not set. */
struct slice postconf_value(const struct buf *lines, const char *wanted);
struct slice postconf_main(const struct postconf *m, const char *name); /* "" when not set */

/* Whether a list of milters has ours, alone or as "{ unix:…, default_action=… }", of
 * which *options is then what follows the socket. */
bool postconf_has_milter(const struct postconf *m, struct slice list, struct slice *options);

/* The map's name when word is "socketmap:OUR SOCKET:NAME". */
bool postconf_is_our_map(const struct postconf *m, struct slice word, struct slice *name);

/* Whether it is a Postfix before that version. */
bool postconf_is_older(const struct postconf *m, int major, int minor);

void doctor_route(struct postconf *m); /* the way to the strict transport, and what it overrides */
