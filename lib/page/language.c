#include "page/language.h"

#include <string.h>

struct range {
	struct slice tag;
	unsigned weight; /* thousandths */
};

/* "1", "0.5", "0.125": at most three decimals (RFC 9110 §12.4.2). */
static bool parse_weight(struct slice text, unsigned *out)
{
	unsigned value, unit = 100;

	if (text.len == 0 || text.len > 5 || (text.at[0] != '0' && text.at[0] != '1'))
		return false;
	value = text.at[0] == '1' ? 1000 : 0;
	if (text.len > 1 && text.at[1] != '.')
		return false;
	for (size_t i = 2; i < text.len; i++, unit /= 10) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value += (unsigned)(text.at[i] - '0') * unit;
	}
	*out = value;
	return value <= 1000;
}

static bool parse_range(struct slice item, struct range *out)
{
	struct slice tag;

	item = slice_trim(item);
	*out = (struct range){ .tag = item, .weight = 1000 };
	if (slice_take_until(&item, ';', &tag)) {
		out->tag = slice_trim(tag);
		item = slice_trim(item);
		if (!slice_drop_prefix(&item, "q=") && !slice_drop_prefix(&item, "Q="))
			return false;
		return parse_weight(item, &out->weight) && out->tag.len > 0;
	}
	return out->tag.len > 0;
}

/* How many characters of range a tag answers: 0, or all of tag. */
static size_t match(struct slice range, const char *tag)
{
	size_t len = strlen(tag);
	struct slice front = { range.at, len };

	if (range.len < len || !slice_same_nocase(front, slice_of(tag)))
		return 0;
	return range.len == len || range.at[len] == '-' ? len : 0;
}

static size_t best_of(struct slice range, const char *const *tags, size_t count)
{
	size_t best = count, longest = 0;

	if (slice_is(range, "*"))
		return 0;
	for (size_t i = 0; i < count; i++) {
		size_t len = match(range, tags[i]);
		if (len > longest) {
			longest = len;
			best = i;
		}
	}
	return best;
}

size_t page_language_choose(struct slice header, const char *const *tags, size_t count)
{
	unsigned weight = 0;
	size_t chosen = 0;

	for (unsigned n = 0; header.len && n < PAGE_LANGUAGE_RANGES; n++) {
		struct slice item;
		struct range range;

		if (!slice_take_until(&header, ',', &item)) {
			item = header;
			header.len = 0;
		}
		if (!parse_range(item, &range) || range.weight <= weight)
			continue;
		size_t found = best_of(range.tag, tags, count);
		if (found == count)
			continue;
		chosen = found;
		weight = range.weight;
	}
	return chosen;
}
