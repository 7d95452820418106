/* mime/caseless.h: text as people compare it who type it again.
 *
 *     "  Ｋadim\u00a0STRASSE ΟΔΟΣ "   →   "kadim strasse οδοσ"
 *
 * In this order, so that a browser can do the same without tables of its own:
 *
 *     1. characters of the category Cf (zero-width and direction marks) go
 *     2. NFKC
 *     3. each character by itself to its lower case; "ß" becomes "ss", "ς" becomes "σ", and
 *        "İ" becomes "i" with U+0307
 *     4. NFKC again
 *     5. runs of blanks become one space, and none stands at the ends
 *
 *     s.replace(/\p{Cf}/gu, "").normalize("NFKC")
 *      .replace(/./gsu, (c) => c.toLowerCase()).replace(/ß/g, "ss").replace(/ς/g, "σ")
 *      .normalize("NFKC").replace(/\s+/g, " ").trim()
 *
 * Standard  Unicode UAX #15 (NFKC)
 * Threads   pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum { MIME_CASELESS_MAX = 1000 }; /* bytes: an address, five phrases */

/* Adds text in that form to out.
 *   RC_INVALID  no UTF-8, a control character that is no blank, a character that is not
 *               assigned or for private use: *why says at which byte
 *   RC_LIMIT    longer than MIME_CASELESS_MAX, before or after; or from out, as RC_NOMEM
 * Then out is as it was. What was in memory on the way is overwritten. */
enum rc mime_caseless(struct slice text, struct buf *out, struct fault *why);
