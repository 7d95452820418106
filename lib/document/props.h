/* document/props.h: OLE property sets.
 *
 *     \005SummaryInformation              title, author, keywords, …
 *     \005DocumentSummaryInformation      company, …; and the user's own, by name
 *
 * Standard  [MS-OLEPS] §2.21 (PropertySetStream), §2.18.1 (dictionary)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

/* document: the stream is DocumentSummaryInformation. Names that are not known are
 * numbers: "property-27". */
void props_read(struct reading *r, struct slice stream, bool document);
