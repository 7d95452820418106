#include "web/fetch.h"

#include "loop/loop.h"
#include "support/tls_server.h"
#include "support/unit.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEADLINE_MS = 30000, BIG = 300 * 1000 };

#define HOST "mta-sts.d.example"
#define POLICY "version: STSv1\r\nmode: none\r\nmax_age: 1\r\n"
#define TEXT "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
#define POLICY_ANSWER TEXT "Content-Length: 40\r\n\r\n" POLICY

/* Stands before libc's: whoever asks the system's resolver ends the test. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **out)
{
	(void)service;
	(void)hints;
	(void)out;
	fprintf(stderr, "the system's resolver was asked for %s\n", node);
	abort();
}

struct end {
	struct loop *loop;
	bool done;
	enum rc rc;
	char body[WEB_BODY_MAX + 1], why[300];
};

static void on_done(void *arg, enum rc rc, struct slice body, const char *why)
{
	struct end *end = arg;

	assert_false(end->done);
	end->done = true;
	end->rc = rc;
	assert_true(body.len <= WEB_BODY_MAX);
	if (body.len)
		memcpy(end->body, body.at, body.len);
	end->body[body.len] = '\0';
	snprintf(end->why, sizeof end->why, "%s", why);
	loop_stop(end->loop);
}

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("no end in %d ms", DEADLINE_MS);
}

static const struct dns_address loopback = { AF_INET, { 127, 0, 0, 1 } };

static struct web_request request(const struct authority *a, unsigned port)
{
	return (struct web_request){ .host = HOST,
				     .port = (uint16_t)port,
				     .path = "/.well-known/mta-sts.txt",
				     .address_count = 1,
				     .addresses = &loopback,
				     .ca_file = a->file,
				     .timeout_ms = 20000 };
}

static struct end *fetch(const struct web_request *r)
{
	struct end *end = calloc(1, sizeof *end);
	end->loop = loop_new(NULL);
	struct loop_timer *deadline = loop_timer_new(end->loop, too_late, NULL);

	loop_timer_set(deadline, DEADLINE_MS);
	assert_non_null(web_fetch_start(end->loop, r, on_done, end));
	assert_false(end->done);
	loop_run(end->loop);
	assert_true(end->done);
	loop_timer_free(deadline);
	loop_free(end->loop);
	return end;
}

static void test_the_request_and_its_answer(void **state)
{
	const struct authority *a = *state;
	struct tls_play play = { .leaf = { .dns = { HOST } }, .says = POLICY_ANSWER };
	struct tls_server *v = tls_server_start(a, &play);
	struct web_request r = request(a, tls_server_port(v));
	char *heard, *sni, host[64];

	/* None of these is to be looked at. */
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	struct end *end = fetch(&r);
	tls_server_stop(v, &heard, &sni);
	unsetenv("https_proxy");
	unsetenv("ALL_PROXY");
	assert_string_equal(end->why, "");
	assert_int_equal(end->rc, RC_OK);
	assert_string_equal(end->body, POLICY);
	assert_string_equal(sni, HOST);
	assert_ptr_equal(strstr(heard, "GET /.well-known/mta-sts.txt HTTP/1.1\r\n"), heard);
	snprintf(host, sizeof host, "\r\nHost: " HOST ":%u\r\n", r.port);
	assert_non_null(strstr(heard, host));
	assert_null(strstr(heard, "Cookie:"));
	assert_null(strstr(heard, "Authorization:"));
	free(heard);
	free(sni);
	free(end);
}

