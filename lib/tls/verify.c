#include "tls/verify.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/slice.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

enum {
	/* A Common Name counts for nothing; a star is a whole label, and but one. */
	NAME_RULES = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
};

/* A host name in letters, digits, hyphens and underscores. OpenSSL takes a name
 * that begins with a dot for "any host below", and one of length 0 for "no check". */
static bool is_host(const char *host)
{
	size_t len = strlen(host);

	if (len == 0 || len > TLS_HOST_MAX || host[0] == '.' || host[len - 1] == '.')
		return false;
	return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
		       len &&
	       !strstr(host, "..");
}

bool tls_certificate_names(X509 *certificate, const char *host)
{
	return is_host(host) &&
	       X509_check_host(certificate, host, strlen(host), NAME_RULES, NULL) == 1;
}

static void free_names(GENERAL_NAMES **names)
{
	GENERAL_NAMES_free(*names);
}

/* Adds one name; false when it does not fit whole. */
static bool add_name(struct buf *words, const ASN1_IA5STRING *name)
{
	size_t len = (size_t)ASN1_STRING_length(name), before = words->len;
	const unsigned char *at = ASN1_STRING_get0_data(name);

	if (before > 0 && buf_add_text(words, ", ") != RC_OK)
		return false;
	if (len > TLS_HOST_MAX || buf_add(words, at, len) != RC_OK) {
		words->len = before;
		return false;
	}
	for (size_t i = words->len - len; i < words->len; i++)
		if (words->at[i] <= ' ' || words->at[i] > '~')
			words->at[i] = '?';
	return true;
}

char *tls_certificate_words(X509 *certificate, char *out)
{
	static const char more[] = ", ...", none[] = "no DNS name";
	CLEANUP(buf_free) struct buf words = BUF_INIT(TLS_WORDS_MAX - sizeof more);
	CLEANUP(free_names)
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	bool whole = true;

	for (int i = 0; whole && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

		if (name->type == GEN_DNS)
			whole = add_name(&words, name->d.dNSName);
	}
	memcpy(out, buf_text(&words), words.len);
	out[words.len] = '\0';
	if (!whole)
		memcpy(out + words.len, words.len ? more : more + 2,
		       words.len ? sizeof more : sizeof more - 2);
	else if (words.len == 0)
		memcpy(out, none, sizeof none);
	return out;
}

/* What is wrong with the chain, in words. */
static void tell(X509_STORE_CTX *store, bool pinned, struct fault *told)
{
	int error = X509_STORE_CTX_get_error(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);
	const char *host = X509_VERIFY_PARAM_get0_host(X509_STORE_CTX_get0_param(store), 0);
	char names[TLS_WORDS_MAX];

	if (error == X509_V_ERR_HOSTNAME_MISMATCH && leaf && host)
		(void)fault(told, RC_RETRY, "the certificate is for %s, not %s",
			    tls_certificate_words(leaf, names), host);
	else if (error == X509_V_ERR_DANE_NO_MATCH)
		(void)fault(told, RC_RETRY,
			    pinned ? "its key is none of those that are pinned"
				   : "the certificate matches no TLSA record");
	else
		(void)fault(told, RC_RETRY, "the certificate was not accepted: %s",
			    X509_verify_cert_error_string(error));
}

static int judge(X509_STORE_CTX *store, void *arg)
{
	struct tls_peer *peer = arg;
	int ok = X509_verify_cert(store);

	peer->seen = true;
	if (ok != 1)
		tell(store, peer->pinned, &peer->refused);
	return ok;
}

/* Where a context keeps its struct tls_peer, since the callback that sees alerts
 * has no argument of its own. */
static int peer_slot = -1;

static void make_slot(void)
{
	peer_slot = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static void note_alert(const SSL *ssl, int where, int alert)
{
	struct tls_peer *peer = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), peer_slot);

	if (where == SSL_CB_READ_ALERT && (alert & 0xff) == SSL_AD_CLOSE_NOTIFY)
		peer->ended = true;
}

static enum rc prepare_pkix(SSL_CTX *ctx, const char *const *names, size_t count,
			    struct tls_peer *peer, struct fault *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
	bool done;

	pthread_once(&once, make_slot);
	X509_VERIFY_PARAM_set_hostflags(param, NAME_RULES);
	done = peer_slot >= 0 && SSL_CTX_set_ex_data(ctx, peer_slot, peer) == 1 &&
	       SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
	for (size_t i = 0; done && i < count; i++)
		done = (i ? X509_VERIFY_PARAM_add1_host(param, names[i], 0)
			  : X509_VERIFY_PARAM_set1_host(param, names[i], 0)) == 1;
	if (!done)
		return fault(why, RC_NOMEM, "no memory for a TLS context");
	SSL_CTX_set_info_callback(ctx, note_alert);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, judge, peer);
	return RC_OK;
}

