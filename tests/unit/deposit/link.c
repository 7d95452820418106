#include "deposit/link.h"

#include "base/hex.h"
#include "support/unit.h"

#include "support/deposits.h"

static struct deposits d;
static uint8_t id[STORE_ID_BYTES], tag[DEPOSIT_LINK_TAG_BYTES];

static int set_up(void **state)
{
	(void)state;
	if (!deposits_open(&d))
		return -1;
	deposits_make(&d, "b@plain.test c@plain.test", id);
	return deposit_link_tag(d.keys, id, tag, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	deposits_close(&d);
	return 0;
}

static void test_link(void **state)
{
	char number[DEPOSIT_NUMBER_TEXT];
	struct buf link = BUF_INIT(DEPOSIT_LINK_MAX);
	char expected[200], id_text[40], tag_text[40];
	uint8_t other[STORE_ID_BYTES], others[DEPOSIT_LINK_TAG_BYTES];

	(void)state;
	assert_int_equal(deposit_link_add(&d.site, id, &link, NULL), RC_OK);
	snprintf(expected, sizeof expected, "https://secure.our.example/s/%s/%s",
		 hex_format(id, sizeof id, id_text), hex_format(tag, sizeof tag, tag_text));
	assert_string_equal(buf_text(&link), expected);
	buf_free(&link);
	/* Another deposit's differ, and another site's. */
	deposits_make(&d, "b@plain.test", other);
	assert_int_equal(deposit_link_tag(d.keys, other, others, NULL), RC_OK);
	assert_memory_not_equal(tag, others, sizeof tag);
	d.keys->verifier.bytes[0] ^= 1;
	assert_int_equal(deposit_link_tag(d.keys, id, others, NULL), RC_OK);
	assert_memory_not_equal(tag, others, sizeof tag);
	assert_int_equal(deposit_link_number(d.keys, id, number, NULL), RC_OK);
	assert_int_equal(strlen(number), DEPOSIT_NUMBER_DIGITS);
	assert_int_equal(strspn(number, "0123456789"), DEPOSIT_NUMBER_DIGITS);
}

static void test_no_room(void **state)
{
	struct buf link = BUF_INIT(20);
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(deposit_link_add(&d.site, id, &link, &why), RC_LIMIT);
	assert_string_equal(why.text, "the portal's address is too long for a link");
	buf_free(&link);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_link), TEST(test_no_room) };
	return cmocka_run_group_tests_name("deposit/link", tests, NULL, NULL);
}
