#include "inspect/ukgsc.h"

#include "inspect/banner.h"

#include <string.h>

/* Moves *at over the word that ends there, in letters of any size. */
static bool drop_back_nocase(const struct detector_candidate *c, size_t *at, struct slice word)
{
	if (*at < banner_from(c) + word.len ||
	    !slice_same_nocase((struct slice){ c->text.at + *at - word.len, word.len }, word))
		return false;
	*at -= word.len;
	return true;
}

static void drop_signs_back(const struct detector_candidate *c, size_t *at, const char *signs)
{
	while (*at > banner_from(c) && c->text.at[*at - 1] && strchr(signs, c->text.at[*at - 1]))
		--*at;
}

/* The level that ends at c->end; *at: where it begins. NULL: none. */
static const char *find_level(const struct detector_candidate *c, size_t *at)
{
	*at = c->end;
	if (drop_back_nocase(c, at, SLICE("SENSITIVE"))) {
		drop_signs_back(c, at, " -");
		return drop_back_nocase(c, at, SLICE("OFFICIAL")) ? "OFFICIAL-SENSITIVE" : NULL;
	}
	if (!banner_drop_back(c, at, "SECRET"))
		return NULL;
	if (banner_drop_back(c, at, "TOP ") || banner_drop_back(c, at, "TOP-"))
		return "TOP SECRET";
	return "SECRET";
}

/* "UK SECRET" is the form for mail to other states. */
static size_t with_country(const struct detector_candidate *c, size_t at)
{
	size_t from = at;

	drop_signs_back(c, &from, " ");
	return from < at && banner_drop_back(c, &from, "UK") ? from : at;
}

/* A handling instruction, a codeword or an eyes-only caveat, word by word. */
static bool take_handling(const struct detector_candidate *c, size_t *end)
{
	static const char *const words[] = {
		"COMMERCIAL", "PERSONAL",       "DATA",       "LOCSEN",         "HR",
		"MARKET",     "LEGAL",          "ORGAN",      "ORGANISATIONAL", "HMG",
		"USE",        "ONLY",           "RECIPIENTS", "EMBARGOED",      "UK",
		"US",         "EYES",           "STRAP",      "STRAP1",         "STRAP2",
		"STRAP3",     "ATOMIC",         "POLICY",     "FINANCIAL",      "PROTECTIVE",
		"MANAGEMENT", "INVESTIGATIONS",
	};
	const char *text = c->text.at;
	size_t from = *end, to;

	while (from < banner_to(c) && text[from] && strchr(" -,/:", text[from]))
		from++;
	for (to = from; to < banner_to(c) && text[to] > ' ' && !strchr(",/:-)]}.*", text[to]);)
		to++;
	if (from == *end)
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!slice_is((struct slice){ text + from, to - from }, words[i]))
			continue;
		*end = to;
		return true;
	}
	return false;
}

bool ukgsc_check(const struct detector_candidate *c, struct detector_hit *hit)
{
	size_t at, end = c->end;
	const char *level = find_level(c, &at);

	if (!level || !banner_is_first_line(c, at))
		return false;
	at = with_country(c, at);
	enum banner_lead lead = banner_lead(c, at);
	while (!banner_is_set_off(lead, banner_tail(c, end)))
		if (!take_handling(c, &end))
			return false;
	*hit = (struct detector_hit){ .at = at, .len = end - at, .value_len = strlen(level) };
	memcpy(hit->value, level, hit->value_len);
	return true;
}
