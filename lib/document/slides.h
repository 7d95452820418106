/* document/slides.h: the text of a PowerPoint 97 to 2003 presentation.
 *
 * Standard  [MS-PPT] §2.3.1 (RecordHeader), §2.9.42 (TextCharsAtom), §2.9.43
 *           (TextBytesAtom), §2.2.9 (CString), §2.3.7 (CryptSession10Container)
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

void slides_read(struct reading *r, struct slice stream);
