#include "inspect/natolabel.h"

#include "base/buf.h"
#include "inspect/siolabel.h"
#include "mime/encoding.h"

#include <string.h>

static void drop(struct slice *s, size_t n)
{
	*s = (struct slice){ s->at + n, s->len - n };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice s)
{
	while (s.len && is_blank(*s.at))
		drop(&s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* The next start tag's name without its prefix; *xml is left with its content. */
static bool take_tag(struct slice *xml, struct slice *name)
{
	struct slice tag, prefix;

	while (slice_take_until(xml, '<', &tag)) {
		if (slice_drop_prefix(xml, "!--")) {
			while (xml->len && !slice_drop_prefix(xml, "-->"))
				drop(xml, 1);
			continue;
		}
		if (!slice_take_until(xml, '>', &tag))
			return false;
		if (!tag.len || memchr("/?!", *tag.at, 3))
			continue;
		name->at = tag.at;
		for (name->len = 0; name->len < tag.len; name->len++)
			if (is_blank(tag.at[name->len]) || tag.at[name->len] == '/')
				break;
		(void)slice_take_until(name, ':', &prefix);
		return true;
	}
	return false;
}

/* An element's text: plain, with its end tag next. */
static bool take_text(struct slice *xml, struct slice *text)
{
	struct slice rest = *xml;

	if (!slice_take_until(&rest, '<', text) || !rest.len || *rest.at != '/')
		return false;
	*text = trim(*text);
	*xml = rest;
	return text->len && !memchr(text->at, '&', text->len);
}

static void set_value(struct detector_hit *hit, struct slice policy, struct slice classification)
{
	if (!policy.len || !classification.len ||
	    policy.len + classification.len >= DETECTOR_VALUE_MAX)
		return;
	memcpy(hit->value, policy.at, policy.len);
	hit->value[policy.len] = '/';
	memcpy(hit->value + policy.len + 1, classification.at, classification.len);
	hit->value_len = policy.len + 1 + classification.len;
}

/* A label has one of each, the policy first. */
size_t natolabel_read(struct slice xml, struct detector_hit *hits)
{
	struct slice name, text, policy = { 0 };
	bool open = false; /* a policy waits for its classification */
	size_t count = 0;

	while (take_tag(&xml, &name)) {
		bool begins = slice_is(name, "PolicyIdentifier");
		if (!begins && !slice_is(name, "Classification"))
			continue;
		if (!take_text(&xml, &text))
			text.len = 0;
		if (begins || !open) {
			if (count == DETECTOR_FIELD_HITS) {
				hits[count - 1].value_len = 0; /* what comes may be higher */
				return count;
			}
			hits[count++] = (struct detector_hit){ 0 };
		}
		if (!begins)
			set_value(&hits[count - 1], open ? policy : (struct slice){ 0 }, text);
		policy = text;
		open = begins;
	}
	return count;
}

static enum rc decode(struct slice text, struct buf *out)
{
	struct mime_base64 state = { 0 };
	char piece[96];

	while (text.len)
		(void)!buf_add(out, piece, mime_base64_push(&state, &text, piece, sizeof piece));
	(void)!buf_add(out, piece, mime_base64_end(&state, piece));
	return buf_state(out);
}

size_t natolabel_take(struct slice name, struct slice value, struct detector_hit *hits)
{
	struct buf label = BUF_INIT(4 * value.len + 1), xml = BUF_INIT(4 * value.len + 8);
	size_t count = 0;

	if (!slice_same_nocase(name, SLICE("SIO-Label")))
		return 0;
	enum rc rc = siolabel_find(value, "label", &label);
	if (rc == RC_OK)
		rc = decode(buf_slice(&label), &xml);
	if (rc == RC_OK)
		count = natolabel_read(buf_slice(&xml), hits);
	else if (rc != RC_ABSENT)
		hits[count++] = (struct detector_hit){ 0 };
	buf_free(&label);
	buf_free(&xml);
	for (size_t i = 0; i < count; i++) {
		hits[i].at = i < value.len ? i : 0; /* findings at one place are told once */
		hits[i].len = value.len - hits[i].at;
	}
	return count;
}

size_t natolabel_property(struct slice name, struct slice value, struct detector_hit *hits)
{
	if (!slice_is(name, "ADatP-4774"))
		return 0;
	hits[0] = (struct detector_hit){ .len = value.len };
	if (slice_is(value, "/") || value.len > DETECTOR_VALUE_MAX)
		return 1;
	hits[0].value_len = value.len;
	memcpy(hits[0].value, value.at, value.len);
	return 1;
}