/* "@" in `why` stands for the host. */
static const struct {
	const char *name;
	struct tls_play play;
	enum rc rc;
	const char *why;
} answers[] = {
	{ "a wildcard certificate",
	  { .leaf = { .dns = { "*.d.example" } }, .says = POLICY_ANSWER },
	  RC_OK,
	  "" },
	{ "TLS 1.2",
	  { .leaf = { .dns = { HOST } }, .last_version = TLS1_2_VERSION, .says = POLICY_ANSWER },
	  RC_OK,
	  "" },
	{ "parameters of the type",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 200 OK\r\ncontent-type: Text/PLAIN ; charset=utf-8\r\n"
		    "Content-Length: 40\r\n\r\n" POLICY },
	  RC_OK,
	  "" },
	{ "no length, a clean end",
	  { .leaf = { .dns = { HOST } }, .says = TEXT "\r\n" POLICY },
	  RC_OK,
	  "" },
	{ "chunks, and cut off behind the last",
	  { .leaf = { .dns = { HOST } },
	    .cut = true,
	    .says = TEXT "Transfer-Encoding: chunked\r\n\r\n28\r\n" POLICY "\r\n0\r\n\r\n" },
	  RC_OK,
	  "" },
	{ "chunks, and cut off before the last",
	  { .leaf = { .dns = { HOST } },
	    .cut = true,
	    .says = TEXT "Transfer-Encoding: chunked\r\n\r\n28\r\n" POLICY "\r\n" },
	  RC_RETRY,
	  "@: " },
	{ "a Common Name alone",
	  { .leaf = { .common_name = HOST }, .says = POLICY_ANSWER },
	  RC_RETRY,
	  "the certificate is for no DNS name, not @" },
	{ "another name",
	  { .leaf = { .common_name = HOST, .dns = { "other.example" } }, .says = POLICY_ANSWER },
	  RC_RETRY,
	  "the certificate is for other.example, not @" },
	{ "the domain above",
	  { .leaf = { .dns = { "d.example" } }, .says = POLICY_ANSWER },
	  RC_RETRY,
	  "the certificate is for d.example, not @" },
	{ "expired",
	  { .leaf = { .dns = { HOST }, .begins_s = -7200, .ends_s = -3600 },
	    .says = POLICY_ANSWER },
	  RC_RETRY,
	  "the certificate was not accepted: certificate has expired" },
	{ "its own issuer",
	  { .leaf = { .dns = { HOST }, .self_signed = true }, .says = POLICY_ANSWER },
	  RC_RETRY,
	  "the certificate was not accepted: self-signed certificate" },
	{ "a redirect",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 301 Moved\r\nLocation: https://x.example/p\r\n"
		    "Content-Length: 0\r\n\r\n" },
	  RC_INVALID,
	  "@ redirects to https://x.example/p, which RFC 8461 forbids" },
	{ "a redirect with a policy for its body",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 302 Found\r\nLocation: /p\r\nContent-Type: text/plain\r\n"
		    "Content-Length: 40\r\n\r\n" POLICY },
	  RC_INVALID,
	  "@ redirects to /p, which RFC 8461 forbids" },
	{ "a redirect to nowhere",
	  { .leaf = { .dns = { HOST } }, .says = "HTTP/1.1 304 Not Modified\r\n\r\n" },
	  RC_INVALID,
	  "@ answered 304" },
	{ "none",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: "
		    "4\r\n\r\nnone" },
	  RC_ABSENT,
	  "@ answered 404" },
	{ "none any more",
	  { .leaf = { .dns = { HOST } }, .says = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n" },
	  RC_ABSENT,
	  "@ answered 410" },
	{ "forbidden",
	  { .leaf = { .dns = { HOST } }, .says = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n" },
	  RC_INVALID,
	  "@ answered 403" },
	{ "too many",
	  { .leaf = { .dns = { HOST } }, .says = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n" },
	  RC_RETRY,
	  "@ answered 429" },
	{ "a server in trouble",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 503 Later\r\nContent-Type: text/plain\r\nContent-Length: "
		    "42\r\n\r\n" POLICY },
	  RC_RETRY,
	  "@ answered 503" },
	/* Seen in others: the status of HTTP not looked at (RFC 8461 §3.3). */
	{ "206 is not 200",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 206 Part\r\nContent-Type: text/plain\r\nContent-Length: "
		    "42\r\n\r\n" POLICY },
	  RC_INVALID,
	  "@ answered 206" },
	{ "another type",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
		    "42\r\n\r\n" POLICY },
	  RC_INVALID,
	  "@ answered with the type \"text/html\", not text/plain" },
	{ "a type that only begins like it",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 200 OK\r\nContent-Type: text/plainx\r\nContent-Length: "
		    "42\r\n\r\n" POLICY },
	  RC_INVALID,
	  "@ answered with the type \"text/plainx\", not text/plain" },
	{ "no type",
	  { .leaf = { .dns = { HOST } },
	    .says = "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" POLICY },
	  RC_INVALID,
	  "@ answered with the type \"\", not text/plain" },
	/* Seen in others: no bound on a policy's size (RFC 8461 §3.3). */
	{ "a length that is too much",
	  { .leaf = { .dns = { HOST } }, .says = TEXT "Content-Length: 65537\r\n\r\nx" },
	  RC_LIMIT,
	  "@ answered with over 65536 bytes" },
	{ "no length, and never an end",
	  { .leaf = { .dns = { HOST } },
	    .says = TEXT "\r\n",
	    .drips = "0123456789012345678901234567890123456789012345678901234567890123456789" },
	  RC_LIMIT,
	  "@ answered with over 65536 bytes" },
	{ "header fields without end",
	  { .leaf = { .dns = { HOST } },
	    .says = TEXT,
	    .drips = "X-A: 34567890123456789012345678901234567890123456789012345678901234567\r\n" },
	  RC_LIMIT,
	  "@ answered with over 65536 bytes" },
	{ "interim answers without end",
	  { .leaf = { .dns = { HOST } },
	    .says = "",
	    .drips = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" },
	  RC_LIMIT,
	  "@ answered with over 65536 bytes" },
	{ "less than was promised",
	  { .leaf = { .dns = { HOST } }, .says = TEXT "Content-Length: 41\r\n\r\n" POLICY },
	  RC_RETRY,
	  "@: " },
	{ "no length, and cut off",
	  { .leaf = { .dns = { HOST } }, .cut = true, .says = TEXT "\r\n" POLICY },
	  RC_RETRY,
	  "@: the connection was cut" },
	{ "no HTTP at all",
	  { .leaf = { .dns = { HOST } }, .says = "220 mx ESMTP\r\n" POLICY },
	  RC_RETRY,
	  "@: " },
	{ "nothing at all", { .leaf = { .dns = { HOST } }, .says = "" }, RC_RETRY, "@: " },
	{ "TLS 1.1",
	  { .leaf = { .dns = { HOST } }, .last_version = TLS1_1_VERSION, .says = POLICY_ANSWER },
	  RC_RETRY,
	  "@: " },
};

