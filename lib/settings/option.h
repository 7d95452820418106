/* settings/option.h: the one table of options.
 *
 *     resolver.timeout_ms  number, ms, 5000, 100 to 60000, "How long …"
 *
 * Parsing, the commented conf/postern.conf, the manual page and lint all read
 * it; a new option is one new row (and its field in settings.h).
 *
 * Threads  constant data and pure functions */
#pragma once

#include "settings/settings.h"

enum option_type {
	OPTION_TEXT,   /* const char * */
	OPTION_TEXTS,  /* struct settings_list */
	OPTION_FLAG,   /* bool */
	OPTION_NUMBER, /* unsigned */
};

/* NULL when value is fine, or what was expected: "an address such as …". */
typedef const char *option_check(const char *value);

struct option {
	const char *path; /* "resolver.timeout_ms": at most one dot */
	enum option_type type;
	size_t offset;        /* in struct settings */
	const char *text;     /* default of a text; of texts, words between blanks */
	unsigned number;      /* default of a number; of a flag, 0 or 1 */
	unsigned min, max;    /* of a number; max of texts is how many, 0: no bound */
	const char *unit;     /* of a number: "ms", "bytes", "" */
	option_check *check;  /* of a text that is not "", and of each of texts; may be NULL */
	bool lower;           /* kept in lower case */
	bool may_be_empty;    /* a text that is not empty by default */
	const char *specimen; /* shown for an option whose default is empty, or NULL */
	const char *help;     /* sentences; the reason for each bound */
};

extern const struct option options[];
extern const size_t option_count;

const struct option *option_find(const char *path); /* NULL: no such option */
bool option_is_group(const char *path);             /* whether options begin with "path." */

/* The option (or group) whose name is nearest to path, near enough to be meant;
 * NULL when none is. The text lives for ever. */
const char *option_suggest(const char *path);

/* The nearest of count words to word, or NULL: at most a third of it differs. */
const char *option_nearest(const char *word, const char *const *words, size_t count);
