/* inspect/cui.h: controlled unclassified information of the United States.
 *
 *     CUI//SP-PRVCY / CTI//FED ONLY     →   CUI//SP-PRVCY/CTI//FED ONLY
 *     CONTROLLED                        →   CONTROLLED
 *     (CUI) The valve leaks.            →   CUI
 *     U//FOUO                           →   FOUO
 *
 * A banner counts in a subject or the first line of a text, in capitals; alone it
 * must be set off from other words, since "controlled" is one of them and "cui"
 * another language's. With categories behind "//" it is none by chance. A portion
 * counts where it begins a line.
 *
 * Categories are taken by their form: the registry grows. What breaks it ends the
 * banner.
 *
 * Standard  32 CFR 2002.20; CUI Marking Handbook 1.1
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

#define CUI_CANDIDATE "\\bCUI\\b|\\bCONTROLLED\\b|\\bFOUO\\b|\\bFOR OFFICIAL USE ONLY\\b"
bool cui_check(const struct detector_candidate *c, struct detector_hit *hit);
