#include "directory/entry.h"

#include "base/cleanup.h"
#include "base/pack.h"
#include "base/utf8.h"
#include "crypto/secret.h"
#include "directory/strength.h"

#include <string.h>

enum { VERSION = 1 };

void directory_entry_wipe(struct directory_entry *entry)
{
	crypto_wipe(entry, sizeof *entry);
}

/* ---- layout ---- */

/* The members that are texts, in the order in which they are written. */
static const struct member {
	size_t at, size;
} members[] = {
	{ offsetof(struct directory_entry, phrase), DIRECTORY_PHRASE_MAX + 1 },
	{ offsetof(struct directory_entry, number), DIRECTORY_NUMBER_MAX + 1 },
	{ offsetof(struct directory_entry, language), DIRECTORY_LANGUAGE_MAX + 1 },
	{ offsetof(struct directory_entry, note), DIRECTORY_NOTE_MAX + 1 },
	{ offsetof(struct directory_entry, certificate), DIRECTORY_CERTIFICATE_MAX + 1 },
};
enum { MEMBERS = sizeof members / sizeof *members };

static void lay_out(struct pack *p, struct directory_entry *entry)
{
	uint64_t version = VERSION;

	pack_number(p, &version, 1);
	if (version != VERSION)
		pack_refuse(p, "another version");
	pack_time(p, &entry->changed_s);
	for (size_t i = 0; i < MEMBERS; i++)
		pack_text(p, (char *)entry + members[i].at, members[i].size);
}

static const char what[] = "the directory's entry";

enum rc directory_entry_encode(const struct directory_entry *entry, struct buf *out)
{
	CLEANUP(directory_entry_wipe) struct directory_entry copy = *entry;
	struct pack p = PACK_INTO(out);

	lay_out(&p, &copy);
	return pack_end(&p, what, NULL);
}

enum rc directory_entry_decode(struct slice bytes, struct directory_entry *out, struct fault *why)
{
	CLEANUP(directory_entry_wipe) struct directory_entry entry = { .changed_s = 0 };
	struct pack p = PACK_FROM(bytes);

	entry.name = out->name;
	lay_out(&p, &entry);
	enum rc rc = pack_end(&p, what, why);
	if (rc == RC_OK)
		*out = entry;
	return rc;
}

/* ---- members ---- */

enum rc directory_number_parse(struct slice text, char out[DIRECTORY_NUMBER_MAX + 1],
			       struct fault *why)
{
	char number[DIRECTORY_NUMBER_MAX + 1];
	size_t len = 0;

	text = slice_trim(text);
	if (text.len && memchr(text.at, '@', text.len))
		return fault(why, RC_INVALID,
			     "a code cannot go to a mailbox: it must travel another way than the "
			     "notice");
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (strchr(" -./()", c) && c)
			continue;
		if ((c < '0' || c > '9') && !(c == '+' && len == 0))
			return fault(why, RC_INVALID, "\"%.*s\" is no telephone number",
				     text.len < 40 ? (int)text.len : 40, text.at);
		if (len == DIRECTORY_NUMBER_MAX)
			return fault(why, RC_INVALID, "a number has at most 15 digits");
		number[len++] = c;
	}
	number[len] = '\0';
	size_t digits = len - (len && number[0] == '+');
	if (digits < DIRECTORY_NUMBER_MIN || digits > DIRECTORY_NUMBER_MAX - 1)
		return fault(why, RC_INVALID, "a number has %d to %d digits, not %zu",
			     DIRECTORY_NUMBER_MIN, DIRECTORY_NUMBER_MAX - 1, digits);
	memcpy(out, number, len + 1);
	return RC_OK;
}

char *directory_number_mask(const char *number, char out[8])
{
	size_t len = strlen(number);

	memcpy(out, "\xe2\x80\xa6", 3);
	memcpy(out + 3, len > 2 ? number + len - 2 : "", len > 2 ? 3 : 1);
	return out;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* A subtag's canonical case (RFC 5646 §2.1.1): four letters are a script, two a region,
 * unless they come first. */
static void set_case(char *subtag, size_t len, bool is_first)
{
	for (size_t i = 0; i < len; i++) {
		bool upper = !is_first && (len == 2 || (len == 4 && i == 0));
		if (is_letter(subtag[i]))
			subtag[i] = (char)(upper ? subtag[i] & ~0x20 : subtag[i] | 0x20);
	}
}

enum rc directory_language_parse(struct slice text, char out[DIRECTORY_LANGUAGE_MAX + 1],
				 struct fault *why)
{
	char tag[DIRECTORY_LANGUAGE_MAX + 1];
	size_t begin = 0;
	bool good;

	text = slice_trim(text);
	good = text.len >= 2 && text.len <= DIRECTORY_LANGUAGE_MAX;
	for (size_t i = 0; good && i <= text.len; i++) {
		if (i < text.len && text.at[i] != '-') {
			tag[i] = text.at[i];
			good = is_letter(tag[i]) || (begin && tag[i] >= '0' && tag[i] <= '9');
			continue;
		}
		tag[i] = i < text.len ? '-' : '\0';
		good = i > begin && i - begin <= 8 && (begin || (i >= 2 && i <= 3));
		set_case(tag + begin, i - begin, begin == 0);
		begin = i + 1;
	}
	if (!good)
		return fault(why, RC_INVALID, "\"%.*s\" is no language tag such as de or pt-BR",
			     text.len < 40 ? (int)text.len : 40, text.at);
	memcpy(out, tag, text.len + 1);
	return RC_OK;
}

static enum rc check_phrase(const struct directory_entry *entry, struct fault *why)
{
	unsigned bits = directory_phrase_bits(slice_of(entry->phrase), slice_of(entry->name.text));

	if (bits >= DIRECTORY_BITS_MIN)
		return RC_OK;
	return fault(
		why, RC_INVALID,
		"the phrase is worth about %u bits, and %d are needed: take four words by lot, "
		"or let Postern make one",
		bits, DIRECTORY_BITS_MIN);
}

static enum rc check_certificate(const char *pem, struct fault *why)
{
	if (strstr(pem, "PRIVATE KEY"))
		return fault(why, RC_INVALID, "a private key is not for the directory");
	if (!strstr(pem, "-----BEGIN CERTIFICATE-----"))
		return fault(why, RC_INVALID, "the certificate is not PEM");
	return RC_OK;
}

enum rc directory_entry_check(const struct directory_entry *entry, struct fault *why)
{
	char number[DIRECTORY_NUMBER_MAX + 1], language[DIRECTORY_LANGUAGE_MAX + 1];
	enum rc rc = RC_OK;

	if (entry->phrase[0])
		rc = check_phrase(entry, why);
	if (rc == RC_OK && entry->number[0])
		rc = directory_number_parse(slice_of(entry->number), number, why);
	if (rc == RC_OK && entry->number[0] && strcmp(number, entry->number) != 0)
		rc = fault(why, RC_INVALID, "the number is not in its normal form");
	if (rc == RC_OK && entry->language[0])
		rc = directory_language_parse(slice_of(entry->language), language, why);
	if (rc == RC_OK && !utf8_is_valid(slice_of(entry->note)))
		rc = fault(why, RC_INVALID, "the note is not UTF-8");
	if (rc == RC_OK && entry->certificate[0])
		rc = check_certificate(entry->certificate, why);
	return rc;
}

void directory_entry_complete(struct directory_entry *out, const struct directory_entry *wider)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		char *text = (char *)out + members[i].at;
		if (text[0] == '\0')
			memcpy(text, (const char *)wider + members[i].at, members[i].size);
	}
}
