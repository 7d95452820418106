#include "outlook/anchors.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char pem[] = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

static const struct settings *settings_with(const char *listen)
{
	const struct settings *settings = NULL;
	char text[300];
	struct fault why = { "" };

	snprintf(text, sizeof text, "tls_policy = { listen = \"%s\"; };", listen);
	if (settings_parse(slice_of(text), "s", &settings, &why) != RC_OK)
		fail_msg("%s", why.text);
	return settings;
}

static void test_told_as_postfix_finds_them(void **state)
{
	(void)state;
	static const struct {
		const char *listen, *told; /* NULL: they cannot be told */
	} rows[] = {
		{ "unix:/var/spool/postfix/postern/tls-policy.sock",
		  "postern/pin-c29b0f5e6d2a8c4b.pem" },
		{ "unix:/run/postern/map.sock", "/run/postern/pin-c29b0f5e6d2a8c4b.pem" },
		{ "127.0.0.1:8461", NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct settings *settings = settings_with(rows[i].listen);
		struct buf told = BUF_INIT(500);
		struct fault why = { "" };

		assert_int_equal(outlook_anchors_tell(settings, slice_of(pem), &told, &why),
				 rows[i].told ? RC_OK : RC_INVALID);
		if (rows[i].told) { /* all but the digest */
			const char *end = strstr(rows[i].told, "c29b");
			assert_memory_equal(buf_text(&told), rows[i].told,
					    (size_t)(end - rows[i].told));
			assert_int_equal(told.len, strlen(rows[i].told));
		} else {
			assert_non_null(strstr(why.text, "needs a unix socket"));
		}
		buf_free(&told);
		settings_unref(settings);
	}
}

static void test_written_where_they_were_told_to_be(void **state)
{
	(void)state;
	char folder[] = "/tmp/anchors.XXXXXX", listen[100], path[200];
	struct rules_destination pinned[] = {
		{ .domain = "plain.test" },
		{ .domain = "d.test", .pin = { .ca = { pem, sizeof pem - 1 } } },
	};
	const struct rules rules = { .destination_count = 2, .destinations = pinned };
	struct buf told = BUF_INIT(500);
	struct fault why = { "" };
	struct stat st, again;

	assert_non_null(mkdtemp(folder));
	snprintf(listen, sizeof listen, "unix:%s/map.sock", folder);
	const struct settings *settings = settings_with(listen);
	assert_int_equal(outlook_anchors_tell(settings, pinned[1].pin.ca, &told, &why), RC_OK);
	snprintf(path, sizeof path, "%s", buf_text(&told));

	assert_int_equal(outlook_anchors_write(settings, &rules, &why), RC_OK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644); /* the MTA reads it as another user */
	assert_int_equal(st.st_size, sizeof pem - 1);

	/* What is there stays as it is; what was changed is put right. */
	assert_int_equal(outlook_anchors_write(settings, &rules, &why), RC_OK);
	assert_int_equal(stat(path, &again), 0);
	assert_int_equal(again.st_ino, st.st_ino);
	assert_int_equal(truncate(path, 10), 0);
	assert_int_equal(outlook_anchors_write(settings, &rules, &why), RC_OK);
	assert_int_equal(stat(path, &again), 0);
	assert_int_equal(again.st_size, sizeof pem - 1);

	unlink(path);
	rmdir(folder);
	assert_int_equal(outlook_anchors_write(settings, &rules, &why), RC_INVALID);
	buf_free(&told);
	settings_unref(settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_told_as_postfix_finds_them),
		cmocka_unit_test(test_written_where_they_were_told_to_be),
	};
	return cmocka_run_group_tests_name("outlook/anchors", tests, NULL, NULL);
}
