#include "settings/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

/* Whether the first bits of a and b are the same. */
static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	size_t bytes = bits / 8;
	unsigned rest = bits % 8;

	if (memcmp(a, b, bytes) != 0)
		return false;
	return rest == 0 || ((a[bytes] ^ b[bytes]) >> (8 - rest)) == 0;
}

enum rc settings_network_parse(const char *text, struct settings_network *out, struct fault *why)
{
	struct settings_network network = { 0 };
	struct slice bits = { text, strlen(text) }, address;
	char plain[INET6_ADDRSTRLEN];
	uint64_t number = 0;
	bool ranged = slice_take_until(&bits, '/', &address);

	if (!ranged)
		address = bits;
	if (address.len >= sizeof plain)
		return fault(why, RC_INVALID, "\"%s\" is no address", text);
	memcpy(plain, address.at, address.len);
	plain[address.len] = '\0';

	if (inet_pton(AF_INET, plain, network.bytes) == 1)
		network.family = AF_INET;
	else if (inet_pton(AF_INET6, plain, network.bytes) == 1)
		network.family = AF_INET6;
	else
		return fault(why, RC_INVALID, "\"%s\" is no address", plain);

	unsigned most = network.family == AF_INET ? 32 : 128;
	if (ranged && (bits.len > 3 || !slice_to_u64(bits, &number) || number > most))
		return fault(why, RC_INVALID, "\"%s\" has no prefix of 0 to %u bits", text, most);
	network.bits = ranged ? (unsigned)number : most;

	/* Bits behind the prefix are a slip: did the writer mean the host, or the
	 * network? For trust, a guess will not do. */
	for (unsigned bit = network.bits; bit < most; bit++)
		if (network.bytes[bit / 8] & (0x80 >> bit % 8))
			return fault(why, RC_INVALID, "\"%s\" has bits set behind its prefix",
				     text);
	*out = network;
	return RC_OK;
}

bool settings_network_has(const struct settings_network *network, int family, const uint8_t *bytes)
{
	if (family == AF_INET6 && network->family == AF_INET &&
	    memcmp(bytes, mapped, sizeof mapped) == 0)
		return same_bits(network->bytes, bytes + sizeof mapped, network->bits);
	return family == network->family && same_bits(network->bytes, bytes, network->bits);
}

bool settings_networks_have(const struct settings_list *list, int family, const uint8_t *bytes)
{
	struct settings_network network;

	for (size_t i = 0; i < list->count; i++)
		if (settings_network_parse(list->at[i], &network, NULL) == RC_OK &&
		    settings_network_has(&network, family, bytes))
			return true;
	return false;
}

bool settings_networks_have_socket(const struct settings_list *list, const struct sockaddr *peer)
{
	if (peer->sa_family == AF_INET) {
		struct sockaddr_in v4;
		memcpy(&v4, peer, sizeof v4);
		return settings_networks_have(list, AF_INET, (const uint8_t *)&v4.sin_addr);
	}
	if (peer->sa_family == AF_INET6) {
		struct sockaddr_in6 v6;
		memcpy(&v6, peer, sizeof v6);
		return settings_networks_have(list, AF_INET6, (const uint8_t *)&v6.sin6_addr);
	}
	return false;
}
