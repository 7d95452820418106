#include "tls/handshake.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct tls_session {
	int fd;
	BIO_METHOD *method;
	SSL_CTX *ctx;
	SSL *ssl;
	enum tls_proof proof;
	struct tls_peer peer;
	bool shaken;
};

/* ---- the socket: as OpenSSL's own, but that a peer who has gone raises no signal ---- */

static bool is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static int on_read(BIO *bio, char *into, int room)
{
	const struct tls_session *s = BIO_get_data(bio);
	ssize_t n = recv(s->fd, into, (size_t)room, 0);

	BIO_clear_retry_flags(bio);
	if (n < 0 && is_passing(errno))
		BIO_set_retry_read(bio);
	return (int)n;
}

static int on_write(BIO *bio, const char *from, int len)
{
	const struct tls_session *s = BIO_get_data(bio);
	ssize_t n = send(s->fd, from, (size_t)len, MSG_NOSIGNAL);

	BIO_clear_retry_flags(bio);
	if (n < 0 && is_passing(errno))
		BIO_set_retry_write(bio);
	return (int)n;
}

static long on_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	return command == BIO_CTRL_FLUSH;
}

static BIO *make_socket(struct tls_session *s)
{
	s->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "socket without signals");
	if (!s->method || BIO_meth_set_read(s->method, on_read) != 1 ||
	    BIO_meth_set_write(s->method, on_write) != 1 ||
	    BIO_meth_set_ctrl(s->method, on_control) != 1)
		return NULL;
	BIO *bio = BIO_new(s->method);
	if (bio) {
		BIO_set_data(bio, s);
		BIO_set_init(bio, 1);
	}
	return bio;
}

/* ---- a session ---- */

/* The reason of the last failure in OpenSSL's queue, which is emptied. */
static const char *reason(void)
{
	unsigned long error = ERR_peek_last_error();
	const char *words = ERR_reason_error_string(error);

	ERR_clear_error();
	return words ? words : "closed by the server";
}

static enum rc load_authorities(SSL_CTX *ctx, const char *file, struct fault *why)
{
	int ok =
		*file ? SSL_CTX_load_verify_file(ctx, file) : SSL_CTX_set_default_verify_paths(ctx);

	if (ok == 1)
		return RC_OK;
	return fault(why, RC_INVALID, "the authorities in %s cannot be read: %s",
		     *file ? file : "the system's folder", reason());
}

/* What counts for the context, before a connection is made of it. */
static enum rc prepare(struct tls_session *s, const struct tls_wish *wish, struct fault *why)
{
	if (SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) != 1)
		return fault(why, RC_NOMEM, "no memory for a TLS context");
	if (wish->proof != TLS_BY_PKIX)
		return RC_OK;
	enum rc rc = wish->ca.len ? tls_anchors_apply(s->ctx, wish->ca, why)
				  : load_authorities(s->ctx, wish->ca_file, why);
	if (rc != RC_OK)
		return rc;
	return wish->name_count
		       ? tls_pkix_apply_names(s->ctx, wish->names, wish->name_count, &s->peer, why)
		       : tls_pkix_apply(s->ctx, wish->host, &s->peer, why);
}

static enum rc connect_to(struct tls_session *s, const struct tls_wish *wish, struct fault *why)
{
	BIO *bio;

	s->ssl = SSL_new(s->ctx);
	bio = s->ssl ? make_socket(s) : NULL;
	if (!bio)
		return fault(why, RC_NOMEM, "no memory for a TLS connection");
	SSL_set_bio(s->ssl, bio, bio);
	SSL_set_mode(s->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (SSL_set_tlsext_host_name(s->ssl, wish->host) != 1)
		return fault(why, RC_INVALID, "\"%s\" is no host name", wish->host);
	SSL_set_connect_state(s->ssl);
	return wish->proof == TLS_BY_DANE ? tls_dane_apply(s->ssl, &wish->dane, &s->peer, why)
					  : RC_OK;
}

enum rc tls_session_new(int fd, const struct tls_wish *wish, struct tls_session **out,
			struct fault *why)
{
	struct tls_session *s = calloc(1, sizeof *s);
	enum rc rc;

	if (!s)
		return fault(why, RC_NOMEM, "no memory for a TLS connection");
	ERR_clear_error();
	s->fd = fd;
	s->proof = wish->proof;
	s->ctx = SSL_CTX_new(TLS_client_method());
	rc = s->ctx ? prepare(s, wish, why) : fault(why, RC_NOMEM, "no memory for a TLS context");
	if (rc == RC_OK)
		rc = connect_to(s, wish, why);
	if (rc != RC_OK) {
		tls_session_free(s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
	BIO_meth_free(s->method);
	ERR_clear_error();
	free(s);
}

/* What result, of an SSL_ function that has just failed, comes to. broken: what
 * a breach of the protocol is to be called. */
static enum rc settle(struct tls_session *s, int result, enum rc broken, unsigned *wait,
		      struct fault *why)
{
	int error = errno;

	switch (SSL_get_error(s->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*wait = TLS_WAIT_READ;
		return RC_ABSENT;
	case SSL_ERROR_WANT_WRITE:
		*wait = TLS_WAIT_WRITE;
		return RC_ABSENT;
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return fault(why, RC_RETRY, "the connection was lost: %s",
			     error ? strerrordesc_np(error) : "closed by the server");
	case SSL_ERROR_SSL:
		if (*s->peer.refused.text) {
			ERR_clear_error();
			return fault(why, broken, "%s", s->peer.refused.text);
		}
		/* An end without TLS's goodbye may be anybody's doing. */
		if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			broken = RC_RETRY;
		return fault(why, broken, "TLS failed: %s", reason());
	}
	ERR_clear_error();
	return fault(why, RC_RETRY, "the server has ended TLS");
}

enum rc tls_session_shake(struct tls_session *s, unsigned *wait, struct fault *why)
{
	ERR_clear_error();
	errno = 0;
	int result = SSL_do_handshake(s->ssl);
	if (result != 1)
		return settle(s, result, RC_INVALID, wait, why);
	s->shaken = true;
	if (s->proof != TLS_BY_NOBODY && !tls_session_is_authenticated(s))
		return fault(why, RC_INVALID, "the server has not proved who it is");
	return RC_OK;
}

enum rc tls_session_read(struct tls_session *s, char *into, size_t room, size_t *done,
			 unsigned *wait, struct fault *why)
{
	ERR_clear_error();
	errno = 0;
	int result = SSL_read_ex(s->ssl, into, room, done);
	return result == 1 ? RC_OK : settle(s, result, RC_RETRY, wait, why);
}

enum rc tls_session_write(struct tls_session *s, struct slice bytes, size_t *done, unsigned *wait,
			  struct fault *why)
{
	ERR_clear_error();
	errno = 0;
	int result = SSL_write_ex(s->ssl, bytes.at, bytes.len, done);
	return result == 1 ? RC_OK : settle(s, result, RC_RETRY, wait, why);
}

const char *tls_session_version(const struct tls_session *s)
{
	return s->shaken || s->peer.seen ? SSL_get_version(s->ssl) : "";
}

bool tls_session_is_authenticated(const struct tls_session *s)
{
	if (!s->shaken || s->proof == TLS_BY_NOBODY || !s->peer.seen ||
	    !SSL_get0_peer_certificate(s->ssl) || SSL_get_verify_result(s->ssl) != X509_V_OK)
		return false;
	return s->proof == TLS_BY_PKIX || SSL_get0_dane_authority(s->ssl, NULL, NULL) >= 0;
}
