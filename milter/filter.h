/* milter/filter.h: libmilter's callbacks.
 *
 * Libmilter hands its callbacks no data of ours, so there is one site for the
 * process; all else is in each session (smfi_setpriv).
 *
 * Threads  filter_run() blocks one thread and starts others */
#pragma once

#include "base/fault.h"

#include <stdbool.h>

struct site;
struct settings;

/* Binds milter.listen, a unix socket with its mode and group, and registers the
 * callbacks. A socket that is there is replaced: whoever has the audit's lock is the only
 * one of us. RC_INVALID: it cannot be. */
enum rc filter_prepare(struct site *site, const struct settings *settings, struct fault *why);

/* Serves until filter_stop(), or a signal that libmilter takes for a stop. False
 * when it failed. */
bool filter_run(void);
void filter_stop(void); /* any thread */
