/* deflate/inflate.h: what strangers have packed with zlib, as far as it goes.
 *
 * Standard  RFC 1950 (zlib), RFC 1951 (deflate)
 * Memory    40 KB while it runs
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

/* Adds the unpacked bytes to out. A stream without zlib's header is read as plain deflate.
 *   RC_INVALID  it is damaged or breaks off; what came before is in out
 *   RC_LIMIT    out is full: likewise      RC_NOMEM */
enum rc inflate_zlib(struct slice in, struct buf *out);
