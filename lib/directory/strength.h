/* directory/strength.h: how many guesses a phrase that a person has chosen is worth, at most.
 *
 *     "kadim botar rilos fanit"   51 bits    four words
 *     "correct horse battery"     38 bits    three words
 *     "password1234"               7 bits    a word that is tried first, and a run
 *
 * A run of letters counts as a word of a list of 7,776, 12.9 bits, however long it is, and
 * less when it has fewer than five; a digit counts 3.3, a sign 5 bits, a Chinese character 6.
 * Words that come again, that stand in the recipient's name, or that everyone tries first
 * count nothing; of runs such as 1234, aaaa and qwerty hardly more than the beginning does.
 *
 * It is what such a phrase is worth when its words were drawn by lot. That they belong together
 * ("to be or not to be") cannot be seen here: only Postern's own are known to be drawn.
 *
 * Threads  pure functions */
#pragma once

#include "base/slice.h"

enum { DIRECTORY_BITS_MIN = 51 }; /* four words by lot: deposit/phrase.h */

/* phrase: its normal form. name: the address or domain that it is for. Whole bits. */
unsigned directory_phrase_bits(struct slice phrase, struct slice name);
