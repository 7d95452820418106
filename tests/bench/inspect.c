/* inspect: the inspection beside the bare matcher, within one process.
 *
 *     bench_inspect match PATTERNS [ROUNDS]   16 MiB of text: MB/s of CPU time, ours and bare libhs's
 *     bench_inspect part PATTERNS [ROUNDS]    a 4 KiB multipart: us, ours and walk + match
 *     bench_inspect open PATTERNS             KiB that each of 1,000 open messages holds
 *     bench_inspect mail FILE                 the 4 KiB multipart, for what reads files
 *
 * PATTERNS: so many expressions; from 100 on, every detector that looks at text is among them.
 * The two sides take turns, and the medians are printed: "ours X bare Y ratio Z". */
#include "common.h"

#include "inspect/detector.h"
#include "inspect/inspect.h"

#include <hs.h>
#include <stdbool.h>

enum { TEXT = 16 << 20, CHUNK = 65535, SMALL = 3000, OPEN = 1000, PATTERNS_MAX = 4000 };

static const char *const words[] = {
	"the",     "of",       "and",      "to",       "in",       "a",        "is",
	"that",    "for",      "it",       "as",       "was",      "with",     "be",
	"by",      "on",       "not",      "he",       "this",     "are",      "or",
	"his",     "from",     "at",       "which",    "but",      "have",     "an",
	"had",     "they",     "you",      "were",     "meeting",  "project",  "account",
	"please",  "invoice",  "quarter",  "figures",  "schedule", "tomorrow", "customer",
	"regards", "attached", "delivery", "contract", "office",   "evening",
};

/* Of this process: whoever else runs here counts less. */
static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static char *text, *source;
static struct inspect_rules *rules;
static hs_database_t *bare;
static hs_scratch_t *scratch;
static unsigned long bare_matches;

static void die(const char *what)
{
	fprintf(stderr, "bench_inspect: %s\n", what);
	exit(1);
}

/* Mail as people write it: short words in lines, a number now and then. */
static void write_text(void)
{
	size_t n = 0, column = 0;

	text = malloc(TEXT + 64);
	while (n < TEXT) {
		char number[24];
		const char *word = words[rnd() % (sizeof words / sizeof *words)];
		if (rnd() % 25 == 0) {
			int digits = rnd() % 12 ? 1 + (int)(rnd() % 4) : 6 + (int)(rnd() % 7);
			snprintf(number, sizeof number, "%.*s", digits, "730194826513");
			word = number;
		}
		size_t len = strlen(word);
		memcpy(text + n, word, len);
		n += len;
		column += len + 1;
		text[n++] = ' ';
		if (column > 68) {
			memcpy(text + n - 1, "\r\n", 2);
			n++;
			column = 0;
		}
	}
	memcpy(text + TEXT - 2, "\r\n", 2);
}

static unsigned fill_patterns(unsigned wanted, const char **expressions, unsigned *flags)
{
	unsigned count = 0;

	for (size_t i = 0; wanted >= 100 && detector_at(i); i++)
		for (size_t k = 0; k < DETECTOR_PATTERNS_MAX && detector_at(i)->patterns[k]; k++) {
			bool seen = !(detector_at(i)->where & (RULES_BODY | RULES_ATTACHMENT));
			for (unsigned j = 0; j < count; j++)
				seen |= strcmp(expressions[j], detector_at(i)->patterns[k]) == 0;
			if (seen)
				continue;
			flags[count] = HS_FLAG_CASELESS | HS_FLAG_UTF8;
			expressions[count++] = detector_at(i)->patterns[k];
		}
	for (unsigned i = 0; count < wanted; i++) {
		char *word = malloc(40);
		snprintf(word, 40, "project[ -]%03u[a-z]", i);
		flags[count] = HS_FLAG_CASELESS | HS_FLAG_UTF8 | HS_FLAG_SINGLEMATCH;
		expressions[count++] = word;
	}
	return count;
}

