#include "document/pdfindex.h"

#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

static struct pdf_value reference(double number)
{
	return (struct pdf_value){ .kind = PDF_REFERENCE, .number = number };
}

static void read_page(struct reading *r, struct slice bytes)
{
	struct pdf_index x;
	struct slice dictionary, stream;
	struct buf out;

	assert_int_equal(pdf_index_init(&x, r, bytes), RC_OK);
	assert_int_equal(x.count, 12);
	assert_null(pdf_object_of(&x, reference(99)));
	const struct pdf_object *o = pdf_object_of(&x, reference(12));
	assert_non_null(o);
	assert_true(pdf_stream_of(&x, o, &dictionary, &stream));
	assert_int_equal(pdf_unpack(&x, o, &out), RC_OK);
	assert_string_equal(buf_text(&out), "inside 4111");
	buf_free(&out);
	assert_int_equal(pdf_unpack(&x, pdf_object_of(&x, reference(9)), &out), RC_ABSENT);
	assert_int_equal(pdf_resolve(&x, reference(9)).kind, PDF_DICTIONARY);
	pdf_index_fini(&x);
}

static void read_bundle(struct reading *r, struct slice bytes)
{
	struct pdf_index x;

	assert_int_equal(pdf_index_init(&x, r, bytes), RC_OK);
	struct pdf_value v = pdf_resolve(&x, reference(21));
	assert_true(v.kind == PDF_DICTIONARY && slice_is(v.raw, "/V(second)"));
	pdf_index_fini(&x);
}

static void read_later(struct reading *r, struct slice bytes)
{
	struct pdf_index x;

	assert_int_equal(pdf_index_init(&x, r, bytes), RC_OK);
	assert_int_equal(pdf_number(pdf_resolve(&x, reference(1))), 8);
	assert_int_equal(pdf_resolve(&x, reference(2)).kind, PDF_NOTHING); /* a circle */
	pdf_index_fini(&x);
}

static void read_lengths(struct reading *r, struct slice bytes)
{
	struct pdf_index x;
	struct slice dictionary, stream;

	assert_int_equal(pdf_index_init(&x, r, bytes), RC_OK);
	assert_true(pdf_stream_of(&x, pdf_object_of(&x, reference(1)), &dictionary, &stream));
	assert_true(slice_is(stream, "9 0 obj 4111")); /* what looks like an object within */
	assert_true(pdf_stream_of(&x, pdf_object_of(&x, reference(2)), &dictionary, &stream));
	assert_true(slice_is(stream, "4111")); /* the length lies */
	pdf_index_fini(&x);
}

static void check(void (*read)(struct reading *r, struct slice bytes), struct slice in)
{
	struct buf out = documented_by(read, in);

	assert_int_equal(out.len, 0);
	buf_free(&out);
}

static void test_objects(void **state)
{
	struct buf page = seeded("document/pdfindex/page"),
		   bundle = seeded("document/pdfindex/bundle");
	(void)state;

	check(read_page, buf_slice(&page));
	check(read_bundle, buf_slice(&bundle));
	check(read_later, SLICE("1 0 obj 7 endobj 2 0 obj 2 0 R endobj 1 0 obj 8 endobj"));
	check(read_lengths,
	      SLICE("1 0 obj <</Length 3 0 R>> stream\n9 0 obj 4111\nendstream endobj 2 0 obj "
		    "<</Length 99>> stream\r\n4111\r\nendstream 3 0 obj 12 endobj"));
	buf_free(&page);
	buf_free(&bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_objects) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
