#include "document/pdffilter.h"

#include "support/seeded.h"
#include "support/unit.h"

static void check(const char *dictionary, struct slice in, enum rc wanted, const char *text)
{
	struct buf out = BUF_INIT(4096);
	enum rc rc = pdf_unfilter(slice_of(dictionary), in, &out);

	if (rc != wanted || strcmp(buf_text(&out), text) != 0)
		fail_msg("%s: %d \"%s\"", dictionary, rc, buf_text(&out));
	buf_free(&out);
}

static void test_filters(void **state)
{
	struct buf flate = seeded("document/pdffilter/flate");
	struct slice packed = { flate.at + 1, flate.len - 1 };
	(void)state;

	check("", SLICE("4111"), RC_OK, "4111");
	check("/Filter/FlateDecode", packed, RC_OK, "4111 1111");
	check("/Filter[/Fl]", (struct slice){ packed.at, packed.len - 5 }, RC_INVALID, "4111 1111");
	check("/Filter/ASCIIHexDecode", SLICE("34 31 31 31>zz"), RC_OK, "4111");
	check("/F/AHx", SLICE("34313"), RC_OK, "410");
	check("/Filter/ASCII85Decode", SLICE("1bg^>~>"), RC_OK, "4111");
	check("/Filter/A85", SLICE("z"), RC_OK, "");
	check("/Filter/RunLengthDecode",
	      SLICE("\3"
		    "4111\xFD"
		    "1\x80xx"),
	      RC_OK, "41111111");
	check("/Filter[/AHx/RL]", SLICE("0334313131>"), RC_OK, "4111");
	check("/Filter/DCTDecode", SLICE("x"), RC_ABSENT, "");
	check("/Filter[/AHx/JPXDecode]", SLICE("41"), RC_ABSENT, "");
	buf_free(&flate);
}

/* ISO 32000-1 section 7.4.4.2, the example. */
static void test_lzw(void **state)
{
	(void)state;

	check("/Filter/LZWDecode", SLICE("\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01"), RC_OK,
	      "-----A---B");
	check("/Filter/LZW", SLICE("\xFF\xFF"), RC_INVALID, "");
}

static void test_predictors(void **state)
{
	(void)state;

	check("/Filter/AHx/DecodeParms<</Predictor 12/Columns 4>>",
	      SLICE("00 34313131 02 00000000 01 34FD0000 03 1A000000 04 00000000"), RC_OK,
	      "41114111411142114211");
}

static void test_it_ends_with_its_room(void **state)
{
	struct buf out = BUF_INIT(3);
	(void)state;

	assert_int_equal(pdf_unfilter(SLICE("/Filter/AHx"), SLICE("4142434445"), &out), RC_LIMIT);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_lzw),
		cmocka_unit_test(test_predictors),
		cmocka_unit_test(test_it_ends_with_its_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
