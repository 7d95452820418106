#include "settings/value.h"

#include "base/ascii.h"
#include "base/slice.h"
#include "settings/network.h"

#include <arpa/inet.h>
#include <string.h>

static bool is_alnum(char c)
{
	return ascii_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_path(const char *text)
{
	struct slice rest = slice_of(text), part;

	if (text[0] != '/')
		return false;
	for (size_t i = 0; i < rest.len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	while (slice_take_until(&rest, '/', &part))
		if (slice_is(part, ".."))
			return false;
	return !slice_is(rest, "..");
}

const char *value_path(const char *text)
{
	return is_path(text) ? NULL : "an absolute path without \"..\"";
}

/* Letters, digits and hyphens between dots; no label begins or ends with a
 * hyphen or is longer than 63 (RFC 1123 §2.1, RFC 1035 §2.3.4). */
static bool is_host(struct slice s)
{
	size_t label = 0;

	if (s.len == 0 || s.len > 253)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		if (c == '.' ? label == 0 || s.at[i - 1] == '-'
			     : !is_alnum(c) && (c != '-' || label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63)
			return false;
	}
	return label > 0 && s.at[s.len - 1] != '-';
}

static bool is_port(struct slice s)
{
	uint64_t port;

	return s.len <= 5 && slice_to_u64(s, &port) && port >= 1 && port <= 65535;
}

static bool is_v6(struct slice s)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr v6;

	if (s.len >= sizeof text)
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET6, text, &v6) == 1;
}

/* Takes "HOST" or "[V6]" off the front, up to ':', '/' or the end. */
static bool take_host(struct slice *s)
{
	struct slice host = *s;

	if (slice_drop_prefix(s, "[")) {
		if (!slice_take_until(s, ']', &host))
			return false;
		return is_v6(host);
	}
	for (host.len = 0; host.len < s->len; host.len++)
		if (s->at[host.len] == ':' || s->at[host.len] == '/')
			break;
	s->at += host.len;
	s->len -= host.len;
	return is_host(host);
}

static bool is_server(const char *text)
{
	struct slice rest = slice_of(text);

	return take_host(&rest) && slice_drop_prefix(&rest, ":") && is_port(rest);
}

static bool is_v4(struct slice s)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr v4;

	if (s.len >= sizeof text)
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	return inet_pton(AF_INET, text, &v4) == 1;
}

/* An address, since nobody looks a name up there: it could be anybody's. */
const char *value_server(const char *text)
{
	struct slice rest = slice_of(text), host = rest;

	if (is_server(text) &&
	    (text[0] == '[' || (slice_take_until(&rest, ':', &host) && is_v4(host))))
		return NULL;
	return "an IP address and a port, such as \"127.0.0.1:25\" or \"[::1]:25\"";
}

enum { UNIX_PATH_MAX = 107 }; /* sun_path has 108 bytes with the NUL (unix(7)) */

const char *value_listen(const char *text)
{
	struct slice rest = slice_of(text);

	if (!slice_drop_prefix(&rest, "unix:"))
		return is_server(text) ? NULL : "unix:/PATH, HOST:PORT or [IPV6]:PORT";
	if (rest.len > UNIX_PATH_MAX)
		return "a socket path of at most 107 bytes";
	return is_path(rest.at) ? NULL : "unix: and an absolute path";
}

const char *value_scanner(const char *text)
{
	if (strncmp(text, "unix:", 5) == 0)
		return value_listen(text);
	return value_server(text) ? "unix:/PATH, or an IP address and a port" : NULL;
}

const char *value_mode(const char *text)
{
	bool fine = strlen(text) == 4 && text[0] == '0';

	for (size_t i = 1; fine && i < 4; i++)
		fine = text[i] >= '0' && text[i] <= '7';
	return fine ? NULL : "permissions in octal such as \"0660\"";
}

static bool is_account(const char *text)
{
	bool fine = !ascii_is_digit(text[0]) && text[0] != '-' && strlen(text) <= 32;

	for (size_t i = 0; fine && text[i]; i++)
		fine = is_alnum(text[i]) || (i > 0 && text[i] == '-') || text[i] == '_';
	return fine;
}

const char *value_group(const char *text)
{
	return is_account(text) ? NULL : "the name of a group";
}

const char *value_user(const char *text)
{
	return is_account(text) ? NULL : "the name of a user";
}

const char *value_token(const char *text)
{
	size_t len = strlen(text);
	bool fine = len >= 16 && len <= 64;

	for (size_t i = 0; fine && i < len; i++)
		fine = is_alnum(text[i]);
	return fine ? NULL : "16 to 64 letters and digits";
}

const char *value_address(const char *text)
{
	struct in_addr v4;

	if (inet_pton(AF_INET, text, &v4) == 1 || is_v6(slice_of(text)))
		return NULL;
	return "an IP address such as \"127.0.0.1\"";
}

const char *value_network(const char *text)
{
	struct settings_network network;

	if (settings_network_parse(text, &network, NULL) == RC_OK)
		return NULL;
	return "a network such as \"127.0.0.0/8\", no bits set behind the prefix";
}

const char *value_domain(const char *text)
{
	return is_host(slice_of(text)) ? NULL : "a domain such as \"our.example\" (A-labels)";
}

/* Plain segments only: no dots that climb, no escapes, no query, no final slash,
 * so that links built by adding "/…" mean one thing everywhere. */
static bool is_url_path(struct slice path)
{
	size_t segment = 0;

	if (path.len == 0)
		return true;
	for (size_t i = 0; i < path.len; i++) {
		char c = path.at[i];
		if (c == '/' ? i > 0 && segment == 0 : !is_alnum(c) && c != '-' && c != '_')
			return false;
		segment = c == '/' ? 0 : segment + 1;
	}
	return segment > 0;
}

const char *value_url(const char *text)
{
	struct slice rest = slice_of(text), port;

	if (!slice_drop_prefix(&rest, "https://"))
		return "a URL that begins with https://";
	if (!take_host(&rest))
		return "a URL with a plain host name";
	if (slice_drop_prefix(&rest, ":")) {
		port = rest;
		for (port.len = 0; port.len < rest.len && rest.at[port.len] != '/'; port.len++)
			;
		rest.at += port.len;
		rest.len -= port.len;
		if (!is_port(port))
			return "a port between 1 and 65535";
	}
	if (!is_url_path(rest))
		return "no path, or /WORDS of letters, digits, '-', '_' without a slash at the end";
	return NULL;
}

enum { LINE_MAX_BYTES = 200 }; /* it stands in a Subject and on a page's first line */

const char *value_line(const char *text)
{
	bool fine = strlen(text) <= LINE_MAX_BYTES;

	for (size_t i = 0; fine && text[i]; i++)
		fine = (unsigned char)text[i] >= 0x20 && text[i] != 0x7f;
	return fine ? NULL : "one line of at most 200 bytes";
}

const char *value_store(const char *text)
{
	return strcmp(text, "sqlite") == 0 ? NULL : "\"sqlite\"";
}
