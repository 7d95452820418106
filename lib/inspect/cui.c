#include "inspect/cui.h"

#include "inspect/banner.h"

#include <string.h>

enum { WORD_MIN = 2, WORD_MAX = 12 /* letters of a category; SP-WATER and the like */ };

/* The value, and how far the text was read. */
struct reader {
	const struct detector_candidate *c;
	struct detector_hit *hit;
	size_t at;
};

static void add(struct reader *r, struct slice text)
{
	memcpy(r->hit->value + r->hit->value_len, text.at, text.len);
	r->hit->value_len += text.len;
}

static struct slice rest_of(const struct reader *r)
{
	return (struct slice){ r->c->text.at + r->at, banner_to(r->c) - r->at };
}

static void skip_blanks(struct reader *r)
{
	while (r->at < banner_to(r->c) && r->c->text.at[r->at] == ' ')
		r->at++;
}

static bool take(struct reader *r, const char *text)
{
	struct slice rest = rest_of(r);

	if (!slice_drop_prefix(&rest, text))
		return false;
	r->at += strlen(text);
	return true;
}

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* A word of capitals; digits and hyphens may follow: SP-PRVCY. */
static bool take_word(struct reader *r, struct slice *word)
{
	struct slice rest = rest_of(r);
	size_t n = 0;

	while (n < rest.len && (is_capital(rest.at[n]) || rest.at[n] == '-' ||
				(rest.at[n] >= '0' && rest.at[n] <= '9')))
		n++;
	bool whole = n == rest.len ||
		     !((rest.at[n] >= 'a' && rest.at[n] <= 'z') || (signed char)rest.at[n] < 0);
	if (n < WORD_MIN || n > WORD_MAX || !is_capital(*rest.at) || rest.at[n - 1] == '-' ||
	    !whole)
		return false;
	*word = (struct slice){ rest.at, n };
	r->at += n;
	return true;
}

/* Dissemination controls of more than one word, with the countries that some list. */
static bool take_control(struct reader *r)
{
	static const char *const controls[] = { "FED ONLY", "DL ONLY", "REL TO ", "DISPLAY ONLY " };
	struct slice word;

	for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
		struct reader ahead = *r;
		size_t len = strlen(controls[i]);
		bool lists = controls[i][len - 1] == ' ';
		if (!take(&ahead, controls[i]) || (lists && !take_word(&ahead, &word)))
			continue;
		for (struct reader next = ahead; lists && take(&next, ","); ahead = next) {
			skip_blanks(&next);
			if (!take_word(&next, &word))
				break;
		}
		add(r, (struct slice){ r->c->text.at + r->at, ahead.at - r->at });
		r->at = ahead.at;
		return true;
	}
	return false;
}

/* sep, then a category or a control; *r moves only when both are there. */
static bool take_item(struct reader *r, const char *sep)
{
	struct reader ahead = *r;
	struct slice word;
	size_t len = r->hit->value_len;

	skip_blanks(&ahead);
	if (!take(&ahead, sep))
		return false;
	skip_blanks(&ahead);
	add(&ahead, (struct slice){ sep, strlen(sep) });
	if (!take_control(&ahead)) {
		if (!take_word(&ahead, &word)) {
			r->hit->value_len = len;
			return false;
		}
		add(&ahead, word);
	}
	r->at = ahead.at;
	return true;
}

/* [//CAT[/CAT…]] [//LDC[/LDC…]]. False: neither is there. */
static bool take_groups(struct reader *r)
{
	size_t groups = 0;

	while (groups < 2 && take_item(r, "//")) {
		groups++;
		while (take_item(r, "/"))
			continue;
	}
	return groups > 0;
}

/* (CUI//…) where it begins a line. */
static bool is_portion(const struct detector_candidate *c, size_t at, size_t end)
{
	return at > banner_from(c) && c->text.at[at - 1] == '(' && end < banner_to(c) &&
	       c->text.at[end] == ')' && banner_lead(c, at) == BANNER_LINE;
}

/* Alone, between square brackets or signs: round ones explain an abbreviation. */
static bool is_banner(const struct detector_candidate *c, size_t at, size_t end)
{
	bool round = at > banner_from(c) && c->text.at[at - 1] == '(';

	return !round && banner_is_set_off(banner_lead(c, at), banner_tail(c, end));
}

static bool set_value(struct detector_hit *hit, const char *value)
{
	hit->value_len = strlen(value);
	memcpy(hit->value, value, hit->value_len);
	return true;
}

static bool check_old(const struct detector_candidate *c, size_t at, struct detector_hit *hit)
{
	if (!banner_drop_back(c, &at, "UNCLASSIFIED//"))
		(void)banner_drop_back(c, &at, "U//");
	*hit = (struct detector_hit){ .at = at, .len = c->end - at };
	if (!is_portion(c, at, c->end) &&
	    !(banner_is_first_line(c, at) && is_banner(c, at, c->end)))
		return false;
	return set_value(hit, "FOUO");
}

bool cui_check(const struct detector_candidate *c, struct detector_hit *hit)
{
	size_t at = c->end;

	if (banner_drop_back(c, &at, "FOUO") || banner_drop_back(c, &at, "FOR OFFICIAL USE ONLY"))
		return check_old(c, at, hit);
	bool word = banner_drop_back(c, &at, "CONTROLLED");
	if (!word && !banner_drop_back(c, &at, "CUI"))
		return false;
	*hit = (struct detector_hit){ .at = at };
	struct reader r = { c, hit, c->end };
	add(&r, (struct slice){ c->text.at + at, c->end - at });
	struct slice rest = rest_of(&r);
	bool groups = take_groups(&r) || slice_drop_prefix(&rest, "//");
	hit->len = r.at - at;
	if (!word && is_portion(c, at, r.at))
		return set_value(hit, "CUI");
	if (!banner_is_first_line(c, at))
		return false;
	return groups ? banner_lead(c, at) != BANNER_WITHIN : is_banner(c, at, r.at);
}
