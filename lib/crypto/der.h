/* crypto/der.h: whether bytes are what a TLSA record may carry whole.
 *
 * Standard  RFC 6698 §2.1.2 (selectors), RFC 5280 (certificate, SubjectPublicKeyInfo)
 * Threads   pure functions */
#pragma once

#include "base/slice.h"

/* Exactly one, with nothing after it. */
bool crypto_der_is_certificate(struct slice der);
bool crypto_der_is_public_key(struct slice der); /* of a type that OpenSSL knows */
