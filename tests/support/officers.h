/* support/officers.h: people with keys, made at run time: their certificates and private keys in
 * PEM, in memory. */
#pragma once

#include "base/slice.h"
#include "support/unit.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static inline struct slice pem_of(BIO *bio)
{
	char *at;
	long len = BIO_get_mem_data(bio, &at);

	return (struct slice){ at, (size_t)len };
}

struct person { /* a key, and a certificate that it signed itself */
	EVP_PKEY *key;
	BIO *certificate, *secret;
};

/* Lasts an hour. usage: keyUsage, NULL for none. passphrase: of the private key, or NULL. */
static inline struct person person(EVP_PKEY *key, const char *name, const char *usage,
				   const char *passphrase)
{
	struct person p = { key, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()) };
	X509 *x = X509_new();

	assert_non_null(key);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	if (usage) {
		X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage, usage);
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	X509_sign(x, key, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256());
	PEM_write_bio_X509(p.certificate, x);
	PEM_write_bio_PKCS8PrivateKey(p.secret, key, passphrase ? EVP_aes_256_cbc() : NULL,
				      passphrase, passphrase ? (int)strlen(passphrase) : 0, NULL,
				      NULL);
	X509_free(x);
	return p;
}

static inline void person_end(struct person *p)
{
	EVP_PKEY_free(p->key);
	BIO_free(p->certificate);
	BIO_free(p->secret);
}
