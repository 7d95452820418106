#include "inspect/detector.h"

#include "base/ascii.h"
#include "inspect/aumark.h"
#include "inspect/banner.h"
#include "inspect/card.h"
#include "inspect/cui.h"
#include "inspect/idnumber.h"
#include "inspect/msip.h"
#include "inspect/natolabel.h"
#include "inspect/number.h"
#include "inspect/secret.h"
#include "inspect/siolabel.h"
#include "inspect/ukgsc.h"

#include <assert.h>
#include <string.h>

static const unsigned everywhere = RULES_HEADER | RULES_SUBJECT | RULES_BODY | RULES_ATTACHMENT |
				   RULES_FILENAME | RULES_METADATA;

/* The value in lower case. False when it is longer than any that means something. */
static bool set_lower(struct detector_hit *hit, struct slice value)
{
	if (value.len > DETECTOR_VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++)
		hit->value[i] = ascii_lower(value.at[i]);
	hit->value_len = value.len;
	return true;
}

static bool value_is(const struct detector_hit *hit, const char *text)
{
	return slice_is((struct slice){ hit->value, hit->value_len }, text);
}

/* ---- payment-card ---- */

static bool check_card(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct card card;

	/* The pattern takes one character after the last digit. */
	if (!card_find(c->text, c->end - 1, &card))
		return false;
	*hit = (struct detector_hit){ .at = card.at, .len = card.len, .value_len = card.digits };
	memcpy(hit->value, card.number, card.digits);
	return true;
}

/* ---- sensitivity (RFC 4021 §2.1.55) ---- */

static size_t take_sensitivity(struct slice name, struct slice value, struct detector_hit *hit)
{
	struct slice word = slice_trim(value);

	*hit = (struct detector_hit){ .len = value.len };
	if (!slice_same_nocase(name, SLICE("Sensitivity")) || !set_lower(hit, word))
		return false;
	return value_is(hit, "personal") || value_is(hit, "private") ||
	       value_is(hit, "company-confidential");
}

/* ---- sender-wish ---- */

static bool is_sign(char c)
{
	return c == '[' || c == '#';
}

/* The trigger that ends here: back to its bracket or hash, or the bare word. */
static bool check_wish(const struct detector_candidate *c, struct detector_hit *hit)
{
	const size_t word = strlen("zsecure");
	size_t from = c->end - 1;
	char last = c->text.at[from];

	if (last == ']' || last == '#') {
		while (from > 0 && !is_sign(c->text.at[from - 1]))
			from--;
		from -= from > 0;
	} else {
		from = c->end - word;
	}
	*hit = (struct detector_hit){ .at = from, .len = c->end - from };
	return set_lower(hit, (struct slice){ c->text.at + from, hit->len });
}

/* ---- require-tls ---- */

static size_t take_require_tls(struct slice name, struct slice value, struct detector_hit *hit)
{
	*hit = (struct detector_hit){ .len = value.len };
	if (!set_lower(hit, slice_trim(value)))
		return false;
	if (slice_same_nocase(name, SLICE("Require-TLS-ESMTP")))
		return value_is(hit, "yes");
	return slice_same_nocase(name, SLICE("Postern-Require")) &&
	       (value_is(hit, "authenticated") || value_is(hit, "requiretls"));
}

/* ---- account and personal numbers ---- */

static bool take_number(bool found, const struct number *n, struct detector_hit *hit)
{
	if (!found)
		return false;
	*hit = (struct detector_hit){ .at = n->at, .len = n->len, .value_len = n->value_len };
	memcpy(hit->value, n->value, n->value_len);
	return true;
}

static bool check_iban(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct number n;

	return take_number(number_find_iban(c->text, c->end, &n), &n, hit);
}

static bool check_ssn(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct number n;

	return take_number(number_find_ssn(c->text, c->end, &n), &n, hit);
}

static bool check_itin(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct number n;

	return take_number(number_find_itin(c->text, c->end, &n), &n, hit);
}

static bool check_id(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct number n;

	return take_number(idnumber_find((enum idnumber)c->kind, c->text, c->end, &n), &n, hit);
}

/* ---- keys and passwords ---- */

static bool take_secret(bool found, const struct secret *s, struct detector_hit *hit)
{
	if (!found)
		return false;
	*hit = (struct detector_hit){ .at = s->at, .len = s->len };
	return set_lower(hit, (struct slice){ s->kind, strlen(s->kind) });
}

static bool check_key(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct secret s;

	return take_secret(secret_find_key(c->text, c->end, &s), &s, hit);
}

static bool check_api(const struct detector_candidate *c, struct detector_hit *hit)
{
	struct secret s;
	bool found = c->pattern == 0 ? secret_find_api(c->text, c->end, &s)
				     : secret_find_password(c->text, c->end, &s);

	return take_secret(found, &s, hit);
}

