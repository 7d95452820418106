#include "page/form.h"

#include "base/hex.h"

/* Takes one decoded byte off the front. */
static bool take_byte(struct slice *s, char *out)
{
	char c = s->at[0];

	if (c == '%') {
		if (s->len < 3 || hex_digit(s->at[1]) < 0 || hex_digit(s->at[2]) < 0)
			return false;
		*out = (char)(hex_digit(s->at[1]) << 4 | hex_digit(s->at[2]));
		*s = (struct slice){ s->at + 3, s->len - 3 };
		return true;
	}
	*out = c == '+' ? ' ' : c;
	*s = (struct slice){ s->at + 1, s->len - 1 };
	return true;
}

static bool is_named(struct slice text, const char *name)
{
	char c;

	for (; text.len; name++)
		if (!*name || !take_byte(&text, &c) || c != *name)
			return false;
	return !*name;
}

static enum rc add_decoded(struct slice text, struct buf *out, struct fault *why)
{
	size_t before = out->len;
	char c;

	while (text.len) {
		if (!take_byte(&text, &c)) {
			out->len = before;
			return fault(why, RC_INVALID, "a %% of a form lacks its two digits");
		}
		if (buf_add_byte(out, c) != RC_OK) {
			out->len = before;
			return fault(why, buf_state(out), "a field of a form is too long");
		}
	}
	return RC_OK;
}

enum rc page_form_get(struct slice body, const char *name, struct buf *out, struct fault *why)
{
	struct slice found = { 0 };
	bool any = false;

	while (body.len) {
		struct slice pair, key;

		if (!slice_take_until(&body, '&', &pair)) {
			pair = body;
			body.len = 0;
		}
		if (!slice_take_until(&pair, '=', &key) || !is_named(key, name))
			continue;
		if (any)
			return fault(why, RC_INVALID, "a form has \"%s\" twice", name);
		any = true;
		found = pair;
	}
	return any ? add_decoded(found, out, why) : RC_ABSENT;
}
