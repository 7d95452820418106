#include "base/cleanup.h"

#include "support/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void test_a_descriptor_closes_with_its_scope_and_errno_survives(void **state)
{
	(void)state;
	int seen;

	{
		CLEANUP(cleanup_fd) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		seen = fd;
		errno = E2BIG;
	}
	assert_int_equal(errno, E2BIG);
	assert_int_equal(fcntl(seen, F_GETFD), -1);
}

static void test_take_leaves_null_behind(void **state)
{
	(void)state;
	char *kept;

	{
		CLEANUP(cleanup_free) char *text = strdup("kept");
		kept = TAKE(text);
		assert_null(text);
	}
	assert_string_equal(kept, "kept");
	free(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_descriptor_closes_with_its_scope_and_errno_survives),
		cmocka_unit_test(test_take_leaves_null_behind),
	};
	return cmocka_run_group_tests_name("base/cleanup", tests, NULL, NULL);
}
