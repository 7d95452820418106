#include "inspect/confidence.h"

#include "inspect/idnumber.h"

#include <string.h>

enum { WORDS_MAX = 24 };

/* Detectors whose findings may be less than sure. A word counts where it begins one. */
static const struct row {
	const char *detector;
	enum rules_confidence alone;
	bool id; /* its words are idnumber.c's */
	const char *words[WORDS_MAX];
} rows[] = {
	{ "payment-card",
	  RULES_MEDIUM,
	  false,
	  { "card",       "credit",   "debit",      "visa",
	    "mastercard", "maestro",  "amex",       "american express",
	    "diners",     "discover", "jcb",        "unionpay",
	    "cvv",        "cvc",      "cvn",        "expir",
	    "exp.",       "exp:",     "valid thru", "karte",
	    "kredit",     "carte",    "tarjeta" } },
	{ "us-ssn",
	  RULES_LOW,
	  false,
	  { "ssn", "social security", "soc sec", "soc. sec", "ss#", "ss no" } },
	{ "us-itin", RULES_LOW, false, { "itin", "taxpayer", "tax id", "individual tax" } },
	/* Forms without a check digit. */
	{ "uk-nino", RULES_LOW, true, { NULL } },
	{ "in-pan", RULES_LOW, true, { NULL } },
	{ "uk-nhs", RULES_MEDIUM, true, { NULL } },
	{ "de-tax-id", RULES_MEDIUM, true, { NULL } },
	{ "fr-nir", RULES_MEDIUM, true, { NULL } },
	{ "es-dni", RULES_MEDIUM, true, { NULL } },
	{ "es-nie", RULES_MEDIUM, true, { NULL } },
	{ "it-codice-fiscale", RULES_MEDIUM, true, { NULL } },
	{ "nl-bsn", RULES_MEDIUM, true, { NULL } },
	{ "be-rrn", RULES_MEDIUM, true, { NULL } },
	{ "pl-pesel", RULES_MEDIUM, true, { NULL } },
	{ "ch-ahv", RULES_MEDIUM, true, { NULL } },
	{ "au-tfn", RULES_MEDIUM, true, { NULL } },
	{ "au-medicare", RULES_MEDIUM, true, { NULL } },
	{ "ca-sin", RULES_MEDIUM, true, { NULL } },
	{ "in-aadhaar", RULES_MEDIUM, true, { NULL } },
	{ "br-cpf", RULES_MEDIUM, true, { NULL } },
	{ "br-cnpj", RULES_MEDIUM, true, { NULL } },
};

static bool is_word_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (signed char)c < 0;
}

static bool has_word(struct slice text, const char *const *words)
{
	for (size_t i = 0; i < text.len; i++) {
		if (i > 0 && is_word_character(text.at[i - 1]))
			continue;
		for (size_t k = 0; k < WORDS_MAX && words[k]; k++) {
			struct slice word = slice_of(words[k]);
			if (i + word.len <= text.len &&
			    slice_same_nocase((struct slice){ text.at + i, word.len }, word))
				return true;
		}
	}
	return false;
}

static bool is_named(const struct row *row, unsigned kind, struct slice text, size_t at, size_t len)
{
	size_t from = at > CONFIDENCE_BEFORE ? at - CONFIDENCE_BEFORE : 0;
	size_t rest = text.len - at - len;

	if (row->id)
		return idnumber_is_named((enum idnumber)kind, text, at, len);
	while (from && from < at && is_word_character(text.at[from - 1])) /* no half of a word */
		from++;
	rest = rest < CONFIDENCE_AFTER ? rest : CONFIDENCE_AFTER;
	return has_word((struct slice){ text.at + from, at - from }, row->words) ||
	       has_word((struct slice){ text.at + at + len, rest }, row->words);
}

enum rules_confidence confidence_of(const struct detector *d, struct slice text, size_t at,
				    size_t len, struct slice value)
{
	if (d->field && value.len == 0)
		return RULES_LOW;
	if (strcmp(d->name, "api-secret") == 0 && slice_is(value, "generic"))
		return RULES_MEDIUM;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strcmp(rows[i].detector, d->name) == 0)
			return is_named(&rows[i], d->kind, text, at, len) ? RULES_HIGH
									  : rows[i].alone;
	return RULES_HIGH;
}

const char *confidence_name(enum rules_confidence c)
{
	switch (c) {
	case RULES_LOW:
		return "low";
	case RULES_MEDIUM:
		return "medium";
	case RULES_HIGH:
		return "high";
	}
	return "";
}
