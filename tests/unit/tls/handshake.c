/* The session itself; who is let in and who is not, host by host, is in unit/smtp/probe.c. */
#include "tls/handshake.h"

#include "support/mx_server.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "mx.d.example"

static int connect_to(const struct mx_server *v)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)mx_server_port(v)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void wait_for(int fd, unsigned wait)
{
	struct pollfd p = { .fd = fd, .events = wait == TLS_WAIT_READ ? POLLIN : POLLOUT };

	assert_true(wait == TLS_WAIT_READ || wait == TLS_WAIT_WRITE);
	assert_int_equal(poll(&p, 1, 20000), 1);
}

static enum rc shake(int fd, struct tls_session *s, struct fault *why)
{
	unsigned wait = 0;
	enum rc rc;

	while ((rc = tls_session_shake(s, &wait, why)) == RC_ABSENT)
		wait_for(fd, wait);
	return rc;
}

static enum rc read_line(int fd, struct tls_session *s, char *into, size_t room, struct fault *why)
{
	size_t len = 0, done = 0;
	unsigned wait = 0;
	enum rc rc;

	do {
		rc = tls_session_read(s, into + len, room - 1 - len, &done, &wait, why);
		if (rc == RC_ABSENT)
			wait_for(fd, wait);
		if (rc == RC_OK)
			len += done;
		into[len] = '\0';
	} while (rc == RC_ABSENT || (rc == RC_OK && !strchr(into, '\n')));
	return rc;
}

static const struct mx_play talk = { { "tls", "<hello\r", ">good day" },
				     .leaf = { .dns = { HOST } } };

static void test_bytes_go_both_ways_then_it_ends(void **state)
{
	const struct authority *a = *state;
	struct mx_server *v = mx_server_start(a, &talk);
	const struct tls_wish wish = { .proof = TLS_BY_PKIX, .host = HOST, .ca_file = a->file };
	struct tls_session *s;
	struct fault why = { "" };
	unsigned wait;
	size_t done = 0;
	char text[100], *sni;
	int fd = connect_to(v);

	assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
	assert_false(tls_session_is_authenticated(s));
	assert_string_equal(tls_session_version(s), "");
	assert_int_equal(shake(fd, s, &why), RC_OK);
	assert_true(tls_session_is_authenticated(s));
	assert_string_equal(tls_session_version(s), "TLSv1.3");
	assert_int_equal(tls_session_write(s, SLICE("hello\r\n"), &done, &wait, &why), RC_OK);
	assert_int_equal(done, 7);
	assert_int_equal(read_line(fd, s, text, sizeof text, &why), RC_OK);
	assert_string_equal(text, "good day\r\n");
	assert_int_equal(read_line(fd, s, text, sizeof text, &why), RC_RETRY);
	assert_string_not_equal(why.text, "");
	tls_session_free(s);
	close(fd);
	mx_server_stop(v, &sni, NULL);
	assert_string_equal(sni, HOST);
	free(sni);
}

static void test_nobody_is_never_authenticated(void **state)
{
	struct mx_server *v = mx_server_start(*state, &talk);
	const struct tls_wish wish = { .proof = TLS_BY_NOBODY, .host = HOST };
	struct tls_session *s;
	struct fault why;
	int fd = connect_to(v);

	assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
	assert_int_equal(shake(fd, s, &why), RC_OK);
	assert_false(tls_session_is_authenticated(s));
	assert_string_equal(tls_session_version(s), "TLSv1.3");
	tls_session_free(s);
	close(fd);
	mx_server_stop(v, NULL, NULL);
}

/* With TLSA records no authority counts, be it the right one. */
static void test_the_wrong_key_is_refused_and_hears_nothing(void **state)
{
	const struct authority *a = *state;
	static const char other[32] = { 1 };
	static const char *const names[] = { HOST };
	const struct tls_tlsa record = { 3, 1, 1, { other, sizeof other } };
	const struct tls_wish wish = { .proof = TLS_BY_DANE,
				       .host = HOST,
				       .dane = { 1, &record, 1, names },
				       .ca_file = a->file };
	struct mx_server *v = mx_server_start(a, &talk);
	struct tls_session *s;
	struct fault why;
	char *heard;
	int fd = connect_to(v);

	assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
	assert_int_equal(shake(fd, s, &why), RC_INVALID);
	assert_string_equal(why.text, "the certificate matches no TLSA record");
	assert_false(tls_session_is_authenticated(s));
	assert_string_equal(tls_session_version(s), "TLSv1.3");
	tls_session_free(s);
	close(fd);
	mx_server_stop(v, NULL, &heard);
	assert_string_equal(heard, "");
	free(heard);
}

