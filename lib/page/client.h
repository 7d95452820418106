/* page/client.h: who a request comes from, and from which page.
 *
 *     peer 127.0.0.1, X-Forwarded-For: 203.0.113.9, 198.51.100.7   →   198.51.100.7
 *
 * Only the last entry counts: our own proxy has added it, and what stands before it is a
 * stranger's word. It counts only from a peer that is a trusted proxy.
 *
 * Standard  X-Forwarded-For as nginx and Caddy send it; Origin: RFC 6454 §7;
 *           Sec-Fetch-Site: W3C Fetch Metadata §2.3
 * Threads   pure functions */
#pragma once

#include "settings/settings.h"

#include <sys/socket.h>

enum { PAGE_CLIENT_TEXT = 46 }; /* an IPv6 address in text, with its NUL */

struct page_peer {
	const struct sockaddr *address;      /* of the connection; NULL: not known */
	const struct settings_list *proxies; /* portal.trusted_proxies */
};

/* The client's address as text; "" when a trusted proxy says nothing that is one, or the peer
 * is not known. A unix socket's peer is trusted: whoever may open it is our proxy. forwarded
 * is the last X-Forwarded-For field's value; at NULL: none. */
void page_client_name(const struct page_peer *peer, struct slice forwarded,
		      char out[PAGE_CLIENT_TEXT]);

/* Whether a request that changes something comes from a page of ours, as far as its browser
 * tells: origin and site are the two fields' values, at NULL where a field is missing. */
bool page_client_is_ours(const char *portal_url, struct slice origin, struct slice site);
