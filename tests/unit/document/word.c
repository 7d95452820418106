#include "document/word.h"

#include "document/cfb.h"
#include "support/documented.h"
#include "support/seeded.h"
#include "support/unit.h"

static struct buf document, table;
static bool was_read;

static void read_it(struct reading *r, struct slice none)
{
	(void)none;
	was_read = word_read(r, buf_slice(&document), buf_slice(&table));
}

static void load(void)
{
	struct buf in = seeded("document/ole/word");
	struct cfb c;

	document = table = BUF_INIT(1 << 20);
	assert_int_equal(cfb_init(&c, buf_slice(&in)), RC_OK);
	assert_int_equal(cfb_read(&c, cfb_find(&c, "WordDocument"), &document), RC_OK);
	assert_int_equal(cfb_read(&c, cfb_find(&c, "1Table"), &table), RC_OK);
	cfb_fini(&c);
	buf_free(&in);
}

static void check(bool read, const char *wanted)
{
	struct buf out = documented_by(read_it, SLICE("some bytes that allow unpacking"));

	assert_int_equal(was_read, read);
	assert_string_equal(buf_text(&out), wanted);
	buf_free(&out);
}

static void test_pieces_in_order(void **state)
{
	(void)state;

	load();
	assert_int_equal(word_table(buf_slice(&document)), 1);
	check(true, "text : pay 4111 1111 1111 1111 now\nbye\n\n");
	memcpy(document.at + 0x400,
	       "a\x13"
	       "b\x14"
	       "c\x15\x1E\x07",
	       8);
	check(true, "text : ac-\n 1111 1111 1111 now\nbye\nb\n\n\n");
	buf_free(&document);
	buf_free(&table);
}

static void test_what_cannot_be_read(void **state)
{
	(void)state;

	load();
	document.at[0x0B] |= 1;
	check(false, "opaque : encrypted\n");
	document.at[0] = 0;
	check(false, "");
	buf_free(&document);
	buf_free(&table);
	load();
	table.len = 20;
	check(true, "text : \n\n");
	buf_free(&document);
	buf_free(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces_in_order),
		cmocka_unit_test(test_what_cannot_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
