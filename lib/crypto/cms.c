#include "crypto/cms.h"

#include "base/cleanup.h"
#include "crypto/engine.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct crypto_group {
	size_t count;
	X509 *at[CRYPTO_GROUP_MAX];
};

struct crypto_officer {
	EVP_PKEY *key;
};

static void bio_free(BIO **bio)
{
	BIO_free(*bio);
}

static void cms_free(CMS_ContentInfo **cms)
{
	CMS_ContentInfo_free(*cms);
}

/* ---- certificates ---- */

void crypto_group_free(struct crypto_group **group)
{
	if (!*group)
		return;
	for (size_t i = 0; i < (*group)->count; i++)
		X509_free((*group)->at[i]);
	free(TAKE(*group));
}

size_t crypto_group_count(const struct crypto_group *group)
{
	return group->count;
}

static bool is_curve(const EVP_PKEY *key)
{
	static const char *const curves[] = { SN_X9_62_prime256v1, SN_secp384r1, SN_secp521r1 };
	char name[80];

	if (EVP_PKEY_get_group_name(key, name, sizeof name, NULL) != 1)
		return false;
	for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
		if (strcmp(name, curves[i]) == 0)
			return true;
	return false;
}

static enum rc check_key(X509 *x, struct fault *why)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	uint32_t usage = X509_get_key_usage(x); /* all, where it does not say */

	if (!key)
		return crypto_fault(why, RC_INVALID, "read a certificate's key");
	if (EVP_PKEY_is_a(key, "RSA")) {
		if (EVP_PKEY_get_bits(key) < CRYPTO_RSA_BITS_MIN)
			return fault(why, RC_INVALID, "its RSA key has %d bits, fewer than %d",
				     EVP_PKEY_get_bits(key), CRYPTO_RSA_BITS_MIN);
		if (!(usage & KU_KEY_ENCIPHERMENT))
			return fault(why, RC_INVALID,
				     "its keyUsage does not allow keyEncipherment");
		return RC_OK;
	}
	if (!EVP_PKEY_is_a(key, "EC") || !is_curve(key))
		return fault(why, RC_INVALID,
			     "its key is neither RSA nor EC on P-256, P-384 or P-521");
	if (!(usage & KU_KEY_AGREEMENT))
		return fault(why, RC_INVALID, "its keyUsage does not allow keyAgreement");
	return RC_OK;
}

static enum rc add_certificate(struct crypto_group *group, X509 *x, struct fault *why)
{
	struct fault what;
	enum rc rc = RC_OK;

	if (group->count == CRYPTO_GROUP_MAX)
		rc = fault(&what, RC_INVALID, "more than %d certificates", CRYPTO_GROUP_MAX);
	if (rc == RC_OK)
		rc = check_key(x, &what);
	if (rc != RC_OK) {
		rc = fault(why, rc, "certificate %zu: %s", group->count + 1, what.text);
		X509_free(x);
		return rc;
	}
	group->at[group->count++] = x;
	return RC_OK;
}

enum rc crypto_group_read(struct slice pem, struct crypto_group **out, struct fault *why)
{
	CLEANUP(crypto_group_free) struct crypto_group *group = calloc(1, sizeof *group);
	X509 *x;

	if (pem.len == 0 || pem.len > CRYPTO_GROUP_PEM_MAX)
		return fault(why, RC_INVALID, "%zu bytes are no certificates", pem.len);
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	if (!group || !bio)
		return fault(why, RC_NOMEM, "out of memory");
	while ((x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		enum rc rc = add_certificate(group, x, why);
		if (rc != RC_OK)
			return rc;
	}
	/* No more of them is what it ends with; anything else is damage. */
	unsigned long code = ERR_peek_last_error();
	if (ERR_GET_LIB(code) != ERR_LIB_PEM || ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
		return crypto_fault(why, RC_INVALID, "read a certificate");
	ERR_clear_error();
	if (group->count == 0)
		return fault(why, RC_INVALID, "there is no certificate in it");
	*out = TAKE(group);
	return RC_OK;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

enum rc crypto_group_certificate(const struct crypto_group *group, size_t i,
				 struct crypto_certificate *out, struct fault *why)
{
	X509 *x = group->at[i];
	struct crypto_certificate c = {
		.begins_s = seconds_of(X509_get0_notBefore(x)),
		.ends_s = seconds_of(X509_get0_notAfter(x)),
	};
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);

	if (len <= 0)
		return crypto_fault(why, RC_INVALID, "read a certificate's key");
	enum rc rc =
		crypto_sha256((struct slice){ (const char *)der, (size_t)len }, c.key_digest, why);
	OPENSSL_free(der);
	if (!X509_NAME_oneline(X509_get_subject_name(x), c.name, sizeof c.name))
		c.name[0] = '\0';
	for (char *at = c.name; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	if (rc == RC_OK)
		*out = c;
	return rc;
}

/* ---- sealing ---- */

/* In place of the defaults, which are PKCS #1 v1.5 and SHA-1. */
static bool set_algorithms(CMS_RecipientInfo *info)
{
	EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(info);

	if (!ctx)
		return false;
	if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_AGREE)
		return EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) > 0;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
}

enum rc crypto_cms_seal(const struct crypto_group *group, struct slice plain, struct buf *out,
			struct fault *why)
{
	CLEANUP(cms_free)
	CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL);
	unsigned char *der = NULL;
	CLEANUP(bio_free) BIO *in = NULL;

