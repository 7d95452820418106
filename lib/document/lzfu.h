/* document/lzfu.h: RTF as Outlook packs it.
 *
 * Standard  [MS-OXRTFCP] §2.1.3.1 (header), §3.1.3 (decompression)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"

/* Adds the RTF to out. RC_INVALID: it breaks off; what came before is in out.
 * RC_LIMIT, RC_NOMEM: from out. */
enum rc lzfu_unpack(struct slice in, struct buf *out);
