#include "crypto/der.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>

bool crypto_der_is_certificate(struct slice der)
{
	const unsigned char *at = (const unsigned char *)der.at;

	if (der.len == 0 || der.len > LONG_MAX)
		return false;
	X509 *cert = d2i_X509(NULL, &at, (long)der.len);
	bool whole = cert && at == (const unsigned char *)der.at + der.len;
	/* Its key too must be one: X509 decodes it only when asked. */
	whole = whole && X509_get0_pubkey(cert);
	X509_free(cert);
	ERR_clear_error();
	return whole;
}

bool crypto_der_is_public_key(struct slice der)
{
	const unsigned char *at = (const unsigned char *)der.at;

	if (der.len == 0 || der.len > LONG_MAX)
		return false;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)der.len);
	bool whole = key && at == (const unsigned char *)der.at + der.len;
	EVP_PKEY_free(key);
	ERR_clear_error();
	return whole;
}
