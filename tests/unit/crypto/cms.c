#include "crypto/cms.h"

#include "base/cleanup.h"
#include "support/officers.h"

#include <openssl/cms.h>
#include <openssl/objects.h>

static struct crypto_group *group(const struct person *people, size_t count)
{
	struct buf pem = BUF_INIT(CRYPTO_GROUP_PEM_MAX);
	struct crypto_group *g = NULL;
	struct fault why = { 0 };

	for (size_t i = 0; i < count; i++)
		(void)buf_add_slice(&pem, pem_of(people[i].certificate));
	if (crypto_group_read(buf_slice(&pem), &g, &why) != RC_OK)
		fail_msg("%s", why.text);
	buf_free(&pem);
	return g;
}

static enum rc open_with(const struct person *p, const char *passphrase, const struct buf *sealed,
			 struct buf *out, struct fault *why)
{
	CLEANUP(crypto_officer_free) struct crypto_officer *officer = NULL;
	enum rc rc = crypto_officer_read(pem_of(p->secret), slice_of(passphrase), &officer, why);

	return rc == RC_OK ? crypto_cms_open(officer, buf_slice(sealed), out, why) : rc;
}

static const struct slice secret = { "a share of thirty-two bytes, say", 32 };

static void test_each_of_the_group_opens(void **state)
{
	struct person people[] = {
		person(EVP_RSA_gen(2048), "Ann", NULL, NULL),
		person(EVP_EC_gen("P-256"), "Bob", "keyAgreement", "hush"),
		person(EVP_EC_gen("P-521"), "Eve", NULL, NULL),
	};
	CLEANUP(crypto_group_free) struct crypto_group *two = group(people, 2);
	struct buf sealed = BUF_INIT(CRYPTO_CMS_MAX), out = BUF_SECRET(100);
	struct crypto_certificate c;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_group_count(two), 2);
	assert_int_equal(crypto_group_certificate(two, 1, &c, NULL), RC_OK);
	assert_string_equal(c.name, "/CN=Bob");
	assert_int_equal(c.ends_s - c.begins_s, 3660);
	assert_int_equal(crypto_cms_seal(two, secret, &sealed, NULL), RC_OK);
	assert_null(memmem(sealed.at, sealed.len, secret.at, secret.len));
	for (size_t i = 0; i < 2; i++) {
		buf_clear(&out);
		if (open_with(&people[i], i ? "hush" : "", &sealed, &out, &why) != RC_OK)
			fail_msg("%s", why.text);
		assert_true(slice_is(buf_slice(&out), secret.at));
	}
	buf_clear(&out);
	assert_int_equal(open_with(&people[2], "", &sealed, &out, &why), RC_INVALID);
	assert_int_equal(out.len, 0);
	buf_free(&sealed);
	buf_wipe(&out);
	for (size_t i = 0; i < COUNT(people); i++)
		person_end(&people[i]);
}

/* What stands in the envelope, as text: the algorithms' names. */
static void test_algorithms(void **state)
{
	struct person people[] = { person(EVP_RSA_gen(2048), "Ann", NULL, NULL),
				   person(EVP_EC_gen("P-384"), "Bob", NULL, NULL) };
	CLEANUP(crypto_group_free) struct crypto_group *two = group(people, 2);
	struct buf sealed = BUF_INIT(CRYPTO_CMS_MAX);
	BIO *text = BIO_new(BIO_s_mem());

	(void)state;
	assert_int_equal(crypto_cms_seal(two, secret, &sealed, NULL), RC_OK);
	const unsigned char *at = (const unsigned char *)sealed.at;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)sealed.len);
	assert_int_equal(OBJ_obj2nid(CMS_get0_type(cms)), NID_id_smime_ct_authEnvelopedData);
	CMS_ContentInfo_print_ctx(text, cms, 0, NULL);
	struct slice words = pem_of(text);
	static const char *const wanted[] = {
		"rsaesOaep",      "sha256",     "mgf1", "dhSinglePass-stdDH-sha256kdf-scheme",
		"id-aes256-wrap", "aes-256-gcm"
	};
	static const char *const unwanted[] = { "sha1", "rsaEncryption (1.2.840.113549.1.1.1)\n",
						"des", "cbc" };
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (!memmem(words.at, words.len, wanted[i], strlen(wanted[i])))
			fail_msg("%s is missing", wanted[i]);
	for (size_t i = 0; i < COUNT(unwanted); i++)
		if (memmem(words.at, words.len, unwanted[i], strlen(unwanted[i])))
			fail_msg("there is %s", unwanted[i]);
	CMS_ContentInfo_free(cms);
	BIO_free(text);
	buf_free(&sealed);
	person_end(&people[0]);
	person_end(&people[1]);
}