enum rc tls_pkix_apply(void *ssl_ctx, const char *host, struct tls_peer *peer, struct fault *why)
{
	if (!is_host(host))
		return fault(why, RC_INVALID, "\"%s\" is no host name", host);
	return prepare_pkix(ssl_ctx, &host, 1, peer, why);
}

enum rc tls_pkix_apply_names(void *ssl_ctx, const char *const *names, size_t count,
			     struct tls_peer *peer, struct fault *why)
{
	if (count == 0) /* OpenSSL would take any */
		return fault(why, RC_INVALID, "there is no name to match");
	for (size_t i = 0; i < count; i++)
		if (!is_host(names[i] + (names[i][0] == '.')))
			return fault(why, RC_INVALID, "\"%s\" is no name to match", names[i]);
	return prepare_pkix(ssl_ctx, names, count, peer, why);
}

static void free_bio(BIO **bio)
{
	BIO_free(*bio);
}

static void free_certificate(X509 **certificate)
{
	X509_free(*certificate);
}

enum rc tls_anchors_apply(void *ssl_ctx, struct slice pem, struct fault *why)
{
	CLEANUP(free_bio) BIO *in = BIO_new_mem_buf(pem.at, (int)pem.len);
	X509_STORE *store = ssl_ctx ? SSL_CTX_get_cert_store(ssl_ctx) : NULL;
	size_t count = 0;
	enum rc rc = in ? RC_OK : RC_NOMEM;

	ERR_clear_error();
	while (rc == RC_OK) {
		CLEANUP(free_certificate) X509 *one = PEM_read_bio_X509(in, NULL, NULL, NULL);
		if (!one)
			break;
		count++;
		if (store && X509_STORE_add_cert(store, one) != 1)
			rc = RC_NOMEM;
	}
	bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	if (rc != RC_OK)
		return fault(why, rc, "no memory for the authorities");
	if (count == 0 || !whole)
		return fault(why, RC_INVALID, "its certificate %zu cannot be read", count + 1);
	if (ssl_ctx) /* who pins a CA need not have its root */
		X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl_ctx), X509_V_FLAG_PARTIAL_CHAIN);
	return RC_OK;
}

enum { DANE_TA = 2, DANE_EE = 3 }; /* RFC 6698 §2.1.1, RFC 7218 §2.1 */

static enum rc add_records(SSL *ssl, const struct tls_dane *dane, struct fault *why)
{
	size_t added = 0;

	for (size_t i = 0; i < dane->record_count; i++) {
		const struct tls_tlsa *r = &dane->records[i];

		/* 0 and 1 would bring the public authorities in (RFC 7672 §3.1.3). */
		if (r->usage != DANE_TA && r->usage != DANE_EE)
			continue;
		if (SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching,
				      (const unsigned char *)r->data.at, r->data.len) > 0)
			added++;
	}
	ERR_clear_error();
	/* Without one OpenSSL would go by the public authorities instead. */
	return added > 0 ? RC_OK : fault(why, RC_INVALID, "no TLSA record can be used");
}

enum rc tls_dane_apply(void *handle, const struct tls_dane *dane, struct tls_peer *peer,
		       struct fault *why)
{
	SSL *ssl = handle;
	SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);

	for (size_t i = 0; i < dane->name_count; i++)
		if (!is_host(dane->names[i]))
			return fault(why, RC_INVALID, "\"%s\" is no host name", dane->names[i]);
	if (dane->name_count == 0)
		return fault(why, RC_INVALID, "no TLSA base domain");
	if (SSL_CTX_dane_enable(ctx) != 1 || SSL_dane_enable(ssl, dane->names[0]) != 1 ||
	    SSL_set_min_proto_version(ssl, TLS1_2_VERSION) != 1)
		return fault(why, RC_NOMEM, "no memory for a TLS context");
	for (size_t i = 1; i < dane->name_count; i++)
		if (SSL_add1_host(ssl, dane->names[i]) != 1)
			return fault(why, RC_NOMEM, "no memory for a TLS context");
	SSL_set_hostflags(ssl, NAME_RULES);
	(void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	peer->pinned = dane->pinned;
	SSL_CTX_set_cert_verify_callback(ctx, judge, peer);
	return add_records(ssl, dane, why);
}
