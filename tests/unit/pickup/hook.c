#include "pickup/hook.h"

#include "support/scratch.h"
#include "support/unit.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch scratch;

static int setup(void **state)
{
	(void)state;
	return scratch_make(&scratch) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(&scratch);
	return 0;
}

static const struct pickup_code code = { "+493012345678", "01234567", "de", "Our\nExample=1",
					 1795312345 };

/* A program of a few lines of shell. */
static const char *program(const char *lines)
{
	static char path[400];
	FILE *f;

	snprintf(path, sizeof path, "%s/send-code", scratch.folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n%s\n", lines);
	assert_int_equal(fchmod(fileno(f), 0700), 0);
	fclose(f);
	return path;
}

static enum rc run_hook(const char *lines, struct fault *why)
{
	const char *command = program(lines);
	int socket;

	assert_int_equal(pickup_hook_start(command, NULL, NULL, &socket, why), RC_OK);
	enum rc rc = pickup_hook_send(socket, &code, why);
	close(socket);
	return rc;
}

static const char *file(const char *name)
{
	static char text[2000];
	FILE *f = fopen(scratch_path(&scratch, name), "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void the_command_gets_it_on_its_standard_input(void **state)
{
	(void)state;
	char command[300];
	struct fault why;

	snprintf(command, sizeof command, "cat > %s/got; env > %s/env; echo $0 $* > %s/args",
		 scratch.folder, scratch.folder, scratch.folder);
	assert_int_equal(run_hook(command, &why), RC_OK);
	assert_string_equal(file("got"),
			    "number=+493012345678\ncode=01234567\nlanguage=de\n"
			    "organisation=Our Example=1\nuntil=2026-11-22T01:52:25Z\n");
	assert_null(strstr(file("env"), "01234567"));
	assert_null(strstr(file("env"), "HOME="));
	assert_non_null(strstr(file("env"), "PATH="));
	assert_true(strlen(file("args")) > 0);
	assert_null(strstr(file("args"), " 0")); /* its own name alone */
}

static void how_it_ended_is_told(void **state)
{
	(void)state;
	static const struct {
		const char *command;
		enum rc rc;
		const char *why;
	} rows[] = {
		{ "true", RC_OK, "" },
		{ "exit 0", RC_OK, "" },
		{ "exit 7", RC_RETRY, "portal.code_command ended with 7" },
		{ "kill -9 $$", RC_RETRY, "portal.code_command ended with 126" },
		{ "/nonexistent/command", RC_RETRY, "portal.code_command ended with 127" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fault why = { "" };
		assert_int_equal(run_hook(rows[i].command, &why), rows[i].rc);
		assert_string_equal(why.text, rows[i].why);
	}
}

static void one_that_hangs_keeps_no_other_waiting(void **state)
{
	(void)state;
	char command[300];
	struct fault why;
	int socket;

	/* The first one hangs until the second has come. */
	snprintf(
		command, sizeof command,
		"cd %s; if mkdir first 2>/dev/null; then until [ -e second ]; do sleep 0.05; done; "
		"else : > second; fi",
		scratch.folder);
	assert_int_equal(pickup_hook_start(program(command), NULL, NULL, &socket, &why), RC_OK);
	pid_t pid = fork();
	if (pid == 0)
		_exit(pickup_hook_send(socket, &code, &why) != RC_OK);
	while (access(scratch_path(&scratch, "first"), F_OK) != 0)
		usleep(10000);
	assert_int_equal(pickup_hook_send(socket, &code, &why), RC_OK);
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(socket);
}

static void a_runner_that_is_gone_is_told(void **state)
{
	(void)state;
	struct fault why;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	close(ends[1]);
	assert_int_equal(pickup_hook_send(ends[0], &code, &why), RC_RETRY);
	close(ends[0]);
}

/* It must not outlive the keeper: its end of the socket is all that it waits for. */
static void the_runner_ends_with_the_keeper(void **state)
{
	(void)state;
	struct fault why;
	int socket;

	assert_int_equal(pickup_hook_start("/bin/true", NULL, NULL, &socket, &why), RC_OK);
	close(socket);
	assert_true(waitpid(-1, NULL, 0) > 0);
}

static enum rc cannot(void *arg, struct fault *why)
{
	return fault(why, RC_RETRY, "%s", (const char *)arg);
}

static enum rc umask_077(void *arg, struct fault *why)
{
	(void)arg;
	(void)why;
	umask(077);
	return RC_OK;
}

static void rights_are_dropped_first(void **state)
{
	(void)state;
	char command[300], word[] = "no";
	struct fault why;
	int socket;

	snprintf(command, sizeof command, "umask > %s/mask", scratch.folder);
	assert_int_equal(pickup_hook_start(program(command), umask_077, NULL, &socket, &why),
			 RC_OK);
	assert_int_equal(pickup_hook_send(socket, &code, &why), RC_OK);
	close(socket);
	assert_string_equal(file("mask"), "0077\n");
	assert_int_equal(pickup_hook_start(program(command), cannot, word, &socket, &why), RC_OK);
	assert_int_equal(pickup_hook_send(socket, &code, &why), RC_RETRY);
	close(socket);
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_FOLDER(the_runner_ends_with_the_keeper),
		IN_FOLDER(the_command_gets_it_on_its_standard_input),
		IN_FOLDER(how_it_ended_is_told),
		IN_FOLDER(one_that_hangs_keeps_no_other_waiting),
		IN_FOLDER(a_runner_that_is_gone_is_told),
		IN_FOLDER(rights_are_dropped_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
