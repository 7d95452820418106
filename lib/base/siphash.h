/* base/siphash.h: a hash of text that strangers choose, keyed so that none of them
 * can choose texts that collide.
 *
 * Standard  SipHash-1-3 (Aumasson, Bernstein, 2012)
 * Threads   pure functions, but for the randomness */
#pragma once

#include "base/slice.h"

#include <stdint.h>

struct siphash_key {
	uint64_t k0, k1;
};

bool siphash_key_make(struct siphash_key *out); /* false: the system has no randomness */
uint64_t siphash(const struct siphash_key *key, struct slice text);
