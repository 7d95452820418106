#include "directory/name.h"

#include "support/unit.h"

static const struct {
	const char *name, *text, *normal;
	size_t local;
} names[] = {
	{ "an address", "Jane.Doe@Partner.Example.", "jane.doe@partner.example", 8 },
	{ "in brackets", " <j@p.example> ", "j@p.example", 1 },
	{ "a domain", "Partner.EXAMPLE", "partner.example", 0 },
	{ "a domain as patterns have it", ".partner.example", "partner.example", 0 },
	{ "a domain behind its sign", "@partner.example", "partner.example", 0 },
	{ "U-labels", "M\xc3\xbcller.Example", "xn--mller-kva.example", 0 },
	{ "a local part in other letters", "J\xc3\x89@p.example", "j\xc3\xa9@p.example", 3 },
	{ "quotes that change nothing", "\"Jane\"@p.example", "jane@p.example", 4 },
	{ "a dot first, where a library lets it pass", ".M\xc3\xbc@l.example",
	  ".m\xc3\xbc@l.example", 4 },
	{ "one label", "intranet", "intranet", 0 },
};

static const struct {
	const char *name, *text, *why;
	enum rc rc;
} refused[] = {
	{ "nothing", " ", "neither an address nor a domain", RC_INVALID },
	{ "the null address", "<>", NULL, RC_INVALID },
	{ "a literal", "j@[192.0.2.1]", "an address needs a domain with a name", RC_INVALID },
	{ "a local part of marks that nobody sees", "\xc2\xad@m.example",
	  "an address needs letters before its \"@\"", RC_INVALID },
	{ "two signs", "a@b@c", NULL, RC_INVALID },
	{ "a blank", "part ner.example", NULL, RC_INVALID },
	{ "an empty label", "a..b", NULL, RC_INVALID },
};

static void test_parse(void **state)
{
	struct directory_name name;
	struct fault why;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		print_message("   %s\n", names[i].name);
		assert_int_equal(directory_name_parse(slice_of(names[i].text), &name, &why), RC_OK);
		assert_string_equal(name.text, names[i].normal);
		assert_int_equal(name.local_len, names[i].local);
		/* What comes out goes in again unchanged. */
		assert_int_equal(directory_name_parse(slice_of(names[i].normal), &name, &why),
				 RC_OK);
		assert_string_equal(name.text, names[i].normal);
	}
	for (size_t i = 0; i < COUNT(refused); i++) {
		print_message("   %s\n", refused[i].name);
		why = (struct fault){ 0 };
		assert_int_equal(directory_name_parse(slice_of(refused[i].text), &name, &why),
				 refused[i].rc);
		assert_true(why.text[0] != '\0');
		if (refused[i].why)
			assert_string_equal(why.text, refused[i].why);
	}
}

static void test_too_long(void **state)
{
	static char text[MAIL_ADDRESS_MAX + 20];
	struct directory_name name;
	size_t len = MAIL_ADDRESS_MAX - 2;

	(void)state;
	memset(text, 'a', len);
	memcpy(text + len, "@x", 3);
	assert_int_equal(directory_name_parse(slice_of(text), &name, NULL), RC_OK);
	assert_int_equal(strlen(name.text), DIRECTORY_NAME_MAX);
	memcpy(text + len, "@xy", 4);
	assert_int_equal(directory_name_parse(slice_of(text), &name, NULL), RC_LIMIT);
	/* It fits as it was given, but not with its A-label. */
	memcpy(text + len - 3, "@\xc3\xbc", 4);
	assert_int_equal(directory_name_parse(slice_of(text), &name, NULL), RC_LIMIT);
}

static void test_widen(void **state)
{
	static const char *const steps[] = { "b.partner.example", "partner.example", "example" };
	struct directory_name name;

	(void)state;
	assert_int_equal(directory_name_parse(SLICE("j@b.partner.example"), &name, NULL), RC_OK);
	for (size_t i = 0; i < COUNT(steps); i++) {
		assert_true(directory_name_widen(&name));
		assert_string_equal(name.text, steps[i]);
		assert_int_equal(name.local_len, 0);
	}
	assert_false(directory_name_widen(&name));
	assert_string_equal(name.text, "example");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_widen),
	};
	return cmocka_run_group_tests_name("directory/name", tests, NULL, NULL);
}