/* A file that a reader has known for one. */
static size_t take_key_file(struct slice name, struct slice value, struct detector_hit *hit)
{
	if (!slice_is(name, "PKCS#12"))
		return 0;
	*hit = (struct detector_hit){ .len = value.len };
	return set_lower(hit, SLICE("pkcs12"));
}

/* ---- tlp (FIRST, TLP 2.0) ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool check_tlp(const struct detector_candidate *c, struct detector_hit *hit)
{
	static const char *const colours[] = { "RED",   "AMBER+STRICT", "AMBER",
					       "GREEN", "CLEAR",        "WHITE" };
	size_t word = c->end;

	while (word > 0 && c->text.at[word - 1] != ':' && !is_blank(c->text.at[word - 1]) &&
	       c->text.at[word - 1] != '-')
		word--;
	struct slice colour = { c->text.at + word, c->end - word };
	size_t from = word;
	while (from > 0 && ascii_lower(c->text.at[from]) != 't')
		from--;
	struct slice rest = { c->text.at + c->end, c->text.len - c->end };
	if (slice_drop_prefix(&rest, "+") || !banner_is_first_line(c, from))
		return false;
	for (size_t i = 0; i < sizeof colours / sizeof *colours; i++) {
		struct slice name = { colours[i], strlen(colours[i]) };
		if (!slice_same_nocase(colour, name))
			continue;
		if (i == 5)
			name = SLICE("CLEAR"); /* TLP 1.0's word for it */
		*hit = (struct detector_hit){ .at = from,
					      .len = c->end - from,
					      .value_len = name.len };
		memcpy(hit->value, name.at, name.len);
		return true;
	}
	return false;
}

/* A row for a number that a state gives. */
#define ID(NAME, KIND, ...)                                                                        \
	{                                                                                          \
		.name = NAME, .where = everywhere, .kind = KIND, .shown_last = 2,                  \
		.patterns = { __VA_ARGS__ }, .check = check_id                                     \
	}

