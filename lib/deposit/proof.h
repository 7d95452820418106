/* deposit/proof.h: the file by which a recipient proves, years later and without the portal,
 * that this message came from this site, for whom, and when it was picked up.
 *
 *     {"version":1,"deposit":"6f…","digest":"9c…","salt":"51…","sender":"a@our.example",
 *      "recipient":"b@plain.test","made":"2026-11-22T02:45:47Z",
 *      "picked_up":"2026-11-23T09:12:00Z","factor":"phrase","independent":true,
 *      "mode":"browser","scan":{"engine":"ClamAV 1.0.7","result":"clean","date":"2026-…Z"},
 *      "organisation":"Our Example","portal":"https://secure.our.example","key":"d7…",
 *      "signature":"e5…"}                                           (on one line)
 *
 * The signature is Ed25519 by the site's key over "postern-proof-1\n" and the canonical form:
 * the members in this order without salt, key and signature, no blanks, no line end, texts
 * with the escapes of json/line.h. salt is added by whoever has decrypted; that it is not
 * signed does no harm, as the digest binds it. Members of other names are not signed, and not
 * read.
 *
 * What a proof shows: the site says so. It does not show that the recipient has read the
 * message, nor who sat before the browser; key is what the signer says of himself: to
 * believe it, compare it with the published one.
 *
 * Standard  RFC 8032 (Ed25519), RFC 8259 (JSON)
 * Threads   pure functions; a file that was read is one thread's at a time */
#pragma once

#include "crypto/hash.h"
#include "crypto/sign.h"
#include "deposit/facts.h"
#include "deposit/source.h"
#include "settings/rules.h"

enum {
	DEPOSIT_PROOF_VERSION = 1,
	DEPOSIT_PROOF_MAX = 16 * 1024, /* bytes: two addresses of 1,000 bytes, all escaped */
	DEPOSIT_PROOF_SALT_BYTES = 32,
};

struct deposit_proof { /* texts are borrowed */
	uint8_t id[STORE_ID_BYTES];
	uint8_t digest[CRYPTO_HASH_BYTES];
	struct slice sender, recipient; /* addresses, as in the store */
	int64_t made_s, picked_up_s;
	enum rules_factor factor;
	bool independent;
	enum deposit_mode mode;
	const struct deposit_scan *scan; /* NULL: it was not scanned */
	struct slice organisation;       /* portal.organisation; may be empty */
	struct slice portal;             /* portal.url */
};

/* Adds the file to out, one line with its line end, signed by site (crypto_keys' site);
 * without salt.
 *   RC_LIMIT, RC_NOMEM  from out     RC_RETRY  OpenSSL failed */
enum rc deposit_proof_make(const struct deposit_proof *proof, const struct crypto_key *site,
			   struct buf *out, struct fault *why);

/* Adds file, as deposit_proof_make() wrote it, with the salt in its place to out: for a server
 * that decrypts. RC_INVALID: file is no such proof, or has a salt. */
enum rc deposit_proof_add_salt(struct slice file, const uint8_t salt[DEPOSIT_PROOF_SALT_BYTES],
			       struct buf *out, struct fault *why);

/* ---- checking ---- */

struct deposit_proof_file {
	struct deposit_proof proof; /* borrows from tree and scan */
	bool salted;
	uint8_t salt[DEPOSIT_PROOF_SALT_BYTES]; /* where salted */
	uint8_t key[CRYPTO_PUBLIC_BYTES];       /* whose the signer says it is */
	uint8_t signature[CRYPTO_SIGNATURE_BYTES];
	struct deposit_scan scan;
	struct json_value *tree;
};

/* Reads a stranger's bytes as a proof, in any order of members and with any blanks.
 *   RC_OK       *out is for deposit_proof_close(); nothing of it is believed yet
 *   RC_INVALID  not JSON, a member missing or not of its form, another version
 *   RC_LIMIT    longer than DEPOSIT_PROOF_MAX     RC_NOMEM */
enum rc deposit_proof_read(struct slice text, struct deposit_proof_file *out, struct fault *why);
void deposit_proof_close(struct deposit_proof_file *file); /* for CLEANUP(); zeros are fine */

/* Whether the signature is that of pub, and so every signed member as pub's owner wrote it.
 * RC_INVALID: it is not. */
enum rc deposit_proof_verify(const struct deposit_proof_file *file,
			     const uint8_t pub[CRYPTO_PUBLIC_BYTES], struct fault *why);

/* Whether message is the one that the digest names.
 *   RC_INVALID  it is another, by a byte or more
 *   RC_ABSENT   the proof has no salt, so that nobody can say
 *   RC_RETRY    it cannot be read */
enum rc deposit_proof_covers(const struct deposit_proof_file *file,
			     const struct deposit_source *message, struct fault *why);
