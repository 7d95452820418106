#include "mime/leaf.h"

#include "support/unit.h"

struct heard {
	struct buf text, bytes, opaque;
	size_t enough; /* bytes after which no more text is wanted */
};

static bool hear_text(void *of, struct slice s)
{
	struct heard *h = of;

	assert_true(s.len > 0);
	assert_int_equal(buf_add_slice(&h->text, s), RC_OK);
	return h->text.len < h->enough;
}

static void hear_opaque(void *of, const char *why)
{
	assert_int_equal(buf_addf(&((struct heard *)of)->opaque, "%s|", why), RC_OK);
}

static void hear_bytes(void *of, struct slice s)
{
	assert_int_equal(buf_add_slice(&((struct heard *)of)->bytes, s), RC_OK);
}

static const struct {
	const char *name, *type, *encoding, *in;
	enum mime_kind kind;
	const char *text, *bytes, *opaque;
} rows[] = {
	{ "plain", "text/plain", "7bit", "4111", MIME_TEXT, "4111", "", "" },
	{ "short base64", "text/plain", "base64", "NDEx", MIME_TEXT, "411", "", "" },
	{ "HTML in quoted-printable", "text/html", "quoted-printable", "4=\r\n1&#4=\r\n9;<b>1",
	  MIME_HTML, "4111", "", "" },
	{ "Latin-1", "text/plain; charset=latin1", "quoted-printable", "=E9", MIME_TEXT, "\xC3\xA9",
	  "", "" },
	{ "a charset of no name we know", "text/plain; charset=\"x-\tz\"", "7bit", "4111",
	  MIME_TEXT, "4111", "", "charset x-?z|" },
	{ "a message", "message/rfc822", "base64", "NDExMTExMTExMQ==", MIME_MESSAGE, "",
	  "4111111111", "" },
	{ "a format that stays shut", "application/pdf", "7bit", "4111111111", MIME_DOCUMENT, "",
	  "", "pdf|" },
	{ "a picture", "image/png", "base64", "iVBORw0KGgoAAAANSUhEUg==", MIME_IGNORED, "", "",
	  "" },
	{ "a text that is called one", "image/png", "7bit", "4111111111", MIME_IGNORED,
	  "4111111111", "", "" },
	{ "bytes that are called one", "image/png", "base64", "AQIDAA==", MIME_IGNORED,
	  "\x01\x02\x03", "", "binary|" },
	{ "flowed text", "text/plain; format=Flowed", "7bit", "41 \r\n11", MIME_TEXT, "41 11", "",
	  "" },
	{ "flowed text, DelSp", "text/plain; format=flowed; delsp=YES", "quoted-printable",
	  "41=20\r\n11 ", MIME_TEXT, "4111 ", "", "" },
	{ "a folded line", "text/calendar", "7bit", "41\r\n 11\r\n", MIME_TEXT, "4111\r\n", "",
	  "" },
	{ "enriched text", "text/enriched", "7bit", "4<bold>1</bold>11", MIME_HTML, "4111", "",
	  "" },
	{ "a picture that is an archive", "image/png", "base64", "UEsDBAAAAAA=", MIME_IGNORED, "",
	  "", "zip|" },
	{ "a picture with an archive behind it", "image/png", "base64",
	  "iVBORw0KGgoAAEFQSwUGeA==", MIME_IGNORED, "", "", "zip|" },
	{ "bytes that are called a text", "text/plain", "base64", "AQIDAQIDBAU=", MIME_TEXT,
	  "\x01\x02\x03\x01\x02\x03\x04\x05", "", "binary|" },
	{ "text that begins like an archive", "text/plain", "7bit", "{\\rtf1 4111", MIME_TEXT,
	  "{\\rtf1 4111", "", "rtf|" },
	{ "an archive without a type", "application/x", "base64", "UEsDBAAAAAA=", MIME_BINARY, "",
	  "", "zip|" },
};

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct heard h = { BUF_INIT(256), BUF_INIT(256), BUF_INIT(256), 256 };
			struct mime_sink sink = { &h, hear_text, hear_opaque, hear_bytes };
			struct slice in = { rows[i].in, strlen(rows[i].in) };
			struct mime_content c;
			struct mime_leaf leaf;
			const char *format;
			mime_content_init(&c, false);
			mime_content_take(&c, SLICE("Content-Type"),
					  (struct slice){ rows[i].type, strlen(rows[i].type) });
			mime_content_take(
				&c, SLICE("Content-Transfer-Encoding"),
				(struct slice){ rows[i].encoding, strlen(rows[i].encoding) });
			assert_int_equal(mime_content_kind(&c, &format), rows[i].kind);
			mime_leaf_init(&leaf, &c, rows[i].kind, format, &sink);
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				mime_leaf_push(&leaf, chunk);
			}
			mime_leaf_end(&leaf);
			mime_leaf_fini(&leaf);
			mime_content_fini(&c);
			if (strcmp(buf_text(&h.text), rows[i].text) != 0 ||
			    strcmp(buf_text(&h.bytes), rows[i].bytes) != 0 ||
			    strcmp(buf_text(&h.opaque), rows[i].opaque) != 0)
				fail_msg("%s, by %zu: \"%s\" \"%s\" %s", rows[i].name, step,
					 buf_text(&h.text), buf_text(&h.bytes),
					 buf_text(&h.opaque));
			buf_free(&h.text);
			buf_free(&h.bytes);
			buf_free(&h.opaque);
		}
	}
}