static void test_no_changed_byte_opens(void **state)
{
	struct person ann = person(EVP_EC_gen("P-256"), "Ann", NULL, NULL);
	CLEANUP(crypto_group_free) struct crypto_group *g = group(&ann, 1);
	struct buf sealed = BUF_INIT(CRYPTO_CMS_MAX + 1), out = BUF_SECRET(100);
	unsigned opened = 0;

	(void)state;
	assert_int_equal(crypto_cms_seal(g, secret, &sealed, NULL), RC_OK);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.at[i] ^= 1;
		opened += open_with(&ann, "", &sealed, &out, NULL) == RC_OK;
		if (out.len) /* the name of the certificate is not what is sealed */
			assert_true(slice_is(buf_slice(&out), secret.at));
		buf_clear(&out);
		sealed.at[i] ^= 1;
	}
	assert_true(opened < sealed.len / 4);
	/* The last 16 bytes are the tag, and before it, with its own head, is what was sealed. */
	sealed.at[sealed.len - 20 - 16] ^= 1;
	assert_int_equal(open_with(&ann, "", &sealed, &out, NULL), RC_INVALID);
	sealed.at[sealed.len - 20 - 16] ^= 1;
	sealed.len--;
	assert_int_equal(open_with(&ann, "", &sealed, &out, NULL), RC_INVALID);
	sealed.len++;
	assert_int_equal(buf_add_byte(&sealed, 'x'), RC_OK);
	assert_int_equal(open_with(&ann, "", &sealed, &out, NULL), RC_INVALID);
	buf_free(&sealed);
	buf_wipe(&out);
	person_end(&ann);
}

static void test_certificates_refused(void **state)
{
	struct person small = person(EVP_RSA_gen(1024), "Ann", NULL, NULL);
	struct person signs = person(EVP_RSA_gen(2048), "Ann", "digitalSignature", NULL);
	struct person edwards = person(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), "Ann", NULL, NULL);
	struct person other = person(EVP_EC_gen("secp256k1"), "Ann", NULL, NULL);
	struct person ec = person(EVP_EC_gen("P-256"), "Ann", "digitalSignature", NULL);
	const struct {
		const char *name;
		struct slice pem;
		const char *why;
	} rows[] = {
		{ "nothing", SLICE(""), "0 bytes are no certificates" },
		{ "a text", SLICE("hello\n"), "there is no certificate in it" },
		{ "a private key", pem_of(signs.secret), "there is no certificate in it" },
		{ "damage", SLICE("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
		  "cannot read a certificate: " },
		{ "a short RSA key", pem_of(small.certificate),
		  "certificate 1: its RSA key has 1024 bits, fewer than 2048" },
		{ "for signatures alone", pem_of(signs.certificate),
		  "certificate 1: its keyUsage does not allow keyEncipherment" },
		{ "the same on a curve", pem_of(ec.certificate),
		  "certificate 1: its keyUsage does not allow keyAgreement" },
		{ "a key that only signs", pem_of(edwards.certificate),
		  "certificate 1: its key is neither RSA nor EC on P-256, P-384 or P-521" },
		{ "another curve", pem_of(other.certificate),
		  "certificate 1: its key is neither RSA nor EC on P-256, P-384 or P-521" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct crypto_group *g = NULL;
		struct fault why = { 0 };

		print_message("   %s\n", rows[i].name);
		assert_int_equal(crypto_group_read(rows[i].pem, &g, &why), RC_INVALID);
		if (strncmp(why.text, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("%s", why.text);
		assert_null(g);
	}
	person_end(&small);
	person_end(&signs);
	person_end(&edwards);
	person_end(&other);
	person_end(&ec);
}

static void test_passphrases(void **state)
{
	struct person ann = person(EVP_EC_gen("P-256"), "Ann", NULL, "hush");
	struct crypto_officer *officer = NULL;
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(crypto_officer_read(pem_of(ann.secret), SLICE(""), &officer, &why),
			 RC_ABSENT);
	assert_string_equal(why.text, "the private key needs its passphrase");
	assert_int_equal(crypto_officer_read(pem_of(ann.secret), SLICE("husk"), &officer, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "the private key's passphrase is wrong");
	assert_int_equal(crypto_officer_read(pem_of(ann.certificate), SLICE(""), &officer, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "it is no private key in PEM");
	assert_int_equal(crypto_officer_read(SLICE(""), SLICE(""), &officer, &why), RC_INVALID);
	assert_null(officer);
	assert_int_equal(crypto_officer_read(pem_of(ann.secret), SLICE("hush"), &officer, &why),
			 RC_OK);
	uint8_t digest[CRYPTO_HASH_BYTES];
	CLEANUP(crypto_group_free) struct crypto_group *g = group(&ann, 1);
	struct crypto_certificate c;
	assert_int_equal(crypto_officer_digest(officer, digest, NULL), RC_OK);
	assert_int_equal(crypto_group_certificate(g, 0, &c, NULL), RC_OK);
	assert_memory_equal(digest, c.key_digest, sizeof digest);
	crypto_officer_free(&officer);
	person_end(&ann);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_of_the_group_opens),
		cmocka_unit_test(test_algorithms),
		cmocka_unit_test(test_no_changed_byte_opens),
		cmocka_unit_test(test_certificates_refused),
		cmocka_unit_test(test_passphrases),
	};
	return cmocka_run_group_tests_name("crypto/cms", tests, NULL, NULL);
}
