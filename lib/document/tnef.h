/* document/tnef.h: winmail.dat, a message in Microsoft's own format.
 *
 *     78 9F 3E 22 key    attribute, length, data, checksum …
 *       attAttachTitle   "cards.csv"
 *       attAttachData    its bytes, a document of its own
 *       attMAPIProps     subject, body, compressed RTF, HTML
 *
 * Standard  [MS-OXTNEF] §2.1.3 (attributes), §2.1.3.4 (MAPI properties); [MS-OXCDATA] §2.11.1
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

void tnef_read(struct reading *r, struct slice bytes);
