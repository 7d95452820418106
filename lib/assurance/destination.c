#include "assurance/destination.h"

#include "dns/name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name;
	uint16_t port;
} services[] = { { "smtp", 25 }, { "submission", 587 } };

static enum rc take_port(struct slice text, uint16_t *port, struct fault *why)
{
	uint64_t number;

	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		if (slice_is(text, services[i].name)) {
			*port = services[i].port;
			return RC_OK;
		}
	}
	if (text.len > 5 || !slice_to_u64(text, &number) || number == 0 || number > UINT16_MAX)
		return fault(why, RC_INVALID, "\"%.*s\" is no port", SLICE_ARG(text));
	*port = (uint16_t)number;
	return RC_OK;
}

/* Writes an address between brackets in its one form; false when it is none. */
static bool write_literal(struct slice text, char out[static INET6_ADDRSTRLEN + 8])
{
	char copy[INET6_ADDRSTRLEN], canonical[INET6_ADDRSTRLEN];
	uint8_t bytes[16];
	int family = AF_INET;
	struct slice tag = { text.at, text.len < 5 ? text.len : 5 };

	if (slice_same_nocase(tag, SLICE("IPv6:")))
		text = (struct slice){ text.at + 5, text.len - 5 };
	if (text.len == 0 || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (memchr(copy, ':', text.len))
		family = AF_INET6;
	if (inet_pton(family, copy, bytes) != 1 ||
	    !inet_ntop(family, bytes, canonical, sizeof canonical))
		return false;
	snprintf(out, INET6_ADDRSTRLEN + 8, "%s%s", family == AF_INET6 ? "ipv6:" : "", canonical);
	return true;
}

/* Splits "[inner]rest"; false when there is no closing bracket. */
static bool take_brackets(struct slice *text, struct slice *inner)
{
	struct slice rest = { text->at + 1, text->len - 1 };

	if (!slice_take_until(&rest, ']', inner))
		return false;
	*text = rest;
	return true;
}

static void write_text(struct assurance_destination *d, const char *inner)
{
	int len = snprintf(d->text, sizeof d->text, d->host ? "[%s]" : "%s", inner);

	if (d->port != 25 && len > 0 && (size_t)len < sizeof d->text)
		snprintf(d->text + len, sizeof d->text - (size_t)len, ":%u", d->port);
}

enum rc assurance_destination_parse(struct slice text, struct assurance_destination *out,
				    struct fault *why)
{
	struct assurance_destination d = { .port = 25 };
	struct slice rest = text, inner;
	char literal[INET6_ADDRSTRLEN + 8];
	enum rc rc;

	if (text.len > 0 && text.at[0] == '[') {
		d.host = true;
		if (!take_brackets(&rest, &inner))
			return fault(why, RC_INVALID, "\"%.*s\" lacks its closing bracket",
				     SLICE_ARG(text));
		bool more = rest.len > 0;
		if (more && !slice_drop_prefix(&rest, ":"))
			return fault(why, RC_INVALID, "\"%.*s\" has more than a port after it",
				     SLICE_ARG(text));
		d.literal = write_literal(inner, literal);
		if (more && (rc = take_port(rest, &d.port, why)) != RC_OK)
			return rc;
	} else {
		inner = rest;
		if (slice_take_until(&rest, ':', &inner) &&
		    (rc = take_port(rest, &d.port, why)) != RC_OK)
			return rc;
	}
	if (!d.literal && (rc = dns_name_normalise(inner, d.name, why)) != RC_OK)
		return rc;
	write_text(&d, d.literal ? literal : d.name);
	*out = d;
	return RC_OK;
}
