#include "settings/print.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "settings/option.h"
#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 1 << 20 };

static struct buf committed(const char *path)
{
	CLEANUP(cleanup_free) char *full = NULL;
	struct buf text = BUF_INIT(TEXT_MAX);
	struct fault why = { "" };

	assert_true(asprintf(&full, "%s/../%s", getenv("POSTERN_TESTS"), path) > 0);
	if (file_read(full, &text, &why) != RC_OK)
		fail_msg("%s", why.text);
	return text;
}

static struct buf printed(enum rc print(struct buf *out))
{
	struct buf text = BUF_INIT(TEXT_MAX);

	assert_int_equal(print(&text), RC_OK);
	return text;
}

static void test_conf_postern_conf_is_what_the_table_prints(void **state)
{
	(void)state;
	struct buf file = committed("conf/postern.conf"), text = printed(print_conf);

	if (strcmp(buf_text(&file), buf_text(&text)) != 0)
		fail_msg("conf/postern.conf differs from the table: run tools/refresh");
	buf_free(&file);
	buf_free(&text);
}

static void test_the_manual_s_options_are_what_the_table_prints(void **state)
{
	(void)state;
	struct buf file = committed("docs/man/postern.conf.5"), text = printed(print_man);
	const char *begin = strstr(buf_text(&file), ".\\\" begin options\n");
	const char *end = strstr(buf_text(&file), ".\\\" end options\n");

	assert_non_null(begin);
	assert_non_null(end);
	begin = strchr(begin, '\n') + 1;
	if ((size_t)(end - begin) != text.len || memcmp(begin, text.at, text.len) != 0)
		fail_msg("docs/man/postern.conf.5 differs from the table: run tools/refresh");
	buf_free(&file);
	buf_free(&text);
}

static void test_the_file_reads_as_the_defaults(void **state)
{
	(void)state;
	struct buf text = printed(print_conf);
	const struct settings *s = NULL;
	struct fault why = { "" };

	assert_int_equal(settings_parse(buf_slice(&text), "f", &s, &why), RC_OK);
	for (size_t i = 0; i < option_count; i++)
		assert_string_equal(settings_place(s, options[i].path), "");
	settings_unref(s);
	buf_free(&text);
}

/* Takes the '#' off each line that sets an option. */
static struct buf uncommented(const struct buf *text)
{
	struct slice rest = buf_slice(text), line;
	struct buf out = BUF_INIT(TEXT_MAX);

	while (slice_take_line(&rest, &line)) {
		struct slice name = slice_trim(line);
		bool option = slice_drop_prefix(&name, "#") && name.len && name.at[0] != ' ';
		assert_int_equal(buf_add_slice(&out, option ? name : line), RC_OK);
		assert_int_equal(buf_add_byte(&out, '\n'), RC_OK);
	}
	return out;
}

static void test_uncommented_each_option_is_set_and_valid(void **state)
{
	(void)state;
	struct buf text = printed(print_conf), bare = uncommented(&text);
	const struct settings *s = NULL, *defaults = NULL;
	struct fault why = { "" };

	if (settings_parse(buf_slice(&bare), "f", &s, &why) != RC_OK)
		fail_msg("%s", why.text);
	assert_int_equal(settings_defaults(&defaults, &why), RC_OK);
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		if (settings_place(s, o->path)[0] == '\0')
			fail_msg("%s is not in the file", o->path);
		if (o->type != OPTION_NUMBER && o->type != OPTION_FLAG)
			continue;
		size_t size = o->type == OPTION_NUMBER ? sizeof(unsigned) : sizeof(bool);
		assert_memory_equal((const char *)s + o->offset, (const char *)defaults + o->offset,
				    size);
	}
	assert_string_equal(s->milter.listen, defaults->milter.listen);
	assert_string_equal(s->portal.url, "https://secure.our.example");
	settings_unref(s);
	settings_unref(defaults);
	buf_free(&text);
	buf_free(&bare);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conf_postern_conf_is_what_the_table_prints),
		cmocka_unit_test(test_the_manual_s_options_are_what_the_table_prints),
		cmocka_unit_test(test_the_file_reads_as_the_defaults),
		cmocka_unit_test(test_uncommented_each_option_is_set_and_valid),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
