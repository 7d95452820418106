/* tls/handshake.h: a TLS client on a socket that is connected already, as after
 * STARTTLS, that never blocks.
 *
 *     TLSA 3 1 1 of mx.d.example     →  TLSv1.3, authenticated
 *     certificate for other.example  →  "the certificate is for other.example, not mx.d.example"
 *
 * Who the peer must be is said at birth: the holder of a key that TLSA records
 * name (DANE), or of a certificate for a host that an authority vouches for
 * (PKIX), or anybody, whom nothing then proves. A peer that is not who it must
 * be gets an alert, and not one byte more.
 *
 * Standard  RFC 7672 §3 (DANE), RFC 8461 §4.1 (PKIX by DNS-ID), RFC 3207
 * Memory    the session is its owner's; the descriptor stays the caller's
 * Threads   one user at a time */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "tls/verify.h"

enum tls_proof {
	TLS_BY_DANE,
	TLS_BY_PKIX,
	TLS_BY_NOBODY, /* encrypted, and that is all */
};

/* Borrowed for tls_session_new() alone. */
struct tls_wish {
	enum tls_proof proof;
	const char *host;     /* asked for by SNI: the TLSA base domain, or the MX host; by
	                               * PKIX the name that the certificate must carry */
	struct tls_dane dane; /* by DANE */
	const char *ca_file;  /* by PKIX; "": the system's authorities */

	/* By PKIX, when the operator says who vouches for whom: */
	size_t name_count;        /* one of these names in place of host; ".d.example": any host */
	const char *const *names; /* below it */
	struct slice ca;          /* certificates in PEM, in place of ca_file; empty: none */
};

enum { TLS_WAIT_READ = 1, TLS_WAIT_WRITE = 2 }; /* of the descriptor, as enum loop_events */

struct tls_session;

/* RC_INVALID: the wish cannot be met by anybody: no host name, no TLSA record
 * that counts, authorities that cannot be read. RC_NOMEM. */
enum rc tls_session_new(int fd, const struct tls_wish *wish, struct tls_session **out,
			struct fault *why);
void tls_session_free(struct tls_session *session); /* NULL is fine */

/* Each goes on as far as it can:
 *   RC_OK       done; for read and write *done bytes, at least one
 *   RC_ABSENT   come again when the descriptor is ready for *wait
 *   RC_INVALID  of the handshake: the peer does not speak TLS 1.2 or later, or is
 *               not who it must be
 *   RC_RETRY    the connection is over, or broken
 * After RC_INVALID and RC_RETRY the session can only be freed. */
enum rc tls_session_shake(struct tls_session *session, unsigned *wait, struct fault *why);
enum rc tls_session_read(struct tls_session *session, char *into, size_t room, size_t *done,
			 unsigned *wait, struct fault *why);
enum rc tls_session_write(struct tls_session *session, struct slice bytes, size_t *done,
			  unsigned *wait, struct fault *why);

/* "TLSv1.3": what was agreed on, even where the peer then turned out to be
 * somebody else; "" before. Lasting words. */
const char *tls_session_version(const struct tls_session *session);

/* Whether the handshake is done and the peer is proved; never by TLS_BY_NOBODY. */
bool tls_session_is_authenticated(const struct tls_session *session);
