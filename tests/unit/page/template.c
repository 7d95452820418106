#include "page/template.h"

#include "support/unit.h"

static const struct page_value catalogue[] = {
	{ "a", { "first", 5 } },
	{ "ab", { "<b>", 3 } },
	{ "b", { "from {{=who}}!", 14 } },
	{ "title", { "R\xc3\xa9sum\xc3\xa9", 8 } },
};
static const struct page_texts texts = { COUNT(catalogue), catalogue };

static const struct page_value ann[] = { { "who", { "Ann", 3 } } };
static const struct page_value bob[] = { { "who", { "<Bob>", 5 } } };
static const struct page_scope people[] = {
	{ .section = "person", .value_count = 1, .values = ann },
	{ .section = "person", .value_count = 1, .values = bob },
	{ .section = "extra" },
};
static const struct page_value values[] = {
	{ "who", { "Z\"'&<>\x01", 7 } },
	{ "evil", { "{{a}}<!-- begin extra -->\xff\x00x", 28 } },
};
static const struct page_scope page = { NULL, 2, values, 3, people };

static const struct {
	const char *name, *template, *out, *why;
} table[] = {
	{ "plain text goes through", "<p>a</p>", "<p>a</p>", NULL },
	{ "a text", "{{a}}.", "first.", NULL },
	{ "a longer name is another one", "{{ab}}", "&lt;b&gt;", NULL },
	{ "a text that is not ASCII", "{{title}}", "R\xc3\xa9sum\xc3\xa9", NULL },
	{ "a value, escaped, without its control", "\"{{=who}}\"", "\"Z&quot;&#39;&amp;&lt;&gt;\"",
	  NULL },
	{ "a value within a text", "{{b}}", "from Z&quot;&#39;&amp;&lt;&gt;!", NULL },
	{ "a value is never a template", "{{=evil}}",
	  "{{a}}&lt;!-- begin extra --&gt;\xef\xbf\xbdx", NULL },
	{ "a section that is shown twice", "<!-- begin person -->{{=who}},<!-- end person -->",
	  "Ann,&lt;Bob&gt;,", NULL },
	{ "a section that is not shown", "a<!-- begin none -->{{=nothing}}<!-- end none -->b", "ab",
	  NULL },
	{ "one within another, shown by the page",
	  "<!-- begin person --><!-- begin extra -->{{=who}}<!-- end extra --><!-- end person -->",
	  "Ann&lt;Bob&gt;", NULL },
	{ "a section twice",
	  "<!-- begin extra -->1<!-- end extra --><!-- begin extra -->2<!-- end extra -->", "12",
	  NULL },
	{ "a text that is not there", "{{c}}", NULL, "no text \"c\"" },
	{ "a value that is not there", "{{=c}}", NULL, "no value \"c\"" },
	{ "braces without an end", "{{a}", NULL, "a {{ has no }}" },
	{ "a section without an end", "<!-- begin extra -->", NULL,
	  "section \"extra\" has no end" },
	{ "a section without a name", "<!-- begin  -->", NULL, "a section has no name" },
};

static void test_render(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct buf out = BUF_INIT(1000);
		struct fault why = { 0 };

		print_message("   %s\n", table[i].name);
		assert_int_equal(
			page_render(slice_of(table[i].template), &texts, &page, &out, &why),
			table[i].out ? RC_OK : RC_INVALID);
		if (table[i].out)
			assert_string_equal(buf_text(&out), table[i].out);
		assert_string_equal(why.text, table[i].why ? table[i].why : "");
		buf_free(&out);
	}
}

static void test_limits(void **state)
{
	static const char deep[] = "<!-- begin extra --><!-- begin person --><!-- begin extra -->"
				   "<!-- begin person --><!-- begin extra -->x<!-- end extra -->"
				   "<!-- end person --><!-- end extra --><!-- end person -->"
				   "<!-- end extra -->";
	struct buf out = BUF_INIT(4);
	struct fault why = { 0 };

	(void)state;
	/* The end of the outermost is the first of its name: the inner ones lack theirs. */
	assert_int_equal(page_render(slice_of(deep), &texts, &page, &out, &why), RC_INVALID);
	buf_clear(&out);
	assert_int_equal(page_render(SLICE("{{a}}"), &texts, &page, &out, &why), RC_LIMIT);
	assert_string_equal(why.text, "the page does not fit");
	buf_free(&out);
}

static void test_depth(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	struct page_scope shown[5] = { 0 };
	struct buf template = BUF_INIT(1000), out = BUF_INIT(1000);
	struct fault why = { 0 };

	(void)state;
	for (unsigned depth = 4; depth <= 5; depth++) {
		buf_clear(&template);
		buf_clear(&out);
		for (unsigned i = 0; i < depth; i++) {
			shown[i].section = names[i];
			(void)buf_addf(&template, "<!-- begin %s -->", names[i]);
		}
		for (unsigned i = depth; i-- > 0;)
			(void)buf_addf(&template, "x<!-- end %s -->", names[i]);
		const struct page_scope nested = { .shown_count = depth, .shown = shown };
		assert_int_equal(page_render(buf_slice(&template), &texts, &nested, &out, &why),
				 depth == 4 ? RC_OK : RC_LIMIT);
	}
	buf_free(&template);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_depth),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
