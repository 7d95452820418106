#include "document/label.h"

#include "base/ascii.h"

#include <stdio.h>
#include <string.h>

/* A GUID, maybe in braces, in lower case. */
static bool read_guid(struct slice text, char out[LABEL_GUID + 1])
{
	if (text.len == LABEL_GUID + 2 && text.at[0] == '{')
		text = (struct slice){ text.at + 1, LABEL_GUID };
	if (text.len != LABEL_GUID)
		return false;
	for (size_t i = 0; i < LABEL_GUID; i++) {
		char c = ascii_lower(text.at[i]);
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
		if (dash ? c != '-' : !hex)
			return false;
		out[i] = c;
	}
	out[LABEL_GUID] = '\0';
	return true;
}

static struct label *find(struct labels *l, const char *guid)
{
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->at[i].guid, guid) == 0)
			return &l->at[i];
	if (l->count == LABELS_MAX)
		return NULL;
	struct label *fresh = &l->at[l->count++];
	*fresh = (struct label){ 0 };
	memcpy(fresh->guid, guid, sizeof fresh->guid);
	return fresh;
}

void labels_take(struct labels *l, struct slice name, struct slice value)
{
	char guid[LABEL_GUID + 1];

	if (l->info || !slice_drop_prefix(&name, "MSIP_Label_") || name.len < LABEL_GUID + 2)
		return;
	struct slice attribute = { name.at + LABEL_GUID + 1, name.len - LABEL_GUID - 1 };
	if (!read_guid((struct slice){ name.at, LABEL_GUID }, guid))
		return;
	struct label *label = find(l, guid);
	if (label && slice_same_nocase(attribute, SLICE("Enabled")))
		label->off = slice_same_nocase(slice_trim(value), SLICE("false"));
	else if (label && slice_same_nocase(attribute, SLICE("SiteId")))
		(void)read_guid(slice_trim(value), label->site);
}

void labels_info(struct labels *l, struct slice id, struct slice site, bool off)
{
	char guid[LABEL_GUID + 1];

	if (!l->info)
		l->count = 0;
	l->info = true;
	struct label *label = read_guid(slice_trim(id), guid) ? find(l, guid) : NULL;
	if (!label)
		return;
	label->off = off;
	(void)read_guid(slice_trim(site), label->site);
}

bool labels_next(const struct labels *l, size_t *i, char out[LABEL_TEXT])
{
	while (*i < l->count) {
		const struct label *label = &l->at[(*i)++];
		if (label->off)
			continue;
		snprintf(out, LABEL_TEXT, "%s/%s", label->site, label->guid);
		return true;
	}
	return false;
}
