/* crypto/code.h: 16 random bytes as people can read, type and dictate them.
 *
 *     7K2M-90QX-ABCD-EFGH-JKMN-PQRS-T0A1
 *
 * 28 characters of Crockford's base32 (no I, L, O, U): the 128 bits, then a 12-bit
 * checksum, highest bit first. The checksum is a CRC (x^12+x^11+x^3+x^2+x+1): it
 * finds every wrong character and every two neighbours swapped, before a server
 * is asked.
 *
 * Threads  pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

enum {
	CRYPTO_CODE_BYTES = 16,
	CRYPTO_CODE_CHARS = 28,
	CRYPTO_CODE_TEXT = CRYPTO_CODE_CHARS + 6 + 1, /* with hyphens and a NUL */
};

/* Writes the text, with hyphens or without, and returns out. */
char *crypto_code_format(const uint8_t bytes[CRYPTO_CODE_BYTES], bool hyphens,
			 char out[CRYPTO_CODE_TEXT]);

/* Reads it as people type it: either case, O as 0, I and L as 1, with blanks and
 * hyphens anywhere.
 *   RC_INVALID  not a code; *why says in what (never quoting it: it is a secret) */
enum rc crypto_code_parse(struct slice text, uint8_t out[CRYPTO_CODE_BYTES], struct fault *why);
