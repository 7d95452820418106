#include "inspect/mask.h"

static bool is_secret(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (signed char)c < 0;
}

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static bool may_stand(char c)
{
	return c > ' ' && c <= '~' && !is_secret(c);
}

static size_t count_secrets(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += is_secret(text.at[i]) && !is_tail(text.at[i]);
	return n;
}

const char *mask_text(struct slice text, size_t first, size_t last, char *out)
{
	size_t all = count_secrets(text), seen = 0, n = 0;

	if (3 * (first + last) > 2 * all) {
		first = all / 4;
		last = all / 4;
	}
	for (size_t i = 0; i < text.len && n < MASK_MAX; i++) {
		char c = text.at[i];
		if (is_tail(c))
			continue;
		if (!is_secret(c)) {
			out[n++] = may_stand(c) ? c : ' ';
			continue;
		}
		/* Characters outside ASCII are never shown, so that the mask is ASCII. */
		bool shown = (seen < first || seen + last >= all) && (signed char)c > 0;
		out[n++] = shown ? c : '*';
		seen++;
	}
	out[n] = '\0';
	return out;
}
