#include "settings/option.h"

#include <assert.h>
#include <string.h>

/* libconfig 1.5 loses its last text when a syntax error follows it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct settings *s = NULL;
	struct fault why = { "" };

	if (settings_parse((struct slice){ (const char *)data, size }, "f", &s, &why) != RC_OK) {
		assert(!s && why.text[0]);
		return 0;
	}
	for (size_t i = 0; i < option_count; i++) {
		const void *field = (const char *)s + options[i].offset;
		if (options[i].type == OPTION_NUMBER)
			assert(*(const unsigned *)field - options[i].min <=
			       options[i].max - options[i].min);
		if (options[i].type == OPTION_TEXT && options[i].check)
			assert(!**(char *const *)field || !options[i].check(*(char *const *)field));
	}
	settings_unref(s);
	return 0;
}
