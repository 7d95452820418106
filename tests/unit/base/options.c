#include "base/options.h"

#include "support/unit.h"

#include <stdio.h>

static const struct {
	const char *name;
	const char *words[4];
	int wanted;
	const char *config;
	enum log_target target;
} good[] = {
	{ "nothing", { NULL }, OPTIONS_RUN, NULL, LOG_TO_SYSLOG },
	{ "settings", { "-c", "x.conf" }, OPTIONS_RUN, "x.conf", LOG_TO_SYSLOG },
	{ "settings in one word, and the terminal", { "-fcx" }, OPTIONS_RUN, "x", LOG_TO_BOTH },
	{ "the last settings count", { "-ca", "-cb" }, OPTIONS_RUN, "b", LOG_TO_SYSLOG },
	{ "help, whatever comes then", { "-f", "-h", "-x" }, OPTIONS_HELP, NULL, LOG_TO_BOTH },
	{ "the version", { "-V", "what" }, OPTIONS_VERSION, NULL, LOG_TO_SYSLOG },
};

static const struct {
	const char *name;
	const char *words[3];
	const char *why;
} bad[] = {
	{ "an option that there is not", { "-f", "-x" }, "there is no option -x" },
	{ "no file", { "-c" }, "-c wants a file" },
	{ "a word", { "-f", "now" }, "what is \"now\"? It takes options only" },
};

static enum rc parse(const char *const words[], size_t max, struct options *out, struct fault *why)
{
	char *argv[8] = { (char[]){ "postern" } };
	char kept[4][10] = { 0 };
	int argc = 1;

	for (size_t i = 0; i < max && words[i]; i++) {
		snprintf(kept[i], sizeof kept[i], "%s", words[i]);
		argv[argc++] = kept[i];
	}
	enum rc rc = options_parse(argc, argv, out, why);
	if (rc == RC_OK && out->config) { /* it points into argv */
		static char config[10];
		snprintf(config, sizeof config, "%s", out->config);
		out->config = config;
	}
	return rc;
}

static void test_what_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct options got;
		struct fault why;

		print_message("   %s\n", good[i].name);
		assert_int_equal(parse(good[i].words, COUNT(good[i].words), &got, &why), RC_OK);
		assert_int_equal(got.wanted, good[i].wanted);
		assert_int_equal(got.target, good[i].target);
		assert_int_equal(got.config != NULL, good[i].config != NULL);
		if (got.config)
			assert_string_equal(got.config, good[i].config);
	}
}

static void test_what_is_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct options got = { .config = "as before" };
		struct fault why;

		print_message("   %s\n", bad[i].name);
		assert_int_equal(parse(bad[i].words, COUNT(bad[i].words), &got, &why), RC_INVALID);
		assert_string_equal(why.text, bad[i].why);
		assert_string_equal(got.config, "as before");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_understood),
		cmocka_unit_test(test_what_is_not),
	};
	return cmocka_run_group_tests_name("base/options", tests, NULL, NULL);
}
