#include "inspect/msip.h"

#include "base/hex.h"

#include <assert.h>
#include <string.h>

enum {
	GUID_LEN = 36,
	/* One hit is kept for those beyond. Real mail has one for each tenant on its way. */
	LABELS_MAX = DETECTOR_FIELD_HITS - 1,
};

static_assert(2 * GUID_LEN + 1 <= DETECTOR_VALUE_MAX, "a value holds both");

struct label {
	struct slice guid, site;
	size_t at;    /* where its first attribute stands */
	bool on, off; /* as Enabled says */
};

struct labels {
	struct label at[LABELS_MAX];
	size_t count;
	bool over;
};

/* 8-4-4-4-12 */
static bool is_guid(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		if (hyphen ? s.at[i] != '-' : hex_digit(s.at[i]) < 0)
			return false;
	}
	return s.len == GUID_LEN;
}

/* NULL: there is no room. */
static struct label *find_label(struct labels *labels, struct slice guid, size_t at)
{
	for (size_t i = 0; i < labels->count; i++)
		if (slice_same_nocase(labels->at[i].guid, guid))
			return &labels->at[i];
	if (labels->count == LABELS_MAX) {
		labels->over = true;
		return NULL;
	}
	labels->at[labels->count] = (struct label){ .guid = guid, .at = at };
	return &labels->at[labels->count++];
}

static void set(struct label *label, struct slice attribute, struct slice value)
{
	if (slice_same_nocase(attribute, SLICE("Enabled"))) {
		label->on = label->on || slice_same_nocase(value, SLICE("true"));
		label->off = label->off || slice_same_nocase(value, SLICE("false"));
	} else if (slice_same_nocase(attribute, SLICE("SiteId")) && is_guid(value) &&
		   !label->site.len) {
		label->site = value;
	}
}

/* MSIP_Label_<GUID>_<Attribute>=value. Pieces of another form belong to a value
 * that holds a ";". */
static void read_piece(struct labels *labels, struct slice piece, size_t at)
{
	const struct slice prefix = SLICE("MSIP_Label_");
	struct slice attribute;

	piece = slice_trim(piece);
	if (piece.len <= prefix.len + GUID_LEN ||
	    !slice_same_nocase((struct slice){ piece.at, prefix.len }, prefix))
		return;
	struct slice guid = { piece.at + prefix.len, GUID_LEN };
	struct slice rest = { guid.at + GUID_LEN, piece.len - prefix.len - GUID_LEN };
	if (!is_guid(guid) || !slice_drop_prefix(&rest, "_") ||
	    !slice_take_until(&rest, '=', &attribute))
		return;
	struct label *label = find_label(labels, guid, at);
	if (label)
		set(label, slice_trim(attribute), slice_trim(rest));
}

static void read_field(struct slice value, struct labels *labels)
{
	struct slice rest = value, piece;

	while (rest.len) {
		size_t at = (size_t)(rest.at - value.at);
		if (!slice_take_until(&rest, ';', &piece)) {
			piece = rest;
			rest.len = 0;
		}
		read_piece(labels, piece, at);
	}
}

static void add_lower(struct detector_hit *hit, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		hit->value[hit->value_len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
}

/* Without any Enabled a label is what is left of one: it counts. */
static bool is_enabled(const struct label *label)
{
	return label->on || !label->off;
}

static struct detector_hit make_hit(const struct label *label, size_t end)
{
	struct detector_hit hit = { .at = label->at, .len = end - label->at };

	add_lower(&hit, label->site);
	add_lower(&hit, SLICE("/"));
	add_lower(&hit, label->guid);
	return hit;
}

size_t msip_take(struct slice name, struct slice value, struct detector_hit *hits)
{
	struct labels labels = { .count = 0 };
	size_t count = 0;

	if (!slice_same_nocase(name, SLICE("msip_labels")) || !slice_trim(value).len)
		return 0;
	read_field(value, &labels);
	for (size_t i = 0; i < labels.count; i++)
		if (is_enabled(&labels.at[i]))
			hits[count++] = make_hit(&labels.at[i], value.len);
	if (labels.over || labels.count == 0)
		hits[count++] = (struct detector_hit){ .len = value.len };
	return count;
}
