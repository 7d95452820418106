#include "base/utf8.h"

/* How many bytes follow this first one, and the range of the second, which is
 * where over-long forms, surrogates and codes past U+10FFFF show. */
struct lead {
	unsigned char from, to, more, low, high;
};

static const struct lead leads[] = {
	{ 0x00, 0x7f, 0, 0, 0 },       { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf },
	{ 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf },
	{ 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static const struct lead *lead_of(unsigned char byte)
{
	for (size_t i = 0; i < sizeof leads / sizeof *leads; i++)
		if (byte >= leads[i].from && byte <= leads[i].to)
			return &leads[i];
	return NULL;
}

static void drop(struct slice *s, size_t n)
{
	*s = (struct slice){ s->at + n, s->len - n };
}

bool utf8_take(struct slice *s, uint32_t *code)
{
	const unsigned char *at = (const unsigned char *)s->at;
	const struct lead *lead = lead_of(at[0]);
	size_t n = 1;

	*code = UTF8_BAD;
	if (!lead) {
		drop(s, 1);
		return false;
	}
	uint32_t value = lead->more ? at[0] & (0x3fu >> lead->more) : at[0];
	for (; n <= lead->more && n < s->len; n++) {
		unsigned char low = n == 1 ? lead->low : 0x80, high = n == 1 ? lead->high : 0xbf;
		if (at[n] < low || at[n] > high)
			break;
		value = value << 6 | (at[n] & 0x3fu);
	}
	drop(s, n);
	if (n <= lead->more)
		return false;
	*code = value;
	return true;
}

bool utf8_is_valid(struct slice s)
{
	uint32_t code;

	while (s.len)
		if (!utf8_take(&s, &code))
			return false;
	return true;
}
