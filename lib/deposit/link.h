/* deposit/link.h: the sender's signed link to a deposit, and the number that goes with it.
 *
 *     https://secure.our.example/s/00112233445566778899aabbccddeeff/0f1e2d3c4b5a69788796a5b4c3d2e1f0
 *     number 417 902
 *
 *     tag     the first 16 bytes of HMAC(K, "tag" || id || version)
 *     number  HMAC(K, "number" || id || version) as a number below 10^6
 *     K       HKDF(verifier key, "handle" || version)
 *
 * What they are good for: deposit/handle.h.
 *
 * Threads  pure functions */
#pragma once

#include "deposit/record.h"
#include "deposit/site.h"

enum {
	DEPOSIT_LINK_TAG_BYTES = 16,
	DEPOSIT_LINK_MAX = 2000, /* bytes of a link; far above any address of a portal */
	DEPOSIT_NUMBER_DIGITS = 6,
	DEPOSIT_NUMBER_TEXT = DEPOSIT_NUMBER_DIGITS + 1,
};

enum rc deposit_link_tag(const struct crypto_keys *keys, const uint8_t id[STORE_ID_BYTES],
			 uint8_t out[DEPOSIT_LINK_TAG_BYTES], struct fault *why);
enum rc deposit_link_number(const struct crypto_keys *keys, const uint8_t id[STORE_ID_BYTES],
			    char out[DEPOSIT_NUMBER_TEXT], struct fault *why);
/* Adds the link. RC_LIMIT: out has no room for it */
enum rc deposit_link_add(const struct deposit_site *site, const uint8_t id[STORE_ID_BYTES],
			 struct buf *out, struct fault *why);
