/* milter/house.h: what must be done now and then, whatever mail comes: deposits end, senders are
 * warned, keys are made and destroyed, what is left over is swept up.
 *
 * Each part stands alone: one that fails is logged, tried again the next time, and keeps no
 * other from being done.
 *
 * Threads  house_open: the main thread, before others are. house_keep: a helper thread of the
 *          loop's, one at a time */
#pragma once

#include "site.h"

/* At the start, before any message is sealed: the time of deposits, and the epoch's key. */
enum rc house_open(struct site *site, struct fault *why);

void house_keep(struct site *site);