/* Whether why is what was expected, or begins so where that ends in a space. */
static void check_words(const char *why, const char *expected)
{
	char full[300];
	const char *host = *expected == '@' ? HOST : "", *at = strstr(expected, ", not @");

	if (*expected == '@')
		expected++;
	if (at)
		snprintf(full, sizeof full, "%.*s, not " HOST, (int)(at - expected), expected);
	else
		snprintf(full, sizeof full, "%s%s", host, expected);
	size_t len = strlen(full);
	if (len && full[len - 1] == ' ') {
		assert_true(strlen(why) > len);
		assert_memory_equal(why, full, len);
	} else {
		assert_string_equal(why, full);
	}
}

static void test_answers(void **state)
{
	const struct authority *a = *state;

	for (size_t i = 0; i < COUNT(answers); i++) {
		print_message("   %s\n", answers[i].name);
		struct tls_server *v = tls_server_start(a, &answers[i].play);
		struct web_request r = request(a, tls_server_port(v));
		struct end *end = fetch(&r);

		tls_server_stop(v, NULL, NULL);
		check_words(end->why, answers[i].why);
		assert_int_equal(end->rc, answers[i].rc);
		assert_string_equal(end->body, answers[i].rc == RC_OK ? POLICY : "");
		free(end);
	}
}

/* A body of the largest size allowed, and one byte more, without a length. */
static void test_the_largest_body(void **state)
{
	const struct authority *a = *state;

	for (int over = 0; over < 2; over++) {
		char *says = malloc(BIG);
		size_t head = (size_t)sprintf(says, TEXT "\r\n");
		memset(says + head, 'x', (size_t)WEB_BODY_MAX + (size_t)over);
		struct tls_play play = { .leaf = { .dns = { HOST } },
					 .says = says,
					 .says_len = head + WEB_BODY_MAX + (size_t)over };
		struct tls_server *v = tls_server_start(a, &play);
		struct web_request r = request(a, tls_server_port(v));
		struct end *end = fetch(&r);

		assert_int_equal(end->rc, over ? RC_LIMIT : RC_OK);
		assert_int_equal(strlen(end->body), over ? 0 : WEB_BODY_MAX);
		tls_server_stop(v, NULL, NULL);
		free(end);
		free(says);
	}
}

