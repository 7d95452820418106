/* document/ole.h: what is in an OLE compound file: Word, Excel and PowerPoint of 1997 to
 * 2003, Outlook items, encrypted OOXML, embedded objects.
 *
 *     report.doc    text ""                           the document's text
 *                   property ""  Company = Example    of its property sets
 *                   text "Data"                       runs of text in all other streams
 *
 * Standard  [MS-DOC], [MS-XLS], [MS-PPT], [MS-OXMSG] §2.2, [MS-OFFCRYPTO] §2.3,
 *           [MS-OLEDS] §2.3.6 (OLENativeStream)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

void ole_read(struct reading *r, struct slice bytes);
