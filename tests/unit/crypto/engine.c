#include "crypto/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/err.h>

static void test_engine(void **state)
{
	(void)state;
	const struct crypto_engine *engine = crypto_engine();
	assert_non_null(engine);
	assert_ptr_equal(engine, crypto_engine());
	assert_int_equal(EVP_MD_get_size(engine->sha256), 32);
	assert_int_equal(EVP_CIPHER_get_key_length(engine->aes256gcm), 32);
}

static void test_fault(void **state)
{
	struct fault why = { 0 };

	(void)state;
	ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
	assert_int_equal(crypto_fault(&why, RC_RETRY, "seal"), RC_RETRY);
	assert_string_equal(why.text, "cannot seal: malloc failure");
	/* The queue was emptied: the next failure does not tell of the last one. */
	assert_int_equal(crypto_fault(&why, RC_INVALID, "open"), RC_INVALID);
	assert_string_equal(why.text, "cannot open: OpenSSL does not say why");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_engine),
		cmocka_unit_test(test_fault),
	};
	return cmocka_run_group_tests_name("crypto/engine", tests, NULL, NULL);
}
