/* inspect/message.h: one message being inspected. For this layer's own use; others see
 * inspect.h.
 *
 * Threads  one callback at a time, from any thread */
#pragma once

#include "inspect/digits.h"
#include "inspect/results.h"
#include "inspect/spoken.h"
#include "inspect/window.h"
#include "mime/decoder.h"
#include "mime/fold.h"

struct inspect {
	struct inspect_rules *rules;
	struct mime_decoder *decoder;
	struct results results;
	struct matcher_scratch *scratch; /* within one call */
	unsigned field_count;            /* header fields and file names so far */
	bool lost;                       /* memory was out: something was not read */
	struct buf line;                 /* a header value or file name, folded */
	char *subject;                   /* decoded, not folded; in the results' arena */
	/* The part at hand. */
	struct buf part;
	enum rules_where where;
	bool muted; /* nothing more is looked at */
	struct mime_fold fold;
	struct window window;
	struct matcher_stream *stream; /* NULL: no test looks at text */
	struct digits digits;
	struct spoken spoken;
	uint64_t spoken_from; /* of the part's text: what follows is not looked at yet */
	struct lexicon_state lexical;
	struct papers papers;
	bool attached;
	struct buf name; /* of its file */
	struct files files;
};

/* The matcher's working memory, borrowed until message_leave(); NULL: memory is out, and
 * that is remembered. */
struct matcher_scratch *message_scratch(struct inspect *m);
void message_leave(struct inspect *m);

/* Whether a detector's normalised value is what the test wants. */
bool message_wants(struct inspect *m, size_t test, struct slice value);

/* A hit of the detector whose first test is `first`: for each test that looks there and
 * wants its value. Of *s what the hit tells is set here. */
void message_add_hit(struct inspect *m, long first, const struct detector_hit *hit,
		     struct sighting *s);

/* One of a single test, whose value is set: if it looks there and wants the value. */
void message_add_sighting(struct inspect *m, size_t test, struct sighting *s);
