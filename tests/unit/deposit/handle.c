#include "deposit/handle.h"

#include "deposit/held.h"
#include "support/unit.h"

#include "support/deposits.h"

enum { NOW = DEPOSITS_NOW, DAY = DEPOSITS_DAY };

static struct deposits d;
static uint8_t id[STORE_ID_BYTES], tag[DEPOSIT_LINK_TAG_BYTES];
static char number[DEPOSIT_NUMBER_TEXT];
static struct deposit_view view;

static int set_up(void **state)
{
	(void)state;
	if (!deposits_open(&d))
		return -1;
	deposits_make(&d, "b@plain.test c@plain.test", id);
	return deposit_link_tag(d.keys, id, tag, NULL) == RC_OK &&
			       deposit_link_number(d.keys, id, number, NULL) == RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	deposit_view_free(&view);
	deposits_close(&d);
	return 0;
}

static enum rc use(enum deposit_action action, const char *typed, int64_t now_s, struct fault *why)
{
	const struct deposit_request request = { id, tag, slice_of(typed), action };

	return deposit_handle_use(&d.life, &request, now_s, &view, why);
}

static void test_look(void **state)
{
	(void)state;
	deposits_move(&d, id, 1, DEPOSIT_ACKNOWLEDGED);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, NULL), RC_OK);
	assert_int_equal(view.state, STORE_DEPOSIT_OPEN);
	assert_int_equal(view.made_s, NOW);
	assert_int_equal(view.until_s, NOW + 14 * DAY);
	assert_int_equal(view.extended_s, NOW + 28 * DAY);
	assert_int_equal(view.ended_s, 0);
	assert_string_equal(buf_text(&view.sender), "a@our.example");
	assert_int_equal(view.recipient_count, 2);
	assert_string_equal(buf_text(&view.recipients), "0 b@plain.test\n4 c@plain.test\n");
	assert_int_equal(d.events, 0);
}

/* A stranger learns nothing, not even whether there is such a deposit. */
static void test_wrong_tag(void **state)
{
	struct fault known = { 0 }, unknown = { 0 };

	(void)state;
	tag[15] ^= 1;
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, &known), RC_INVALID);
	assert_int_equal(view.sender.len, 0);
	assert_int_equal(use(DEPOSIT_REVOKE, number, NOW, NULL), RC_INVALID);
	id[0] ^= 1;
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, &unknown), RC_INVALID);
	assert_string_equal(known.text, unknown.text);
	/* A right tag for a deposit that is not there: as wrong. */
	assert_int_equal(deposit_link_tag(d.keys, id, tag, NULL), RC_OK);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, &unknown), RC_INVALID);
	assert_string_equal(known.text, unknown.text);
	id[0] ^= 1;
	assert_int_equal(deposit_link_tag(d.keys, id, tag, NULL), RC_OK);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, NULL), RC_OK);
	assert_int_equal(view.state, STORE_DEPOSIT_OPEN);
}

static void test_revoke(void **state)
{
	char typed[20];
	struct fault why = { 0 };

	(void)state;
	snprintf(typed, sizeof typed, " %.3s %s", number, number + 3);
	assert_int_equal(use(DEPOSIT_REVOKE, typed, NOW + 9, &why), RC_OK);
	assert_int_equal(view.state, STORE_DEPOSIT_REVOKED);
	assert_int_equal(view.ended_s, NOW + 9);
	assert_int_equal(view.extended_s, view.until_s);
	assert_string_equal(d.last_event, "revoked sender c@plain.test");
	assert_int_equal(d.events, 2);
	/* Notices and report are gone, a letter says so. */
	assert_int_equal(deposits_outbox(&d), 1);
	assert_int_equal(use(DEPOSIT_REVOKE, number, NOW + 10, &why), RC_ABSENT);
	assert_int_equal(view.state, STORE_DEPOSIT_REVOKED);
	assert_int_equal(use(DEPOSIT_EXTEND, number, NOW + 10, &why), RC_ABSENT);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW + 10, &why), RC_OK);
	assert_int_equal(d.events, 2);
}

static void test_extend(void **state)
{
	static const int64_t kept[] = { 28, 42, 56, 70, 84, 90 };
	struct fault why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(kept); i++) {
		assert_int_equal(use(DEPOSIT_EXTEND, number, NOW, &why), RC_OK);
		assert_int_equal(view.until_s, NOW + kept[i] * DAY);
	}
	assert_int_equal(view.extended_s, view.until_s);
	assert_int_equal(use(DEPOSIT_EXTEND, number, NOW, &why), RC_ABSENT);
	assert_string_equal(why.text, "the deposit is kept that long already");
	assert_int_equal(view.until_s, NOW + 90 * DAY);
	assert_string_equal(d.last_event,
			    "extended sender c@plain.test until 2027-02-20T00:00:00Z");
}

/* It follows every link and presses every button, without the number. */
static void test_mail_scanners_open_links_and_press_buttons(void **state)
{
	static const char *const typed[] = { "", "0", "1", "yes", "417902 ", "000000000000" };
	struct fault why = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(typed); i++) {
		assert_int_not_equal(strcmp(typed[i], number), 0);
		assert_int_equal(use(DEPOSIT_REVOKE, typed[i], NOW, &why), RC_INVALID);
		assert_string_equal(why.text, "that is not the number");
		assert_int_equal(view.state, STORE_DEPOSIT_OPEN);
		assert_int_equal(view.sender.len, strlen("a@our.example"));
	}
	assert_int_equal(d.events, 0);
	assert_int_equal(view.until_s, NOW + 14 * DAY);
}

static void test_numbers_cannot_be_tried(void **state)
{
	char wrong[DEPOSIT_NUMBER_TEXT];
	struct fault why = { 0 };

	(void)state;
	memcpy(wrong, number, sizeof wrong);
	wrong[0] = wrong[0] == '9' ? '0' : (char)(wrong[0] + 1);
	for (unsigned i = 0; i < DEPOSIT_NUMBER_TRIES; i++)
		assert_int_equal(use(DEPOSIT_EXTEND, wrong, NOW + i, &why), RC_INVALID);
	/* Not even the right one is looked at, by any process. */
	deposits_stop(&d);
	assert_true(deposits_start(&d));
	assert_int_equal(use(DEPOSIT_REVOKE, number, NOW + 100, &why), RC_LIMIT);
	assert_int_equal(view.wait_s, 3500);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW + 100, &why), RC_OK);
	assert_int_equal(view.state, STORE_DEPOSIT_OPEN);
	assert_int_equal(use(DEPOSIT_REVOKE, number, NOW + 3600, &why), RC_OK);
}

static void test_no_audit(void **state)
{
	struct fault why = { 0 };

	(void)state;
	d.event_rc = RC_RETRY;
	assert_int_equal(use(DEPOSIT_REVOKE, number, NOW, &why), RC_RETRY);
	assert_int_equal(use(DEPOSIT_EXTEND, number, NOW, &why), RC_RETRY);
	assert_int_equal(use(DEPOSIT_LOOK, "", NOW, &why), RC_OK);
	assert_int_equal(view.state, STORE_DEPOSIT_OPEN);
	assert_int_equal(view.until_s, NOW + 14 * DAY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_look),
		TEST(test_wrong_tag),
		TEST(test_revoke),
		TEST(test_extend),
		TEST(test_mail_scanners_open_links_and_press_buttons),
		TEST(test_numbers_cannot_be_tried),
		TEST(test_no_audit),
	};
	return cmocka_run_group_tests_name("deposit/handle", tests, NULL, NULL);
}
