/* deposit/derive.h: what a recipient derives from code and phrase, without any key of the site:
 * the proofs that he shows, and the key that opens his share (deposit/share.h has the whole).
 *
 *     auth1  proves the code     auth2  proves code and phrase     kek  unwraps dek
 *
 * Memory   keys in the caller's hands: crypto_key_wipe()
 * Threads  pure functions; deposit_derive_stretch() takes 0.05 to 0.3 s */
#pragma once

#include "crypto/code.h"
#include "crypto/secret.h"
#include "deposit/record.h"

struct deposit_party {     /* whose share it is; borrowed */
	const uint8_t *id; /* of the deposit */
	struct slice address;
	struct slice phrase; /* normalised; len 0: a factor without one */
	/* deposit_derive_stretch()'s, where it was made before (deposit/stretch.h); else NULL. */
	const struct crypto_key *stretched;
};

/* All of them as crypto_hkdf(). */
enum rc deposit_derive_auth1(const uint8_t id[STORE_ID_BYTES],
			     const uint8_t link[CRYPTO_CODE_BYTES], struct crypto_key *out,
			     struct fault *why);
enum rc deposit_derive_locator(const uint8_t link[CRYPTO_CODE_BYTES], struct crypto_key *out,
			       struct fault *why);

/* PBKDF2 of the phrase, or zeros where rounds is 0. RC_LIMIT: the address is too long. */
enum rc deposit_derive_stretch(const struct deposit_party *party, uint32_t rounds,
			       struct crypto_key *out, struct fault *why);
enum rc deposit_derive_auth2(const struct deposit_party *party,
			     const uint8_t link[CRYPTO_CODE_BYTES],
			     const struct crypto_key *stretched, struct crypto_key *out,
			     struct fault *why);

struct deposit_halves { /* borrowed */
	const uint8_t *link;
	const struct crypto_key *server, *stretched;
};

enum rc deposit_derive_kek(const struct deposit_party *party, const struct deposit_halves *halves,
			   struct crypto_key *out, struct fault *why);

/* What kek sealed. RC_INVALID: not with these halves, or the share is damaged. */
enum rc deposit_derive_dek(const struct deposit_party *party, const struct deposit_halves *halves,
			   const uint8_t wrapped_dek[CRYPTO_SEALED_KEY_BYTES],
			   struct crypto_key *dek, struct fault *why);
