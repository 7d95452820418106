#include "tls/verify.h"

#include "support/certificates.h"
#include "support/unit.h"

static const struct {
	const char *name;
	struct leaf leaf;
	const char *host;
	bool names;
} rows[] = {
	{ "the name", { .dns = { "mail.example.net" } }, "mail.example.net", true },
	{ "in other letters", { .dns = { "Mail.EXAMPLE.net" } }, "mail.example.NET", true },
	{ "the second name", { .dns = { "a.example", "b.example" } }, "b.example", true },
	{ "another name", { .dns = { "a.example" } }, "b.example", false },
	{ "a name above", { .dns = { "example.net" } }, "mail.example.net", false },
	{ "a Common Name alone", { .common_name = "mail.example.net" }, "mail.example.net", false },
	{ "a Common Name beside another DNS name",
	  { .common_name = "mail.example.net", .dns = { "www.example.net" } },
	  "mail.example.net",
	  false },
	{ "a star for one label", { .dns = { "*.example.net" } }, "mail.example.net", true },
	{ "a star is not two labels", { .dns = { "*.example.net" } }, "a.mail.example.net", false },
	{ "a star is not no label", { .dns = { "*.example.net" } }, "example.net", false },
	{ "part of a label", { .dns = { "m*.example.net" } }, "mail.example.net", false },
	{ "part of a label, at its front",
	  { .dns = { "*l.example.net" } },
	  "mail.example.net",
	  false },
	{ "a star further right", { .dns = { "mail.*.net" } }, "mail.example.net", false },
	{ "a star alone", { .dns = { "*" } }, "example", false },
	{ "a star over a top-level domain", { .dns = { "*.net" } }, "example.net", false },
	{ "no host", { .dns = { "a.example" } }, "", false },
	{ "any host below", { .dns = { "a.example.net" } }, ".example.net", false },
	{ "a final dot", { .dns = { "a.example" } }, "a.example.", false },
};

static void test_names(void **state)
{
	const struct authority *a = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		EVP_PKEY *key;
		X509 *x = authority_issue(a, &rows[i].leaf, &key);

		print_message("   %s\n", rows[i].name);
		assert_int_equal(tls_certificate_names(x, rows[i].host), rows[i].names);
		X509_free(x);
		EVP_PKEY_free(key);
	}
}

#define LONG                                                                                       \
	"a23456789012345678901234567890123456789012345678901234567890123."                         \
	"b23456789012345678901234567890123456789012345678901234567890123.example"

static const struct {
	struct leaf leaf;
	const char *words;
} words[] = {
	{ { .common_name = "x.example" }, "no DNS name" },
	{ { .dns = { "a.example" } }, "a.example" },
	{ { .dns = { "a.example", "*.b.example" } }, "a.example, *.b.example" },
	{ { .dns = { LONG, LONG } }, LONG ", ..." },
	{ { .dns = { LONG "." LONG } }, "..." },
	{ { .dns = { "a\x01\xc3.example" } }, "a??.example" },
};

static void test_words(void **state)
{
	const struct authority *a = *state;

	for (size_t i = 0; i < COUNT(words); i++) {
		EVP_PKEY *key;
		X509 *x = authority_issue(a, &words[i].leaf, &key);
		char out[TLS_WORDS_MAX];

		assert_string_equal(tls_certificate_words(x, out), words[i].words);
		X509_free(x);
		EVP_PKEY_free(key);
	}
}

static void pump(SSL *from, SSL *to)
{
	char bytes[4096];
	int n;

	while ((n = BIO_read(SSL_get_wbio(from), bytes, sizeof bytes)) > 0)
		assert_int_equal(BIO_write(SSL_get_rbio(to), bytes, n), n);
}

static SSL *make_side(SSL_CTX *ctx, bool client)
{
	SSL *ssl = SSL_new(ctx);

	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	if (client)
		SSL_set_connect_state(ssl);
	else
		SSL_set_accept_state(ssl);
	return ssl;
}

/* A handshake in memory, and the server's goodbye: whether the client was content. */
static bool shake_hands(SSL_CTX *client_ctx, SSL_CTX *server_ctx, struct tls_peer *peer)
{
	char byte;
	SSL *client = make_side(client_ctx, true), *server = make_side(server_ctx, false);
	int ended = 0;

	for (int turn = 0; turn < 10 && ended != 1; turn++) {
		ended = SSL_do_handshake(client);
		pump(client, server);
		(void)SSL_do_handshake(server);
		pump(server, client);
	}
	if (ended == 1) {
		pump(client, server);
		(void)SSL_do_handshake(server);
		assert_true(SSL_read(client, &byte, 1) <= 0);
		assert_false(peer->ended);
		assert_true(SSL_shutdown(server) >= 0);
		pump(server, client);
		assert_true(SSL_read(client, &byte, 1) <= 0);
		assert_true(peer->ended);
	}
	SSL_free(client);
	SSL_free(server);
	return ended == 1;
}

