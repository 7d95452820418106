#include "base/log.h"

#include "support/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* What lands on standard error while the lines are written. */
static void written(char *out, size_t room)
{
	char path[] = "/tmp/postern-log-XXXXXX";
	int file = mkstemp(path), saved = dup(STDERR_FILENO);

	assert_true(file >= 0 && saved >= 0);
	assert_int_equal(dup2(file, STDERR_FILENO), STDERR_FILENO);
	log_line(LOG_LOW, "Q1", "below the floor");
	log_line(LOG_NOTE, "Q1", "from=%s", "a@b\r\nforged: line");
	log_line(LOG_FAIL, NULL, "no id");
	assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	ssize_t n = pread(file, out, room - 1, 0);
	assert_true(n >= 0);
	out[n] = '\0';
	close(file);
	close(saved);
	unlink(path);
}

static void test_one_line_each_with_the_queue_id_first(void **state)
{
	(void)state;
	char seen[1000];

	log_open("postern-test", LOG_TO_STDERR, LOG_NOTE);
	written(seen, sizeof seen);
	assert_string_equal(seen,
			    "postern-test: Q1: from=a@b??forged: line\npostern-test: no id\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_line_each_with_the_queue_id_first),
	};
	return cmocka_run_group_tests_name("base/log", tests, NULL, NULL);
}