static const struct detector detectors[] = {
	{ .name = "payment-card",
	  .where = everywhere,
	  .shown_first = 6,
	  .shown_last = 4,
	  .patterns = { CARD_CANDIDATE },
	  .check = check_card },
	{ .name = "iban",
	  .where = everywhere,
	  .shown_first = 4,
	  .shown_last = 4,
	  .patterns = { IBAN_CANDIDATE },
	  .check = check_iban },
	{ .name = "us-ssn",
	  .where = everywhere,
	  .shown_last = 4,
	  .patterns = { SSN_CANDIDATE, SSN_BARE_CANDIDATE },
	  .check = check_ssn },
	{ .name = "us-itin",
	  .where = everywhere,
	  .shown_last = 4,
	  .patterns = { SSN_CANDIDATE, ITIN_BARE_CANDIDATE },
	  .check = check_itin },
	ID("uk-nino", IDNUMBER_UK_NINO, IDNUMBER_LETTERS),
	ID("uk-nhs", IDNUMBER_UK_NHS, IDNUMBER_DIGITS),
	ID("de-tax-id", IDNUMBER_DE_TAX_ID, IDNUMBER_DIGITS),
	ID("fr-nir", IDNUMBER_FR_NIR, IDNUMBER_DIGITS),
	ID("es-dni", IDNUMBER_ES_DNI, IDNUMBER_DIGITS),
	ID("es-nie", IDNUMBER_ES_NIE, IDNUMBER_DIGITS),
	ID("it-codice-fiscale", IDNUMBER_IT_CODICE_FISCALE, IDNUMBER_LETTERS),
	ID("nl-bsn", IDNUMBER_NL_BSN, IDNUMBER_DIGITS),
	ID("be-rrn", IDNUMBER_BE_RRN, IDNUMBER_DIGITS),
	ID("pl-pesel", IDNUMBER_PL_PESEL, IDNUMBER_DIGITS),
	ID("ch-ahv", IDNUMBER_CH_AHV, IDNUMBER_DIGITS),
	ID("au-tfn", IDNUMBER_AU_TFN, IDNUMBER_DIGITS),
	ID("au-medicare", IDNUMBER_AU_MEDICARE, IDNUMBER_DIGITS),
	ID("ca-sin", IDNUMBER_CA_SIN, IDNUMBER_DIGITS),
	ID("in-aadhaar", IDNUMBER_IN_AADHAAR, IDNUMBER_DIGITS),
	ID("in-pan", IDNUMBER_IN_PAN, IDNUMBER_LETTERS),
	ID("br-cpf", IDNUMBER_BR_CPF, IDNUMBER_DIGITS),
	ID("br-cnpj", IDNUMBER_BR_CNPJ, IDNUMBER_DIGITS, IDNUMBER_LETTERS),
	{ .name = "private-key",
	  .where = everywhere,
	  .shown_first = 8,
	  .shown_last = 4,
	  .patterns = { PRIVATE_KEY_CANDIDATE },
	  .check = check_key,
	  .property = take_key_file },
	{ .name = "api-secret",
	  .where = everywhere,
	  .shown_first = 4,
	  .shown_last = 2,
	  .patterns = { API_SECRET_CANDIDATE, PASSWORD_CANDIDATE },
	  .check = check_api },
	{ .name = "tlp",
	  .where = RULES_SUBJECT | RULES_BODY,
	  .shown_first = 3,
	  .patterns = { "\\bTLP(?::[ ]?|-)(?:RED|AMBER|AMBER\\+STRICT|GREEN|CLEAR|WHITE)\\b" },
	  .check = check_tlp },
	{ .name = "sensitivity",
	  .where = RULES_HEADER,
	  .shown_first = 2,
	  .shown_last = 2,
	  .field = take_sensitivity },
	{ .name = "au-protective-marking",
	  .where = RULES_HEADER | RULES_SUBJECT,
	  .shown_first = 4,
	  .shown_last = 2,
	  .field = aumark_take },
	{ .name = "uk-gsc",
	  .where = RULES_SUBJECT | RULES_BODY,
	  .shown_first = 3,
	  .patterns = { UKGSC_CANDIDATE },
	  .check = ukgsc_check },
	{ .name = "cui",
	  .where = RULES_SUBJECT | RULES_BODY,
	  .shown_first = 3,
	  .patterns = { CUI_CANDIDATE },
	  .check = cui_check },
	{ .name = "sio-label",
	  .where = RULES_HEADER,
	  .shown_first = 4, /* more could show a number that stands there */
	  .shown_last = 2,
	  .field = siolabel_take },
	{ .name = "nato-label",
	  .where = RULES_HEADER | RULES_METADATA,
	  .shown_first = 4,
	  .shown_last = 2,
	  .field = natolabel_take,
	  .property = natolabel_property },
	{ .name = "msip-label",
	  .where = RULES_HEADER,
	  .shown_first = 4,
	  .shown_last = 2,
	  .field = msip_take },
	{ .name = "sender-wish",
	  .where = RULES_SUBJECT,
	  .shown_first = 2,
	  .shown_last = 2,
	  .patterns = { "\\[(?:encrypt|secure|send secure)\\]|#(?:encrypt|secure)#|\\bzsecure\\b" },
	  .check = check_wish },
	{ .name = "require-tls",
	  .where = RULES_HEADER,
	  .shown_first = 2,
	  .shown_last = 2,
	  .field = take_require_tls },
	{ .name = "office-label",
	  .where = RULES_METADATA,
	  .shown_first = 4,
	  .shown_last = 2,
	  .label = true },
	{ .name = "file-name",
	  .where = RULES_FILENAME,
	  .shown_first = 2,
	  .shown_last = 4,
	  .file = FILES_NAME },
	{ .name = "file-type",
	  .where = RULES_FILENAME,
	  .shown_first = 2,
	  .shown_last = 4,
	  .file = FILES_TYPE },
	{ .name = "file-size",
	  .where = RULES_ATTACHMENT,
	  .shown_first = 2,
	  .shown_last = 4,
	  .file = FILES_SIZE },
	{ .name = "file-hash",
	  .where = RULES_ATTACHMENT,
	  .shown_first = 2,
	  .shown_last = 4,
	  .file = FILES_HASHED },
	{ .name = "words",
	  .where = everywhere,
	  .shown_first = 2,
	  .shown_last = 2,
	  .lexicon = LEXICON_WORDS },
	{ .name = "exact-data",
	  .where = everywhere,
	  .shown_first = 2,
	  .shown_last = 2,
	  .lexicon = LEXICON_EXACT },
	{ .name = "fingerprint",
	  .where = RULES_BODY | RULES_ATTACHMENT,
	  .lexicon = LEXICON_FINGERPRINT },
	{ .name = "opaque", .where = everywhere, .opaque = true },
};

static_assert(sizeof detectors / sizeof *detectors <= DETECTORS_MAX, "room for each");

const struct detector *detector_at(size_t i)
{
	return i < sizeof detectors / sizeof *detectors ? &detectors[i] : NULL;
}

const struct detector *detector_find(const char *name)
{
	for (size_t i = 0; i < sizeof detectors / sizeof *detectors; i++)
		if (strcmp(detectors[i].name, name) == 0)
			return &detectors[i];
	return NULL;
}
