/* portal/start.h: from settings to processes.
 *
 *     runner   runs the operator's command that sends codes; made first, knows nothing
 *     keeper   this process: keys, store, outbox; no network        (keeper.h)
 *     worker   its child: HTTP; no files                            (worker.h)
 *
 * Whichever of keeper and worker ends, the other ends too, and the program with it. */
#pragma once

#include "settings/settings.h"

/* The program's exit status. */
int start_portal(const struct settings *settings);
