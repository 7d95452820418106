/* inspect: the inspection beside the bare matcher, within one process.
 *
 *     bench_inspect match PATTERNS [ROUNDS]   16 MiB of text: MB/s of CPU time, ours and bare libhs's
 *     bench_inspect part PATTERNS [ROUNDS]    a 4 KiB multipart: us, ours and walk + match
 *     bench_inspect open PATTERNS             KiB that each of 1,000 open messages holds
 *     bench_inspect mail FILE                 the 4 KiB multipart, for what reads files
 *
 * The two sides take turns, and the medians are printed: "ours X bare Y ratio Z". */
#include "inspection.h"

#include "inspect/inspect.h"

enum { OPEN = 1000 };

static struct inspect_rules *rules;

/* As rules: a marker for each detector, and one for ten words. */
static void write_rules(unsigned wanted, unsigned count, const char *const *expressions,
			const unsigned *flags, FILE *to)
{
	const char *comma = "";

	fprintf(to, "markers = (");
	for (size_t i = 0; detector_at(i); i++)
		if (is_wanted(detector_at(i), wanted)) {
			fprintf(to, "%s{ name = \"%s\"; any = ( { detector = \"%s\"; } ); }", comma,
				detector_at(i)->name, detector_at(i)->name);
			comma = ",\n";
		}
	for (unsigned i = 0, open = 0; i < count; i++) {
		if (!(flags[i] & HS_FLAG_SINGLEMATCH))
			continue;
		if (open == 0)
			fprintf(to, "%s{ name = \"m%u\"; any = ( ", comma, i);
		fprintf(to, "%s{ body = \"%s\"; }", open ? ", " : "", expressions[i]);
		comma = ",\n";
		open = (open + 1) % 10;
		if (open == 0 || i + 1 == count)
			fprintf(to, " ); }");
	}
	fprintf(to, ");\n");
}

static void compile(unsigned wanted)
{
	static const char *expressions[PATTERNS_MAX];
	static unsigned flags[PATTERNS_MAX];
	unsigned count = compile_bare(wanted, expressions, flags);
	const struct rules *parsed;
	struct fault why;
	char *source;
	size_t size;

	FILE *f = open_memstream(&source, &size);
	write_rules(wanted, count, (const char *const *)expressions, flags, f);
	fclose(f);
	if (rules_parse((struct slice){ source, size }, "bench", &parsed, &why) != RC_OK ||
	    inspect_compile(parsed, INSPECT_LIMITS_DEFAULT, &rules, &why) != RC_OK)
		die(why.text);
}

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
	for (size_t i = 0; i < OPEN; i++)
		inspect_free(open[i]);
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
