/* crypto/cms.h: small things sealed to the certificates of people, whose keys are elsewhere.
 *
 *     AuthEnvelopedData, AES-256-GCM
 *       RSA   RSAES-OAEP, SHA-256 for hash and mask
 *       EC    ECDH, X9.63 KDF with SHA-256, AES-256 key wrap
 *
 * OpenSSL's own defaults are older: PKCS #1 v1.5 and SHA-1. A group is what one file holds:
 * each of its certificates opens what was sealed to the group.
 *
 * Standard  RFC 5652 (CMS), RFC 5083 (AuthEnvelopedData), RFC 5084 (AES-GCM),
 *           RFC 8017 §7.1 (OAEP), RFC 5753 (ECDH)
 * Memory    groups are immutable; an officer's key is wiped when freed
 * Threads   any; an officer's key is one thread's at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "crypto/hash.h"

enum {
	CRYPTO_GROUP_MAX = 16,             /* certificates; deputies are few */
	CRYPTO_GROUP_PEM_MAX = 256 * 1024, /* bytes: as many, with their chains' remarks */
	CRYPTO_RSA_BITS_MIN = 2048,
	CRYPTO_CMS_MAX = 64 * 1024, /* bytes of one sealed thing, whatever the group */
};

struct crypto_group;

struct crypto_certificate {
	char name[200];                        /* the subject, printable ASCII, cut */
	uint8_t key_digest[CRYPTO_HASH_BYTES]; /* SHA-256 of SubjectPublicKeyInfo */
	int64_t begins_s, ends_s;
};

/* Reads PEM with one certificate or several; what else stands there is passed over.
 *   RC_INVALID  none, too many, one that cannot be read, or one whose key is not RSA of
 *               CRYPTO_RSA_BITS_MIN and more or EC on P-256, P-384 or P-521, or may not be
 *               used so (keyUsage): *why says which
 *   RC_NOMEM */
enum rc crypto_group_read(struct slice pem, struct crypto_group **out, struct fault *why);
void crypto_group_free(struct crypto_group **group); /* for CLEANUP(); NULL is fine */
size_t crypto_group_count(const struct crypto_group *group);
enum rc crypto_group_certificate(const struct crypto_group *group, size_t i,
				 struct crypto_certificate *out, struct fault *why);

/* Adds plain, sealed to each of the group, to out: DER. RC_RETRY: OpenSSL failed. */
enum rc crypto_cms_seal(const struct crypto_group *group, struct slice plain, struct buf *out,
			struct fault *why);

/* ---- opening ---- */

struct crypto_officer;

/* Reads a private key, PEM.
 *   RC_ABSENT   it needs a passphrase, and there is none (len 0)
 *   RC_INVALID  the passphrase is wrong, or it is no private key */
enum rc crypto_officer_read(struct slice pem, struct slice passphrase, struct crypto_officer **out,
			    struct fault *why);
/* SHA-256 of the public half's SubjectPublicKeyInfo, as crypto_certificate's key_digest. */
enum rc crypto_officer_digest(const struct crypto_officer *officer, uint8_t out[CRYPTO_HASH_BYTES],
			      struct fault *why);
void crypto_officer_free(struct crypto_officer **officer); /* for CLEANUP(); NULL is fine */

/* Adds what was sealed to out, whose bytes are secret.
 *   RC_INVALID  not for this key, or changed since, or no such thing; out is as it was */
enum rc crypto_cms_open(const struct crypto_officer *officer, struct slice sealed, struct buf *out,
			struct fault *why);