	if (plain.len > CRYPTO_CMS_MAX)
		return fault(why, RC_LIMIT, "%zu bytes are too long to be sealed", plain.len);
	in = BIO_new_mem_buf(plain.len ? plain.at : "", (int)plain.len);
	if (!cms || !in)
		return crypto_fault(why, RC_RETRY, "begin a sealed envelope");
	for (size_t i = 0; i < group->count; i++) {
		CMS_RecipientInfo *info = CMS_add1_recipient_cert(cms, group->at[i], CMS_KEY_PARAM);
		if (!info || !set_algorithms(info))
			return crypto_fault(why, RC_RETRY, "seal to a certificate");
	}
	if (CMS_final(cms, in, NULL, CMS_BINARY) != 1)
		return crypto_fault(why, RC_RETRY, "seal to certificates");
	int len = i2d_CMS_ContentInfo(cms, &der);
	if (len <= 0)
		return crypto_fault(why, RC_RETRY, "write a sealed envelope");
	enum rc rc = buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a sealed envelope");
}

/* ---- opening ---- */

struct asked {
	struct slice passphrase;
	bool asked;
};

/* OpenSSL asks for a passphrase. */
static int give_passphrase(char *to, int room, int writing, void *arg)
{
	struct asked *asked = arg;

	(void)writing;
	asked->asked = true;
	if (asked->passphrase.len == 0 || room < 0 || asked->passphrase.len > (size_t)room)
		return -1;
	memcpy(to, asked->passphrase.at, asked->passphrase.len);
	return (int)asked->passphrase.len;
}

enum rc crypto_officer_read(struct slice pem, struct slice passphrase, struct crypto_officer **out,
			    struct fault *why)
{
	CLEANUP(crypto_officer_free) struct crypto_officer *officer = calloc(1, sizeof *officer);
	struct asked asked = { passphrase, false };

	if (pem.len == 0 || pem.len > CRYPTO_GROUP_PEM_MAX)
		return fault(why, RC_INVALID, "%zu bytes are no private key", pem.len);
	CLEANUP(bio_free) BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.len);
	if (!officer || !bio)
		return fault(why, RC_NOMEM, "out of memory");
	officer->key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &asked);
	if (!officer->key) {
		ERR_clear_error();
		if (asked.asked && passphrase.len == 0)
			return fault(why, RC_ABSENT, "the private key needs its passphrase");
		return fault(why, RC_INVALID,
			     asked.asked ? "the private key's passphrase is wrong"
					 : "it is no private key in PEM");
	}
	*out = TAKE(officer);
	return RC_OK;
}

void crypto_officer_free(struct crypto_officer **officer)
{
	if (!*officer)
		return;
	EVP_PKEY_free((*officer)->key);
	free(TAKE(*officer));
}

enum rc crypto_officer_digest(const struct crypto_officer *officer, uint8_t out[CRYPTO_HASH_BYTES],
			      struct fault *why)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(officer->key, &der);

	if (len <= 0)
		return crypto_fault(why, RC_INVALID, "write a public key");
	enum rc rc = crypto_sha256((struct slice){ (const char *)der, (size_t)len }, out, why);
	OPENSSL_free(der);
	return rc;
}

enum rc crypto_cms_open(const struct crypto_officer *officer, struct slice sealed, struct buf *out,
			struct fault *why)
{
	const unsigned char *at = (const unsigned char *)sealed.at;
	CLEANUP(cms_free) CMS_ContentInfo *cms = NULL;
	CLEANUP(bio_free) BIO *plain = BIO_new(BIO_s_secmem());
	char *bytes;

	if (!plain)
		return fault(why, RC_NOMEM, "out of memory");
	if (sealed.len && sealed.len <= LONG_MAX)
		cms = d2i_CMS_ContentInfo(NULL, &at, (long)sealed.len);
	if (!cms || at != (const unsigned char *)sealed.at + sealed.len)
		return crypto_fault(why, RC_INVALID, "read a sealed envelope");
	/* "Debug" is a failure told at once. Without it OpenSSL goes on with a key made up, which
	 * hides from an asker over the network what an officer at a terminal has to know. */
	if (CMS_decrypt(cms, officer->key, NULL, NULL, plain, CMS_BINARY | CMS_DEBUG_DECRYPT) != 1)
		return crypto_fault(why, RC_INVALID, "open a sealed envelope");
	long len = BIO_get_mem_data(plain, &bytes);
	enum rc rc = len < 0 ? RC_INVALID : buf_add(out, bytes, (size_t)len);
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for what was sealed");
}
