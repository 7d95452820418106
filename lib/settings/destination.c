#include "settings/destination.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "settings/pattern.h"
#include "settings/shape.h"
#include "settings/value.h"

#include <string.h>

enum { DIGEST_BYTES = 32, BASE64_DIGITS = 43 }; /* of SHA-256; then comes one '=' */

/* ---- keys ---- */

static int base64_digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* As `openssl dgst -binary | base64` prints it. */
static bool digest_from_base64(const char *text, uint8_t digest[static DIGEST_BYTES])
{
	uint32_t bits = 0;

	if (strlen(text) != BASE64_DIGITS + 1 || text[BASE64_DIGITS] != '=')
		return false;
	for (size_t i = 0, n = 0; i < BASE64_DIGITS; i++) {
		int digit = base64_digit(text[i]);
		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 != 0)
			digest[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	return (bits & 3) == 0; /* what is left over carries nothing */
}

/* Hex digits, with colons between the bytes or without. */
static bool digest_from_hex(const char *text, uint8_t digest[static DIGEST_BYTES])
{
	char plain[2 * DIGEST_BYTES];
	size_t len = 0;

	for (size_t i = 0; text[i]; i++) {
		if (text[i] == ':' && i % 3 == 2)
			continue;
		if (len == sizeof plain)
			return false;
		plain[len++] = text[i];
	}
	return hex_parse((struct slice){ plain, len }, digest, DIGEST_BYTES);
}

static bool digest_of(const char *text, uint8_t digest[static DIGEST_BYTES])
{
	return digest_from_hex(text, digest) || digest_from_base64(text, digest);
}

static const char *check_key(const char *text)
{
	uint8_t digest[DIGEST_BYTES];

	return digest_of(text, digest)
		       ? NULL
		       : "the SHA-256 of a public key: 64 hex digits, or 44 of base64";
}

static enum rc read_keys(struct reader *r, const config_setting_t *at, const struct field *f,
			 void *out)
{
	struct rules_list written;
	enum rc rc = field_texts(r, at, f, &written);

	if (rc != RC_OK)
		return rc;
	if (written.count > RULES_KEYS_MAX)
		return field_fault(r, at, "%s has %zu keys: expected at most %d", f->name,
				   written.count, RULES_KEYS_MAX);
	const char **keys = ARENA_ARRAY(r->arena, const char *, written.count);
	for (size_t i = 0; i < written.count; i++) {
		uint8_t digest[DIGEST_BYTES];
		char *text = ARENA_ARRAY(r->arena, char, 2 * DIGEST_BYTES + 1);
		if (!keys || !text)
			return field_nomem(r);
		if (digest_of(written.at[i], digest))
			keys[i] = hex_format(digest, sizeof digest, text);
	}
	*(struct rules_list *)out = (struct rules_list){ written.count, keys };
	return RC_OK;
}

/* ---- authorities ---- */

static enum rc read_authorities(struct reader *r, const config_setting_t *at, const struct field *f,
				void *out)
{
	static const char mark[] = "-----BEGIN CERTIFICATE-----";
	CLEANUP(buf_free) struct buf text = BUF_INIT(RULES_CA_BYTES_MAX);
	struct rules_pin *pin = out;
	struct fault why;
	enum rc rc = field_file(r, at, f, &pin->ca_file);

	if (rc != RC_OK)
		return rc;
	if (!r->source)
		return field_fault(r, at, "no file of certificates can be named here");
	if (file_read(pin->ca_file, &text, &why) != RC_OK)
		return field_fault(r, at, "%s: %s", f->name, why.text);
	if (!memmem(buf_text(&text), text.len, mark, sizeof mark - 1))
		return field_fault(r, at, "%s: there is no certificate (PEM) in %s", f->name,
				   pin->ca_file);
	if (buf_add_slice(r->source, buf_slice(&text)) != RC_OK)
		return field_fault(r, at, "the files that the rules name are too large");
	const char *copy = arena_text(r->arena, buf_slice(&text));
	pin->ca = (struct slice){ copy, text.len };
	return copy ? RC_OK : field_nomem(r);
}

/* ---- the whole ---- */

static const struct field pin_fields[] = {
	{ "ca_file", read_authorities, 0 },
	{ "spki_sha256", read_keys, offsetof(struct rules_pin, spki_sha256), .check = check_key },
	{ 0 },
};

#define IN(member) offsetof(struct rules_destination, member)

static const struct field fields[] = {
	{ "domain", field_text, IN(domain), .check = pattern_check_destination, .required = true },
	{ "never", field_flag, IN(never) },
	{ "assurance", field_word, IN(assurance), .words = shape_requires },
	{ "match", field_texts, IN(match), .check = pattern_check_host },
	{ "pin", field_group, IN(pin), .fields = pin_fields, .what = "pin" },
	{ "why", field_text, IN(why), .check = value_line, .required = true },
	{ 0 },
};

static bool is_pinned(const struct rules_destination *d)
{
	return d->pin.ca_file || d->pin.spki_sha256.count > 0;
}

/* NULL, or why the members do not go together. */
static const char *disagreement(const struct rules_destination *d)
{
	if (d->never)
		return d->assurance != RULES_REQUIRE_NONE || d->match.count || is_pinned(d)
			       ? "a destination with never = true needs no assurance, match or "
				 "pin: "
				 "nothing is sent there"
		       : d->domain[0] == '[' || strchr(d->domain, ':')
			       ? "never = true is said of a domain: recipients have no next hop"
			       : NULL;
	if (d->assurance == RULES_REQUIRE_NONE)
		return "a destination needs assurance";
	if (d->pin.ca_file && d->pin.spki_sha256.count)
		return "pin has ca_file and spki_sha256: one of them must prove the peer";
	if (d->pin.spki_sha256.count && d->match.count)
		return "match counts for nothing beside spki_sha256: a pinned key is proof by "
		       "itself, whatever name its certificate bears";
	if (!d->pin.spki_sha256.count && !d->match.count)
		return "a destination needs match";
	return NULL;
}

enum rc destination_read(struct reader *r, const config_setting_t *at, void *item)
{
	struct rules_destination *destination = item;
	const char *wrong;

	destination->place = field_place(r, at);
	destination->mode = r->observed ? RULES_OBSERVE : r->mode;
	enum rc rc = field_read_all(r, at, "a destination", fields, destination);
	if (rc != RC_OK)
		return rc;
	wrong = disagreement(destination);
	if (wrong)
		return field_fault(r, at, "%s", wrong);
	if (!destination->pin.ca_file)
		destination->pin.ca_file = "";
	return RC_OK;
}
