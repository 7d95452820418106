#include "page/client.h"

#include "settings/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static void print(int family, const void *bytes, char out[PAGE_CLIENT_TEXT])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (family == AF_INET6 && memcmp(bytes, mapped, sizeof mapped) == 0) {
		family = AF_INET;
		bytes = (const uint8_t *)bytes + sizeof mapped;
	}
	if (!inet_ntop(family, bytes, out, PAGE_CLIENT_TEXT))
		out[0] = '\0';
}

/* "192.0.2.7", "2001:db8::1", "[2001:db8::1]"; a port behind it is passed over. */
static bool parse(struct slice text, char out[PAGE_CLIENT_TEXT])
{
	char host[PAGE_CLIENT_TEXT];
	uint8_t bytes[16];
	struct slice head;

	text = slice_trim(text);
	if (slice_drop_prefix(&text, "[")) {
		if (!slice_take_until(&text, ']', &head))
			return false;
		text = head;
	} else {
		struct slice port = text;
		/* One colon alone: an IPv4 address with a port. */
		if (slice_take_until(&port, ':', &head) && !memchr(port.at, ':', port.len))
			text = head;
	}
	if (text.len == 0 || text.len >= sizeof host)
		return false;
	memcpy(host, text.at, text.len);
	host[text.len] = '\0';
	int family = memchr(host, ':', text.len) ? AF_INET6 : AF_INET;
	if (inet_pton(family, host, bytes) != 1)
		return false;
	print(family, bytes, out);
	return true;
}

static struct slice last_entry(struct slice list)
{
	struct slice head;

	while (slice_take_until(&list, ',', &head))
		;
	return list;
}

void page_client_name(const struct page_peer *peer, struct slice forwarded,
		      char out[PAGE_CLIENT_TEXT])
{
	const struct sockaddr *address = peer->address;

	out[0] = '\0';
	if (!address)
		return;
	bool trusted = address->sa_family == AF_UNIX ||
		       settings_networks_have_socket(peer->proxies, address);
	if (trusted && forwarded.at) {
		(void)parse(last_entry(forwarded), out);
		return;
	}
	if (address->sa_family == AF_INET)
		print(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, out);
	else if (address->sa_family == AF_INET6)
		print(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
		      out);
}

/* portal_url's scheme, host and port are all of origin. */
static bool is_same(const char *portal_url, struct slice origin)
{
	struct slice url = slice_of(portal_url), head, rest;

	rest = url;
	if (!slice_drop_prefix(&rest, "https://"))
		return false;
	if (slice_take_until(&rest, '/', &head))
		url.len = strlen("https://") + head.len;
	return slice_same_nocase(origin, url);
}

bool page_client_is_ours(const char *portal_url, struct slice origin, struct slice site)
{
	if (site.at && !slice_is(site, "same-origin") && !slice_is(site, "none"))
		return false;
	/* A page under "Referrer-Policy: no-referrer" posts its forms with "null": Fetch §3.2.
	 * Sec-Fetch-Site then tells. */
	if (origin.at && slice_is(origin, "null"))
		return site.at != NULL;
	return !origin.at || is_same(portal_url, origin);
}
