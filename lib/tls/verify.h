/* tls/verify.h: is this certificate for that host?
 *
 *     subjectAltName DNS:mail.example, DNS:*.example.net     CN=www.example
 *     mail.example, mx1.example.net      →  yes
 *     a.mx1.example.net, www.example     →  no
 *
 * Names are matched by DNS-ID alone: a Common Name counts for nothing, even in a
 * certificate that has no other name, and a star stands for the whole left-most
 * label, never for part of one or for two.
 *
 * Standard  RFC 6125 §6.4, RFC 8461 §4.1 (the same rules for MX hosts and for the
 *           policy's host, §3.3)
 * Memory    certificates and contexts stay their owner's
 * Threads   any; one context from one thread at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

#include <stdbool.h>

struct x509_st; /* OpenSSL's X509 */

enum {
	TLS_HOST_MAX = 253,  /* bytes of a host name */
	TLS_WORDS_MAX = 160, /* bytes of a certificate's names in words, the NUL included */
};

/* Whether certificate is for host, a host name without a final dot. */
bool tls_certificate_names(struct x509_st *certificate, const char *host);

/* The names in the certificate for a person: "mail.example, *.example.net", cut
 * with "…" spelt as dots where it does not fit, or "no DNS name". Printable
 * ASCII. out holds TLS_WORDS_MAX bytes and is returned. */
char *tls_certificate_words(struct x509_st *certificate, char *out);

/* What a connection has told about its peer. */
struct tls_peer {
	bool seen;            /* it has shown a certificate, so that a version was agreed on */
	struct fault refused; /* why the certificate was not accepted: "the certificate is
			       * for other.example, not mta-sts.d.example"; "" otherwise */
	bool pinned;          /* by a key that somebody pinned, not by TLSA records: for words */
	bool ended;           /* it has said, under TLS, that no more will come: without that, an
			       * end may be anyone's doing (RFC 8446 §6.1) */
};

/* Makes every handshake of ssl_ctx, an SSL_CTX * of a client, end well only with
 * TLS 1.2 or later and a chain that the context's authorities vouch for whose
 * first certificate is for host. The context is for one connection: *peer, all 0
 * to begin with, is written as it goes and must outlive both.
 *   RC_INVALID  host is no host name    RC_NOMEM */
enum rc tls_pkix_apply(void *ssl_ctx, const char *host, struct tls_peer *peer, struct fault *why);

/* The same, with any of several names; ".d.example" is any host below it. count > 0. */
enum rc tls_pkix_apply_names(void *ssl_ctx, const char *const *names, size_t count,
			     struct tls_peer *peer, struct fault *why);

/* Makes the certificates in pem the only authorities of ssl_ctx, those in the middle of a chain
 * too. NULL: they are only read.
 *   RC_INVALID  there is none, or not only certificates    RC_NOMEM */
enum rc tls_anchors_apply(void *ssl_ctx, struct slice pem, struct fault *why);

struct tls_tlsa { /* a record with usage 2 or 3: dane/tlsa.h says which are usable */
	uint8_t usage, selector, matching;
	struct slice data;
};

struct tls_dane {
	size_t record_count;
	const struct tls_tlsa *records;
	size_t name_count;        /* at least 1 */
	const char *const *names; /* the TLSA base domain first, then the next-hop domain;
	                           * one of them in the certificate, by usage 2 alone
	                           * (RFC 7672 §3.2.2; by usage 3 no name counts, §3.1.1) */
	bool pinned;              /* somebody pinned these keys: for words */
};

/* Makes the handshake of ssl, an SSL * of a client, end well only with TLS 1.2 or
 * later and a certificate that matches one of the records: no public authority
 * ever counts. Its context is for it alone; *peer as above.
 *   RC_INVALID  not one record can be used, or a name is none    RC_NOMEM */
enum rc tls_dane_apply(void *ssl, const struct tls_dane *dane, struct tls_peer *peer,
		       struct fault *why);
