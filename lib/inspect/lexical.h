/* inspect/lexical.h: a message's words, held against the rules' lexicon. For this layer's
 * own use.
 *
 * Threads  as inspect/message.h */
#pragma once

#include "inspect/message.h"

/* A new text begins: a part's, a field's. */
void lexical_begin(struct inspect *m);

/* Goes on from where it was. place has where, part, field and offset, and in text what is
 * there to be seen: of what is not looked at yet all, of what was as much as `near` may ask
 * for. Unless the text ends, words wait until as much stands behind them. */
void lexical_scan(struct inspect *m, const struct sighting *place, bool ends);
