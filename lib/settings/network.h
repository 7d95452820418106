/* settings/network.h: addresses and ranges of addresses, as settings name them.
 *
 *     "127.0.0.0/8"  "::1/128"  "192.0.2.7"
 *
 * Standard  RFC 4632 §3.1, RFC 4291 §2.3 (prefixes)
 * Threads   pure functions */
#pragma once

#include "settings/settings.h"

#include <sys/socket.h>

struct settings_network {
	int family;        /* AF_INET, AF_INET6 */
	uint8_t bytes[16]; /* 4 or 16 used, network order */
	unsigned bits;     /* 0..32, 0..128 */
};

/* An address, with or without "/BITS". RC_INVALID: neither, or bits are set to
 * the right of the prefix. */
enum rc settings_network_parse(const char *text, struct settings_network *out, struct fault *why);

/* Whether the range has the address: 4 or 16 bytes, in network order. An IPv4
 * address written as ::ffff:a.b.c.d counts as that IPv4 address. */
bool settings_network_has(const struct settings_network *network, int family, const uint8_t *bytes);

/* Whether one of the networks of a list (as checked when read) has it. */
bool settings_networks_have(const struct settings_list *list, int family, const uint8_t *bytes);
bool settings_networks_have_socket(const struct settings_list *list, const struct sockaddr *peer);
