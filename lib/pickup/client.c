#include "pickup/client.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum { FAMILY_4 = 4, FAMILY_6 = 6, PREFIX_4 = 3, PREFIX_6 = 7 };

static bool read_four(const char *text, struct pickup_client *out)
{
	struct in_addr four;

	if (inet_pton(AF_INET, text, &four) != 1)
		return false;
	out->prefix[0] = FAMILY_4;
	memcpy(out->prefix + 1, &four, PREFIX_4);
	return inet_ntop(AF_INET, &four, out->address, sizeof out->address);
}

static bool read_six(const char *text, struct pickup_client *out)
{
	struct in6_addr six;

	if (inet_pton(AF_INET6, text, &six) != 1)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&six)) {
		char four[INET_ADDRSTRLEN];
		return inet_ntop(AF_INET, six.s6_addr + 12, four, sizeof four) &&
		       read_four(four, out);
	}
	out->prefix[0] = FAMILY_6;
	memcpy(out->prefix + 1, &six, PREFIX_6);
	return inet_ntop(AF_INET6, &six, out->address, sizeof out->address);
}

void pickup_client_read(struct slice text, struct pickup_client *out)
{
	char copy[PICKUP_ADDRESS_TEXT];

	*out = (struct pickup_client){ .address = "" };
	if (text.len == 0 || text.len >= sizeof copy || memchr(text.at, '\0', text.len))
		return;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (!read_four(copy, out) && !read_six(copy, out))
		*out = (struct pickup_client){ .address = "" };
}

enum rc pickup_client_hash(const struct crypto_key *verifier, const struct pickup_client *client,
			   struct slice agent, uint8_t out[CRYPTO_HASH_BYTES], struct fault *why)
{
	struct crypto_hash *h = NULL;
	enum rc rc = crypto_hash_new(verifier, &h, why);

	if (rc != RC_OK)
		return rc;
	crypto_hash_add_field(h, SLICE("client"));
	crypto_hash_add_field(
		h, (struct slice){ (const char *)client->prefix, sizeof client->prefix });
	crypto_hash_add_field(h, agent);
	return crypto_hash_end(&h, out, why);
}

struct word {
	const char *sign, *name;
};

/* In this order: Edge calls itself Chrome too, and all of them Safari. */
static const struct word browsers[] = {
	{ "Edg", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Firefox/", "Firefox" },
	{ "FxiOS/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
};
/* Android calls itself Linux too, and iOS like Mac OS X. */
static const struct word systems[] = {
	{ "Windows", "Windows" }, { "Android", "Android" }, { "iPhone", "iOS" },  { "iPad", "iOS" },
	{ "Mac OS X", "macOS" },  { "CrOS", "ChromeOS" },   { "Linux", "Linux" },
};

static const char *name_of(struct slice agent, const struct word *words, size_t count)
{
	for (size_t i = 0; agent.len && i < count; i++)
		if (memmem(agent.at, agent.len, words[i].sign, strlen(words[i].sign)))
			return words[i].name;
	return "";
}

const char *pickup_client_kind(struct slice agent, char out[PICKUP_KIND_TEXT])
{
	const char *browser = name_of(agent, browsers, sizeof browsers / sizeof *browsers);
	const char *system = name_of(agent, systems, sizeof systems / sizeof *systems);

	snprintf(out, PICKUP_KIND_TEXT, "%s%s%s", browser, *browser && *system ? " on " : "",
		 system);
	return out;
}
