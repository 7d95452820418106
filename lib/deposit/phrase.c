#include "deposit/phrase.h"

#include "crypto/random.h"

#include <string.h>

/* 12 x 3 x 9 x 3 x 8 = 7,776. c, q, x, y, h and z sound differently from language to
 * language, e and u too; k and g in the middle, or p there, spell rude words. */
static const char first[] = "bdfgklmnprst", second[] = "bflmnrstv", last[] = "fklmnrst",
		  vowels[] = "aio";

/* Words that somebody would not like to dictate. They begin with a letter that no
 * other word begins with. */
static const char *const unloved[] = { "satan", "satin", "titas", "titis", "titos", "moron",
				       "koran", "fatas", "bitas", "tatas", "sinis", "minor" };

char *deposit_word(unsigned number, char out[DEPOSIT_WORD_TEXT])
{
	out[4] = last[number % 8];
	number /= 8;
	out[3] = vowels[number % 3];
	number /= 3;
	out[2] = second[number % 9];
	number /= 9;
	out[1] = vowels[number % 3];
	out[0] = first[number / 3 % 12];
	out[5] = '\0';
	for (size_t i = 0; i < sizeof unloved / sizeof *unloved; i++)
		if (strcmp(out, unloved[i]) == 0)
			out[0] = "vvzvzzvwwzwz"[i];
	return out;
}

/* A number below DEPOSIT_WORDS, each as likely as the others. */
static enum rc draw(unsigned *out, struct fault *why)
{
	uint16_t bits = UINT16_MAX;

	while (bits >= DEPOSIT_WORDS * (UINT16_MAX / DEPOSIT_WORDS)) {
		enum rc rc = crypto_random(&bits, sizeof bits, why);
		if (rc != RC_OK)
			return rc;
	}
	*out = bits % DEPOSIT_WORDS;
	crypto_wipe(&bits, sizeof bits);
	return RC_OK;
}

enum rc deposit_phrase_make(char out[DEPOSIT_PHRASE_TEXT], struct fault *why)
{
	for (unsigned i = 0; i < DEPOSIT_PHRASE_WORDS; i++) {
		unsigned number;
		enum rc rc = draw(&number, why);
		if (rc != RC_OK)
			return rc;
		deposit_word(number, out + (size_t)i * DEPOSIT_WORD_TEXT);
		out[i * DEPOSIT_WORD_TEXT + 5] = i + 1 < DEPOSIT_PHRASE_WORDS ? ' ' : '\0';
	}
	return RC_OK;
}

enum rc deposit_phrase_normalise(struct slice phrase, struct buf *out, struct fault *why)
{
	const size_t before = out->len;
	bool gap = false;

	if (phrase.len > DEPOSIT_PHRASE_MAX)
		return fault(why, RC_INVALID, "phrase is longer than %d bytes", DEPOSIT_PHRASE_MAX);
	for (size_t i = 0; i < phrase.len; i++) {
		char c = phrase.at[i];
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			gap = out->len > before;
			continue;
		}
		if (c < '!' || c > '~')
			return fault(why, RC_INVALID,
				     "phrase has a character that no phrase has (byte %zu)", i + 1);
		if (gap)
			(void)buf_add_byte(out, ' ');
		gap = false;
		(void)buf_add_byte(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
	}
	if (buf_state(out) == RC_OK && out->len == before)
		return fault(why, RC_INVALID, "phrase is empty");
	return buf_state(out) == RC_OK ? RC_OK : fault(why, buf_state(out), "no room for a phrase");
}
