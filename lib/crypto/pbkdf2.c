#include "crypto/pbkdf2.h"

/* One compression of SHA-256 is not to be had in OpenSSL's newer interface. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>

#include <assert.h>
#include <string.h>

enum {
	BLOCK = SHA256_CBLOCK,
	DIGEST = SHA256_DIGEST_LENGTH,
	WORDS = DIGEST / 4,
};

/* Where the two hashes of an HMAC stand when they have read the key. */
struct hmac {
	SHA256_CTX inner, outer;
};

static void begin(const uint8_t key[BLOCK], uint8_t pad, SHA256_CTX *hash)
{
	uint8_t block[BLOCK];

	for (size_t i = 0; i < BLOCK; i++)
		block[i] = key[i] ^ pad;
	SHA256_Init(hash);
	SHA256_Update(hash, block, BLOCK);
	crypto_wipe(block, sizeof block);
}

/* RFC 2104 §2: a key that is longer than a block is hashed first. */
static void hmac_init(struct slice secret, struct hmac *h)
{
	uint8_t key[BLOCK] = { 0 };

	if (secret.len > BLOCK)
		SHA256((const uint8_t *)secret.at, secret.len, key);
	else if (secret.len > 0)
		memcpy(key, secret.at, secret.len);
	begin(key, 0x36, &h->inner);
	begin(key, 0x5c, &h->outer);
	crypto_wipe(key, sizeof key);
}

/* U_1: the salt, and the number of the block of output, of which we want the first. */
static void first(const struct hmac *h, struct slice salt, uint8_t digest[DIGEST])
{
	static const uint8_t number[4] = { 0, 0, 0, 1 };
	struct hmac run = *h;

	SHA256_Update(&run.inner, salt.at, salt.len);
	SHA256_Update(&run.inner, number, sizeof number);
	SHA256_Final(digest, &run.inner);
	SHA256_Update(&run.outer, digest, DIGEST);
	SHA256_Final(digest, &run.outer);
	crypto_wipe(&run, sizeof run);
}

/* What a hash says of the digest that stands at the block's start, after the block of
 * its key; the answer takes the digest's place. */
static void hash_digest(const SHA256_CTX *begun, uint8_t block[BLOCK], SHA256_CTX *run)
{
	memcpy(run->h, begun->h, sizeof run->h);
	SHA256_Transform(run, block);
	for (size_t i = 0; i < WORDS; i++) {
		block[4 * i] = (uint8_t)(run->h[i] >> 24);
		block[4 * i + 1] = (uint8_t)(run->h[i] >> 16);
		block[4 * i + 2] = (uint8_t)(run->h[i] >> 8);
		block[4 * i + 3] = (uint8_t)run->h[i];
	}
}

/* FIPS 180-4 §5.1.1: a one, zeros, and the length in bits of key block and digest. */
static void pad(uint8_t block[BLOCK])
{
	unsigned bits = 8 * (BLOCK + DIGEST);

	memset(block + DIGEST, 0, BLOCK - DIGEST);
	block[DIGEST] = 0x80;
	block[BLOCK - 2] = (uint8_t)(bits >> 8);
	block[BLOCK - 1] = (uint8_t)bits;
}

void crypto_pbkdf2(struct slice phrase, struct slice salt, uint32_t rounds, struct crypto_key *out)
{
	_Static_assert(sizeof out->bytes == DIGEST, "one block of output");
	uint8_t block[BLOCK];
	struct hmac h;
	SHA256_CTX run;

	assert(rounds >= 1);
	hmac_init(phrase, &h);
	run = h.inner;
	first(&h, salt, block);
	pad(block);
	memcpy(out->bytes, block, DIGEST);
	for (uint32_t round = 1; round < rounds; round++) {
		hash_digest(&h.inner, block, &run);
		hash_digest(&h.outer, block, &run);
		for (size_t i = 0; i < DIGEST; i++)
			out->bytes[i] ^= block[i];
	}
	crypto_wipe(block, sizeof block);
	crypto_wipe(&h, sizeof h);
	crypto_wipe(&run, sizeof run);
}
