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

enum { LANES = 16, STRIDE = 64 };

/* Bytes side by side: the compiler makes one instruction of each operation on them. */
typedef signed char lanes __attribute__((vector_size(LANES)));

/* Whether so many bytes are ASCII and not NUL: more than 0, as signed ones. */
static bool is_ascii_stride(const char *at)
{
	lanes plain;
	uint64_t halves[2];

	memset(&plain, 0xFF, sizeof plain);
	for (size_t i = 0; i < STRIDE; i += LANES) {
		lanes v;
		memcpy(&v, at + i, sizeof v);
		plain &= v > 0;
	}
	memcpy(halves, &plain, sizeof halves);
	return (halves[0] & halves[1]) == UINT64_MAX;
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
