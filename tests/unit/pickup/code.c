#include "pickup/verb.h"

#include "directory/directory.h"
#include "support/pickup_site.h"
#include "support/unit.h"

#include <ctype.h>

static void know(struct site *site, const char *name, const char *number, const char *language)
{
	struct directory_entry entry = { .phrase = "" };
	struct store_tx *tx;
	struct fault why;

	assert_int_equal(directory_name_parse(slice_of(name), &entry.name, &why), RC_OK);
	snprintf(entry.number, sizeof entry.number, "%s", number);
	snprintf(entry.language, sizeof entry.language, "%s", language);
	assert_int_equal(store_begin(site->store, &tx, NULL), RC_OK);
	assert_int_equal(directory_put(tx, site->keys, &entry, &why), RC_OK);
	assert_int_equal(store_commit(&tx, NULL), RC_OK);
}

static struct waiting waits_for_code(struct site *site)
{
	struct waiting w = site_deposit(
		site, &(struct want){ .factor = RULES_FACTOR_CODE, .independent = true });

	know(site, "plain.test", "+493012345642", "de");
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	return w;
}

static enum pickup_result ask_code(struct site *site, const struct waiting *w)
{
	return site_ask(site, PICKUP_CODE, w, NULL);
}

static enum pickup_result try_code(struct site *site, struct waiting *w, const char *code)
{
	snprintf(site->code, sizeof site->code, "%s", code);
	return site_factor(site, w, 0);
}

static void a_code_goes_to_the_number_in_the_directory(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);

	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	assert_true(slice_is(site->answer.reply.sent_to, "…42"));
	assert_int_equal(site->answer.reply.code_until_s, SITE_NOW + PICKUP_CODE_S);
	assert_string_equal(site->number, "+493012345642");
	assert_string_equal(site->language, "de");
	assert_int_equal(strlen(site->code), PICKUP_CODE_DIGITS);
	for (const char *c = site->code; *c; c++)
		assert_true(isdigit(*c));
	assert_int_equal(site_events(site, "code-sent"), 1);
	assert_string_equal(site->events[1].reason, "…42"); /* never the number, never the code */
	assert_int_equal(site_factor(site, &w, 0), PICKUP_OK);
	assert_true(site->answer.fd >= 0);
}

/* "Code sent to the same mailbox" is no matter here: no code goes anywhere before the link's half
 * was shown, and none without a number. */
static void nobody_s_telephone_rings_for_a_stranger(void **state)
{
	struct site *site = *state;
	struct waiting w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_CODE });
	struct waiting other = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_PHRASE });

	know(site, "elsewhere.test", "+493012345642", "");
	assert_int_equal(ask_code(site, &w), PICKUP_ORDER);
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(ask_code(site, &w), PICKUP_RETRY);
	assert_string_equal(site->answer.why.text,
			    "the directory has no number for <bob0@plain.test>");
	assert_int_equal(site_prove(site, &other, 0), PICKUP_OK);
	assert_int_equal(ask_code(site, &other), PICKUP_ORDER); /* another factor */
	site->pickup_site.hook = NULL;
	site_again(site);
	assert_int_equal(ask_code(site, &w), PICKUP_RETRY);
	assert_string_equal(site->answer.why.text, "portal.code_command is not set");
	assert_int_equal(site->hooked, 0);
}

static void a_code_is_good_for_ten_minutes_and_once(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);
	char code[16];

	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	strcpy(code, site->code);
	site->now_s += PICKUP_CODE_S - 1;
	assert_int_equal(try_code(site, &w, code), PICKUP_OK);
	assert_int_equal(try_code(site, &w, code), PICKUP_DENIED); /* used */
	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	strcpy(code, site->code);
	site->now_s += PICKUP_CODE_S;
	assert_int_equal(try_code(site, &w, code), PICKUP_DENIED);
	assert_string_equal(site->events[site->event_count - 1].reason, "wrong code");
}

static void the_code_alone_is_not_enough(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);
	struct pickup_request q = { .verb = PICKUP_FACTOR, .proof = { 7 } };

	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	memcpy(q.id, w.id, sizeof q.id);
	memcpy(q.ticket, w.ticket, sizeof q.ticket);
	q.code = slice_of(site->code);
	assert_int_equal(site_send(site, &q, -1), PICKUP_DENIED);
}

static void five_wrong_ones_void_a_code(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);
	char code[16];

	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	strcpy(code, site->code);
	for (int i = 0; i < PICKUP_CODE_TRIES; i++) {
		assert_int_equal(try_code(site, &w, i % 2 ? "" : "00000000x"), PICKUP_DENIED);
		site->now_s += (int64_t)site->answer.reply.wait_s;
	}
	assert_int_equal(try_code(site, &w, code), PICKUP_DENIED);
	site->now_s += (int64_t)site->answer.reply.wait_s;
	assert_int_equal(ask_code(site, &w), PICKUP_OK); /* a new one is */
	strcpy(code, site->code);
	assert_int_equal(try_code(site, &w, code), PICKUP_OK);
}

static void a_new_code_voids_the_old(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);
	char old[16];

	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	strcpy(old, site->code);
	assert_int_equal(ask_code(site, &w), PICKUP_OK);
	assert_string_not_equal(old, site->code);
	assert_int_equal(try_code(site, &w, old), PICKUP_DENIED);
}

static void three_an_hour_and_ten_in_all(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);

	for (unsigned i = 0; i < PICKUP_CODES_MAX; i++) {
		if (i && i % PICKUP_CODES_PER_HOUR == 0) {
			assert_int_equal(ask_code(site, &w), PICKUP_LIMIT);
			assert_int_equal(site->answer.reply.wait_s, PICKUP_HOUR_S);
			site->now_s += PICKUP_HOUR_S;
			site_again(site); /* a restart forgets nothing */
			assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
		}
		assert_int_equal(ask_code(site, &w), PICKUP_OK);
	}
	site->now_s += PICKUP_HOUR_S;
	assert_int_equal(site_prove(site, &w, 0), PICKUP_OK);
	assert_int_equal(ask_code(site, &w), PICKUP_LIMIT);
	assert_int_equal(site->answer.reply.wait_s, 0); /* waiting does not help */
	assert_int_equal(site->hooked, PICKUP_CODES_MAX);
}

static void a_hook_that_fails_is_told(void **state)
{
	struct site *site = *state;
	struct waiting w = waits_for_code(site);

	site->hook_fails = true;
	assert_int_equal(ask_code(site, &w), PICKUP_RETRY);
	assert_string_equal(site->answer.why.text, "the command ended with 1");
	site->hook_fails = false;
	site->audit_fails = true;
	unsigned before = site->hooked;
	assert_int_equal(ask_code(site, &w), PICKUP_RETRY);
	assert_int_equal(site->hooked, before); /* what is not written down is not sent */
}

int main(void)
{
#define AT_SITE(test) cmocka_unit_test_setup_teardown(test, site_open, site_close)
	const struct CMUnitTest tests[] = {
		AT_SITE(a_code_goes_to_the_number_in_the_directory),
		AT_SITE(nobody_s_telephone_rings_for_a_stranger),
		AT_SITE(a_code_is_good_for_ten_minutes_and_once),
		AT_SITE(the_code_alone_is_not_enough),
		AT_SITE(five_wrong_ones_void_a_code),
		AT_SITE(a_new_code_voids_the_old),
		AT_SITE(three_an_hour_and_ten_in_all),
		AT_SITE(a_hook_that_fails_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
