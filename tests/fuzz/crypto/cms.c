#include "crypto/cms.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Of the seeds' certificate; nobody's. */
static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
			  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg0OsQS3KheojtbhJ\n"
			  "ofJkQCMIrsMHDnHYGbndiT4J49mhRANCAATXPtWsfKi9LXZSxJ3m+u0f82/mxZSn\n"
			  "gUCMnZPbBjFWeHqBgs1okaxcn7sEfwkcROUJL+znkqZ8Y8qPhFZbzdZw\n"
			  "-----END PRIVATE KEY-----\n";

/* What does not open leaves nothing behind; certificates that are read can be told of, and
 * sealed to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct crypto_officer *officer;
	const struct slice bytes = { (const char *)data, size };
	struct buf out = BUF_SECRET(CRYPTO_CMS_MAX), sealed = BUF_INIT(CRYPTO_CMS_MAX);
	struct crypto_group *group = NULL;
	struct crypto_certificate c;

	if (!officer)
		assert(crypto_officer_read(slice_of(key), SLICE(""), &officer, NULL) == RC_OK);
	assert(crypto_cms_open(officer, bytes, &out, NULL) == RC_OK || out.len == 0);
	if (crypto_group_read(bytes, &group, NULL) == RC_OK) {
		for (size_t i = 0; i < crypto_group_count(group); i++)
			assert(crypto_group_certificate(group, i, &c, NULL) == RC_OK);
		assert(crypto_cms_seal(group, SLICE("x"), &sealed, NULL) == RC_OK);
	}
	crypto_group_free(&group);
	buf_wipe(&out);
	buf_free(&sealed);
	return 0;
}
