/* inspect/matcher.h: many regular expressions, searched for at once.
 *
 *     { 0, "\\[secure\\]", … }  { 1, "[0-9](?:[ -]?[0-9]){11}[^0-9]", … }
 *         over "pay [secure] …"  →  match 0 ends at 12
 *
 * Case-insensitive, over valid UTF-8. A match in a stream is told by its end
 * alone: knowing the start too would cost five times as much, and what needs it
 * looks back by itself. The scan's working memory is borrowed for each call,
 * since a milter's callbacks hop between threads.
 *
 * This is the only place that knows libhs (Hyperscan or Vectorscan).
 *
 * Memory   matchers are immutable; matcher_free(). A stream: a few hundred bytes
 * Threads  matchers and pools: any; a stream: one user at a time */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "base/slice.h"
#include "settings/rules.h"

struct matcher;
struct matcher_stream;
struct matcher_pool;
struct matcher_scratch;

enum matcher_mode {
	MATCHER_BLOCK,  /* whole texts */
	MATCHER_STREAM, /* texts in pieces */
	MATCHER_SPANS,  /* whole texts, with the start of each match: slow, for few */
};

struct matcher_pattern {
	unsigned id;
	const char *expression;
	bool once;                       /* one match in a text is enough */
	bool lines;                      /* ^ and $ match at line ends */
	const struct rules_place *place; /* NULL: our own */
};

/* from: 0 but in MATCHER_SPANS; to: offset in the text of the byte after. */
typedef void matcher_hit(void *of, unsigned id, uint64_t from, uint64_t to);

/* RC_INVALID: an expression does not compile, matches the empty string, or would take minutes
 * to compile (inspect/expression.h); *why is "FILE:LINE: …". RC_NOMEM. */
enum rc matcher_compile(const struct matcher_pattern *patterns, size_t count,
			enum matcher_mode mode, struct matcher **out, struct fault *why);
void matcher_free(struct matcher *m); /* NULL is fine */

/* Bytes, at least, of what the expression matches. As matcher_compile(). */
enum rc matcher_shortest(const struct matcher_pattern *pattern, unsigned *bytes, struct fault *why);
/* As bytes, for one version of libhs on one kind of processor, which matcher_platform() names.
 * NULL is nothing, as bytes too. RC_LIMIT, RC_NOMEM as out says. */
enum rc matcher_platform(struct buf *out);
enum rc matcher_save(const struct matcher *m, struct buf *out);
/* Takes one off the front. libhs must believe what it reads: only bytes that nobody else can
 * have written. RC_INVALID: not of this version and processor. RC_NOMEM. */
enum rc matcher_load(struct slice *bytes, struct matcher **out);

/* Working memory that serves all of the matchers (NULLs among them are fine), one
 * borrower at a time each. */
enum rc matcher_pool_new(const struct matcher *const *matchers, size_t count,
			 struct matcher_pool **out);
void matcher_pool_free(struct matcher_pool *p); /* NULL is fine; nothing may be lent out */
struct matcher_scratch *matcher_borrow(struct matcher_pool *p); /* NULL: out of memory */
void matcher_give_back(struct matcher_pool *p, struct matcher_scratch *scratch); /* NULL is fine */

/* All of them: false when memory is out, and the text counts as unread. hit must
 * not scan with the same scratch. */
bool matcher_scan(const struct matcher *m, struct slice text, struct matcher_scratch *scratch,
		  matcher_hit *hit, void *of);
struct matcher_stream *matcher_stream_open(const struct matcher *m); /* NULL: out of memory */
bool matcher_stream_scan(struct matcher_stream *s, struct slice piece,
			 struct matcher_scratch *scratch, matcher_hit *hit, void *of);
/* The text ends; the stream is then ready for another. */
bool matcher_stream_end(struct matcher_stream *s, struct matcher_scratch *scratch, matcher_hit *hit,
			void *of);
void matcher_stream_free(struct matcher_stream *s); /* NULL is fine */
