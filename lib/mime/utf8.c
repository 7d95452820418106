#include "mime/utf8.h"

#include <string.h>

/* The allowed second bytes tell overlong forms and surrogates apart from good
 * ones (RFC 3629 §4, the ABNF). */
static const struct lead {
	unsigned char first, last, low, high, tails;
} leads[] = {
	{ 0xC2, 0xDF, 0x80, 0xBF, 1 }, { 0xE0, 0xE0, 0xA0, 0xBF, 2 }, { 0xE1, 0xEC, 0x80, 0xBF, 2 },
	{ 0xED, 0xED, 0x80, 0x9F, 2 }, { 0xEE, 0xEF, 0x80, 0xBF, 2 }, { 0xF0, 0xF0, 0x90, 0xBF, 3 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 3 }, { 0xF4, 0xF4, 0x80, 0x8F, 3 },
};

int mime_utf8_take(struct slice s, uint32_t *c)
{
	const unsigned char *at = (const unsigned char *)s.at;
	const struct lead *lead = leads;

	if (at[0] < 0x80) {
		*c = at[0];
		return 1;
	}
	while (lead < leads + sizeof leads / sizeof *leads && at[0] > lead->last)
		lead++;
	if (lead == leads + sizeof leads / sizeof *leads || at[0] < lead->first)
		return 0;

	uint32_t value = at[0] & (0x3Fu >> lead->tails);
	for (size_t i = 1; i <= lead->tails; i++) {
		if (i == s.len)
			return -1;
		if (at[i] < (i == 1 ? lead->low : 0x80) || at[i] > (i == 1 ? lead->high : 0xBF))
			return 0;
		value = value << 6 | (at[i] & 0x3F);
	}
	*c = value;
	return lead->tails + 1;
}

size_t mime_utf8_put(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t tails = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	out[0] = (char)((0xF0u << (3 - tails) & 0xFF) | c >> (6 * tails));
	for (size_t i = 1; i <= tails; i++)
		out[i] = (char)(0x80 | (c >> (6 * (tails - i)) & 0x3F));
	return tails + 1;
}

enum { STRIDE = 32 };

/* Whether 32 bytes are ASCII and not NUL: a byte with its top bit set shows in its
 * word, a NUL in the word's borrow. */
static bool is_ascii_stride(const char *at)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t words[STRIDE / sizeof(uint64_t)], seen = 0;

	memcpy(words, at, sizeof words);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		seen |= words[i] | (words[i] - ones);
	return (seen & tops) == 0;
}

size_t mime_ascii_run(struct slice s)
{
	size_t n = 0;

	while (n + STRIDE <= s.len && is_ascii_stride(s.at + n))
		n += STRIDE;
	while (n < s.len && (signed char)s.at[n] > 0)
		n++;
	return n;
}
