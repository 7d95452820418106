#include "loop/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { DEADLINE_MS = 20000 };

struct world {
	struct loop *loop;
	struct loop_timer *deadline;
	struct loop_listener *listener;
	char folder[32], address[64];
	int count, stop_at;
	bool pause, free_at_once;
};

static void too_late(void *arg)
{
	(void)arg;
	fail_msg("nothing came in %d ms", DEADLINE_MS);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->loop = loop_new(NULL);
	w->deadline = loop_timer_new(w->loop, too_late, NULL);
	loop_timer_set(w->deadline, DEADLINE_MS);
	strcpy(w->folder, "/tmp/postern-listen-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	snprintf(w->address, sizeof w->address, "unix:%s/s", w->folder);
	w->stop_at = 1;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	loop_listener_free(w->listener);
	loop_timer_free(w->deadline);
	loop_free(w->loop);
	assert_int_equal(rmdir(w->folder), 0); /* the socket has been unlinked */
	free(w);
	return 0;
}

static void on_accept(void *arg, int fd)
{
	struct world *w = arg;

	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	if (w->pause)
		loop_listener_pause(w->listener, true);
	if (w->free_at_once) {
		loop_listener_free(w->listener);
		w->listener = NULL;
	}
	if (++w->count == w->stop_at)
		loop_stop(w->loop);
}

static enum rc listen_at(struct world *w, const char *address, struct fault *why)
{
	return loop_listen(w->loop, address, "0620", "", on_accept, w, &w->listener, why);
}

static int connect_unix(const char *address)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, address + strlen("unix:"));
	if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

