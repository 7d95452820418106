/* document/letter.h: a message that is a document: saved mail, a mailbox file.
 *
 *     report.zip/mail.eml           its header, as text
 *     report.zip/mail.eml/1.2       a part's text, or a document of its own
 *
 * Standard  that of mime/decoder.h
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

void letter_read(struct reading *r, struct slice bytes);
