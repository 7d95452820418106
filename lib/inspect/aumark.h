/* inspect/aumark.h: the Australian email protective marking.
 *
 *     X-Protective-Marking: VER=2025.1, NS=gov.au, SEC=PROTECTED, CAVEAT=RI:AGAO,
 *      ACCESS=Legal-Privilege, ORIGIN=jane@agency.example     →   PROTECTED
 *     Subject: Minutes [SEC=OFFICIAL:Sensitive]               →   OFFICIAL:Sensitive
 *
 * Keys stand in the standard's order, each once but CAVEAT and ACCESS. An unknown
 * VER goes by its SEC, and so does a marking that leaves out VER, NS or ORIGIN:
 * they say nothing of how sensitive the mail is. What breaks the grammar
 * otherwise is told with an empty value, which no scale can call low. A SEC of an
 * older version (CONFIDENTIAL, say) is told as the value that it was.
 *
 * Each field and each bracket of a subject is a marking of its own, so that of
 * two that differ the more restrictive one decides.
 *
 * Standard  Email Protective Marking Standard 2025.1, in force with the PSPF
 * Threads   pure functions */
#pragma once

#include "inspect/detector.h"

size_t aumark_take(struct slice name, struct slice value, struct detector_hit *hits);
