#include "support/mx_server.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARD_MAX = 4096, LIMIT_S = 30 };

struct mx_server {
	SSL_CTX *ctx;
	X509 *certificate;
	struct mx_play play;
	int listener, stop[2]; /* a byte in the pipe ends it */
	unsigned port;
	pthread_t thread;
	char sni[256], heard[HEARD_MAX];
	size_t heard_len;
};

struct line { /* one connection */
	int fd;
	SSL *ssl; /* NULL: in the clear */
};

static int note_sni(SSL *ssl, int *alert, void *arg)
{
	struct mx_server *v = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (name && strlen(name) < sizeof v->sni)
		strcpy(v->sni, name);
	return SSL_TLSEXT_ERR_OK;
}

static bool put(struct line *l, const char *text)
{
	size_t len = strlen(text);

	if (l->ssl)
		return SSL_write(l->ssl, text, (int)len) == (int)len;
	return send(l->fd, text, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool take(struct mx_server *v, struct line *l, const char *begins)
{
	size_t from = v->heard_len;

	while (v->heard_len < HEARD_MAX - 1) {
		char c;
		if ((l->ssl ? SSL_read(l->ssl, &c, 1) : (int)recv(l->fd, &c, 1, 0)) != 1)
			return false;
		v->heard[v->heard_len++] = c;
		if (c == '\n')
			return strncmp(v->heard + from, begins, strlen(begins)) == 0;
	}
	return false;
}

/* Until the other side goes, or the test ends. */
static void hang(const struct mx_server *v, const struct line *l)
{
	struct pollfd p[2] = { { .fd = v->stop[0], .events = POLLIN },
			       { .fd = l->fd, .events = POLLRDHUP } };

	(void)poll(p, 2, LIMIT_S * 1000);
}

static bool play_line(struct mx_server *v, struct line *l, const char *line)
{
	if (line[0] == '<')
		return take(v, l, line + 1);
	if (line[0] == '+')
		return put(l, line + 1);
	if (line[0] == '>') {
		char text[1024];
		snprintf(text, sizeof text, "%s\r\n", line + 1);
		return put(l, text);
	}
	if (strcmp(line, "hang") == 0) {
		hang(v, l);
		return false;
	}
	if (strcmp(line, "drip") == 0) {
		while (put(l, "250-more\r\n"))
			continue;
		return false;
	}
	l->ssl = SSL_new(v->ctx);
	SSL_set_fd(l->ssl, l->fd);
	return SSL_accept(l->ssl) == 1;
}

static void *run(void *arg)
{
	struct mx_server *v = arg;
	struct timeval limit = { .tv_sec = LIMIT_S };
	struct pollfd p[2] = { { .fd = v->stop[0], .events = POLLIN },
			       { .fd = v->listener, .events = POLLIN } };

	while (poll(p, 2, LIMIT_S * 1000) > 0 && !p[0].revents) {
		struct line l = { .fd = accept(v->listener, NULL, NULL) };

		setsockopt(l.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
		setsockopt(l.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
		for (size_t i = 0; i < MX_LINES_MAX && v->play.lines[i]; i++)
			if (!play_line(v, &l, v->play.lines[i]))
				break;
		SSL_free(l.ssl);
		close(l.fd);
	}
	return NULL;
}

struct mx_server *mx_server_start(const struct authority *a, const struct mx_play *play)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	struct mx_server *v = calloc(1, sizeof *v);
	EVP_PKEY *key;

	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to clients that have gone */
	v->play = *play;
	v->certificate = authority_issue(a, &play->leaf, &key);
	v->ctx = SSL_CTX_new(TLS_server_method());
	if (play->last_version) { /* the old versions want the old hashes */
		SSL_CTX_set_security_level(v->ctx, 0);
		SSL_CTX_set_min_proto_version(v->ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(v->ctx, play->last_version);
	}
	assert_int_equal(SSL_CTX_use_certificate(v->ctx, v->certificate), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(v->ctx, key), 1);
	assert_int_equal(SSL_CTX_add1_chain_cert(v->ctx, a->certificate), 1);
	SSL_CTX_set_tlsext_servername_callback(v->ctx, note_sni);
	SSL_CTX_set_tlsext_servername_arg(v->ctx, v);
	EVP_PKEY_free(key);

	v->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(v->listener, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(v->listener, 4), 0);
	assert_int_equal(getsockname(v->listener, (struct sockaddr *)&at, &len), 0);
	v->port = ntohs(at.sin_port);
	assert_int_equal(pipe(v->stop), 0);
	assert_int_equal(pthread_create(&v->thread, NULL, run, v), 0);
	return v;
}

unsigned mx_server_port(const struct mx_server *v)
{
	return v->port;
}

X509 *mx_server_certificate(const struct mx_server *v)
{
	return v->certificate;
}

void mx_server_stop(struct mx_server *v, char **sni, char **heard)
{
	assert_int_equal(write(v->stop[1], "x", 1), 1);
	pthread_join(v->thread, NULL);
	if (sni)
		*sni = strdup(v->sni);
	if (heard)
		*heard = strdup(v->heard);
	close(v->listener);
	close(v->stop[0]);
	close(v->stop[1]);
	X509_free(v->certificate);
	SSL_CTX_free(v->ctx);
	free(v);
}