static const struct {
	const char *name;
	struct leaf leaf;
	int last_version;
	bool trusted;
	const char *told; /* NULL: the handshake ends well */
} handshakes[] = {
	{ "good", { .dns = { "mx.example" } }, 0, true, NULL },
	{ "good, TLS 1.2", { .dns = { "mx.example" } }, TLS1_2_VERSION, true, NULL },
	{ "TLS 1.1", { .dns = { "mx.example" } }, TLS1_1_VERSION, true, "" },
	{ "a Common Name alone",
	  { .common_name = "mx.example" },
	  0,
	  true,
	  "the certificate is for no DNS name, not mx.example" },
	{ "another name",
	  { .dns = { "a.example", "b.example" } },
	  0,
	  true,
	  "the certificate is for a.example, b.example, not mx.example" },
	{ "expired",
	  { .dns = { "mx.example" }, .begins_s = -7200, .ends_s = -3600 },
	  0,
	  true,
	  "the certificate was not accepted: certificate has expired" },
	{ "not yet valid",
	  { .dns = { "mx.example" }, .begins_s = 3600, .ends_s = 7200 },
	  0,
	  true,
	  "the certificate was not accepted: certificate is not yet valid" },
	{ "its own issuer",
	  { .dns = { "mx.example" }, .self_signed = true },
	  0,
	  true,
	  "the certificate was not accepted: self-signed certificate" },
	{ "an authority that we do not know",
	  { .dns = { "mx.example" } },
	  0,
	  false,
	  "the certificate was not accepted: unable to get local issuer certificate" },
};

static void test_handshakes(void **state)
{
	const struct authority *a = *state;

	for (size_t i = 0; i < COUNT(handshakes); i++) {
		SSL_CTX *client = SSL_CTX_new(TLS_client_method());
		SSL_CTX *server = SSL_CTX_new(TLS_server_method());
		struct tls_peer peer = { 0 };
		EVP_PKEY *key;
		X509 *x = authority_issue(a, &handshakes[i].leaf, &key);

		print_message("   %s\n", handshakes[i].name);
		SSL_CTX_use_certificate(server, x);
		SSL_CTX_use_PrivateKey(server, key);
		if (handshakes[i].last_version) {
			/* Both sides could: only our minimum is in the way. */
			SSL_CTX_set_security_level(server, 0);
			SSL_CTX_set_security_level(client, 0);
			SSL_CTX_set_min_proto_version(server, TLS1_VERSION);
			SSL_CTX_set_min_proto_version(client, TLS1_VERSION);
			SSL_CTX_set_max_proto_version(server, handshakes[i].last_version);
		}
		if (handshakes[i].trusted)
			assert_int_equal(SSL_CTX_load_verify_file(client, a->file), 1);
		assert_int_equal(tls_pkix_apply(client, "mx.example", &peer, NULL), RC_OK);
		assert_int_equal(shake_hands(client, server, &peer), handshakes[i].told == NULL);
		assert_string_equal(peer.refused.text,
				    handshakes[i].told ? handshakes[i].told : "");
		SSL_CTX_free(client);
		SSL_CTX_free(server);
		X509_free(x);
		EVP_PKEY_free(key);
	}
}

static void test_a_host_that_is_none(void **state)
{
	(void)state;
	static const char *hosts[] = { "",           ".example", "a.example.",
				       "a..example", "a b",      "*.example" };
	SSL_CTX *client = SSL_CTX_new(TLS_client_method());
	struct tls_peer peer = { 0 };
	struct fault why = { 0 };

	for (size_t i = 0; i < COUNT(hosts); i++)
		assert_int_equal(tls_pkix_apply(client, hosts[i], &peer, &why), RC_INVALID);
	assert_string_equal(why.text, "\"*.example\" is no host name");
	SSL_CTX_free(client);
}

static int setup(void **state)
{
	static struct authority a;

	authority_init(&a);
	*state = &a;
	return 0;
}

static int teardown(void **state)
{
	authority_fini(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_handshakes),
		cmocka_unit_test(test_a_host_that_is_none),
	};
	return cmocka_run_group_tests_name("tls/verify", tests, setup, teardown);
}
