/* Real hosts on the loopback: good ones, and an attacker's. */
#include "smtp/probe.h"

#include "loop/loop.h"
#include "support/mx_server.h"
#include "support/unit.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000 };

#define HOST "mx.d.example"
#define HELLO ">220 mx ready", "<EHLO gate.example\r", ">250-mx\r\n250-REQUIRETLS\r\n250 STARTTLS"
#define GOES_TLS HELLO, "<STARTTLS\r", ">220 go ahead", "tls"
#define GOOD GOES_TLS, "<EHLO gate.example\r", ">250-mx\r\n250 SIZE 1000", "<QUIT\r"
#define FOR_HOST .leaf = { .dns = { HOST } }
#define FOR_OTHER .leaf = { .dns = { "other.example" } }

enum proof {
	EE,           /* TLSA 3 1 1 of the server's key */
	EE_WHOLE,     /* 3 0 0, the certificate itself */
	EE_OTHER,     /* 3 1 1 of somebody else */
	EE_BESIDE,    /* somebody else's and the server's */
	EE_SHORT,     /* 3 1 1 with a digest cut short: OpenSSL takes none */
	USAGE_1,      /* 1 1 1 of the server's key */
	TA,           /* 2 0 1 of the authority */
	TA_OTHER,     /* 2 0 1 of somebody else */
	TA_BY_DOMAIN, /* the same, and d.example may stand in the certificate */
	PKIX,
	PKIX_OF_SYSTEM, /* by authorities that do not know ours */
	NOBODY
};

