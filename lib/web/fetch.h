/* web/fetch.h: one document by HTTPS, by the rules that MTA-STS needs.
 *
 *     GET https://mta-sts.d.example/.well-known/mta-sts.txt
 *     →  RC_OK, "version: STSv1 …"
 *     →  RC_RETRY, "the certificate is for other.example, not mta-sts.d.example"
 *
 * The address is the caller's, from a resolver it trusts: the system's resolver is
 * never asked. TLS 1.2 or later, a certificate for the host by DNS name alone;
 * no redirect is followed, no proxy, cookie, password file or cache is used, and
 * only status 200 with a text/plain body is an answer. Only the body of such an
 * answer is ever given out, and only whole.
 *
 * Standard  RFC 8461 §3.3, RFC 9110, RFC 6125
 * Memory    what the request points to may go once web_fetch_start() returns
 * Threads   the loop's */
#pragma once

#include "base/fault.h"
#include "base/slice.h"
#include "dns/answer.h"

struct loop;

enum {
	WEB_BODY_MAX = 64 * 1024, /* bytes; what RFC 8461 §3.3 suggests for a policy */
	WEB_HEAD_MAX = 64 * 1024, /* bytes of all header fields; real ones have 2,000, and no
	                           * status line may be asked for forever */
	WEB_ADDRESSES_MAX = 8,    /* tried in order; a ninth would only spend the time-out */
};

struct web_request {
	const char *host; /* "mta-sts.d.example", dns_is_hostname() */
	uint16_t port;
	const char *path;     /* "/.well-known/mta-sts.txt" */
	size_t address_count; /* at least 1; past WEB_ADDRESSES_MAX they are left out */
	const struct dns_address *addresses;
	const char *ca_file; /* "": the system's authorities */
	int64_t timeout_ms;  /* for all of it, above 0 */
};

/* On the loop's thread, once, never from within web_fetch_start():
 *   RC_OK       body is the document; it lives for the call
 *   RC_ABSENT   the server says that there is none (404, 410)
 *   RC_INVALID  an answer that is not what was asked for: another status, a
 *               redirect, another media type
 *   RC_LIMIT    over WEB_BODY_MAX or WEB_HEAD_MAX
 *   RC_RETRY    no connection, no proven TLS, a time-out, 408, 429 or 5xx
 *   RC_NOMEM
 * why is "" only on RC_OK and lives for the call. The handle is gone afterwards. */
typedef void web_done(void *arg, enum rc rc, struct slice body, const char *why);

struct web_fetch;

/* NULL: out of memory. */
struct web_fetch *web_fetch_start(struct loop *loop, const struct web_request *request,
				  web_done *done, void *arg);

/* Breaks off; done() is not called. NULL is fine. Not from within done(). */
void web_fetch_cancel(struct web_fetch *fetch);
