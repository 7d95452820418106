#include "base/pack.h"

#include <string.h>

void pack_refuse(struct pack *p, const char *words)
{
	if (!p->wrong)
		p->wrong = words;
}

void pack_bytes(struct pack *p, void *bytes, size_t len)
{
	if (p->out) {
		(void)buf_add(p->out, bytes, len); /* the buffer remembers */
		return;
	}
	if (p->in.len < len)
		pack_refuse(p, "it is cut short");
	if (p->wrong) {
		memset(bytes, 0, len);
		return;
	}
	if (len)
		memcpy(bytes, p->in.at, len);
	p->in = (struct slice){ p->in.at + len, p->in.len - len };
}

void pack_number(struct pack *p, uint64_t *value, unsigned bytes)
{
	uint8_t digits[8];
	uint64_t number = 0;

	for (unsigned i = 0; p->out && i < bytes; i++)
		digits[i] = (uint8_t)(*value >> 8 * (bytes - 1 - i));
	if (p->out && bytes < 8 && *value >> 8 * bytes)
		pack_refuse(p, "a number is too large");
	pack_bytes(p, digits, bytes);
	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | digits[i];
	if (!p->out)
		*value = number;
}

void pack_time(struct pack *p, int64_t *value)
{
	uint64_t number = (uint64_t)*value;

	pack_number(p, &number, 8);
	if (number > INT64_MAX)
		pack_refuse(p, "a time is out of bounds");
	if (!p->out)
		*value = p->wrong ? 0 : (int64_t)number;
}

void pack_choice(struct pack *p, unsigned *value, unsigned count)
{
	uint64_t number = *value;

	pack_number(p, &number, 1);
	if (number >= count)
		pack_refuse(p, "a value is none of those that there are");
	if (!p->out)
		*value = p->wrong ? 0 : (unsigned)number;
}

void pack_bool(struct pack *p, bool *value)
{
	unsigned number = *value;

	pack_choice(p, &number, 2);
	if (!p->out)
		*value = number != 0;
}

void pack_slice(struct pack *p, struct slice *s, size_t max)
{
	uint64_t len = s->len;

	pack_number(p, &len, 4);
	if (len > max)
		pack_refuse(p, "a text is too long");
	if (p->out) {
		(void)buf_add_slice(p->out, *s);
		return;
	}
	if (len > p->in.len)
		pack_refuse(p, "it is cut short");
	*s = p->wrong ? SLICE("") : (struct slice){ p->in.at, (size_t)len };
	if (!p->wrong)
		p->in = (struct slice){ p->in.at + len, p->in.len - (size_t)len };
}

void pack_text(struct pack *p, char *text, size_t size)
{
	struct slice s = p->out ? slice_of(text) : SLICE("");

	pack_slice(p, &s, size - 1);
	if (p->out)
		return;
	if (s.len && memchr(s.at, '\0', s.len))
		pack_refuse(p, "a text has a NUL in it");
	size_t len = p->wrong ? 0 : s.len;
	if (len)
		memcpy(text, s.at, len);
	text[len] = '\0';
}

enum rc pack_end(struct pack *p, const char *what, struct fault *why)
{
	if (!p->out && p->in.len)
		pack_refuse(p, "something follows it");
	if (p->wrong)
		return fault(why, RC_INVALID, "%s: %s", what, p->wrong);
	enum rc rc = p->out ? buf_state(p->out) : RC_OK;
	return rc == RC_OK ? RC_OK : fault(why, rc, "%s: no room", what);
}
