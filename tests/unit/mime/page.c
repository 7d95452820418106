#include "mime/page.h"

#include "support/unit.h"

static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "nothing is hidden", "<p>a</p>", "\na\n" },
	{ "a comment comes last", "41<!-- b -->11", "4111\n b -- " },
	{ "a comment that never ends", "a<!--b", "a\nb" },
	{ "a comment of nothing", "a<!-->b", "ab\n " },
	{ "tags in a comment", "<!--<p>41<b>11</b>-->", "\n\n4111-- " },
	{ "a comment's own hidden text", "<!--<img alt='4111'>-->", "\n-- \n4111 " },
	{ "a declaration", "<!ENTITY x '4111'>a", "a\nENTITY x '4111' " },
	{ "a processing instruction", "<?x 4111?>a", "a\nx 4111? " },
	{ "an end tag of no name", "</ 4111>a", "a\n4111 " },
	{ "what a picture says", "<img alt=\"4111\">a", "a\n4111 " },
	{ "in single quotes", "<img alt='41\"11'>a", "a\n41\"11 " },
	{ "without quotes", "<img alt=4111>a", "a\n4111 " },
	{ "several", "<input name=n value=a placeholder = b\ttitle\n=\n'c'/>", "\na b c " },
	{ "references", "<b title='&#52;111'>", "\n4111 " },
	{ "in any case", "<B TITLE=4111>", "\n4111 " },
	{ "after a slash", "<br/title=4111>", "\n\n4111 " },
	{ "data of scripts", "<b data-card-number-of-customer=4111>", "\n4111 " },
	{ "a name that only begins like one of ours", "<b titles=4111 alt2=4111>", "" },
	{ "a name longer than any", "<b aria-labelled-by=4111>", "" },
	{ "links and styles are not words", "<a href=4111 style=4111 class=4111>x", "x" },
	{ "a script's text is no markup", "<script>'<!-- a -->'</script>", "\n'<!-- a -->'\n" },
};

static void take_end(struct mime_page *p, struct buf *out)
{
	char piece[2 * HTML_ROOM];
	size_t n;

	while ((n = mime_page_end(p, piece, sizeof piece)))
		assert_int_equal(buf_add(out, piece, n), RC_OK);
}

static void take(struct mime_page *p, struct slice chunk, struct buf *out)
{
	char piece[HTML_ROOM];

	while (chunk.len)
		assert_int_equal(
			buf_add(out, piece, mime_page_push(p, &chunk, piece, sizeof piece)), RC_OK);
}

static void test_rows_in_chunks_of_every_size(void **state)
{
	(void)state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t step = 1; step <= strlen(rows[i].in); step++) {
			struct slice in = slice_of(rows[i].in);
			struct buf out = BUF_INIT(1024);
			struct mime_page p;
			mime_page_init(&p);
			while (in.len) {
				struct slice chunk = { in.at, step < in.len ? step : in.len };
				in = (struct slice){ in.at + chunk.len, in.len - chunk.len };
				take(&p, chunk, &out);
			}
			take_end(&p, &out);
			if (strcmp(buf_text(&out), rows[i].out) != 0 || p.lost)
				fail_msg("%s, by %zu: \"%s\"", rows[i].name, step, buf_text(&out));
			buf_free(&out);
			mime_page_fini(&p);
		}
	}
}

static void test_bounds_are_told(void **state)
{
	static const char deep[] = "<!-- <b title='<!-- <b title=\"<b data-x=4111>\"> --'>";
	struct buf out = BUF_INIT(4 * PAGE_HIDDEN_MAX);
	struct mime_page p;
	(void)state;

	mime_page_init(&p);
	take(&p, SLICE("<!--"), &out);
	for (unsigned i = 0; i < PAGE_HIDDEN_MAX; i++)
		take(&p, SLICE("x"), &out);
	take(&p, SLICE("-->"), &out);
	take_end(&p, &out);
	assert_true(p.lost);
	mime_page_fini(&p);

	buf_clear(&out);
	mime_page_init(&p);
	take(&p, slice_of(deep), &out);
	take_end(&p, &out);
	assert_true(p.lost);
	mime_page_fini(&p);
	buf_free(&out);
}

static void test_files_in_links_are_seen(void **state)
{
	static const struct {
		const char *in;
		bool encloses;
	} links[] = {
		{ "<a href='data:application/zip;base64,UEs='>x</a>", true },
		{ "<a href= Data:text/plain,4111>", true },
		{ "<!-- <a href='data:text/plain,4111'> -->", true },
		{ "<img src=data:image/png;base64,iVBO>", false },
		{ "<a href='https://a.example/data:text/plain'>", false },
		{ "<a href='data:x'>data:text/plain,4111", false },
	};
	(void)state;

	for (size_t i = 0; i < COUNT(links); i++) {
		struct slice in = slice_of(links[i].in);
		struct mime_page p;
		char out[1024];
		mime_page_init(&p);
		while (in.len)
			mime_page_push(&p, &in, out, sizeof out);
		while (mime_page_end(&p, out, sizeof out))
			continue;
		if (p.encloses != links[i].encloses)
			fail_msg("%s", links[i].in);
		mime_page_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_in_links_are_seen),
		cmocka_unit_test(test_rows_in_chunks_of_every_size),
		cmocka_unit_test(test_bounds_are_told),
	};
	return cmocka_run_group_tests_name("mime/page", tests, NULL, NULL);
}
