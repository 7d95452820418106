#include "document/pdffont.h"

#include "support/seeded.h"
#include "support/unit.h"

/* What the codes of a string mean, as text, and how wide the last one is. */
static void check(const struct pdf_font_source *s, struct slice codes, const char *wanted,
		  double width)
{
	struct pdf_font *f = pdf_font_new(s);
	uint32_t c[PDF_LIGATURE], code;
	char text[64] = "";
	double last = 0;
	size_t n = 0;

	assert_non_null(f);
	while (codes.len) {
		size_t count = pdf_font_take(f, &codes, c, &last, &code);
		for (size_t i = 0; i < count; i++)
			text[n++] = c[i] < 128 ? (char)c[i] : '?';
	}
	assert_string_equal(text, wanted);
	assert_true(last > width - 0.001 && last < width + 0.001);
	pdf_font_free(f);
}

static void test_simple_fonts(void **state)
{
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type1/FirstChar 49"),
				     .widths = SLICE("500 600") };
	(void)state;

	check(&s, SLICE("412"), "412", 0.6);
	check(&s, SLICE("4\x96"), "4-", -1);
	s.encoding = SLICE("/Differences[1/four/one 10/A/uni0035/six.oldstyle/Gamma]");
	check(&s, SLICE("\1\2\2\x0A\x0B\x0C\x0D"), "411A56?", -1);
}

static void test_names_that_mean_nothing(void **state)
{
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type3"),
				     .encoding = SLICE("/Differences[1/g1/g2/g3]") };
	struct pdf_font *f = pdf_font_new(&s);
	(void)state;

	assert_true(f->unreadable);
	pdf_font_free(f);
}

static void test_maps(void **state)
{
	struct buf map = seeded("document/pdffont/map");
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type0"),
				     .descendant = SLICE("/DW 750"),
				     .cid_widths = SLICE("5[600 601] 7 8 400"),
				     .to_unicode = buf_slice(&map) };
	(void)state;

	check(&s, SLICE("\0\x05\0\x02\0\x20\0\x10\0\x11\0\x06"), "41 Afi5", 0.601);
	check(&s, SLICE("\0\x08"), "7", 0.4);
	check(&s, SLICE("\0\x99"), "", 0.75);
	s.to_unicode = (struct slice){ 0 };
	s.encoding_name = SLICE("UniGB-UCS2-H");
	check(&s, SLICE("\0004\0001"), "41", 0.75);
	s.encoding_name = SLICE("Identity-H");
	struct pdf_font *f = pdf_font_new(&s);
	assert_true(f->unreadable);
	pdf_font_free(f);
	buf_free(&map);
}

static void test_maps_are_bounded(void **state)
{
	struct buf map = BUF_INIT(1 << 20);
	(void)state;

	assert_int_equal(buf_add_text(&map, "begincmap beginbfrange "), RC_OK);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_add_text(&map, "<0000> <FFFF> <0041> "), RC_OK);
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type0"),
				     .to_unicode = buf_slice(&map) };
	struct pdf_font *f = pdf_font_new(&s);
	assert_int_equal(f->mapped, PDF_MAPPED);
	pdf_font_free(f);
	buf_free(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_simple_fonts),
		cmocka_unit_test(test_names_that_mean_nothing),
		cmocka_unit_test(test_maps),
		cmocka_unit_test(test_maps_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