static const char digest[32] = { 1 };
static const char *const base[] = { HOST }, *const no_host[] = { ".d.example" },
			 *const second_is_none[] = { HOST, "" }, *const dot[] = { "." };
static const struct tls_tlsa good = { 3, 1, 1, { digest, 32 } },
			     short_one = { 3, 1, 1, { digest, 31 } },
			     pkix_ta = { 0, 0, 1, { digest, 32 } },
			     pkix_ee = { 1, 0, 1, { digest, 32 } };

/* RFC 7672 §3 and RFC 6698 §2.1.1: what proves a server, by each usage. */
static const struct {
	const char *sentence;
	struct tls_wish wish;
	const char *why;
} wishes[] = {
	{ "PKIX: any host below",
	  { .proof = TLS_BY_PKIX, .host = ".d.example", .ca_file = "" },
	  "no host name" },
	{ "PKIX: no host", { .proof = TLS_BY_PKIX, .host = "", .ca_file = "" }, "no host name" },
	{ "PKIX: authorities that are not there",
	  { .proof = TLS_BY_PKIX, .host = HOST, .ca_file = "/nonexistent/ca.pem" },
	  "/nonexistent/ca.pem cannot be read" },
	{ "DANE: no record",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 0, NULL, 1, base } },
	  "no TLSA record" },
	{ "DANE: a digest cut short",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &short_one, 1, base } },
	  "no TLSA record" },
	{ "DANE: usage 0",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &pkix_ta, 1, base } },
	  "no TLSA record" },
	{ "DANE: usage 1",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &pkix_ee, 1, base } },
	  "no TLSA record" },
	{ "DANE: no name",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &good, 0, NULL } },
	  "no TLSA base domain" },
	{ "DANE: any host below",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &good, 1, no_host } },
	  "no host name" },
	{ "DANE: an empty name would be no check at all",
	  { .proof = TLS_BY_DANE, .host = HOST, .dane = { 1, &good, 2, second_is_none } },
	  "no host name" },
	{ "a pin: no name",
	  { .proof = TLS_BY_PKIX, .host = HOST, .ca_file = "", .name_count = 1, .names = dot },
	  "no name to match" },
	{ "a pin: authorities that are none",
	  { .proof = TLS_BY_PKIX, .host = HOST, .ca_file = "", .ca = { "x", 1 } },
	  "cannot be read" },
};

static void test_wishes_that_nobody_can_meet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		struct tls_session *s = NULL;
		struct fault why = { "" };

		print_message("   %s\n", wishes[i].sentence);
		assert_int_equal(tls_session_new(0, &wishes[i].wish, &s, &why), RC_INVALID);
		assert_non_null(strstr(why.text, wishes[i].why));
		assert_null(s);
	}
	tls_session_free(NULL);
}

static struct slice pem_of(const struct authority *a, char *room, size_t size)
{
	FILE *file = fopen(a->file, "r");

	assert_non_null(file);
	size_t len = fread(room, 1, size, file);
	fclose(file);
	return (struct slice){ room, len };
}