static void test_a_sink_that_has_enough_hears_no_more(void **state)
{
	struct heard h = { BUF_INIT(1024), BUF_INIT(256), BUF_INIT(256), 10 };
	struct mime_sink sink = { &h, hear_text, hear_opaque, hear_bytes };
	struct mime_content c;
	struct mime_leaf leaf;
	(void)state;

	mime_content_init(&c, false);
	mime_leaf_init(&leaf, &c, MIME_TEXT, "", &sink);
	for (int i = 0; i < 200; i++)
		mime_leaf_push(&leaf, SLICE("0123"));
	mime_leaf_end(&leaf);
	assert_int_equal(h.text.len, MAGIC_HEAD);
	mime_leaf_fini(&leaf);
	mime_content_fini(&c);
	buf_free(&h.text);
}

static bool hear_document(void *of, const char *format, bool within)
{
	struct heard *h = of;

	assert_int_equal(buf_addf(&h->opaque, "%s%s(", within ? "+" : "", format), RC_OK);
	return strcmp(format, "rtf") != 0;
}

static void hear_document_end(void *of)
{
	assert_int_equal(buf_add_text(&((struct heard *)of)->opaque, ")"), RC_OK);
}

static const struct {
	const char *name, *type, *in;
	const char *text, *bytes, *events;
} documents[] = {
	{ "by its header", "application/pdf", "4111", "", "4111", "pdf()" },
	{ "by its first bytes", "application/octet-stream", "PK\3\4abc", "", "PK\3\4abc", "zip()" },
	{ "shown as text, too", "text/plain", "%PDF-1.7", "%PDF-1.7", "%PDF-1.7", "pdf()" },
	{ "one that the sink does not want", "application/rtf", "4111", "", "", "rtf(rtf|" },
	{ "plain text is none", "application/octet-stream", "4111", "4111", "", "" },
	{ "within a text", "text/plain", "a\nbegin 644 f\n#0V%T\n`\nend\nb\n",
	  "a\nbegin 644 f\n#0V%T\n`\nend\nb\n", "begin 644 f\n#0V%T\n`\nend\n", "+uuencode()" },
	{ "within a text that ends early", "text/plain", "begin 644 f\n#0V", "begin 644 f\n#0V",
	  "begin 644 f\n#0V", "+uuencode()" },
	{ "not within HTML", "text/html", "begin 644 f\n#0V", "begin 644 f #0V", "", "" },
};

static void test_documents_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(documents); i++) {
		for (size_t step = 1; step <= strlen(documents[i].in); step++) {
			struct heard h = { BUF_INIT(256), BUF_INIT(256), BUF_INIT(256), 256 };
			struct mime_sink sink = { &h,
						  hear_text,
						  hear_opaque,
						  hear_bytes,
						  hear_document,
						  hear_bytes,
						  hear_document_end };
			struct slice in = slice_of(documents[i].in);
			struct mime_content c;
			struct mime_leaf leaf;
			const char *format;
			mime_content_init(&c, false);
			mime_content_take(&c, SLICE("Content-Type"), slice_of(documents[i].type));
			enum mime_kind kind = mime_content_kind(&c, &format);
			mime_leaf_init(&leaf, &c, kind, format, &sink);
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				mime_leaf_push(&leaf, chunk);
			}
			mime_leaf_end(&leaf);
			mime_leaf_fini(&leaf);
			mime_content_fini(&c);
			if (strcmp(buf_text(&h.text), documents[i].text) != 0 ||
			    strcmp(buf_text(&h.bytes), documents[i].bytes) != 0 ||
			    strcmp(buf_text(&h.opaque), documents[i].events) != 0)
				fail_msg("%s, by %zu: \"%s\" \"%s\" %s", documents[i].name, step,
					 buf_text(&h.text), buf_text(&h.bytes),
					 buf_text(&h.opaque));
			buf_free(&h.text);
			buf_free(&h.bytes);
			buf_free(&h.opaque);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_documents_in_chunks_of_every_size),
		cmocka_unit_test(test_a_sink_that_has_enough_hears_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
