/* inspection.h: what the benches of inspection share: the expressions, bare libhs with them, a
 * text, a small multipart, and two sides in turns.
 *
 * Expressions: up to 100 the card's and words, as the milter's bench has them as rules; beyond,
 * those of every detector that looks at text, and words. */
#pragma once

#include "common.h"

#include "inspect/detector.h"

#include <hs.h>
#include <stdbool.h>

enum {
	TEXT = 16 << 20,
	CHUNK = 65535,
	SMALL = 3000,
	PATTERNS_MAX = 4000,
	DETECTORS_FROM = 101, /* expressions */
};

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

static char *text; /* TEXT bytes */
static hs_database_t *bare;
static hs_scratch_t *scratch;

__attribute__((noreturn)) static void die(const char *what)
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

static bool is_wanted(const struct detector *d, unsigned patterns)
{
	if (!d->patterns[0] || !(d->where & (RULES_BODY | RULES_ATTACHMENT)))
		return false;
	return patterns >= DETECTORS_FROM || strcmp(d->name, "payment-card") == 0;
}

static unsigned fill_patterns(unsigned wanted, const char **expressions, unsigned *flags)
{
	unsigned count = 0;

	for (size_t i = 0; detector_at(i); i++)
		for (size_t k = 0; k < DETECTOR_PATTERNS_MAX && detector_at(i)->patterns[k]; k++) {
			bool seen = !is_wanted(detector_at(i), wanted);
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

static unsigned compile_bare(unsigned wanted, const char **expressions, unsigned *flags)
{
	static unsigned ids[PATTERNS_MAX];
	unsigned count = fill_patterns(wanted, expressions, flags);
	hs_compile_error_t *error;

	for (unsigned i = 0; i < count; i++)
		ids[i] = i;
	if (hs_compile_multi(expressions, flags, ids, count, HS_MODE_STREAM, NULL, &bare, &error) !=
		    HS_SUCCESS ||
	    hs_alloc_scratch(bare, &scratch) != HS_SUCCESS)
		die("libhs does not compile it");
	return count;
}

static int count_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		       void *of)
{
	(void)id, (void)from, (void)to, (void)flags, (void)of;
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