static void compile(unsigned wanted)
{
	static const char *expressions[PATTERNS_MAX];
	static unsigned flags[PATTERNS_MAX], ids[PATTERNS_MAX];
	unsigned count = fill_patterns(wanted, expressions, flags);
	hs_compile_error_t *error;
	struct fault why;
	const struct rules *parsed;

	for (unsigned i = 0; i < count; i++)
		ids[i] = i;
	if (hs_compile_multi(expressions, flags, ids, count, HS_MODE_STREAM, NULL, &bare, &error) !=
		    HS_SUCCESS ||
	    hs_alloc_scratch(bare, &scratch) != HS_SUCCESS)
		die("libhs does not compile it");
	source = malloc(100 * (size_t)count + 8192);
	size_t n = (size_t)sprintf(source, "markers = (");
	const char *comma = "";
	for (size_t i = 0; wanted >= 100 && detector_at(i); i++)
		if (detector_at(i)->patterns[0]) {
			n += (size_t)sprintf(
				source + n,
				"%s{ name = \"%s\"; any = ( { detector = \"%s\"; } ); }", comma,
				detector_at(i)->name, detector_at(i)->name);
			comma = ",\n";
		}
	for (unsigned i = 0; i < count; i++)
		if (flags[i] & HS_FLAG_SINGLEMATCH) {
			n += (size_t)sprintf(source + n,
					     "%s{ name = \"m%u\"; any = ( { body = \"%s\"; } ); }",
					     comma, i, expressions[i]);
			comma = ",\n";
		}
	n += (size_t)sprintf(source + n, ");\n");
	if (rules_parse((struct slice){ source, n }, "bench", &parsed, &why) != RC_OK ||
	    inspect_compile(parsed, INSPECT_LIMITS_DEFAULT, &rules, &why) != RC_OK)
		die(why.text);
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		       void *of)
{
	(void)id, (void)from, (void)to, (void)flags, (void)of;
	bare_matches++;
	return 0;
}

static void scan_bare(const char *at, size_t len)
{
	hs_stream_t *stream;

	if (hs_open_stream(bare, 0, &stream) != HS_SUCCESS)
		die("libhs opens no stream");
	for (size_t i = 0; i < len; i += CHUNK)
		if (hs_scan_stream(stream, at + i, (unsigned)(len - i < CHUNK ? len - i : CHUNK), 0,
				   scratch, count_match, NULL) != HS_SUCCESS)
			die("libhs does not scan");
	hs_close_stream(stream, scratch, count_match, NULL);
}

static const char *const fields[][2] = {
	{ "Received", " from client.example.net (client.example.net [192.0.2.7])\n\tby "
		      "mx.example.org (Postfix) with ESMTPS id 4ABC1234\n\tfor <bob@example.org>; "
		      "Sun, 22 Nov 2026 00:00:00 +0000 (UTC)" },
	{ "From", " Alice Example <alice@example.net>" },
	{ "To", " Bob Example <bob@example.org>" },
	{ "Subject", " Quarterly figures and the project schedule" },
	{ "Date", " Sun, 22 Nov 2026 00:00:00 +0000" },
	{ "Message-ID", " <20261122000000.12345@client.example.net>" },
	{ "MIME-Version", " 1.0" },
};

static void push_fields(struct inspect *m, const char *type)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		inspect_header(m, slice_of(fields[i][0]), slice_of(fields[i][1]));
	inspect_header(m, SLICE("Content-Type"), slice_of(type));
	inspect_headers_end(m);
}

static struct inspect *push(const char *type, const char *at, size_t len)
{
	struct inspect *m = inspect_open(rules);

	if (!m)
		die("out of memory");
	push_fields(m, type);
	for (size_t i = 0; i < len; i += CHUNK)
		inspect_body(m, (struct slice){ at + i, len - i < CHUNK ? len - i : CHUNK });
	return m;
}

static void inspect_whole(const char *type, const char *at, size_t len)
{
	struct inspect *m = push(type, at, len);

	if (inspect_end(m)->opaque_count)
		die("something was not read");
	inspect_free(m);
}

/* ---- the small multipart ---- */

static char small[8192];
static size_t small_len;
static const char mixed[] = " multipart/mixed; boundary=\"=_b1\"",
		  plain[] = " text/plain; charset=utf-8";

static void write_small(void)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *to =
		small + sprintf(small, "--=_b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");

	memcpy(to, text, SMALL / 2);
	to += SMALL / 2;
	to += sprintf(to, "\r\n--=_b1\r\nContent-Type: text/plain\r\n"
			  "Content-Transfer-Encoding: base64\r\n"
			  "Content-Disposition: attachment; filename=\"notes.txt\"\r\n\r\n");
	for (size_t i = SMALL / 2; i + 3 <= SMALL; i += 3) {
		const unsigned char *p = (const unsigned char *)text + i;
		uint32_t bits = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*to++ = digits[bits >> shift & 63];
		if ((i - SMALL / 2) % 57 == 54)
			to += sprintf(to, "\r\n");
	}
	to += sprintf(to, "\r\n--=_b1--\r\n");
	small_len = (size_t)(to - small);
}

