/* milter/settle.h: what a deposit's phrase is known by in mail, made soon after the deposit
 * (deposit/live.h), so that no client waits for it.
 *
 * Threads  settle_soon: any; the work is done on one helper thread of the loop's at a time */
#pragma once

#include "site.h"

void settle_soon(struct site *site);
