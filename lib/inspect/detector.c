#include "inspect/detector.h"

#include "inspect/card.h"

#include <assert.h>
#include <string.h>

static const unsigned everywhere = RULES_HEADER | RULES_SUBJECT | RULES_BODY | RULES_ATTACHMENT |
				   RULES_FILENAME | RULES_METADATA;

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The value in lower case. False when it is longer than any that means something. */
static bool set_lower(struct detector_hit *hit, struct slice value)
{
	if (value.len > DETECTOR_VALUE_MAX)
		return false;
	for (size_t i = 0; i < value.len; i++)
		hit->value[i] = lower(value.at[i]);
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

static bool take_sensitivity(struct slice name, struct slice value, struct detector_hit *hit)
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

static bool take_require_tls(struct slice name, struct slice value, struct detector_hit *hit)
{
	*hit = (struct detector_hit){ .len = value.len };
	if (!set_lower(hit, slice_trim(value)))
		return false;
	if (slice_same_nocase(name, SLICE("Require-TLS-ESMTP")))
		return value_is(hit, "yes");
	return slice_same_nocase(name, SLICE("Postern-Require")) &&
	       (value_is(hit, "authenticated") || value_is(hit, "requiretls"));
}

static const struct detector detectors[] = {
	{ .name = "payment-card",
	  .where = everywhere,
	  .shown_first = 6,
	  .shown_last = 4,
	  .patterns = { CARD_CANDIDATE },
	  .check = check_card },
	{ .name = "sensitivity",
	  .where = RULES_HEADER,
	  .shown_first = 2,
	  .shown_last = 2,
	  .field = take_sensitivity },
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
