/* gmime: the 4 KiB multipart of bench_inspect by GMime, what it decodes by bare libhs.
 *
 *     bench_gmime PATTERNS [ROUNDS]      us for each: "ours 0 bare X ratio 0" */
#include "inspection.h"

#include <gmime/gmime.h>

static void scan_part(GMimeObject *parent, GMimeObject *part, gpointer of)
{
	(void)parent, (void)of;
	if (!GMIME_IS_PART(part))
		return;
	GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(part));
	GMimeStream *memory = g_mime_stream_mem_new();
	if (content)
		g_mime_data_wrapper_write_to_stream(content, memory);
	GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory));
	scan_bare((const char *)bytes->data, bytes->len);
	g_object_unref(memory);
}

static char whole[16384];
static size_t whole_len;

static void write_whole(void)
{
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		whole_len +=
			(size_t)sprintf(whole + whole_len, "%s:%s\r\n", fields[i][0], fields[i][1]);
	whole_len += (size_t)sprintf(whole + whole_len, "Content-Type:%s\r\n\r\n", mixed);
	memcpy(whole + whole_len, small, small_len);
	whole_len += small_len;
}

static void once(void)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(whole, whole_len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	g_mime_message_foreach(message, scan_part, NULL);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

int main(int argc, char **argv)
{
	enum { TIMES = 2000 };
	static const char *expressions[PATTERNS_MAX];
	static unsigned flags[PATTERNS_MAX];
	double took[ROUNDS_MAX];
	int rounds = argc > 2 ? atoi(argv[2]) : 7;

	if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX)
		die("usage: bench_gmime PATTERNS [ROUNDS]");
	g_mime_init();
	write_text();
	write_small();
	write_whole();
	compile_bare((unsigned)atoi(argv[1]), expressions, flags);
	for (int i = 0; i < rounds; i++) {
		double t0 = cpu();
		for (int k = 0; k < TIMES; k++)
			once();
		took[i] = (cpu() - t0) * 1e6 / TIMES;
	}
	printf("ours 0 bare %.6g ratio 0\n", median(took, rounds));
	return 0;
}
