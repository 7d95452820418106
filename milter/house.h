/* milter/house.h: what must be done now and then, whatever mail comes: deposits end, senders are
 * warned, keys are made and destroyed, what is left over is swept up.
 *
 * Each part stands alone: one that fails is logged, tried again the next time, and keeps no
 * other from being done.
 *
 * Threads  a helper thread of the loop's, one at a time */
#pragma once

#include "site.h"

void house_keep(struct site *site);
