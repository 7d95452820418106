#include "support/certificates.h"

#include "support/unit.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static X509 *blank(const char *common_name, EVP_PKEY *key, long begins_s, long ends_s)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);

	assert_int_equal(X509_set_version(x, 2), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), begins_s);
	X509_gmtime_adj(X509_getm_notAfter(x), ends_s);
	if (common_name)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					   (const unsigned char *)common_name, -1, -1, 0);
	assert_int_equal(X509_set_pubkey(x, key), 1);
	return x;
}

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

void authority_init(struct authority *a)
{
	a->key = EVP_EC_gen("P-256");
	assert_non_null(a->key);
	a->certificate = blank("Test Authority", a->key, -3600, 3600);
	X509_set_issuer_name(a->certificate, X509_get_subject_name(a->certificate));
	extend(a->certificate, a->certificate, NID_basic_constraints, "critical,CA:TRUE");
	extend(a->certificate, a->certificate, NID_subject_key_identifier, "hash");
	extend(a->certificate, a->certificate, NID_key_usage, "critical,keyCertSign");
	assert_true(X509_sign(a->certificate, a->key, EVP_sha256()) > 0);

	strcpy(a->file, "/tmp/postern-authority-XXXXXX");
	int fd = mkstemp(a->file);
	assert_true(fd >= 0);
	FILE *f = fdopen(fd, "w");
	assert_int_equal(PEM_write_X509(f, a->certificate), 1);
	fclose(f);
}

void authority_fini(struct authority *a)
{
	X509_free(a->certificate);
	EVP_PKEY_free(a->key);
	unlink(a->file);
}

X509 *authority_issue(const struct authority *a, const struct leaf *leaf, EVP_PKEY **key)
{
	char names[512] = "";
	bool dated = leaf->begins_s || leaf->ends_s;

	*key = EVP_EC_gen("P-256");
	assert_non_null(*key);
	X509 *x = blank(leaf->common_name, *key, dated ? leaf->begins_s : -3600,
			dated ? leaf->ends_s : 3600);
	X509 *issuer = leaf->self_signed ? x : a->certificate;

	X509_set_issuer_name(x, X509_get_subject_name(issuer));
	for (size_t i = 0; i < COUNT(leaf->dns) && leaf->dns[i]; i++) {
		size_t len = strlen(names);
		snprintf(names + len, sizeof names - len, "%sDNS:%s", len ? "," : "", leaf->dns[i]);
	}
	if (*names)
		extend(x, issuer, NID_subject_alt_name, names);
	extend(x, issuer, NID_ext_key_usage, "serverAuth");
	assert_true(X509_sign(x, leaf->self_signed ? *key : a->key, EVP_sha256()) > 0);
	return x;
}
