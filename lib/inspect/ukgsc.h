/* inspect/ukgsc.h: markings of the United Kingdom's government.
 *
 *     OFFICIAL-SENSITIVE COMMERCIAL     →   OFFICIAL-SENSITIVE
 *     Re: [UK TOP SECRET STRAP1] x      →   TOP SECRET
 *     SECRET SANTA                      →   none
 *
 * In a subject or the first line of a text, set off from what else stands there;
 * handling words may follow. SECRET and TOP SECRET count in capitals alone, as
 * the standard has them written: the words are common otherwise. OFFICIAL by
 * itself is all other government mail, and no marking that we tell.
 *
 * Standard  Government Security Classifications Policy (June 2023)
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

#define UKGSC_CANDIDATE "\\bOFFICIAL[ ]?-?[ ]?SENSITIVE\\b|\\b(?:TOP[ \\-])?SECRET\\b"
bool ukgsc_check(const struct detector_candidate *c, struct detector_hit *hit);