/* Who vouches for whom is the operator's word here: names, authorities, keys. */
static void test_a_pin_decides_who_the_peer_is(void **state)
{
	static const char *const itself[] = { HOST },
				 *const below[] = { "x.example", ".d.example" },
				 *const too_deep[] = { ".mx.d.example" },
				 *const another[] = { "mail.d.example", ".e.example" };
	enum ca { RIGHT, WRONG, SYSTEM };
	static const struct {
		const char *says;
		const char *const *names;
		size_t count;
		enum ca ca;
		const char *why; /* NULL: proved */
	} rows[] = {
		{ "the name and the authority", itself, 1, RIGHT, NULL },
		{ "one of the names, with all below", below, 2, RIGHT, NULL },
		{ "below the host is not the host", too_deep, 1, RIGHT, "is for " HOST ", not" },
		{ "a certificate of that authority for another name", another, 2, RIGHT,
		  "is for " HOST ", not mail.d.example" },
		{ "the name, and another authority", itself, 1, WRONG, "not accepted" },
		{ "the name, and an authority that only the pin knows", itself, 1, SYSTEM,
		  "not accepted" },
	};
	static struct authority other;
	char right[4096], wrong[4096];

	authority_init(&other);
	const struct slice cas[] = { pem_of(*state, right, sizeof right),
				     pem_of(&other, wrong, sizeof wrong),
				     { 0 } };
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mx_server *v = mx_server_start(*state, &talk);
		const struct tls_wish wish = { .proof = TLS_BY_PKIX,
					       .host = HOST,
					       .ca_file = "",
					       .name_count = rows[i].count,
					       .names = rows[i].names,
					       .ca = cas[rows[i].ca] };
		struct tls_session *s;
		struct fault why = { "" };
		int fd = connect_to(v);

		print_message("   %s\n", rows[i].says);
		assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
		assert_int_equal(shake(fd, s, &why), rows[i].why ? RC_INVALID : RC_OK);
		assert_int_equal(tls_session_is_authenticated(s), !rows[i].why);
		if (rows[i].why)
			assert_non_null(strstr(why.text, rows[i].why));
		tls_session_free(s);
		close(fd);
		mx_server_stop(v, NULL, NULL);
	}
	authority_fini(&other);
}

static void test_a_pinned_key_is_proof_by_itself(void **state)
{
	struct mx_server *v = mx_server_start(*state, &talk);
	static const char *const names[] = { "quite.another.example" };
	unsigned char spki[32];
	unsigned len = sizeof spki;

	unsigned char *der = NULL;
	int der_len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(mx_server_certificate(v)), &der);
	assert_int_equal(EVP_Digest(der, (size_t)der_len, spki, &len, EVP_sha256(), NULL), 1);
	OPENSSL_free(der);
	for (int wrong = 0; wrong <= 1; wrong++) {
		spki[0] ^= (unsigned char)wrong;
		const struct tls_tlsa record = { 3, 1, 1, { (const char *)spki, sizeof spki } };
		const struct tls_wish wish = { .proof = TLS_BY_DANE,
					       .host = HOST,
					       .dane = { 1, &record, 1, names, true } };
		struct tls_session *s;
		struct fault why = { "" };
		int fd = connect_to(v);

		assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
		assert_int_equal(shake(fd, s, &why), wrong ? RC_INVALID : RC_OK);
		if (wrong)
			assert_string_equal(why.text, "its key is none of those that are pinned");
		tls_session_free(s);
		close(fd);
	}
	mx_server_stop(v, NULL, NULL);
}

/* The client goes on writing to a server that has gone: no signal ends the test. */
static void test_a_peer_that_has_gone_raises_no_signal(void **state)
{
	const struct mx_play gone = { { "tls" }, .leaf = { .dns = { HOST } } };
	struct mx_server *v = mx_server_start(*state, &gone);
	const struct tls_wish wish = { .proof = TLS_BY_NOBODY, .host = HOST };
	struct tls_session *s;
	struct fault why;
	unsigned wait;
	size_t done;
	int fd = connect_to(v);
	enum rc rc = RC_OK;

	assert_int_equal(tls_session_new(fd, &wish, &s, &why), RC_OK);
	assert_int_equal(shake(fd, s, &why), RC_OK);
	mx_server_stop(v, NULL, NULL);
	signal(SIGPIPE, SIG_DFL);
	for (int i = 0; i < 1000 && rc == RC_OK; i++) {
		rc = tls_session_write(s, SLICE("hello\r\n"), &done, &wait, &why);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(rc, RC_RETRY);
	tls_session_free(s);
	close(fd);
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
		cmocka_unit_test(test_bytes_go_both_ways_then_it_ends),
		cmocka_unit_test(test_nobody_is_never_authenticated),
		cmocka_unit_test(test_the_wrong_key_is_refused_and_hears_nothing),
		cmocka_unit_test(test_a_pin_decides_who_the_peer_is),
		cmocka_unit_test(test_a_pinned_key_is_proof_by_itself),
		cmocka_unit_test(test_wishes_that_nobody_can_meet),
		cmocka_unit_test(test_a_peer_that_has_gone_raises_no_signal),
	};
	return cmocka_run_group_tests_name("tls/handshake", tests, set_up, tear_down);
}
