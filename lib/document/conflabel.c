#include "document/conflabel.h"

#include <stdio.h>
#include <string.h>

static bool is_policy(struct slice name)
{
	return slice_is(name, "PolicyIdentifier");
}

static void add(struct conflabels *l, const char *policy, const char *classification)
{
	bool full = l->count == CONFLABELS_MAX; /* what comes may be higher */
	char *at = l->at[full ? CONFLABELS_MAX - 1 : l->count++];

	if (full || !*policy || !*classification)
		policy = classification = "";
	snprintf(at, sizeof *l->at, "%s/%s", policy, classification);
}

/* A policy for which no classification has come. */
static void close_open(struct conflabels *l)
{
	if (l->open)
		add(l, "", "");
	l->open = false;
}

void conflabels_begin(struct conflabels *l, struct slice name)
{
	l->over = l->over || l->taking; /* an element within the text: we do not know it */
	if (!is_policy(name) && !(l->open && slice_is(name, "Classification")))
		return;
	l->taking = true;
	l->over = false;
	l->len = 0;
}

void conflabels_text(struct conflabels *l, struct slice text)
{
	if (!l->taking)
		return;
	while (l->len == 0 && text.len && (unsigned char)*text.at <= ' ')
		text = (struct slice){ text.at + 1, text.len - 1 };
	if (text.len >= CONFLABEL_TEXT - l->len) {
		l->over = true;
		return;
	}
	memcpy(l->text + l->len, text.at, text.len);
	l->len += text.len;
}

void conflabels_end(struct conflabels *l, struct slice name)
{
	if (!l->taking || (!is_policy(name) && !slice_is(name, "Classification")))
		return;
	l->taking = false;
	while (l->len && (unsigned char)l->text[l->len - 1] <= ' ')
		l->len--;
	l->text[l->over ? 0 : l->len] = '\0';
	if (is_policy(name)) {
		close_open(l);
		memcpy(l->policy, l->text, sizeof l->policy);
		l->open = true;
	} else {
		add(l, l->policy, l->text);
		l->open = false;
	}
}

void conflabels_tell(struct conflabels *l, struct reading *r)
{
	close_open(l);
	for (size_t i = 0; i < l->count; i++)
		reading_property(r, SLICE("ADatP-4774"), slice_of(l->at[i]));
	*l = (struct conflabels){ 0 };
}
