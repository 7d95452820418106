#include "deposit/text.h"

#include "crypto/pass.h"
#include "crypto/random.h"
#include "support/unit.h"

static struct crypto_keys keys;
static struct deposit_site site = { .keys = &keys,
				    .portal_url = "https://secure.our.example:8443/portal",
				    .organisation = "" };

static void assert_slice(struct slice s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_memory_equal(s.at, text, s.len);
}

static void test_names(void **state)
{
	(void)state;
	assert_slice(deposit_host(site.portal_url), "secure.our.example:8443");
	assert_slice(deposit_typed(site.portal_url), "secure.our.example:8443/portal");
	assert_slice(deposit_host("https://a.example"), "a.example");
	assert_slice(deposit_organisation(&site), "secure.our.example:8443");
	site.organisation = "Our Example";
	assert_slice(deposit_organisation(&site), "Our Example");
	site.organisation = "";
}

static void test_message_id(void **state)
{
	struct buf one = BUF_INIT(200), two = BUF_INIT(200);

	(void)state;
	assert_int_equal(deposit_message_id(&site, &one, NULL), RC_OK);
	assert_int_equal(deposit_message_id(&site, &two, NULL), RC_OK);
	assert_string_not_equal(buf_text(&one), buf_text(&two));
	assert_non_null(strstr(buf_text(&one), "@secure.our.example>"));
	buf_free(&one);
	buf_free(&two);
}

static const struct {
	const char *name, *text, *fields, *body;
} bodies[] = {
	{ "ASCII, with a line longer than 78",
	  "https://secure.our.example/m/00112233445566778899aabbccddeeff#0123456789ABCDEFGHJKMNPQ\n"
	  "end\n",
	  "Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n",
	  "https://secure.our.example/m/00112233445566778899aabbccddeeff#0123456789ABCDEFGHJKMNPQ"
	  "\r\nend\r\n" },
	{ "a name in other letters",
	  "Gr\xc3\xbc\xc3\x9f"
	  "e\n",
	  "quoted-printable", "Gr=C3=BC=C3=9Fe\r\n" },
};

static void test_end(void **state)
{
	const uint8_t id[STORE_ID_BYTES] = { 0x6f };
	const struct slice to = SLICE("b@plain.test");

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct slice text = { bodies[i].text, strlen(bodies[i].text) };
		struct buf out = BUF_INIT(10000);
		struct fault why = { 0 };

		print_message("   %s\n", bodies[i].name);
		(void)!buf_add_text(&out, "Subject: x\r\n");
		assert_int_equal(deposit_text_end(&site, "notice", id, to, text, 1000, &out, &why),
				 RC_OK);
		const char *body = strstr(buf_text(&out), "\r\n\r\n");
		assert_non_null(body);
		assert_string_equal(body + 4, bodies[i].body);
		assert_non_null(strstr(buf_text(&out), bodies[i].fields));
		assert_non_null(strstr(buf_text(&out), "\r\nMIME-Version: 1.0\r\n"));

		/* The milter knows it again, for this recipient and this body alone. */
		const char *value = strstr(buf_text(&out), "\r\nPostern-Notice: ") + 18;
		const char *end = strstr(value, "\r\nMIME-Version");
		struct crypto_pass pass = { .use = "notice",
					    .recipient_count = 1,
					    .recipients = &to };
		uint8_t found[CRYPTO_PASS_ID_BYTES];
		struct slice field = { value, (size_t)(end - value) };
		assert_int_equal(crypto_sha256((struct slice){ body + 4, strlen(body + 4) },
					       pass.body_digest, NULL),
				 RC_OK);
		assert_int_equal(crypto_pass_verify(&keys.header, field, &pass, 2000, found, &why),
				 RC_OK);
		/* Two texts of one deposit have passes of their own: each counts once. */
		for (size_t k = 0; k < sizeof found; k++)
			assert_int_equal(found[k], id[k] ^ pass.body_digest[k]);
		pass.body_digest[0] ^= 1;
		assert_int_equal(crypto_pass_verify(&keys.header, field, &pass, 2000, found, &why),
				 RC_INVALID);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_message_id),
		cmocka_unit_test(test_end),
	};
	if (crypto_key_make(&keys.header, NULL) != RC_OK)
		return 1;
	return cmocka_run_group_tests_name("deposit/text", tests, NULL, NULL);
}
