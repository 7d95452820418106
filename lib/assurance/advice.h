/* assurance/advice.h: what the other side's postmaster could do, in sentences that can be
 * forwarded as they are.
 *
 *     "Publish a TLSA record at _25._tcp.mx1.partner.example, best of the form 3 1 1 with the
 *      digest of the host's public key (RFC 7672 section 3.1.1)."
 *
 * The first gives the most; none where nothing is to be improved, or where nothing was found
 * out.
 *
 * Threads  pure function */
#pragma once

#include "assurance/assurance.h"
#include "base/arena.h"

enum { ASSURANCE_ADVICE_MAX = 12 }; /* more would not be read */

/* Fills out with sentences in the arena; how many. */
size_t assurance_advise(const struct assurance *a, struct arena *arena,
			const char *out[static ASSURANCE_ADVICE_MAX]);
