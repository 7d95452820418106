#include "inspect/banner.h"

#include <string.h>

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_blank(char c)
{
	return is_one_of(c, " \t\r");
}

/* What people draw around a marking. */
static bool is_ornament(char c)
{
	return is_blank(c) || is_one_of(c, "*_=#~|\"'>-");
}

size_t banner_from(const struct detector_candidate *c)
{
	if (c->begins && c->end <= BANNER_BEGINNING)
		return 0;
	return c->end > DETECTOR_BEFORE ? c->end - DETECTOR_BEFORE : 0;
}

size_t banner_to(const struct detector_candidate *c)
{
	size_t to = c->end + DETECTOR_AFTER;

	return to < c->text.len ? to : c->text.len;
}

/* Whether nothing stands before text.at[at]. */
static bool is_beginning(const struct detector_candidate *c, size_t at)
{
	return at == 0 && c->begins && banner_from(c) == 0;
}

/* ---- lines ---- */

static size_t line_from(const struct detector_candidate *c, size_t at)
{
	while (at > banner_from(c) && c->text.at[at - 1] != '\n')
		at--;
	return at;
}

/* How deep a line is quoted; *line is left with what it says. */
static size_t take_quotes(struct slice *line)
{
	size_t depth = 0;

	while (line->len && (is_blank(*line->at) || *line->at == '>')) {
		depth += *line->at == '>';
		*line = (struct slice){ line->at + 1, line->len - 1 };
	}
	while (line->len && is_blank(line->at[line->len - 1]))
		line->len--;
	return depth;
}

static bool holds(struct slice text, const char *word)
{
	struct slice want = { word, strlen(word) };

	for (size_t i = 0; i + want.len <= text.len; i++)
		if (slice_same_nocase((struct slice){ text.at + i, want.len }, want))
			return true;
	return false;
}

/* A line after which a quoted message's text may begin. */
static bool announces(struct slice line)
{
	static const char *const fields[] = { "From:", "Sent:",    "Date:",      "To:",
					      "Cc:",   "Subject:", "Importance:" };
	const size_t wrote = strlen("wrote:");

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		struct slice field = { fields[i], strlen(fields[i]) };
		if (line.len >= field.len &&
		    slice_same_nocase((struct slice){ line.at, field.len }, field))
			return true;
	}
	if (line.len >= wrote &&
	    slice_same_nocase((struct slice){ line.at + line.len - wrote, wrote }, SLICE("wrote:")))
		return true;
	return holds(line, "original message") || holds(line, "forwarded message");
}

bool banner_is_first_line(const struct detector_candidate *c, size_t at)
{
	size_t start = line_from(c, at);
	struct slice line = { c->text.at + start, at - start };

	if (start == banner_from(c) && !is_beginning(c, start) &&
	    (start == 0 || c->text.at[start - 1] != '\n'))
		return false; /* where the line begins is out of sight */
	size_t depth = take_quotes(&line);
	while (start > banner_from(c)) {
		size_t end = start - 1;
		start = line_from(c, end);
		struct slice before = { c->text.at + start, end - start };
		size_t outer = take_quotes(&before);
		if (before.len)
			return depth > outer || announces(before);
	}
	return is_beginning(c, start);
}

/* ---- what stands beside it ---- */

/* Words that may lead up to a marking, with a colon. */
static bool introduces(const struct detector_candidate *c, size_t colon)
{
	static const char *const words[] = { "re",      "fw",      "fwd",
					     "aw",      "gsc",     "classification",
					     "marking", "handling" };
	size_t from = colon;

	while (from > banner_from(c) && !is_ornament(c->text.at[from - 1]) &&
	       !is_one_of(c->text.at[from - 1], "\n:([{"))
		from--;
	struct slice word = { c->text.at + from, colon - from };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (slice_same_nocase(word, (struct slice){ words[i], strlen(words[i]) }))
			return true;
	return false;
}

enum banner_lead banner_lead(const struct detector_candidate *c, size_t at)
{
	const char *text = c->text.at;
	bool bracket = false, dash = false;
	size_t i = at;

	while (i > banner_from(c) && (is_ornament(text[i - 1]) || is_one_of(text[i - 1], "([{<"))) {
		i--;
		bracket = bracket || !is_ornament(text[i]);
		dash = dash || (text[i] == '-' && i > 0 && is_blank(text[i - 1]));
	}
	if (i == banner_from(c) ? is_beginning(c, i) : text[i - 1] == '\n')
		return BANNER_LINE;
	if (i == banner_from(c))
		return BANNER_WITHIN;
	bool colon = text[i - 1] == ':';
	if (colon && introduces(c, i - 1))
		return BANNER_LINE;
	if (bracket)
		return BANNER_BRACKET;
	return colon || dash ? BANNER_APART : BANNER_WITHIN;
}

static bool line_ends(const struct detector_candidate *c, size_t at)
{
	if (at < banner_to(c))
		return c->text.at[at] == '\n';
	return at < c->end + DETECTOR_AFTER; /* the text does */
}

enum banner_tail banner_tail(const struct detector_candidate *c, size_t end)
{
	const char *text = c->text.at;
	size_t to = banner_to(c), i = end, sign = end;

	while (i < to && is_ornament(text[i]))
		i++;
	if (line_ends(c, i))
		return BANNER_ENDS;
	if (i == to)
		return BANNER_GOES_ON;
	if (is_one_of(text[i], ")]}>"))
		return BANNER_CLOSED;
	while (sign < to && is_blank(text[sign]))
		sign++;
	bool dash =
		sign > end && text[sign] == '-' && sign + 1 < to && is_one_of(text[sign + 1], " -");
	return text[i] == ':' || dash ? BANNER_SIGN : BANNER_GOES_ON;
}

bool banner_is_set_off(enum banner_lead lead, enum banner_tail tail)
{
	switch (lead) {
	case BANNER_LINE:
		return tail != BANNER_GOES_ON;
	case BANNER_BRACKET:
		return tail == BANNER_CLOSED;
	case BANNER_APART:
		return tail == BANNER_ENDS;
	case BANNER_WITHIN:
		return false;
	}
	return false;
}

bool banner_drop_back(const struct detector_candidate *c, size_t *at, const char *word)
{
	size_t len = strlen(word);

	if (*at < banner_from(c) + len || memcmp(c->text.at + *at - len, word, len) != 0)
		return false;
	*at -= len;
	return true;
}
