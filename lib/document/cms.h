/* document/cms.h: S/MIME content: what is signed is read, what is encrypted is told.
 *
 *     ContentInfo { signedData { …, encapContentInfo { data, "Content-Type: …" } … } }
 *
 * Signatures are not verified here. BER is read as well as DER: content comes in
 * pieces, with lengths that are not given beforehand.
 *
 * Standard  RFC 5652 §3, §5.1, §6.1; RFC 5083; RFC 3274; RFC 8551 §3.5; X.690 §8.1
 * Threads   one reading at a time */
#pragma once

#include "document/reading.h"

enum { CMS_DEPTH_MAX = 32 /* constructed values in each other; real ones have eight */ };

void cms_read(struct reading *r, struct slice bytes);
