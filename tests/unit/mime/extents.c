#include "mime/extents.h"

#include "base/buf.h"

#include "support/unit.h"

#define BODY_OF(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\r\n\r\n"

static const struct {
	const char *name, *type, *body;
	const char *out; /* path, type, bytes; closed multiparts "!", attached parts "+" */
} rows[] = {
	{ "a message without parts is one", "text/plain", "hello\r\n",
	  "1 text/plain [hello\r\n]\n" },
	{ "an empty body", "text/plain", "", "1 text/plain []\n" },
	{ "the line end before a boundary is the boundary's", "multipart/mixed; boundary=b",
	  "--b\r\n\r\none\r\n--b\r\nContent-Type: text/html\r\n\r\ntwo\r\n--b--\r\n",
	  "1 text/plain [\r\none]\n2 text/html [Content-Type: text/html\r\n\r\ntwo]\n"
	  "! multipart/mixed all\n" },
	{ "what stands before and after the parts", "multipart/mixed; boundary=b",
	  "before\r\n--b\r\n\r\none\r\n--b-- \t\r\nafter\r\n",
	  "preamble text/plain [before]\n1 text/plain [\r\none]\nepilogue text/plain [after\r\n]\n"
	  "! multipart/mixed all\n" },
	{ "LF and CR alone", "multipart/mixed; boundary=b", "--b\n\none\n--b\r\rtwo\r--b--\n",
	  "1 text/plain [\none]\n2 text/plain [\rtwo]\n! multipart/mixed all\n" },
	{ "a part without a blank line", "multipart/mixed; boundary=b",
	  "--b\r\nContent-Type: image/png\r\n--b--",
	  "1+ image/png [Content-Type: image/png]\n! multipart/mixed all\n" },
	{ "an empty part", "multipart/mixed; boundary=b", "--b\r\n--b--",
	  "1 text/plain []\n! multipart/mixed all\n" },
	{ "no last boundary", "multipart/mixed; boundary=b", "--b\r\n\r\none\r\n",
	  "1 text/plain [\r\none\r\n]\n multipart/mixed all\n" },
	{ "a multipart in a multipart", "multipart/mixed; boundary=b",
	  "--b\r\n" BODY_OF(
		  "c") "inner\r\n--c\r\n\r\none\r\n--c--\r\nrest\r\n--b\r\n\r\ntwo\r\n--b--\r\n",
	  "1.1 text/plain [\r\none]\n1/epilogue text/plain [rest]\n"
	  "1! multipart/mixed [" BODY_OF("c") "inner\r\n--c\r\n\r\none\r\n--c--\r\nrest]\n"
					      "2 text/plain [\r\ntwo]\n! multipart/mixed all\n" },
	{ "an outer boundary ends inner parts", "multipart/mixed; boundary=b",
	  "--b\r\n" BODY_OF("c") "--c\r\n\r\none\r\n--b--\r\n",
	  "1.1 text/plain [\r\none]\n1 multipart/mixed [" BODY_OF("c") "--c\r\n\r\none]\n"
								       "! multipart/mixed all\n" },
	{ "a nested message is one part, whatever is in it", "multipart/mixed; boundary=b",
	  "--b\r\nContent-Type: message/rfc822\r\n\r\n" BODY_OF(
		  "c") "--c\r\n\r\none\r\n--c--\r\n--b--",
	  "1+ message/rfc822 [Content-Type: message/rfc822\r\n\r\n" BODY_OF(
		  "c") "--c\r\n\r\none\r\n--c--]\n! multipart/mixed all\n" },
	{ "a part beyond the limit", "multipart/mixed; boundary=b",
	  "--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b\r\n\r\n3\r\n--b\r\n\r\n4\r\n--b\r\n\r\nfive\r\n--b-"
	  "-",
	  "1 text/plain [\r\n1]\n2 text/plain [\r\n2]\n3 text/plain [\r\n3]\n4 text/plain [\r\n4]\n"
	  "5+  [\r\nfive]\n! multipart/mixed all\n" },
};

static void say(const struct mime_extents *parts, const char *body, struct buf *out)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct mime_extent *e = &parts->at[i];
		(void)buf_addf(out, "%s%s%s %s ", e->path, e->closed ? "!" : "",
			       e->attached ? "+" : "", e->type);
		if (*e->path)
			(void)buf_addf(out, "[%.*s]\n", (int)(e->end - e->begin), body + e->begin);
		else
			(void)buf_addf(out, "%s\n",
				       e->begin == 0 && e->end == strlen(body) ? "all" : "not all");
	}
}

static void read_parts(const char *type, const char *body, size_t step, struct mime_extents *parts)
{
	const struct mime_limits limits = { 8, 4, 4096, 1 << 20 };
	struct mime_decoder *d = mime_decoder_new(limits, &mime_extents_handler, parts);
	struct slice in = slice_of(body);

	assert_non_null(d);
	mime_decoder_header(d, SLICE("Content-Type"), slice_of(type));
	mime_decoder_headers_end(d);
	while (in.len) {
		size_t n = step < in.len ? step : in.len;
		mime_decoder_body(d, (struct slice){ in.at, n });
		in = (struct slice){ in.at + n, in.len - n };
	}
	mime_decoder_end(d);
	mime_decoder_free(d);
}

static void extents_are_exact_however_the_bytes_come(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 7, 4096 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			struct buf out = BUF_INIT(1 << 16);
			struct mime_extents parts = { .arena = arena_new(1 << 20) };
			read_parts(rows[i].type, rows[i].body, steps[k], &parts);
			say(&parts, rows[i].body, &out);
			assert_false(parts.lost);
			if (strcmp(buf_text(&out), rows[i].out) != 0)
				fail_msg("%s, by %zu: got\n%s", rows[i].name, steps[k],
					 buf_text(&out));
			arena_free(parts.arena);
			buf_free(&out);
		}
}

static void a_path_finds_its_part_or_what_it_stands_in(void **state)
{
	static const struct {
		const char *path, *found;
	} paths[] = {
		{ "1.1", "1.1" }, { "1", "1" },       { "1/preamble", "1" }, { "2", "2" },
		{ "2.1.4", "2" }, { "preamble", "" }, { "9", "" },
	};
	struct mime_extents parts = { .arena = arena_new(1 << 20) };

	(void)state;
	assert_null(mime_extents_find(&parts, "1"));
	read_parts("multipart/mixed; boundary=b",
		   "--b\r\n" BODY_OF("c") "x\r\n--c\r\n\r\none\r\n--c--\r\n--b\r\n\r\ntwo\r\n--b--",
		   9, &parts);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const struct mime_extent *e = mime_extents_find(&parts, paths[i].path);
		assert_non_null(e);
		assert_string_equal(e->path, paths[i].found);
	}
	arena_free(parts.arena);
}

static void a_full_arena_is_told(void **state)
{
	struct mime_extents parts = { .arena = arena_new(64) };

	(void)state;
	read_parts("multipart/mixed; boundary=b", rows[3].body, 9, &parts);
	assert_true(parts.lost);
	arena_free(parts.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_are_exact_however_the_bytes_come),
		cmocka_unit_test(a_path_finds_its_part_or_what_it_stands_in),
		cmocka_unit_test(a_full_arena_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
