/* milter/ruleset.h: settings, rules and compiled markers, as one snapshot.
 *
 * A message keeps the snapshot under which it began; SIGHUP makes a new one whole
 * or keeps the old one.
 *
 * Memory   immutable and counted
 * Threads  any */
#pragma once

#include "deposit/escrow.h"
#include "deposit/wording.h"
#include "inspect/inspect.h"
#include "settings/rules.h"
#include "settings/settings.h"

#include <stdatomic.h>

struct ruleset {
	atomic_uint refs;
	const struct settings *settings;
	const struct rules *rules;
	struct inspect_rules *markers;
	struct deposit_wording *wording;   /* of mails; NULL: the built-in */
	struct deposit_officers *officers; /* NULL: there is no escrow */
};

/* Reads the settings at path (NULL: SETTINGS_FILE, or the defaults where there is none),
 * the rules they name, and compiles the markers. *why is for the operator. */
enum rc ruleset_read(const char *path, struct ruleset **out, struct fault *why);

struct ruleset *ruleset_ref(struct ruleset *r);
void ruleset_unref(struct ruleset *r); /* NULL is fine */

/* Logs how many rules observe, if any does: nothing is done by them. */
void ruleset_say_modes(const struct ruleset *r);
