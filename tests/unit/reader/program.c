#include "reader/program.h"

#include "support/beside.h"
#include "support/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

static void test_it_starts_and_ends(void **state)
{
	char path[BESIDE_MAX];
	struct reader_process p;
	struct fault why;
	(void)state;

	assert_int_equal(reader_program_start(beside("rogue_reader", path), 256 << 20, &p, &why),
			 RC_OK);
	assert_true(p.pid > 0 && (fcntl(p.fd, F_GETFL) & O_NONBLOCK));
	assert_true(fcntl(p.fd, F_GETFD) & FD_CLOEXEC);
	assert_string_equal(reader_program_end(&p), "reader-crash");
	assert_int_equal(p.fd, -1);
}

static void test_it_ends_with_its_master(void **state)
{
	char path[BESIDE_MAX];
	struct reader_process p;
	struct fault why;
	(void)state;

	assert_int_equal(reader_program_start(beside("rogue_reader", path), 256 << 20, &p, &why),
			 RC_OK);
	int copy = p.fd;
	assert_int_equal(shutdown(copy, SHUT_WR), 0);
	struct pollfd fd = { .fd = copy, .events = POLLIN };
	assert_int_equal(poll(&fd, 1, 60000), 1); /* it hangs up in turn */
	(void)reader_program_end(&p);
}

static void test_one_that_is_not_there(void **state)
{
	struct reader_process p;
	struct fault why;
	(void)state;

	assert_int_equal(reader_program_start("/nonexistent/reader", 1 << 28, &p, &why), RC_ABSENT);
	assert_string_equal(why.text,
			    "cannot start /nonexistent/reader: No such file or directory");
	assert_int_equal(reader_program_start("/", 1 << 28, &p, &why), RC_ABSENT);
}

static void test_it_is_found_beside_the_build(void **state)
{
	char path[READER_PATH_MAX];
	(void)state;

	reader_program_find(path);
	assert_non_null(strstr(path, "/../reader/postern-reader"));
	assert_int_equal(access(path, X_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_starts_and_ends),
		cmocka_unit_test(test_it_ends_with_its_master),
		cmocka_unit_test(test_one_that_is_not_there),
		cmocka_unit_test(test_it_is_found_beside_the_build),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
