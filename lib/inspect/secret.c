#include "inspect/secret.h"

#include <math.h>
#include <string.h>

enum {
	GENERIC_MIN = 16,  /* characters of a password that we tell from a word */
	GENERIC_READ = 56, /* of them that are looked at: what DETECTOR_AFTER shows for sure */
	TOKEN_MAX = 200,   /* bytes looked back for the front of a token */
};
static const double generic_bits = 3.5; /* a character: words have about 2.5 to 3.2 */

static bool is_token_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-';
}

static bool starts(struct slice text, size_t from, const char *word)
{
	size_t len = strlen(word);

	return text.len - from >= len && memcmp(text.at + from, word, len) == 0;
}

/* The last place before end where one of the words stands, exactly so written. */
static bool find_front(struct slice text, size_t end, const char *const *words, size_t count,
		       size_t *from, size_t *which)
{
	size_t least = end > TOKEN_MAX ? end - TOKEN_MAX : 0;

	for (size_t i = end; i-- > least;)
		for (size_t w = 0; w < count; w++)
			if (starts((struct slice){ text.at, end }, i, words[w])) {
				*from = i;
				*which = w;
				return true;
			}
	return false;
}

bool secret_find_key(struct slice text, size_t end, struct secret *out)
{
	static const char *const fronts[] = { "-----BEGIN ", "PuTTY-User-Key-File-",
					      "AGE-SECRET-KEY-1" };
	static const char *const kinds[] = { "pem", "putty", "age" };
	size_t from, which;

	if (!find_front(text, end, fronts, 3, &from, &which))
		return false;
	*out = (struct secret){ from, end - from, kinds[which] };
	return true;
}

static bool is_capital(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

static bool is_any(char c)
{
	return is_token_character(c);
}

/* How many characters of that kind stand at from, up to `most`. */
static size_t run(struct slice text, size_t from, size_t most, bool (*kind)(char))
{
	size_t n = 0;

	while (n < most && from + n < text.len && kind(text.at[from + n]))
		n++;
	return n;
}

/* A JSON Web Token: "." and the front of its payload are at hand, its header stands
 * before. */
static bool find_jwt(struct slice text, size_t end, struct secret *out)
{
	const size_t front = strlen(".eyJ"), payload = 8;

	if (end < front || !starts(text, end - front, ".eyJ"))
		return false;
	size_t dot = end - front, from = dot;
	while (from > 0 && dot - from < TOKEN_MAX && is_token_character(text.at[from - 1]))
		from--;
	if (dot == from || !starts(text, from, "eyJ") || run(text, end, payload, is_any) < payload)
		return false;
	*out = (struct secret){ from, end + payload - from, "jwt" };
	return true;
}

static const struct api {
	const char *front, *kind;
	size_t least; /* characters after the front */
	bool (*of)(char);
} apis[] = {
	{ "AKIA", "aws", 16, is_capital },  { "ASIA", "aws", 16, is_capital },
	{ "ghp_", "github", 36, is_any },   { "gho_", "github", 36, is_any },
	{ "ghu_", "github", 36, is_any },   { "ghs_", "github", 36, is_any },
	{ "ghr_", "github", 36, is_any },   { "github_pat_", "github", 22, is_any },
	{ "glpat-", "gitlab", 20, is_any }, { "xoxa-", "slack", 10, is_any },
	{ "xoxb-", "slack", 10, is_any },   { "xoxp-", "slack", 10, is_any },
	{ "xoxr-", "slack", 10, is_any },   { "xoxs-", "slack", 10, is_any },
	{ "AIza", "google", 35, is_any },   { "sk_live_", "stripe", 16, is_any },
};

bool secret_find_api(struct slice text, size_t end, struct secret *out)
{
	for (size_t k = 0; k < sizeof apis / sizeof *apis; k++) {
		size_t len = strlen(apis[k].front), from = end - len;
		if (end < len || !starts(text, from, apis[k].front))
			continue;
		if (from > 0 && is_token_character(text.at[from - 1]))
			continue;
		if (run(text, end, apis[k].least, apis[k].of) < apis[k].least)
			continue;
		*out = (struct secret){ from, len + apis[k].least, apis[k].kind };
		return true;
	}
	return find_jwt(text, end, out);
}

/* Bits a character of what stands there, by its own frequencies (Shannon). */
static double entropy(struct slice s)
{
	unsigned counts[256] = { 0 };
	double bits = 0;

	for (size_t i = 0; i < s.len; i++)
		counts[(unsigned char)s.at[i]]++;
	for (size_t i = 0; i < 256; i++)
		if (counts[i]) {
			double share = counts[i] / (double)s.len;
			bits -= share * log2(share);
		}
	return bits;
}

static bool is_inside(char c)
{
	return !strchr(" \t\r\n\"'", c);
}

bool secret_find_password(struct slice text, size_t end, struct secret *out)
{
	struct secret s = { .at = end, .kind = "generic" };
	bool digit = false, letter = false;

	while (s.at < text.len && s.at - end < 3 && text.at[s.at] == ' ')
		s.at++;
	if (s.at < text.len && (text.at[s.at] == '"' || text.at[s.at] == '\''))
		s.at++;
	s.len = run(text, s.at, GENERIC_READ, is_inside);
	for (size_t i = s.at; i < s.at + s.len; i++) {
		char c = text.at[i];
		digit = digit || (c >= '0' && c <= '9');
		letter = letter || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
	}
	if (s.len < GENERIC_MIN || !digit || !letter ||
	    entropy((struct slice){ text.at + s.at, s.len }) < generic_bits)
		return false;
	*out = s;
	return true;
}
