#include "deposit/phrase.h"

#include "base/cleanup.h"
#include "crypto/random.h"
#include "mime/caseless.h"

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
	CLEANUP(buf_wipe) struct buf normal = BUF_SECRET(MIME_CASELESS_MAX);
	struct fault odd = { 0 };

	if (phrase.len > DEPOSIT_PHRASE_MAX)
		return fault(why, RC_INVALID, "phrase is longer than %d bytes", DEPOSIT_PHRASE_MAX);
	enum rc rc = mime_caseless(phrase, &normal, &odd);
	if (rc == RC_INVALID)
		return fault(why, rc, "phrase has a character that no phrase has (%s)", odd.text);
	if (rc == RC_LIMIT || normal.len > DEPOSIT_PHRASE_MAX)
		return fault(why, RC_INVALID, "phrase is longer than %d bytes when written out",
			     DEPOSIT_PHRASE_MAX);
	if (rc == RC_OK && normal.len == 0)
		return fault(why, RC_INVALID, "phrase is empty");
	if (rc == RC_OK)
		rc = buf_add_slice(out, buf_slice(&normal));
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a phrase");
}
