#include "inspect/weigh.h"

#include "inspect/expression.h"
#include "inspect/matcher.h"

#include <time.h>

enum {
	TEXT = 256 * 1024, /* bytes scanned: well within a cache, and many times a mail */
	ROUNDS = 3,        /* the quickest counts: whatever disturbs makes it slower */
};

/* Mail as people write it: words that begin alike, numbers, addresses, quotes. */
static const char sample[] =
	"Dear Ms Miller,\n\nthank you for the invoice 4711-2026 of 12 November. The project team "
	"has\n"
	"read the contract and the two amendments; please find our comments below.\n\n"
	"> On Mon, 9 Nov 2026 at 10:15, Jane Doe <jane.doe@partner.example> wrote:\n"
	"> The payment of EUR 12,450.00 was made on account 0532013000, reference A-99/7.\n"
	"> Could you tell the others that the meeting on Thursday is in room 3.14 again?\n\n"
	"* the report (draft), see https://www.partner.example/documents?id=87123&v=2\n"
	"* a list of all patients, customers and employees who asked for that\n\n"
	"With kind regards\nJohn Smith\n-- \nOur Example Ltd, 1 High Street, Springfield\n"
	"Phone: +44 20 7946 0958, http://our.example/\n\n";

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void ignore(void *of, unsigned id, uint64_t from, uint64_t to)
{
	(void)of;
	(void)id;
	(void)from;
	(void)to;
}

/* Nanoseconds for the whole text, or -1: out of memory. */
static int64_t scan_once(struct matcher_stream *stream, struct matcher_scratch *scratch)
{
	int64_t begun = now_ns();
	bool done = true;

	for (size_t i = 0; done && i < TEXT / sizeof sample; i++)
		done = matcher_stream_scan(stream, (struct slice){ sample, sizeof sample - 1 },
					   scratch, ignore, NULL);
	int64_t took = now_ns() - begun;
	return matcher_stream_end(stream, scratch, ignore, NULL) && done ? took : -1;
}

static enum rc scan(const struct matcher *m, double *ns_per_byte, struct fault *why)
{
	struct matcher_pool *pool = NULL;
	int64_t best = -1, one = 0;

	if (matcher_pool_new(&m, 1, &pool) != RC_OK)
		return fault(why, RC_NOMEM, "out of memory");
	struct matcher_scratch *scratch = matcher_borrow(pool);
	struct matcher_stream *stream = matcher_stream_open(m);
	for (int i = 0; scratch && stream && one >= 0 && i < ROUNDS; i++) {
		one = scan_once(stream, scratch);
		best = best < 0 || one < best ? one : best;
	}
	matcher_stream_free(stream);
	matcher_give_back(pool, scratch);
	matcher_pool_free(pool);
	*ns_per_byte = (double)best / TEXT;
	return best >= 0 ? RC_OK : fault(why, RC_NOMEM, "out of memory");
}

static enum rc weigh_alone(const char *expression, struct weigh *out, struct fault *why)
{
	const struct matcher_pattern p = { .expression = expression, .once = true, .lines = true };
	struct matcher *m = NULL;
	int64_t begun = now_ns();
	enum rc rc = matcher_compile(&p, 1, MATCHER_STREAM, &m, why);

	if (rc != RC_OK)
		return rc;
	out->compile_ms = (unsigned)((now_ns() - begun) / 1000000);
	rc = scan(m, &out->ns_per_byte, why);
	matcher_free(m);
	return rc;
}

enum rc weigh_expression(const char *expression, struct weigh *out, struct fault *why)
{
	const struct matcher_pattern p = { .expression = expression, .once = true, .lines = true };
	const struct expression look = expression_look(slice_of(expression));
	struct weigh plain = { 0 };
	struct weigh w = { .any = look.any, .leading = look.leading, .trailing = look.trailing };
	enum rc rc = matcher_shortest(&p, &w.shortest, why);

	if (rc == RC_OK)
		rc = weigh_alone("confidential", &plain, why);
	if (rc == RC_OK)
		rc = weigh_alone(expression, &w, why);
	if (rc != RC_OK)
		return rc;
	w.plain_ns = plain.ns_per_byte;
	*out = w;
	return RC_OK;
}

static void note(void *of, unsigned id, uint64_t from, uint64_t to)
{
	(void)id;
	(void)from;
	(void)to;
	*(bool *)of = true;
}

bool weigh_matches(const char *expression, const char *const *texts)
{
	const struct matcher_pattern p = { .expression = expression, .once = true };
	struct matcher *m = NULL;
	struct matcher_pool *pool = NULL;
	bool any = false;

	if (matcher_compile(&p, 1, MATCHER_BLOCK, &m, NULL) != RC_OK)
		return true;
	const struct matcher *const all[] = { m };
	if (matcher_pool_new(all, 1, &pool) == RC_OK) {
		struct matcher_scratch *scratch = matcher_borrow(pool);
		for (; scratch && *texts && !any; texts++)
			(void)!matcher_scan(m, slice_of(*texts), scratch, note, &any);
		any |= !scratch;
		matcher_give_back(pool, scratch);
	} else {
		any = true;
	}
	matcher_pool_free(pool);
	matcher_free(m);
	return any;
}
