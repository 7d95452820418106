/* smtp/probe.h: what an MX host shows to whoever delivers to it.
 *
 *     S: 220 mx.d.example ESMTP        C: EHLO gate.example
 *     S: 250 STARTTLS                  C: STARTTLS
 *     S: 220 go ahead                  TLS: the peer proves who it is
 *     C: EHLO gate.example             S: 250 REQUIRETLS
 *     C: QUIT
 *
 * No mail is sent. What was said in the clear counts for nothing once TLS is
 * there, REQUIRETLS least of all; and where anything but the reply to STARTTLS
 * is there before TLS begins, somebody has put it in, and the host fails. "It is
 * not so" and "I could not find out" are told apart: a port that cannot be
 * reached, or a host that says "later", has shown nothing.
 *
 * Standard  RFC 3207 §4, §5 and §6, RFC 5321 §3.1, RFC 8689 §4.2.1 and §5
 * Memory    the wish is copied, but for what its tls points to: until done() or cancel
 * Threads   the loop's */
#pragma once

#include "base/fault.h"
#include "dns/answer.h"
#include "tls/handshake.h"

struct loop;

enum {
	/* Tried in turn until one takes the connection. Postfix tries five
	 * (smtp_mx_address_limit). */
	SMTP_PROBE_ADDRESSES_MAX = 8,
};

struct smtp_probe_wish {
	const struct dns_address *addresses;
	size_t address_count; /* those beyond SMTP_PROBE_ADDRESSES_MAX are left out */
	uint16_t port;
	const char *helo; /* our name */
	struct tls_wish tls;
	int64_t timeout_ms; /* of it all; for a connection to one address its share of it */
};

struct smtp_probed {
	/* RC_OK       TLS, with the peer that the wish asks for
	 * RC_INVALID  it has shown that it has not: no STARTTLS, another certificate, …
	 * RC_RETRY    not found out: no connection, time-out, no SMTP, "later" */
	enum rc rc;
	bool starttls;      /* offered */
	bool authenticated; /* proved by the wish's proof */
	bool requiretls;    /* offered within TLS by a peer that is authenticated */
	const char *tls;    /* "TLSv1.3", or "" */
	const char *why;    /* "" when RC_OK; one sentence */
};

/* Once, never from within smtp_probe_start(); borrowed for the call, and the
 * handle is gone when it returns. */
typedef void smtp_probed_fn(void *arg, const struct smtp_probed *probed);

struct smtp_probe;

/* NULL: out of memory. */
struct smtp_probe *smtp_probe_start(struct loop *loop, const struct smtp_probe_wish *wish,
				    smtp_probed_fn *done, void *arg);
void smtp_probe_cancel(struct smtp_probe *probe); /* NULL is fine; not from within done() */
