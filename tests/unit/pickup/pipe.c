#include "pickup/pipe.h"

#include "support/unit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

struct ends {
	int worker, keeper;
	struct buf bytes;
};

static int setup(void **state)
{
	static struct ends ends;
	struct fault why;

	ends.bytes = BUF_SECRET(PICKUP_WIRE_MAX);
	*state = &ends;
	return pickup_pair(&ends.worker, &ends.keeper, &why) == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
	struct ends *ends = *state;

	close(ends->worker);
	close(ends->keeper);
	buf_wipe(&ends->bytes);
	return 0;
}

static int a_file(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	return fd;
}

static void a_message_comes_whole_with_its_descriptor(void **state)
{
	struct ends *ends = *state;
	struct fault why;
	char text[10] = "";
	int given = a_file("blob"), fd = -1;

	assert_int_equal(pickup_send(ends->worker, SLICE("one"), given, &why), RC_OK);
	assert_int_equal(pickup_send(ends->worker, SLICE("two"), -1, &why), RC_OK);
	assert_int_equal(pickup_receive(ends->keeper, 1000, &ends->bytes, &fd, &why), RC_OK);
	assert_true(slice_is(buf_slice(&ends->bytes), "one"));
	assert_int_equal(pread(fd, text, sizeof text, 0), 4);
	assert_string_equal(text, "blob");
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	close(given);
	assert_int_equal(pickup_receive(ends->keeper, 1000, &ends->bytes, &fd, &why), RC_OK);
	assert_true(slice_is(buf_slice(&ends->bytes), "two"));
	assert_int_equal(fd, -1);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void more_than_one_descriptor_is_refused_and_closed(void **state)
{
	struct ends *ends = *state;
	struct fault why;

	for (size_t count = 2; count <= 3; count++) {
		int fds[3], before, fd;
		char control[CMSG_SPACE(sizeof fds)] = { 0 };
		struct iovec part = { (char[]){ 'x' }, 1 };
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = control,
					  .msg_controllen = CMSG_SPACE(count * sizeof(int)) };
		for (size_t i = 0; i < 3; i++)
			fds[i] = a_file("x");
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);
		*head = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
					  .cmsg_type = SCM_RIGHTS,
					  .cmsg_len = CMSG_LEN(count * sizeof(int)) };
		memcpy(CMSG_DATA(head), fds, count * sizeof(int));
		assert_int_equal(sendmsg(ends->worker, &message, 0), 1);
		before = open_descriptors();
		assert_int_equal(pickup_receive(ends->keeper, 1000, &ends->bytes, &fd, &why),
				 RC_INVALID);
		assert_string_equal(why.text, "a message brings more than one descriptor");
		assert_int_equal(fd, -1);
		assert_int_equal(open_descriptors(), before);
		for (size_t i = 0; i < 3; i++)
			close(fds[i]);
	}
}

static void a_message_that_is_too_long_is_refused(void **state)
{
	struct ends *ends = *state;
	static char text[PICKUP_WIRE_MAX + 1];
	struct fault why;
	int fd = -1, given = a_file("x");

	assert_int_equal(
		pickup_send(ends->worker, (struct slice){ text, sizeof text }, given, &why), RC_OK);
	int before = open_descriptors();
	assert_int_equal(pickup_receive(ends->keeper, 1000, &ends->bytes, &fd, &why), RC_INVALID);
	assert_string_equal(why.text, "a message is too long");
	assert_int_equal(fd, -1);
	assert_int_equal(open_descriptors(), before);
	close(given);
}

static void the_other_ends_end_is_told(void **state)
{
	struct ends *ends = *state;
	struct fault why;
	int fd;

	assert_int_equal(pickup_receive(ends->keeper, 10, &ends->bytes, &fd, &why), RC_RETRY);
	assert_string_equal(why.text, "the other process does not answer");
	close(ends->worker);
	ends->worker = -1;
	assert_int_equal(pickup_receive(ends->keeper, 1000, &ends->bytes, &fd, &why), RC_ABSENT);
	assert_string_equal(why.text, "the other process is gone");
	assert_int_equal(pickup_send(ends->keeper, SLICE("x"), -1, &why), RC_ABSENT);
}

/* Answers one question as given, from a process of its own. */
static pid_t keeper_that_says(struct ends *ends, const struct pickup_reply *replies, size_t count)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	struct pickup_request q;
	struct fault why;
	int fd;
	if (pickup_receive(ends->keeper, 5000, &ends->bytes, &fd, &why) != RC_OK ||
	    pickup_request_decode(buf_slice(&ends->bytes), &q, &why) != RC_OK)
		_exit(1);
	for (size_t i = 0; i < count; i++) {
		struct pickup_reply a = replies[i];
		struct buf out = BUF_INIT(PICKUP_WIRE_MAX);
		a.serial += q.serial;
		if (pickup_reply_encode(&a, &out, &why) != RC_OK ||
		    pickup_send(ends->keeper, buf_slice(&out), fd, &why) != RC_OK)
			_exit(2);
	}
	_exit(0);
}

static void an_answer_that_came_too_late_is_not_the_next_ones(void **state)
{
	struct ends *ends = *state;
	const struct pickup_reply late = { .verb = PICKUP_LOCATE, .result = PICKUP_DENIED };
	const struct pickup_reply due = { .verb = PICKUP_LOCATE,
					  .result = PICKUP_SLOW,
					  .wait_s = 9 };
	struct pickup_request q = { .verb = PICKUP_LOCATE };
	struct pickup_reply a;
	struct fault why;
	struct buf out = BUF_INIT(100);
	int fd;

	/* A question before, so that the next one's serial is not the late answer's 0. */
	assert_true(keeper_that_says(ends, &due, 1) > 0);
	assert_int_equal(pickup_ask(ends->worker, &q, -1, &ends->bytes, &a, &fd, &why), RC_OK);
	assert_int_equal(pickup_reply_encode(&late, &out, &why), RC_OK);
	assert_int_equal(pickup_send(ends->keeper, buf_slice(&out), ends->worker, &why), RC_OK);
	assert_true(keeper_that_says(ends, &due, 1) > 0);
	int before = open_descriptors();
	assert_int_equal(pickup_ask(ends->worker, &q, -1, &ends->bytes, &a, &fd, &why), RC_OK);
	assert_int_equal(a.result, PICKUP_SLOW);
	assert_int_equal(a.wait_s, 9);
	assert_int_equal(open_descriptors(), before); /* what the late one brought is closed */
	buf_free(&out);
}

static void an_answer_to_another_question_is_refused(void **state)
{
	struct ends *ends = *state;
	const struct pickup_reply reply = { .verb = PICKUP_SENT };
	struct pickup_request q = { .verb = PICKUP_HELLO };
	struct pickup_reply a;
	struct fault why;
	int fd, given = a_file("x");

	assert_true(keeper_that_says(ends, &reply, 1) > 0);
	assert_int_equal(pickup_ask(ends->worker, &q, given, &ends->bytes, &a, &fd, &why),
			 RC_INVALID);
	assert_string_equal(why.text, "the answer is to another question");
	assert_int_equal(fd, -1);
	close(given);
}

int main(void)
{
#define IN_ENDS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_ENDS(a_message_comes_whole_with_its_descriptor),
		IN_ENDS(more_than_one_descriptor_is_refused_and_closed),
		IN_ENDS(a_message_that_is_too_long_is_refused),
		IN_ENDS(the_other_ends_end_is_told),
		IN_ENDS(an_answer_that_came_too_late_is_not_the_next_ones),
		IN_ENDS(an_answer_to_another_question_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
