#include "mail/address.h"

#include "base/utf8.h"

#include <string.h>

/* RFC 5322 §3.2.3 atext; bytes past ASCII by RFC 6531 §3.3, which are checked to be
 * UTF-8 before this is asked. */
static bool is_atext(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c)) || (unsigned char)c >= 0x80;
}

static bool is_label_byte(char c)
{
	/* The underscore is in no host name but in mail domains that exist. */
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

static void push(struct mail_address *a, size_t *len, char c)
{
	if (*len < MAIL_ADDRESS_MAX) /* the input was no longer, and the normal form is not */
		a->text[(*len)++] = c;
}

/* Takes the local part off *rest. Unquoted: atoms and dots; dots at the ends or
 * twice in a row break §4.1.2, but mailboxes are called so and MTAs deliver them. */
static bool take_plain_local(struct slice *rest, struct mail_address *out, size_t *len)
{
	while (rest->len && (is_atext(rest->at[0]) || rest->at[0] == '.')) {
		push(out, len, rest->at[0]);
		*rest = (struct slice){ rest->at + 1, rest->len - 1 };
	}
	return *len > 0;
}

/* Whether content, without its quotes, means the same: atoms with single dots. */
static bool is_dot_string(const char *content, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool dot = content[i] == '.';
		if (!dot && !is_atext(content[i]))
			return false;
		if (dot && (i == 0 || i + 1 == len || content[i + 1] == '.'))
			return false;
	}
	return len > 0;
}

/* Takes a quoted string off *rest into content, its pairs undone. False: it does
 * not end, or holds a control character. */
static bool take_quoted(struct slice *rest, char content[MAIL_ADDRESS_MAX], size_t *len)
{
	for (size_t i = 1; i < rest->len; i++) {
		char c = rest->at[i];
		if (c == '"') {
			*rest = (struct slice){ rest->at + i + 1, rest->len - i - 1 };
			return true;
		}
		if (c == '\\' && ++i < rest->len)
			c = rest->at[i];
		if (i == rest->len || (unsigned char)c < 0x20 || c == 0x7f)
			return false;
		content[(*len)++] = c;
	}
	return false;
}

static bool take_quoted_local(struct slice *rest, struct mail_address *out, size_t *len)
{
	char content[MAIL_ADDRESS_MAX];
	size_t n = 0;

	if (!take_quoted(rest, content, &n))
		return false;
	bool bare = is_dot_string(content, n);
	if (!bare)
		push(out, len, '"');
	for (size_t i = 0; i < n; i++) {
		if (content[i] == '"' || content[i] == '\\')
			push(out, len, '\\');
		push(out, len, content[i]);
	}
	if (!bare)
		push(out, len, '"');
	return true;
}

/* "[192.0.2.1]", "[IPv6:…]", "[tag:…]": dcontent of §4.1.3. What it means is for
 * those who would connect there. */
static bool is_literal(struct slice d)
{
	if (d.len < 3 || d.at[0] != '[' || d.at[d.len - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < d.len; i++) {
		unsigned char c = (unsigned char)d.at[i];
		if (c < 33 || c > 126 || c == '[' || c == ']' || c == '\\')
			return false;
	}
	return true;
}

static bool is_domain(struct slice d)
{
	size_t label = 0;

	for (size_t i = 0; i < d.len; i++) {
		if (d.at[i] == '.' && label == 0)
			return false;
		if (d.at[i] != '.' && !is_label_byte(d.at[i]))
			return false;
		label = d.at[i] == '.' ? 0 : label + 1;
		if (label > 63 && (unsigned char)d.at[i] < 0x80) /* U-labels are longer than */
			return false;                            /* the A-labels they stand for */
	}
	return label > 0;
}

static enum rc take_domain(struct slice domain, struct mail_address *out, size_t *len,
			   struct fault *why)
{
	if (domain.len > MAIL_DOMAIN_MAX + 1)
		return fault(why, RC_LIMIT, "domain is %zu bytes", domain.len);
	out->literal = is_literal(domain);
	if (!out->literal && domain.len > 1 && domain.at[domain.len - 1] == '.')
		domain.len--;
	if (!out->literal && !is_domain(domain))
		return fault(why, RC_INVALID, "\"%.*s\" is no domain", SLICE_ARG(domain));
	if (domain.len > MAIL_DOMAIN_MAX)
		return fault(why, RC_LIMIT, "domain is %zu bytes", domain.len);

	push(out, len, '@');
	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.at[i];
		push(out, len, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	return RC_OK;
}

/* "@a.test,@b.test:" at the front: dropped, as §4.1.1.3 lets a server do. */
static bool drop_route(struct slice *path)
{
	struct slice route, hop;

	if (path->len == 0 || path->at[0] != '@')
		return true;
	if (!slice_take_until(path, ':', &route))
		return false;
	while (route.len) {
		if (!slice_take_until(&route, ',', &hop)) {
			hop = route;
			route.len = 0;
		}
		if (!slice_drop_prefix(&hop, "@") || !is_domain(hop))
			return false;
	}
	return path->len > 0; /* a route to nobody */
}

enum rc mail_address_parse(struct slice text, struct mail_address *out, struct fault *why)
{
	struct mail_address address = { 0 };
	struct slice path = slice_trim(text), rest;
	size_t len = 0;

	if (slice_drop_prefix(&path, "<")) {
		if (path.len == 0 || path.at[--path.len] != '>')
			return fault(why, RC_INVALID, "\"%.*s\" does not end with >",
				     SLICE_ARG(text));
	}
	if (path.len > MAIL_ADDRESS_MAX)
		return fault(why, RC_LIMIT, "address is %zu bytes", path.len);
	if (!utf8_is_valid(path))
		return fault(why, RC_INVALID, "\"%.*s\" is not UTF-8", SLICE_ARG(path));

	rest = path;
	if (!drop_route(&rest))
		return fault(why, RC_INVALID, "\"%.*s\" begins with no route", SLICE_ARG(path));
	address.utf8 = !slice_is_ascii(rest);
	if (rest.len) {
		bool quoted = rest.at[0] == '"';
		if (!(quoted ? take_quoted_local : take_plain_local)(&rest, &address, &len))
			return fault(why, RC_INVALID, "\"%.*s\" has no local part",
				     SLICE_ARG(path));
	}
	address.local_len = len;
	if (rest.len) {
		if (!slice_drop_prefix(&rest, "@"))
			return fault(why, RC_INVALID, "\"%.*s\" is no address", SLICE_ARG(path));
		enum rc rc = take_domain(rest, &address, &len, why);
		if (rc != RC_OK)
			return rc;
	}
	*out = address;
	return RC_OK;
}

bool mail_address_is_null(const struct mail_address *address)
{
	return address->text[0] == '\0';
}

struct slice mail_address_local(const struct mail_address *address)
{
	return (struct slice){ address->text, address->local_len };
}

struct slice mail_address_domain(const struct mail_address *address)
{
	const char *at = address->text + address->local_len;

	if (*at == '@')
		at++;
	return (struct slice){ at, strlen(at) };
}