static void test_a_slow_body_meets_the_time_out(void **state)
{
	const struct authority *a = *state;
	struct tls_play play = {
		.leaf = { .dns = { HOST } }, .says = TEXT "\r\n", .drips = "x", .drip_ms = 20
	};
	struct tls_server *v = tls_server_start(a, &play);
	struct web_request r = request(a, tls_server_port(v));

	r.timeout_ms = 700;
	struct end *end = fetch(&r);
	assert_int_equal(end->rc, RC_RETRY);
	assert_string_equal(end->why, "no answer from " HOST " in 0.7 s");
	tls_server_stop(v, NULL, NULL);
	free(end);
}

static void test_an_address_where_nobody_is(void **state)
{
	const struct authority *a = *state;
	struct tls_play play = { .leaf = { .dns = { HOST } }, .says = POLICY_ANSWER };
	struct tls_server *v = tls_server_start(a, &play);
	unsigned port = tls_server_port(v);
	struct web_request r = request(a, port);
	const struct dns_address two[] = { { AF_INET, { 127, 0, 0, 77 } }, loopback };

	/* The next address is tried. */
	r.addresses = two;
	r.address_count = 2;
	struct end *end = fetch(&r);
	assert_int_equal(end->rc, RC_OK);
	free(end);

	tls_server_stop(v, NULL, NULL);
	end = fetch(&r);
	assert_int_equal(end->rc, RC_RETRY);
	assert_non_null(strstr(end->why, HOST ": Failed to connect"));
	free(end);
}

static void test_authorities_that_we_lack(void **state)
{
	const struct authority *a = *state;
	struct tls_play play = { .leaf = { .dns = { HOST } }, .says = POLICY_ANSWER };
	struct tls_server *v = tls_server_start(a, &play);
	struct web_request r = request(a, tls_server_port(v));

	r.ca_file = ""; /* the system does not know the test's authority */
	struct end *end = fetch(&r);
	assert_int_equal(end->rc, RC_RETRY);
	assert_string_equal(end->why, "the certificate was not accepted: "
				      "unable to get local issuer certificate");
	free(end);
	r.ca_file = "/nowhere/ca.pem";
	end = fetch(&r);
	assert_int_equal(end->rc, RC_RETRY);
	assert_true(*end->why);
	free(end);
	tls_server_stop(v, NULL, NULL);
}

static void cancel(void *arg)
{
	web_fetch_cancel(arg);
}

static void stop(void *arg)
{
	loop_stop(arg);
}

static void test_cancel(void **state)
{
	const struct authority *a = *state;
	struct tls_play play = {
		.leaf = { .dns = { HOST } }, .says = TEXT "\r\n", .drips = "x", .drip_ms = 20
	};
	struct tls_server *v = tls_server_start(a, &play);
	struct web_request r = request(a, tls_server_port(v));
	const int64_t after_ms[] = { 0, 300 };

	for (size_t i = 0; i < COUNT(after_ms); i++) {
		struct end *end = calloc(1, sizeof *end);
		end->loop = loop_new(NULL);
		struct web_fetch *f = web_fetch_start(end->loop, &r, on_done, end);
		struct loop_timer *t = loop_timer_new(end->loop, cancel, f);
		struct loop_timer *u = loop_timer_new(end->loop, stop, end->loop);

		loop_timer_set(t, after_ms[i]);
		loop_timer_set(u, 500);
		loop_run(end->loop);
		assert_false(end->done);
		loop_timer_free(t);
		loop_timer_free(u);
		loop_free(end->loop);
		free(end);
	}
	web_fetch_cancel(NULL);
	tls_server_stop(v, NULL, NULL);
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
		cmocka_unit_test(test_the_request_and_its_answer),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_the_largest_body),
		cmocka_unit_test(test_a_slow_body_meets_the_time_out),
		cmocka_unit_test(test_an_address_where_nobody_is),
		cmocka_unit_test(test_authorities_that_we_lack),
		cmocka_unit_test(test_cancel),
	};
	return cmocka_run_group_tests_name("web/fetch", tests, setup, teardown);
}