static const struct {
	const char *sentence;
	enum proof proof;
	struct mx_play play;
	enum rc rc;
	bool starttls, authenticated, requiretls;
	const char *tls, *why;
} rows[] = {
	/* ---- hosts that keep their promise ---- */
	{ "DANE-EE", EE, { { GOOD }, FOR_HOST }, RC_OK, true, true, false, "TLSv1.3", "" },
	{ "DANE-EE: the whole certificate",
	  EE_WHOLE,
	  { { GOOD }, FOR_HOST },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "DANE-EE beside a record of another key (a key that is being changed)",
	  EE_BESIDE,
	  { { GOOD }, FOR_HOST },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "DANE-EE: no name counts (RFC 7672 3.1.1)",
	  EE,
	  { { GOOD }, FOR_OTHER },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "DANE-EE: no date counts (RFC 7672 3.1.1)",
	  EE,
	  { { GOOD }, .leaf = { .dns = { HOST }, .begins_s = -7200, .ends_s = -3600 } },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "DANE-TA", TA, { { GOOD }, FOR_HOST }, RC_OK, true, true, false, "TLSv1.3", "" },
	{ "DANE-TA: the next-hop domain may stand in the certificate",
	  TA_BY_DOMAIN,
	  { { GOOD }, .leaf = { .dns = { "d.example" } } },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "PKIX", PKIX, { { GOOD }, FOR_HOST }, RC_OK, true, true, false, "TLSv1.3", "" },
	{ "PKIX over TLS 1.2",
	  PKIX,
	  { { GOOD }, FOR_HOST, .last_version = TLS1_2_VERSION },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.2",
	  "" },
	{ "REQUIRETLS within TLS",
	  EE,
	  { { GOES_TLS, "<EHLO", ">250-mx\r\n250 REQUIRETLS", "<QUIT" }, FOR_HOST },
	  RC_OK,
	  true,
	  true,
	  true,
	  "TLSv1.3",
	  "" },
	{ "a greeting of several lines",
	  EE,
	  { { ">220-mx\r\n220-is\r\n220 ready", "<EHLO", ">250-mx\r\n250 STARTTLS", "<STARTTLS",
	      ">220 go", "tls", "<EHLO", ">250 mx", "<QUIT" },
	    FOR_HOST },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "nobody can be proved: TLS, and that is all",
	  NOBODY,
	  { { GOES_TLS, "<EHLO", ">250-mx\r\n250 REQUIRETLS", "<QUIT" }, FOR_OTHER },
	  RC_OK,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "" },

	/* ---- the attacker's host, or the one between ---- */
	{ "STARTTLS is stripped",
	  EE,
	  { { ">220 mx", "<EHLO", ">250-mx\r\n250 XXXXXXXA", "hang" }, FOR_HOST },
	  RC_INVALID,
	  false,
	  false,
	  false,
	  "",
	  "does not offer STARTTLS" },
	{ "EHLO is unknown, so is STARTTLS",
	  EE,
	  { { ">220 mx", "<EHLO", ">502 what?", "hang" }, FOR_HOST },
	  RC_INVALID,
	  false,
	  false,
	  false,
	  "",
	  "does not offer STARTTLS" },
	{ "STARTTLS is offered, then refused",
	  EE,
	  { { HELLO, "<STARTTLS", ">502 no", "hang" }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "STARTTLS was \"502 no\"" },
	{ "plain text in place of TLS",
	  EE,
	  { { HELLO, "<STARTTLS", ">220 go ahead", "<", ">250-mx\r\n250 REQUIRETLS", "hang" },
	    FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "TLS failed" },
	{ "a line put in before the handshake, in one packet",
	  EE,
	  { { HELLO, "<STARTTLS", ">220 go ahead\r\n250 REQUIRETLS", "tls", "hang" }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "put in between STARTTLS and TLS" },
	{ "half a line put in before the handshake",
	  EE,
	  { { HELLO, "<STARTTLS", "+220 go ahead\r\n25", "tls", "hang" }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "put in between STARTTLS and TLS" },
	{ "a line put in before the handshake, in a packet of its own",
	  EE,
	  { { HELLO, "<STARTTLS", ">220 go ahead", ">250 REQUIRETLS", "tls", "hang" }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "" },
	{ "STARTTLS is answered before it is asked",
	  EE,
	  { { ">220 mx", "<EHLO", ">250-mx\r\n250 STARTTLS\r\n220 go ahead", "tls", "hang" },
	    FOR_HOST },
	  RC_INVALID,
	  false,
	  false,
	  false,
	  "",
	  "what it was not asked" },
	{ "TLS 1.1 and no later",
	  EE,
	  { { GOOD }, FOR_HOST, .last_version = TLS1_1_VERSION },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "",
	  "TLS failed" },
	{ "a good certificate for another name",
	  PKIX,
	  { { GOOD }, FOR_OTHER },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "the certificate is for other.example, not " HOST },
	{ "a good certificate for another name, over TLS 1.2",
	  PKIX,
	  { { GOOD }, FOR_OTHER, .last_version = TLS1_2_VERSION },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.2",
	  "the certificate is for other.example, not " HOST },
	{ "a Common Name alone",
	  PKIX,
	  { { GOOD }, .leaf = { .common_name = HOST } },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "no DNS name" },
	{ "a certificate that nobody vouches for",
	  PKIX,
	  { { GOOD }, .leaf = { .dns = { HOST }, .self_signed = true } },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "not accepted" },
	{ "an authority that is not ours",
	  PKIX_OF_SYSTEM,
	  { { GOOD }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "not accepted" },
	{ "a certificate that has run out",
	  PKIX,
	  { { GOOD }, .leaf = { .dns = { HOST }, .begins_s = -7200, .ends_s = -3600 } },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "expired" },
	{ "a TLSA record of another key",
	  EE_OTHER,
	  { { GOOD }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "matches no TLSA record" },
	{ "DANE-TA of another authority",
	  TA_OTHER,
	  { { GOOD }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "" },
	{ "DANE-TA: a good chain for another name",
	  TA,
	  { { GOOD }, FOR_OTHER },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "the certificate is for other.example" },
	{ "DANE-TA: a date counts",
	  TA,
	  { { GOOD }, .leaf = { .dns = { HOST }, .begins_s = -7200, .ends_s = -3600 } },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "expired" },
	{ "no TLSA record that can be used: never the authorities instead",
	  EE_SHORT,
	  { { GOOD }, FOR_HOST },
	  RC_RETRY,
	  true,
	  false,
	  false,
	  "",
	  "no TLSA record" },
	{ "usage 1 leans on the authorities",
	  USAGE_1,
	  { { GOOD }, FOR_HOST },
	  RC_RETRY,
	  true,
	  false,
	  false,
	  "",
	  "no TLSA record" },
	{ "REQUIRETLS in the clear alone",
	  EE,
	  { { GOOD }, FOR_HOST },
	  RC_OK,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "REQUIRETLS within TLS, from somebody else",
	  EE_OTHER,
	  { { GOES_TLS, "<EHLO", ">250-mx\r\n250 REQUIRETLS", "<QUIT" }, FOR_HOST },
	  RC_INVALID,
	  true,
	  false,
	  false,
	  "TLSv1.3",
	  "matches no TLSA record" },

	/* ---- not found out ---- */
	{ "a greeting that never ends",
	  EE,
	  { { "drip" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "over 64 lines" },
	{ "an answer to EHLO that never ends",
	  EE,
	  { { ">220 mx", "<EHLO", "drip" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "over 64 lines" },
	{ "an answer to EHLO within TLS that never ends",
	  EE,
	  { { GOES_TLS, "<EHLO", "drip" }, FOR_HOST },
	  RC_RETRY,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "over 64 lines" },
	{ "no greeting",
	  EE,
	  { { "hang" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "at last for the greeting" },
	{ "half a greeting",
	  EE,
	  { { "+220 mx", "hang" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "at last for the greeting" },
	{ "no SMTP",
	  EE,
	  { { ">SSH-2.0-OpenSSH_9.2", "hang" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "is not a reply" },
	{ "we are not wanted",
	  EE,
	  { { ">554 no service for you", "hang" }, FOR_HOST },
	  RC_RETRY,
	  false,
	  false,
	  false,
	  "",
	  "554 no service for you" },
	{ "later",
	  EE,
	  { { HELLO, "<STARTTLS", ">454 TLS not available", "hang" }, FOR_HOST },
	  RC_RETRY,
	  true,
	  false,
	  false,
	  "",
	  "454 TLS not available" },
	{ "closed in place of a handshake",
	  EE,
	  { { HELLO, "<STARTTLS", ">220 go" }, FOR_HOST },
	  RC_RETRY,
	  true,
	  false,
	  false,
	  "",
	  "" },
	{ "silence in place of a handshake",
	  EE,
	  { { HELLO, "<STARTTLS", ">220 go", "hang" }, FOR_HOST },
	  RC_RETRY,
	  true,
	  false,
	  false,
	  "",
	  "at last for the TLS handshake" },
	{ "closed behind the handshake",
	  EE,
	  { { GOES_TLS }, FOR_HOST },
	  RC_RETRY,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
	{ "an answer to EHLO within TLS that never ends",
	  EE,
	  { { GOES_TLS, "<EHLO", "drip" }, FOR_HOST },
	  RC_RETRY,
	  true,
	  true,
	  false,
	  "TLSv1.3",
	  "" },
};

struct end {
	struct loop *loop;
	bool done;
	struct smtp_probed probed;
	char why[400];
};

static void on_done(void *arg, const struct smtp_probed *probed)
{
	struct end *end = arg;

	assert_false(end->done);
	end->done = true;
	end->probed = *probed;
	snprintf(end->why, sizeof end->why, "%s", probed->why);
	loop_stop(end->loop);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("no end in %d ms", DEADLINE_MS);
}

static struct end probe(const struct smtp_probe_wish *wish)
{
	struct end end = { .loop = loop_new(NULL) };
	struct loop_timer *deadline = loop_timer_new(end.loop, too_late, NULL);

	loop_timer_set(deadline, DEADLINE_MS);
	assert_non_null(smtp_probe_start(end.loop, wish, on_done, &end));
	assert_false(end.done);
	loop_run(end.loop);
	assert_true(end.done);
	loop_timer_free(deadline);
	loop_free(end.loop);
	return end;
}

static const struct dns_address loopback = { AF_INET, { 127, 0, 0, 1 } };

struct keys { /* what TLSA records are made of */
	unsigned char spki[32], other[32], authority[32], *whole;
	int whole_len;
};

static struct keys keys_of(const struct authority *a, X509 *certificate)
{
	struct keys k = { .other = { 1 } };
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);

	assert_true(len > 0);
	assert_int_equal(EVP_Digest(der, (size_t)len, k.spki, NULL, EVP_sha256(), NULL), 1);
	OPENSSL_free(der);
	assert_int_equal(X509_digest(a->certificate, EVP_sha256(), k.authority, NULL), 1);
	k.whole_len = i2d_X509(certificate, &k.whole);
	return k;
}

static struct slice bytes(const unsigned char *at, size_t len)
{
	return (struct slice){ (const char *)at, len };
}

/* records has room for two. */
static struct tls_wish wish_for(enum proof proof, const struct keys *k, const struct authority *a,
				struct tls_tlsa *records)
{
	static const char *const names[] = { HOST, "d.example" };
	struct tls_wish wish = { .proof = TLS_BY_DANE,
				 .host = HOST,
				 .dane = { 1, records, proof == TA_BY_DOMAIN ? 2 : 1, names },
				 .ca_file = "" };
	struct tls_tlsa spki = { 3, 1, 1, bytes(k->spki, 32) };

	records[0] = spki;
	switch (proof) {
	case EE:
		break;
	case EE_WHOLE:
		records[0] = (struct tls_tlsa){ 3, 0, 0, bytes(k->whole, (size_t)k->whole_len) };
		break;
	case EE_OTHER:
		records[0].data = bytes(k->other, 32);
		break;
	case EE_BESIDE:
		records[0].data = bytes(k->other, 32);
		records[1] = spki;
		wish.dane.record_count = 2;
		break;
	case EE_SHORT:
		records[0].data.len = 20;
		break;
	case USAGE_1:
		records[0].usage = 1;
		break;
	case TA:
	case TA_BY_DOMAIN:
		records[0] = (struct tls_tlsa){ 2, 0, 1, bytes(k->authority, 32) };
		break;
	case TA_OTHER:
		records[0] = (struct tls_tlsa){ 2, 0, 1, bytes(k->other, 32) };
		break;
	case PKIX:
		wish.proof = TLS_BY_PKIX;
		wish.ca_file = a->file;
		break;
	case PKIX_OF_SYSTEM:
		wish.proof = TLS_BY_PKIX;
		break;
	case NOBODY:
		wish.proof = TLS_BY_NOBODY;
		break;
	}
	return wish;
}

static void test_hosts(void **state)
{
	const struct authority *a = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mx_server *v = mx_server_start(a, &rows[i].play);
		struct keys k = keys_of(a, mx_server_certificate(v));
		struct tls_tlsa records[2];
		const struct smtp_probe_wish wish = {
			.addresses = &loopback,
			.address_count = 1,
			.port = (uint16_t)mx_server_port(v),
			.helo = "gate.example",
			.tls = wish_for(rows[i].proof, &k, a, records),
			.timeout_ms = strstr(rows[i].why, "at last") ? 300 : 20000,
		};
		char *sni;

		struct end end = probe(&wish);
		mx_server_stop(v, &sni, NULL);
		print_message("   %s: %s\n", rows[i].sentence, end.why);
		assert_int_equal(end.probed.rc, rows[i].rc);
		assert_int_equal(end.probed.starttls, rows[i].starttls);
		assert_int_equal(end.probed.authenticated, rows[i].authenticated);
		assert_int_equal(end.probed.requiretls, rows[i].requiretls);
		assert_string_equal(end.probed.tls, rows[i].tls);
		assert_non_null(strstr(end.why, rows[i].why));
		assert_int_equal(*end.why == '\0', rows[i].rc == RC_OK);
		if (*rows[i].tls)
			assert_string_equal(sni, HOST);
		free(sni);
		OPENSSL_free(k.whole);
	}
}

/* A port that nobody listens on. */
static uint16_t closed_port(int *fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

static void test_a_port_that_cannot_be_reached_shows_nothing(void **state)
{
	(void)state;
	int fd;
	struct smtp_probe_wish wish = { .addresses = &loopback,
					.address_count = 1,
					.port = closed_port(&fd),
					.helo = "gate.example",
					.tls = { .proof = TLS_BY_NOBODY, .host = HOST },
					.timeout_ms = 20000 };
	struct end end = probe(&wish);

	assert_int_equal(end.probed.rc, RC_RETRY);
	assert_non_null(strstr(end.why, "refused"));
	wish.address_count = 0;
	end = probe(&wish);
	assert_int_equal(end.probed.rc, RC_RETRY);
	assert_non_null(strstr(end.why, "no address"));
	close(fd);
}

static void test_the_second_address_is_tried(void **state)
{
	const struct authority *a = *state;
	const struct mx_play play = { { GOOD }, FOR_HOST };
	struct mx_server *v = mx_server_start(a, &play);
	const struct dns_address addresses[] = { { AF_INET, { 127, 0, 0, 2 } },
						 { AF_INET6, { [15] = 1 } },
						 loopback };
	const struct smtp_probe_wish wish = {
		.addresses = addresses,
		.address_count = 3,
		.port = (uint16_t)mx_server_port(v),
		.helo = "gate.example",
		.tls = { .proof = TLS_BY_PKIX, .host = HOST, .ca_file = a->file },
		.timeout_ms = 20000
	};
	char *heard;
	struct end end = probe(&wish);

	mx_server_stop(v, NULL, &heard);
	assert_string_equal(end.why, "");
	assert_true(end.probed.authenticated);
	assert_string_equal(heard,
			    "EHLO gate.example\r\nSTARTTLS\r\nEHLO gate.example\r\nQUIT\r\n");
	free(heard);
}

static void test_a_name_that_cannot_be_said(void **state)
{
	const struct authority *a = *state;
	const struct mx_play play = { { GOOD }, FOR_HOST };
	struct mx_server *v = mx_server_start(a, &play);
	const struct smtp_probe_wish wish = { .addresses = &loopback,
					      .address_count = 1,
					      .port = (uint16_t)mx_server_port(v),
					      .helo = "gate\r\nMAIL",
					      .tls = { .proof = TLS_BY_NOBODY, .host = HOST },
					      .timeout_ms = 20000 };
	char *heard;
	struct end end = probe(&wish);

	mx_server_stop(v, NULL, &heard);
	assert_int_equal(end.probed.rc, RC_RETRY);
	assert_non_null(strstr(end.why, "cannot be our name"));
	assert_string_equal(heard, "");
	free(heard);
}

static void on_never(void *arg, const struct smtp_probed *probed)
{
	(void)arg;
	(void)probed;
	fail_msg("called back after it was cancelled");
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void test_cancel(void **state)
{
	const struct authority *a = *state;
	const struct mx_play plays[] = { { { "hang" }, FOR_HOST },
					 { { GOES_TLS, "<EHLO", "hang" }, FOR_HOST } };

	for (size_t i = 0; i < COUNT(plays); i++) {
		struct mx_server *v = mx_server_start(a, &plays[i]);
		struct loop *loop = loop_new(NULL);
		struct loop_timer *timer = loop_timer_new(loop, stop, loop);
		const struct smtp_probe_wish wish = { .addresses = &loopback,
						      .address_count = 1,
						      .port = (uint16_t)mx_server_port(v),
						      .helo = "gate.example",
						      .tls = { .proof = TLS_BY_NOBODY,
							       .host = HOST },
						      .timeout_ms = 20000 };
		struct smtp_probe *p = smtp_probe_start(loop, &wish, on_never, NULL);

		loop_timer_set(timer, 200);
		loop_run(loop);
		smtp_probe_cancel(p);
		smtp_probe_cancel(NULL);
		loop_timer_free(timer);
		loop_free(loop);
		mx_server_stop(v, NULL, NULL);
	}
}

static int set_up(void **state)
{
	static struct authority a;

	authority_init(&a);
	*state = &a;
	return 0;
}

static int tear_down(void **state)
{
	authority_fini(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_a_port_that_cannot_be_reached_shows_nothing),
		cmocka_unit_test(test_the_second_address_is_tried),
		cmocka_unit_test(test_a_name_that_cannot_be_said),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests_name("smtp/probe", tests, set_up, tear_down);
}
