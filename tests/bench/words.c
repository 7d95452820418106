/* words: a dictionary beside libhs's literals, within one process.
 *
 *     bench_words TERMS FILE   16 MiB of text: MB/s of CPU time, and seconds until each is
 *                              ready; FILE is written: the terms
 *
 * libhs only finds letters here; whole words, folding and blanks would come on top. */
#include "common.h"

#include "inspect/words.h"

#include <hs.h>

enum { TEXT = 16 << 20, PIECE = 6144, TERM = 40 };

static double cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void die(const char *what)
{
	fprintf(stderr, "bench_words: %s\n", what);
	exit(1);
}

/* Every third term has two words. */
static char (*make_terms(size_t count, const char *path))[TERM]
{
	char(*terms)[TERM] = calloc(count, TERM);
	FILE *file = fopen(path, "w");

	if (!terms || !file)
		die("no terms");
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;
		for (size_t word = 0; word < (i % 3 ? 1 : 2); word++) {
			if (word)
				terms[i][n++] = ' ';
			for (size_t k = 5 + rnd() % 6; k > 0; k--)
				terms[i][n++] = (char)('a' + rnd() % 26);
		}
		fprintf(file, "%s\n", terms[i]);
	}
	fclose(file);
	return terms;
}

static char *make_text(void)
{
	char *text = malloc(TEXT);

	for (size_t n = 0; n < TEXT;) {
		for (size_t k = 2 + rnd() % 9; k > 0 && n < TEXT; k--)
			text[n++] = "etaoinshrdlu"[rnd() % 12];
		if (n < TEXT)
			text[n++] = rnd() % 15 ? ' ' : '\n';
	}
	return text;
}

static void measure_ours(const char *path, const char *text, double *ready, double *speed)
{
	static const struct rules_place place = { "bench", 1 };
	struct words_hit hits[WORDS_LENGTH_MAX];
	struct slice rest = { text, TEXT };
	struct words_state state = { 0 };
	struct words *words = words_new();
	const struct mime_token *token;
	struct mime_tokens tokens;
	double begin = cpu();

	if (!words || words_add(words, path, &place, 1, NULL) != RC_OK)
		die("the terms cannot be read");
	*ready = cpu() - begin;
	begin = cpu();
	mime_tokens_begin(&tokens);
	while ((token = mime_token_take(&tokens, &rest)))
		(void)words_take(words, &state, token, hits);
	*speed = TEXT / (cpu() - begin) / 1e6;
	words_free(words);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
		    void *of)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(unsigned long *)of;
	return 0;
}

static void measure_libhs(char (*terms)[TERM], size_t count, const char *text, double *ready,
			  double *speed)
{
	const char **expressions = calloc(count, sizeof *expressions);
	unsigned *flags = calloc(count, sizeof *flags), *ids = calloc(count, sizeof *ids);
	size_t *lengths = calloc(count, sizeof *lengths);
	hs_database_t *database = NULL;
	hs_compile_error_t *error = NULL;
	hs_scratch_t *scratch = NULL;
	hs_stream_t *stream = NULL;
	unsigned long matches = 0;
	double begin = cpu();

	for (size_t i = 0; i < count; i++) {
		expressions[i] = terms[i];
		lengths[i] = strlen(terms[i]);
		flags[i] = HS_FLAG_CASELESS;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_lit_multi(expressions, flags, ids, lengths, (unsigned)count, HS_MODE_STREAM,
				 NULL, &database, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(database, &scratch) != HS_SUCCESS ||
	    hs_open_stream(database, 0, &stream) != HS_SUCCESS)
		die("libhs");
	*ready = cpu() - begin;
	begin = cpu();
	for (size_t at = 0; at < TEXT; at += PIECE)
		(void)hs_scan_stream(stream, text + at,
				     (unsigned)(TEXT - at < PIECE ? TEXT - at : PIECE), 0, scratch,
				     on_match, &matches);
	*speed = TEXT / (cpu() - begin) / 1e6;
	hs_close_stream(stream, NULL, NULL, NULL);
	hs_free_scratch(scratch);
	hs_free_database(database);
	free(expressions);
	free(flags);
	free(ids);
	free(lengths);
}

int main(int argc, char **argv)
{
	double ready, speed, bare_ready, bare_speed;
	uint64_t count = 0;

	if (argc != 3 || !slice_to_u64(slice_of(argv[1]), &count) || count == 0)
		die("say how many terms, and a file for them");
	char(*terms)[TERM] = make_terms(count, argv[2]);
	char *text = make_text();
	measure_ours(argv[2], text, &ready, &speed);
	measure_libhs(terms, count, text, &bare_ready, &bare_speed);
	printf("ours %.6g bare %.6g ready %.3f %.3f\n", speed, bare_speed, ready, bare_ready);
	free(terms);
	free(text);
	return 0;
}