static void unix_clients_are_accepted_and_mode_is_exact(void **state)
{
	struct world *w = *state;
	struct stat st;

	mode_t old = umask(077);
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	umask(old);
	assert_int_equal(stat(w->address + 5, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0620);
	assert_int_equal(loop_listener_port(w->listener), 0);
	int fd = connect_unix(w->address);
	assert_true(fd >= 0);
	loop_run(w->loop);
	assert_int_equal(w->count, 1);
	close(fd);
}

static void group_is_taken_by_name(void **state)
{
	struct world *w = *state;
	struct group *own = getgrgid(getegid());
	struct fault why = { 0 };
	struct stat st;

	assert_non_null(own);
	assert_int_equal(loop_listen(w->loop, w->address, "0660", own->gr_name, on_accept, w,
				     &w->listener, &why),
			 RC_OK);
	assert_int_equal(stat(w->address + 5, &st), 0);
	assert_int_equal(st.st_gid, getegid());
}

static void stale_socket_is_replaced(void **state)
{
	struct world *w = *state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(at.sun_path, w->address + 5);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	close(fd); /* a crash leaves the file */
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	fd = connect_unix(w->address);
	assert_true(fd >= 0);
	loop_run(w->loop);
	close(fd);
}

static void live_socket_is_an_error_and_lives_on(void **state)
{
	struct world *w = *state;
	struct loop_listener *first;
	struct fault why = { 0 };

	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	first = w->listener;
	assert_int_equal(listen_at(w, w->address, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "another process listens"));
	assert_ptr_equal(w->listener, first);
	int fd = connect_unix(w->address);
	assert_true(fd >= 0);
	close(fd);
}

static void way_is_made_for_others_only_where_nobody_listens(void **state)
{
	struct world *w = *state;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *path = w->address + 5;
	struct fault why = { 0 };
	struct stat st;

	assert_int_equal(loop_make_way("relative", &why), RC_INVALID);
	assert_int_equal(loop_make_way(path, &why), RC_OK); /* nothing is there */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strcpy(at.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	close(fd);
	assert_int_equal(loop_make_way(path, &why), RC_OK);
	assert_int_equal(lstat(path, &st), -1);
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	assert_int_equal(loop_make_way(path, &why), RC_RETRY);
	assert_non_null(strstr(why.text, "another process listens"));
	fd = connect_unix(w->address);
	assert_true(fd >= 0);
	close(fd);
}

static void free_leaves_a_successors_socket_alone(void **state)
{
	struct world *w = *state;
	struct loop_listener *first;

	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	first = w->listener;
	assert_int_equal(unlink(w->address + 5), 0);
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	loop_listener_free(first);
	int fd = connect_unix(w->address);
	assert_true(fd >= 0);
	close(fd);
}

static int connect_tcp(int family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons(port),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (family == AF_INET)
		assert_int_equal(connect(fd, (struct sockaddr *)&v4, sizeof v4), 0);
	else
		assert_int_equal(connect(fd, (struct sockaddr *)&v6, sizeof v6), 0);
	return fd;
}

static void tcp_is_listened_on_in_both_families(void **state)
{
	struct world *w = *state;

	assert_int_equal(listen_at(w, "127.0.0.1:0", NULL), RC_OK);
	assert_true(loop_listener_port(w->listener) > 0);
	int fd = connect_tcp(AF_INET, loop_listener_port(w->listener));
	loop_run(w->loop);
	close(fd);
	loop_listener_free(w->listener);
	w->listener = NULL;

	int probe = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	bool has_v6 = probe >= 0 && bind(probe, (struct sockaddr *)&at, sizeof at) == 0;
	if (probe >= 0)
		close(probe);
	if (!has_v6)
		return;
	w->stop_at = 2;
	assert_int_equal(listen_at(w, "[::1]:0", NULL), RC_OK);
	fd = connect_tcp(AF_INET6, loop_listener_port(w->listener));
	loop_run(w->loop);
	close(fd);
}

static void resume(void *arg)
{
	struct world *w = arg;

	assert_int_equal(w->count, 1); /* the second has waited */
	w->pause = false;
	w->stop_at = 2;
	loop_listener_pause(w->listener, false);
}

static void paused_listener_keeps_clients_waiting(void **state)
{
	struct world *w = *state;
	struct loop_timer *later = loop_timer_new(w->loop, resume, w);

	w->pause = true;
	w->stop_at = 0;
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	int a = connect_unix(w->address), b = connect_unix(w->address);
	assert_true(a >= 0 && b >= 0);
	loop_timer_set(later, 50);
	loop_run(w->loop);
	assert_int_equal(w->count, 2);
	loop_timer_free(later);
	close(a);
	close(b);
}

static void listener_may_be_freed_by_its_own_callback(void **state)
{
	struct world *w = *state;

	w->free_at_once = true;
	assert_int_equal(listen_at(w, w->address, NULL), RC_OK);
	int a = connect_unix(w->address), b = connect_unix(w->address);
	loop_run(w->loop);
	assert_int_equal(w->count, 1);
	assert_int_equal(connect_unix(w->address), -1);
	close(a);
	close(b);
}

static void wrong_addresses_are_refused_in_words(void **state)
{
	static const struct {
		const char *sentence, *address, *mode, *group, *why;
		enum rc rc;
	} rows[] = {
		{ "no port", "127.0.0.1", "0660", "", "HOST:PORT", RC_INVALID },
		{ "empty", "", "0660", "", "HOST:PORT", RC_INVALID },
		{ "no host", ":25", "0660", "", "no host", RC_INVALID },
		{ "port too large", "127.0.0.1:65536", "0660", "", "HOST:PORT", RC_INVALID },
		{ "port in words", "127.0.0.1:smtp", "0660", "", "HOST:PORT", RC_INVALID },
		{ "IPv6 without brackets", "::1:25", "0660", "", "in brackets", RC_INVALID },
		{ "an address of somebody else", "192.0.2.1:0", "0660", "", "cannot listen",
		  RC_RETRY },
		{ "relative path", "unix:here", "0660", "", "not absolute", RC_INVALID },
		{ "no parent folder", "unix:/tmp/postern-none/s", "0660", "", "folder", RC_RETRY },
		{ "a file is in the way", "unix:/proc/self/exe", "0660", "", "not a socket",
		  RC_RETRY },
		{ "mode not octal", "unix:/tmp/postern-none/s", "0680", "", "octal", RC_INVALID },
		{ "mode with setuid", "unix:/tmp/postern-none/s", "4660", "", "rwx", RC_INVALID },
		{ "mode empty", "unix:/tmp/postern-none/s", "", "", "octal", RC_INVALID },
		{ "group unknown", "unix:/tmp/postern-none/s", "0660", "no-such-group",
		  "no group no-such-group", RC_INVALID },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct fault why = { 0 };
		enum rc rc = loop_listen(w->loop, rows[i].address, rows[i].mode, rows[i].group,
					 on_accept, w, &w->listener, &why);
		if (rc != rows[i].rc || !strstr(why.text, rows[i].why))
			fail_msg("%s: %d \"%s\"", rows[i].sentence, rc, why.text);
		assert_null(w->listener);
	}

	char path[160] = "unix:/tmp/";
	struct fault why = { 0 };
	memset(path + 10, 'x', 130);
	assert_int_equal(listen_at(w, path, &why), RC_INVALID);
	assert_non_null(strstr(why.text, "over 107 bytes"));
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		ROW(unix_clients_are_accepted_and_mode_is_exact),
		ROW(group_is_taken_by_name),
		ROW(stale_socket_is_replaced),
		ROW(way_is_made_for_others_only_where_nobody_listens),
		ROW(live_socket_is_an_error_and_lives_on),
		ROW(free_leaves_a_successors_socket_alone),
		ROW(tcp_is_listened_on_in_both_families),
		ROW(paused_listener_keeps_clients_waiting),
		ROW(listener_may_be_freed_by_its_own_callback),
		ROW(wrong_addresses_are_refused_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
