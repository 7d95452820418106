#include "document/pdftext.h"

#include "support/documented.h"
#include "support/unit.h"

static struct pdf_font *font;

static const struct pdf_font *find(void *of, struct slice name)
{
	(void)of;
	return slice_is(name, "F") ? font : NULL;
}

static void read_it(struct reading *r, struct slice content)
{
	const struct pdf_fonts fonts = { NULL, find };
	bool unreadable = false;

	reading_begin(r);
	pdf_text_read(r, content, &fonts, &unreadable);
	reading_end(r);
	assert_false(unreadable);
}

/* Every character is half as wide as it is high. */
static const struct {
	const char *name, *in, *out;
} rows[] = {
	{ "a string", "BT /F 10 Tf (4111) Tj ET", "text : 4111\n\n" },
	{ "pieces that touch", "BT /F 10 Tf (41) Tj 10 0 Td (11) Tj ET", "text : 4111\n\n" },
	{ "pieces apart", "BT /F 10 Tf (41) Tj 14 0 Td (11) Tj ET", "text : 41 11\n\n" },
	{ "two lines", "BT /F 10 Tf 12 TL (41) Tj T* (11) Tj (22) ' ET", "text : 41\n11\n22\n\n" },
	{ "kerning, and a gap", "BT /F 10 Tf [(4) 50 (1) -90 (1) -400 (1)] TJ ET",
	  "text : 411 1\n\n" },
	{ "text objects side by side",
	  "BT /F 10 Tf 1 0 0 1 50 700 Tm (41) Tj ET BT 1 0 0 1 60 700 Tm (11) Tj ET",
	  "text : 4111\n\n" },
	{ "the same by user space",
	  "q 1 0 0 1 50 700 cm BT /F 10 Tf (41) Tj ET Q q 1 0 0 1 60 700 cm "
	  "BT /F 10 Tf (11) Tj ET Q",
	  "text : 4111\n\n" },
	{ "a large font by its matrix", "BT /F 1 Tf 10 0 0 10 0 0 Tm (41) Tj 1 0 Td (11) Tj ET",
	  "text : 4111\n\n" },
	{ "from below to above, turned", "BT /F 10 Tf 0 1 -1 0 0 0 Tm (41) Tj 10 0 Td (11) Tj ET",
	  "text : 4111\n\n" },
	{ "letters set apart stay together", "BT /F 10 Tf 3 Tc (4111) Tj ET", "text : 4111\n\n" },
	{ "what is not shown", "BT /F 10 Tf 3 Tr (4111) Tj ET", "text : 4111\n\n" },
	{ "an image in the stream", "BI /W 1 ID (Tj) xEI EI BT /F 10 Tf (4111) Tj ET",
	  "text : 4111\n\n" },
	{ "what stands beside", "/Span <</ActualText (4111)>> BDC EMC", "text : \n4111\n\n" },
	{ "no font", "BT (41) Tj (11) Tj ET", "text : 41 11 \n\n" },
	{ "nonsense", ") ] >> } Tj TJ ' \" 1 2 3 Tm Q Q cm", "text : \n\n" },
};

static void test_rows(void **state)
{
	struct pdf_font_source s = { .font = SLICE("/Subtype/Type1/FirstChar 32") };
	struct buf widths = BUF_INIT(4096);
	(void)state;

	for (int i = 0; i < 96; i++)
		assert_int_equal(buf_add_text(&widths, "500 "), RC_OK);
	s.widths = buf_slice(&widths);
	font = pdf_font_new(&s);
	assert_non_null(font);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf out = documented_by(read_it, slice_of(rows[i].in));
		if (strcmp(buf_text(&out), rows[i].out) != 0)
			fail_msg("%s: %s", rows[i].name, buf_text(&out));
		buf_free(&out);
	}
	pdf_font_free(font);
	buf_free(&widths);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
