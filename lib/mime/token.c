#include "mime/token.h"

#include "mime/utf8.h"

#include <string.h>
#include <utf8proc.h>

enum kind {
	BLANK,
	WORD,
	ALONE, /* a word of one letter */
	SIGN,
};

/* Of what a word has beyond TOKEN_TEXT: FNV-1a. */
static const uint64_t prime = 0x100000001b3u;

/* Scripts without blanks between words, and their extensions (UAX #29: ideographs,
 * Hiragana and the languages that need a dictionary). */
static const struct range {
	uint32_t first, last;
} alone[] = {
	{ 0x0E00, 0x0EFF },   { 0x1000, 0x109F }, { 0x1780, 0x17FF }, { 0x19E0, 0x19FF },
	{ 0x3005, 0x3007 },   { 0x3041, 0x309F }, { 0x3400, 0x4DBF }, { 0x4E00, 0x9FFF },
	{ 0xA9E0, 0xA9FF },   { 0xAA60, 0xAA7F }, { 0xF900, 0xFAFF }, { 0x1B000, 0x1B11F },
	{ 0x20000, 0x323AF },
};

/* ASCII's letters and digits in lower case; 0: no part of a word. */
static const char lowered[128] = {
	['_'] = '_', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5',
	['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c',
	['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j',
	['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q',
	['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x',
	['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e',
	['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l',
	['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r', ['S'] = 's',
	['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y', ['Z'] = 'z',
};

static enum kind ascii_kind(unsigned char c)
{
	if (lowered[c])
		return WORD;
	return c <= ' ' || c == 0x7f ? BLANK : SIGN;
}

static bool stands_alone(uint32_t c)
{
	for (size_t i = 0; i < sizeof alone / sizeof *alone && c >= alone[i].first; i++)
		if (c <= alone[i].last)
			return true;
	return false;
}

static enum kind kind_of(uint32_t c)
{
	if (c < 0x80)
		return ascii_kind((unsigned char)c);
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_LU:
	case UTF8PROC_CATEGORY_LL:
	case UTF8PROC_CATEGORY_LT:
	case UTF8PROC_CATEGORY_LM:
	case UTF8PROC_CATEGORY_LO:
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME:
	case UTF8PROC_CATEGORY_ND:
	case UTF8PROC_CATEGORY_NL:
	case UTF8PROC_CATEGORY_NO:
	case UTF8PROC_CATEGORY_PC:
		return stands_alone(c) ? ALONE : WORD;
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_CF:
		return BLANK;
	case UTF8PROC_CATEGORY_CN:
	case UTF8PROC_CATEGORY_PD:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_PO:
	case UTF8PROC_CATEGORY_SM:
	case UTF8PROC_CATEGORY_SC:
	case UTF8PROC_CATEGORY_SK:
	case UTF8PROC_CATEGORY_SO:
	case UTF8PROC_CATEGORY_CS:
	case UTF8PROC_CATEGORY_CO:
		return SIGN;
	}
	return SIGN;
}

static void add_byte(struct mime_token *t, char c)
{
	if (t->len < TOKEN_TEXT)
		t->text[t->len++] = c;
	else
		t->hash = (t->hash ^ (unsigned char)c) * prime;
}

static void add_lower(struct mime_token *t, uint32_t c)
{
	char bytes[UTF8_MAX];
	size_t n;

	c = (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
	if (c == 0x130 || c == 0x131) { /* with a dot above, and without */
		c = 'i';
	} else if (c == 0xdf) { /* sharp s */
		add_byte(t, 's');
		c = 's';
	} else if (c == 0x3c2) { /* final sigma */
		c = 0x3c3;
	}
	n = mime_utf8_put(c, bytes);
	while (t->len + n > TOKEN_TEXT && t->len < TOKEN_TEXT)
		t->text[t->len++] = ' '; /* no half of a character */
	for (size_t i = 0; i < n; i++)
		add_byte(t, bytes[i]);
}

static void begin(struct mime_tokens *t, bool sign)
{
	struct mime_token *now = &t->now;

	now->at = t->at;
	now->hash = 0;
	now->len = 0;
	now->sign = sign;
	now->blank = t->blank;
	t->open = true;
	t->blank = false;
	t->line_goes_on = true;
}

/* The word is complete: its hash, eight bytes at a time, and whether it is a number. */
static const struct mime_token *finish(struct mime_tokens *t)
{
	struct mime_token *now = &t->now;
	uint64_t eight, h = now->hash ^ now->len;
	size_t digits = 0;

	t->open = false;
	now->end = t->at;
	memset(now->text + now->len, 0, sizeof eight);
	for (size_t i = 0; i < now->len; i += sizeof eight) {
		memcpy(&eight, now->text + i, sizeof eight);
		h = (h ^ eight) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
	}
	now->hash = mime_token_mix(h);
	while (digits < now->len && now->text[digits] >= '0' && now->text[digits] <= '9')
		digits++;
	now->digits = digits == now->len;
	return now;
}

/* A run of ASCII that belongs to the word at hand. */
static void add_run(struct mime_tokens *t, struct slice *text)
{
	struct mime_token *now = &t->now;
	size_t room = TOKEN_TEXT - now->len, most = room < text->len ? room : text->len, n = 0;
	const char *in = text->at;
	char *out = now->text + now->len;

	for (; n < most && (signed char)in[n] > 0; n++)
		if (!(out[n] = lowered[(unsigned char)in[n]]))
			break;
	now->len += n;
	if (n == room)
		for (; n < text->len && (signed char)in[n] > 0 && lowered[(unsigned char)in[n]];
		     n++)
			add_byte(now, lowered[(unsigned char)in[n]]);
	t->at += n;
	*text = (struct slice){ in + n, text->len - n };
}

static void skip(struct mime_tokens *t, uint32_t c)
{
	t->blank = true;
	if (c == '\n' || c == '\r')
		t->line_goes_on = false;
}

/* True when a token is complete. */
static bool take_character(struct mime_tokens *t, struct slice *text)
{
	uint32_t c;
	int n = mime_utf8_take(*text, &c);
	enum kind kind = n > 0 ? kind_of(c) : SIGN;

	if (c == '>' && !t->line_goes_on)
		kind = BLANK;
	if (t->open && kind != WORD)
		return true;
	if (kind != BLANK && !t->open)
		begin(t, kind == SIGN);
	if (n <= 0) {
		n = 1;
		c = 0xFFFD;
	}
	*text = (struct slice){ text->at + n, text->len - (size_t)n };
	t->at += (uint64_t)n;
	if (kind == BLANK) {
		skip(t, c);
		return false;
	}
	add_lower(&t->now, c);
	return kind != WORD;
}

void mime_tokens_begin(struct mime_tokens *t)
{
	*t = (struct mime_tokens){ .blank = true };
}

const struct mime_token *mime_token_take(struct mime_tokens *t, struct slice *text)
{
	while (text->len) {
		unsigned char c = (unsigned char)*text->at;
		if (c < 0x80 && lowered[c]) {
			if (!t->open)
				begin(t, false);
			add_run(t, text);
		} else if (t->open && c < 0x80) {
			return finish(t);
		} else if (c == ' ') {
			t->blank = true;
			t->at++;
			*text = (struct slice){ text->at + 1, text->len - 1 };
		} else if (take_character(t, text)) {
			return finish(t);
		}
	}
	return NULL;
}

const struct mime_token *mime_token_end(struct mime_tokens *t)
{
	return t->open ? finish(t) : NULL;
}
