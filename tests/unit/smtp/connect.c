#include "smtp/connect.h"

#include "support/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char *bad[] = {
	"",
	"localhost:25",
	"127.0.0.1",
	"127.0.0.1:",
	"127.0.0.1:0",
	"127.0.0.1:65536",
	"127.0.0.1:25x",
	"127.0.0:25",
	"::1:25",
	"[::1]25",
	"[::1:25",
	"[]:25",
	":25",
	"unix:",
	"[::1]:",
	"127.0.0.1111111111111111111111111111111111111111111111:25",
};

static void test_what_is_no_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct fault why = { 0 };
		int fd = -7;

		print_message("   \"%s\"\n", bad[i]);
		assert_int_equal(smtp_connect(bad[i], &fd, &why), RC_INVALID);
		assert_int_equal(fd, -7);
		assert_non_null(strstr(why.text, "is neither"));
	}
}

static void test_a_path_that_would_be_cut(void **state)
{
	(void)state;
	char path[200] = "unix:/";
	int fd;

	memset(path + 6, 'x', sizeof path - 7);
	path[5 + sizeof((struct sockaddr_un *)0)->sun_path] = '\0';
	assert_int_equal(smtp_connect(path, &fd, NULL), RC_INVALID);
	path[4 + sizeof((struct sockaddr_un *)0)->sun_path] = '\0';
	assert_int_equal(smtp_connect(path, &fd, NULL), RC_RETRY); /* it fits; nobody listens */
}

static enum rc wait_for(int fd, struct fault *why)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	assert_int_equal(poll(&p, 1, 20000), 1);
	return smtp_connect_result(fd, why);
}

static int listen_on(int family, char *server, size_t size)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a = { .any.sa_family = (sa_family_t)family };
	socklen_t len = sizeof a;
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET)
		a.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		a.v6.sin6_addr = in6addr_loopback;
	if (bind(fd, &a.any, family == AF_INET ? sizeof a.v4 : sizeof a.v6) < 0) {
		close(fd);
		return -1; /* a machine without IPv6 */
	}
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, &a.any, &len), 0);
	snprintf(server, size, family == AF_INET ? "127.0.0.1:%u" : "[::1]:%u",
		 (unsigned)ntohs(family == AF_INET ? a.v4.sin_port : a.v6.sin6_port));
	return fd;
}

static void test_tcp(void **state)
{
	(void)state;
	const int families[] = { AF_INET, AF_INET6 };

	for (size_t i = 0; i < COUNT(families); i++) {
		char server[64];
		struct fault why = { 0 };
		int fd, there = listen_on(families[i], server, sizeof server);

		if (there < 0)
			continue;
		print_message("   %s\n", server);
		assert_int_equal(smtp_connect(server, &fd, &why), RC_OK);
		assert_int_equal(wait_for(fd, &why), RC_OK);
		assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		close(fd);
		close(there);

		enum rc rc = smtp_connect(server, &fd, &why); /* nobody is there any more */
		if (rc == RC_OK) {
			rc = wait_for(fd, &why);
			close(fd);
		}
		assert_int_equal(rc, RC_RETRY);
		assert_non_null(strstr(why.text, "Connection refused"));
	}
}

static void test_unix(void **state)
{
	(void)state;
	char folder[] = "/tmp/postern-connect-XXXXXX", server[64];
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, there = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_non_null(mkdtemp(folder));
	snprintf(server, sizeof server, "unix:%s/s", folder);
	strcpy(a.sun_path, server + 5);
	assert_int_equal(bind(there, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(there, 1), 0);
	assert_int_equal(smtp_connect(server, &fd, NULL), RC_OK);
	assert_int_equal(wait_for(fd, NULL), RC_OK);
	close(fd);
	close(there);
	assert_int_equal(smtp_connect(server, &fd, NULL), RC_RETRY); /* stale */
	unlink(a.sun_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_no_server),
		cmocka_unit_test(test_a_path_that_would_be_cut),
		cmocka_unit_test(test_tcp),
		cmocka_unit_test(test_unix),
	};
	return cmocka_run_group_tests_name("smtp/connect", tests, NULL, NULL);
}
