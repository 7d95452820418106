/* pickup/client.h: who comes to the portal, as far as it can be told: an address, as the proxy
 * gave it, and what the browser calls itself.
 *
 * The worker may have been taken over: what is no address is taken for none, and what a browser
 * says of itself is hashed, or matched against words of ours, never repeated.
 *
 * Threads  pure functions */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "crypto/hash.h"

enum {
	PICKUP_PREFIX_BYTES = 8, /* family, and the /24 of IPv4 or the /56 of IPv6: what one
				  * customer of a provider has */
	PICKUP_ADDRESS_TEXT = 46,
	PICKUP_KIND_TEXT = 32,
};

struct pickup_client {
	char address[PICKUP_ADDRESS_TEXT]; /* in the one form; "" when it is not known */
	uint8_t prefix[PICKUP_PREFIX_BYTES];
};

/* An IPv4 address that stands in IPv6's clothes is IPv4. */
void pickup_client_read(struct slice text, struct pickup_client *out);

/* What tells one client from another: HMAC(verifier, prefix and User-Agent). */
enum rc pickup_client_hash(const struct crypto_key *verifier, const struct pickup_client *client,
			   struct slice agent, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);

/* "Firefox on Windows"; "" when nothing is known. out is returned. */
const char *pickup_client_kind(struct slice agent, char out[PICKUP_KIND_TEXT]);
