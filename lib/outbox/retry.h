/* outbox/retry.h: when to try again.
 *
 *     first 10 s, max 900 s:  10, 20, 40, … 640, 900, 900, …  each 25 % more or less
 *
 * Threads  pure functions */
#pragma once

#include <stdint.h>

/* The pause after try number tries (1, 2, …): twice the one before, at most max_s, moved
 * by up to a quarter by random (any number), so that what failed together does not come
 * back together. At least 1. */
int64_t outbox_retry_pause_s(int64_t first_s, int64_t max_s, uint32_t tries, uint32_t random);