static void no_field(void *of, const struct mime_field *f)
{
	(void)of, (void)f;
}

static void no_part(void *of, const struct mime_part *p)
{
	(void)of, (void)p;
}

static void no_text(void *of, struct slice t)
{
	(void)of, (void)t;
}

static void no_end(void *of)
{
	(void)of;
}

static void no_opaque(void *of, const char *path, const char *why)
{
	(void)of, (void)path, (void)why;
}

static void walk(void)
{
	static const struct mime_handler nobody = { .field = no_field,
						    .part = no_part,
						    .text = no_text,
						    .end = no_end,
						    .opaque = no_opaque };
	struct mime_decoder *d = mime_decoder_new(inspect_mime_limits(rules), &nobody, NULL);

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		mime_decoder_header(d, slice_of(fields[i][0]), slice_of(fields[i][1]));
	mime_decoder_header(d, SLICE("Content-Type"), slice_of(mixed));
	mime_decoder_headers_end(d);
	mime_decoder_body(d, (struct slice){ small, small_len });
	mime_decoder_end(d);
	mime_decoder_free(d);
}

/* ---- in turns ---- */

enum { ROUNDS_MAX = 100 };

static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, cmp_dbl);
	return v[n / 2];
}

static void tell(double *ours, double *theirs, int rounds, double scale)
{
	double ratio[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		ratio[i] = ours[i] / theirs[i];
		ours[i] *= scale;
		theirs[i] *= scale;
	}
	printf("ours %.6g bare %.6g ratio %.3f\n", median(ours, rounds), median(theirs, rounds),
	       median(ratio, rounds));
}

static void match(int rounds)
{
	double ours[ROUNDS_MAX], theirs[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		double t0 = cpu();
		inspect_whole(plain, text, TEXT);
		double t1 = cpu();
		scan_bare(text, TEXT);
		ours[i] = 1 / (t1 - t0);
		theirs[i] = 1 / (cpu() - t1);
	}
	tell(ours, theirs, rounds, TEXT / 1e6);
}

static void part(int rounds)
{
	enum { TIMES = 2000 };
	double ours[ROUNDS_MAX], theirs[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++) {
		double t0 = cpu();
		for (int k = 0; k < TIMES; k++)
			inspect_whole(mixed, small, small_len);
		double t1 = cpu();
		for (int k = 0; k < TIMES; k++) {
			walk();
			scan_bare(text, SMALL / 2);
			scan_bare(text + SMALL / 2, SMALL / 2);
		}
		ours[i] = t1 - t0;
		theirs[i] = cpu() - t1;
	}
	tell(ours, theirs, rounds, 1e6 / TIMES);
}

static void hold(void)
{
	static struct inspect *open[OPEN];

	inspect_whole(mixed, small, small_len);
	long before = rss_kib();
	for (size_t i = 0; i < OPEN; i++)
		open[i] = push(mixed, small, small_len / 2);
	printf("open %.2f\n", (double)(rss_kib() - before) / OPEN);
}

static void save(const char *path)
{
	FILE *f = fopen(path, "wb");

	if (!f)
		die("cannot write the file");
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		fprintf(f, "%s:%s\r\n", fields[i][0], fields[i][1]);
	fprintf(f, "Content-Type:%s\r\n\r\n", mixed);
	fwrite(small, 1, small_len, f);
	fclose(f);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die("usage: bench_inspect match|part|open PATTERNS [ROUNDS], or mail FILE");
	int rounds = argc > 3 ? atoi(argv[3]) : 7;
	rounds = rounds < 1 || rounds > ROUNDS_MAX ? 7 : rounds;
	write_text();
	write_small();
	if (strcmp(argv[1], "mail") == 0) {
		save(argv[2]);
		return 0;
	}
	compile((unsigned)atoi(argv[2]));
	if (strcmp(argv[1], "match") == 0)
		match(rounds);
	else if (strcmp(argv[1], "part") == 0)
		part(rounds);
	else
		hold();
	return 0;
}
