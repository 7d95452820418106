/* document/office.h: what the members of an office file's archive are for.
 *
 *     docProps/custom.xml           properties
 *     docMetadata/LabelInfo.xml     labels
 *     word/document.xml             text
 *     xl/printerSettings/….bin      runs of text
 *
 * Known by their paths alone, so that a file that is no whole office file is read
 * as well.
 *
 * Standard  ECMA-376 part 2 (packages), ODF 1.2 part 3, [MS-OFFCRYPTO]
 * Threads   pure functions, but for the reading */
#pragma once

#include "document/reading.h"

/* True: it was one that only office files have, and has been read. */
bool office_read(struct reading *r, struct slice path, struct slice bytes);
