#include "support/tls_server.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARD_MAX = 8192, LIMIT_S = 30 };

struct tls_server {
	SSL_CTX *ctx;
	struct tls_play play;
	int listener, stop[2]; /* a byte in the pipe ends it */
	unsigned port;
	pthread_t thread;
	char heard[HEARD_MAX], sni[256];
	size_t heard_len;
};

static int note_sni(SSL *ssl, int *alert, void *arg)
{
	struct tls_server *v = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (name && strlen(name) < sizeof v->sni)
		strcpy(v->sni, name);
	return SSL_TLSEXT_ERR_OK;
}

/* Whether the test is still going on after so many milliseconds. */
static bool goes_on(const struct tls_server *v, unsigned ms)
{
	struct pollfd p = { .fd = v->stop[0], .events = POLLIN };

	return poll(&p, 1, (int)ms) == 0;
}

static bool hear_request(struct tls_server *v, SSL *ssl)
{
	v->heard_len = 0;
	while (v->heard_len < HEARD_MAX - 1) {
		if (SSL_read(ssl, v->heard + v->heard_len, 1) != 1)
			return false;
		v->heard[++v->heard_len] = '\0';
		if (strstr(v->heard, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void serve(struct tls_server *v, SSL *ssl)
{
	const struct tls_play *play = &v->play;
	size_t len = play->says_len ? play->says_len : strlen(play->says);

	if (SSL_accept(ssl) != 1 || !hear_request(v, ssl))
		return;
	if (len && SSL_write(ssl, play->says, (int)len) <= 0)
		return;
	if (play->drips)
		while (goes_on(v, play->drip_ms))
			if (SSL_write(ssl, play->drips, (int)strlen(play->drips)) <= 0)
				return;
	if (!play->cut)
		SSL_shutdown(ssl);
}

static void *run(void *arg)
{
	struct tls_server *v = arg;
	struct timeval limit = { .tv_sec = LIMIT_S };
	struct pollfd p[2] = { { .fd = v->stop[0], .events = POLLIN },
			       { .fd = v->listener, .events = POLLIN } };

	while (poll(p, 2, LIMIT_S * 1000) > 0 && !p[0].revents) {
		int fd = accept(v->listener, NULL, NULL);
		SSL *ssl = SSL_new(v->ctx);

		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
		SSL_set_fd(ssl, fd);
		serve(v, ssl);
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

static void make_context(struct tls_server *v, const struct authority *a)
{
	EVP_PKEY *key;
	X509 *x = authority_issue(a, &v->play.leaf, &key);

	v->ctx = SSL_CTX_new(TLS_server_method());
	if (v->play.last_version) { /* the old versions want the old hashes */
		SSL_CTX_set_security_level(v->ctx, 0);
		SSL_CTX_set_min_proto_version(v->ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(v->ctx, v->play.last_version);
	}
	assert_int_equal(SSL_CTX_use_certificate(v->ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(v->ctx, key), 1);
	SSL_CTX_set_tlsext_servername_callback(v->ctx, note_sni);
	SSL_CTX_set_tlsext_servername_arg(v->ctx, v);
	X509_free(x);
	EVP_PKEY_free(key);
}

struct tls_server *tls_server_start(const struct authority *a, const struct tls_play *play)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	struct tls_server *v = calloc(1, sizeof *v);

	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to clients that have gone */
	v->play = *play;
	make_context(v, a);
	v->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(v->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(v->listener, 4), 0);
	assert_int_equal(getsockname(v->listener, (struct sockaddr *)&at, &len), 0);
	v->port = ntohs(at.sin_port);
	assert_int_equal(pipe(v->stop), 0);
	assert_int_equal(pthread_create(&v->thread, NULL, run, v), 0);
	return v;
}

unsigned tls_server_port(const struct tls_server *v)
{
	return v->port;
}

void tls_server_stop(struct tls_server *v, char **heard, char **sni)
{
	assert_int_equal(write(v->stop[1], "x", 1), 1);
	pthread_join(v->thread, NULL);
	if (heard)
		*heard = strdup(v->heard);
	if (sni)
		*sni = strdup(v->sni);
	close(v->listener);
	close(v->stop[0]);
	close(v->stop[1]);
	SSL_CTX_free(v->ctx);
	free(v);
}
