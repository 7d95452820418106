#include "inspect/officelabel.h"

#include "base/ascii.h"

#include <string.h>

/* What names of label properties have in them, in lower case: Titus, Boldon James
 * (bjDocumentSecurityLabel), Microsoft's Sensitivity, and words that people choose. */
static const char *const words[] = { "titus",    "bjdocument",   "bjlabel", "classif",
				     "sensitiv", "label",        "marking", "security",
				     "protect",  "confidential", "caveat",  "tlp" };

static bool holds(struct slice in, const char *word)
{
	size_t len = strlen(word);

	for (size_t i = 0; i + len <= in.len; i++) {
		size_t n = 0;
		while (n < len && ascii_lower(in.at[i + n]) == word[n])
			n++;
		if (n == len)
			return true;
	}
	return false;
}

/* Adds to the value; false when it does not fit. */
static bool add(struct detector_hit *hit, struct slice s)
{
	if (s.len > sizeof hit->value - hit->value_len)
		return false;
	memcpy(hit->value + hit->value_len, s.at, s.len);
	hit->value_len += s.len;
	return true;
}

bool officelabel_property(struct slice name, struct slice value, struct detector_hit *hit,
			  bool *marks)
{
	struct slice rest = name;

	*hit = (struct detector_hit){ 0 };
	if (slice_drop_prefix(&rest, "MSIP_Label_"))
		return false;
	*marks = false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		*marks = *marks || holds(name, words[i]);
	return add(hit, name) && add(hit, SLICE("=")) && add(hit, value);
}

bool officelabel_label(struct slice value, struct detector_hit *hit)
{
	*hit = (struct detector_hit){ 0 };
	return add(hit, value);
}
