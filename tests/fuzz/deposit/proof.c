#include "deposit/proof.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A stranger's file with salt is never genuine for our key; one without takes a salt, and is
 * read again as the same proof. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t salt[DEPOSIT_PROOF_SALT_BYTES] = { 5 },
			     ours[CRYPTO_PUBLIC_BYTES] = { 9 };
	const struct slice text = { (const char *)data, size };
	struct deposit_proof_file file = { .salted = false }, again = { .salted = false };
	struct buf out = BUF_INIT(8 * DEPOSIT_PROOF_MAX);

	if (deposit_proof_read(text, &file, NULL) == RC_OK) {
		assert(deposit_proof_verify(&file, ours, NULL) == RC_INVALID);
		assert((deposit_proof_add_salt(text, salt, &out, NULL) == RC_OK) == !file.salted);
	}
	if (out.len && deposit_proof_read(buf_slice(&out), &again, NULL) == RC_OK)
		assert(again.salted && again.proof.made_s == file.proof.made_s);
	deposit_proof_close(&file);
	deposit_proof_close(&again);
	buf_free(&out);
	return 0;
}
