/* deposit/phrase.h: four words that the sender tells the recipient.
 *
 *     kadim botar rilos fanit
 *
 * Of 7,776 words each, so 51.7 bits: beyond reach behind 600,000 rounds, and behind a
 * portal that slows guesses down. The words are made, not found: five letters,
 * consonant and vowel in turn, of sounds that most languages have and that a phone
 * line carries. A recipient need not read English to write one down, and none is a word
 * of the message.
 *
 * Threads  any */
#pragma once

#include "base/buf.h"
#include "base/fault.h"

enum {
	DEPOSIT_WORDS = 7776,
	DEPOSIT_WORD_TEXT = 6, /* five letters and a NUL */
	DEPOSIT_PHRASE_WORDS = 4,
	DEPOSIT_PHRASE_TEXT = DEPOSIT_PHRASE_WORDS * DEPOSIT_WORD_TEXT, /* with a NUL */
	DEPOSIT_PHRASE_MAX = 200, /* bytes that are read as a phrase */
};

/* The word of that number, below DEPOSIT_WORDS. out is returned. */
char *deposit_word(unsigned number, char out[DEPOSIT_WORD_TEXT]);

/* A new phrase; wipe it when it is done with. RC_RETRY: no randomness. */
enum rc deposit_phrase_make(char out[DEPOSIT_PHRASE_TEXT], struct fault *why);

/* Adds the form that keys are made from to out: that of mime/caseless.h, which a browser makes
 * alike. For what Postern makes, which is ASCII, it comes to lower case and single spaces.
 *   RC_INVALID  empty, longer than DEPOSIT_PHRASE_MAX before or after, or not what people
 *               type */
enum rc deposit_phrase_normalise(struct slice phrase, struct buf *out, struct fault *why);
