/* support/certificates.h: a private authority, made at run time.
 *
 * Fails the test when it cannot be made. Keys are P-256: quick. */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

struct authority {
	X509 *certificate;
	EVP_PKEY *key;
	char file[64]; /* the certificate in PEM, for CURLOPT_CAINFO and the like */
};

struct leaf {
	const char *common_name; /* NULL: none */
	const char *dns[4];      /* subjectAltName; none: no such extension */
	long begins_s, ends_s;   /* from now; both 0: an hour around now */
	bool self_signed;
};

void authority_init(struct authority *a);
void authority_fini(struct authority *a);

X509 *authority_issue(const struct authority *a, const struct leaf *leaf, EVP_PKEY **key);
