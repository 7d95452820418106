#include "page/route.h"

#include "support/unit.h"

#define ID "00112233445566778899aabbccddeeff"
#define CODE "008J-4CT4-ANK7-F24S-NAXW-SQFE-ZW81"

static const struct {
	const char *name, *path;
	enum page_route route; /* PAGE_ROUTES: there is none */
	const char *code;
} table[] = {
	{ "the first page", "/", PAGE_INDEX, "" },
	{ "without its slash", "", PAGE_INDEX, "" },
	{ "about", "/about", PAGE_ABOUT, "" },
	{ "a slash too many", "/about/", PAGE_ROUTES, "" },
	{ "the key", "/key.json", PAGE_KEY, "" },
	{ "health", "/healthz", PAGE_HEALTH, "" },
	{ "locate", "/locate", PAGE_LOCATE, "" },
	{ "a message", "/m/" ID, PAGE_PICKUP, "" },
	{ "with a slash", "/m/" ID "/", PAGE_PICKUP, "" },
	{ "with a mangled code", "/m/" ID "%23" CODE, PAGE_PICKUP, CODE },
	{ "mangled twice", "/m/" ID "%2523" CODE, PAGE_PICKUP, CODE },
	{ "after a slash", "/m/" ID "/%23" CODE, PAGE_PICKUP, CODE },
	{ "the bare mark", "/m/" ID "#" CODE, PAGE_PICKUP, CODE },
	{ "a code as a folder", "/m/" ID "/008j4ct4ank7f24snaxwsqfezw81", PAGE_PICKUP, CODE },
	{ "a mangled code that is mistyped", "/m/" ID "%23" CODE "X", PAGE_PICKUP, "" },
	{ "a folder that is no code", "/m/" ID "/x", PAGE_ROUTES, "" },
	{ "no separator", "/m/" ID CODE, PAGE_ROUTES, "" },
	{ "an id too short", "/m/0011", PAGE_ROUTES, "" },
	{ "an id with capitals", "/m/00112233445566778899AABBCCDDEEFF", PAGE_ROUTES, "" },
	{ "prove", "/m/" ID "/prove", PAGE_PROVE, "" },
	{ "code", "/m/" ID "/code", PAGE_CODE, "" },
	{ "factor", "/m/" ID "/factor", PAGE_FACTOR, "" },
	{ "blob", "/m/" ID "/blob", PAGE_BLOB, "" },
	{ "acknowledge", "/m/" ID "/acknowledge", PAGE_ACKNOWLEDGE, "" },
	{ "reply", "/m/" ID "/reply", PAGE_REPLY, "" },
	{ "open", "/m/" ID "/open", PAGE_OPEN, "" },
	{ "part", "/m/" ID "/part", PAGE_PART, "" },
	{ "a step of nothing", "/m//prove", PAGE_ROUTES, "" },
	{ "a sender's page", "/s/" ID "/0aF1", PAGE_SENDER, "" },
	{ "without its tag", "/s/" ID "/", PAGE_ROUTES, "" },
	{ "a tag that is none", "/s/" ID "/xyz", PAGE_ROUTES, "" },
	{ "a file", "/static/x.js", PAGE_STATIC, "" },
	{ "dots go nowhere", "/static/../m/" ID, PAGE_STATIC, "" },
	{ "dots before", "/../about", PAGE_ROUTES, "" },
	{ "two slashes", "//about", PAGE_ROUTES, "" },
	{ "escapes are not undone", "/%61bout", PAGE_ROUTES, "" },
	{ "anything else", "/index.php", PAGE_ROUTES, "" },
};

static void test_find(void **state)
{
	static const uint8_t id[PAGE_ID_BYTES] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
						   0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct page_target target = { .route = PAGE_ROUTES };
		enum rc expected = table[i].route == PAGE_ROUTES ? RC_ABSENT : RC_OK;

		print_message("   %s\n", table[i].name);
		assert_int_equal(page_route_find(slice_of(table[i].path), "", &target), expected);
		assert_int_equal(target.route, table[i].route);
		assert_string_equal(target.code, table[i].code);
		if (expected == RC_OK && strstr(table[i].path, "/" ID) &&
		    target.route != PAGE_STATIC)
			assert_memory_equal(target.id, id, sizeof id);
		if (target.route == PAGE_SENDER)
			assert_true(slice_is(target.tag, "0aF1"));
	}
}

static void test_prefix(void **state)
{
	struct page_target target;

	(void)state;
	assert_int_equal(page_route_find(SLICE("/post/about"), "/post", &target), RC_OK);
	assert_int_equal(page_route_find(SLICE("/post"), "/post", &target), RC_OK);
	assert_int_equal(page_route_find(SLICE("/about"), "/post", &target), RC_ABSENT);
	assert_int_equal(page_route_find(SLICE("/postabout"), "/post", &target), RC_ABSENT);
}

static void test_length(void **state)
{
	char path[PAGE_PATH_MAX + 2];
	struct page_target target;

	(void)state;
	memset(path, 'a', sizeof path);
	memcpy(path, "/static/", 8);
	assert_int_equal(page_route_find((struct slice){ path, PAGE_PATH_MAX }, "", &target),
			 RC_OK);
	assert_int_equal(page_route_find((struct slice){ path, PAGE_PATH_MAX + 1 }, "", &target),
			 RC_ABSENT);
}

static void test_methods(void **state)
{
	(void)state;
	for (unsigned route = 0; route < PAGE_ROUTES; route++)
		assert_int_not_equal(page_route_methods((enum page_route)route), 0);
	assert_int_equal(page_route_methods(PAGE_PROVE), PAGE_POST);
	assert_int_equal(page_route_methods(PAGE_PICKUP), PAGE_GET);
	assert_int_equal(page_route_methods(PAGE_INDEX), PAGE_GET | PAGE_POST);
	assert_int_equal(page_route_takes(PAGE_PROVE), PAGE_TAKES_JSON);
	assert_int_equal(page_route_takes(PAGE_OPEN), PAGE_TAKES_FORM);
	assert_int_equal(page_route_takes(PAGE_REPLY), PAGE_TAKES_PARTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_methods),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
