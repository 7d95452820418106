#include "audit/hand.h"

#include "audit/log.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/netstring.h"
#include "base/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	ANSWER_MAX = 1024,
	TRIES = 2, /* beside the second that audit_log_open() waits for the lock each time */
	TRY_AGAIN_MS = 50,
};

/* ---- the layout ---- */

/* NULL is no bytes at all; "" is its NUL. */
static void lay_out_text(struct pack *p, const char **text)
{
	struct slice s = { *text ? *text : "", *text ? strlen(*text) + 1 : 0 };

	pack_slice(p, &s, AUDIT_HAND_TEXT_MAX);
	if (s.len && memchr(s.at, '\0', s.len) != s.at + s.len - 1)
		pack_refuse(p, "a text does not end in its only NUL");
	if (!p->out)
		*text = s.len && !p->wrong ? s.at : NULL;
}

static void lay_out_claim(struct pack *p, const bool **claim, bool *space)
{
	unsigned said = *claim ? 1u + **claim : 0;

	pack_choice(p, &said, 3);
	if (p->out)
		return;
	*space = said == 2;
	*claim = said ? space : NULL;
}

static void lay_out_record(struct pack *p, struct audit_record *r, bool *independent)
{
	const char **const texts[] = {
		&r->event,  &r->queue_id,     &r->client,    &r->auth,  &r->from,    &r->to,
		&r->rule,   &r->require,      &r->assurance, &r->by,    &r->verdict, &r->reply,
		&r->reason, &r->rules_sha256, &r->deposit,   &r->visit, &r->mode,
	};

	pack_time(p, &r->ts_usec);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		lay_out_text(p, texts[i]);
	pack_bool(p, &r->submission_tls);
	lay_out_claim(p, &r->independent, independent);
}

enum rc audit_hand_encode(enum audit_hand_verb verb, const struct audit_record *records,
			  size_t count, struct buf *out, struct fault *why)
{
	struct pack p = PACK_INTO(out);
	unsigned choice = verb;
	uint64_t number = count;
	bool unused;

	pack_choice(&p, &choice, AUDIT_HAND_VERBS);
	if (count > AUDIT_HAND_RECORDS_MAX)
		pack_refuse(&p, "too many records");
	pack_number(&p, &number, 1);
	for (size_t i = 0; i < count && !p.wrong; i++) {
		struct audit_record copy = records[i];
		if (copy.finding_count || copy.evidence_count || copy.observed || copy.exception)
			pack_refuse(&p, "a record has what only a decision has");
		lay_out_record(&p, &copy, &unused);
	}
	return pack_end(&p, "audit records", why);
}

enum rc audit_hand_decode(struct slice bytes, struct audit_handed *out, struct fault *why)
{
	struct pack p = PACK_FROM(bytes);
	unsigned choice = 0;
	uint64_t count = 0;

	pack_choice(&p, &choice, AUDIT_HAND_VERBS);
	pack_number(&p, &count, 1);
	if (count > AUDIT_HAND_RECORDS_MAX || (choice == AUDIT_HAND_WAKE) != (count == 0))
		pack_refuse(&p, "the number of records is wrong");
	out->verb = (enum audit_hand_verb)choice;
	out->count = p.wrong ? 0 : (size_t)count;
	for (size_t i = 0; i < out->count && !p.wrong; i++) {
		out->records[i] = (struct audit_record){ .ts_usec = 0 };
		lay_out_record(&p, &out->records[i], &out->independent[i]);
		if (!out->records[i].event)
			pack_refuse(&p, "a record has no event");
	}
	return pack_end(&p, "audit records", why);
}

enum rc audit_hand_encode_answer(enum rc rc, const char *reason, struct buf *out)
{
	struct pack p = PACK_INTO(out);
	unsigned choice = (unsigned)rc;
	struct slice words = slice_of(reason);

	pack_choice(&p, &choice, RC_NOMEM + 1u);
	pack_slice(&p, &words, ANSWER_MAX);
	return pack_end(&p, "audit answer", NULL);
}

enum rc audit_hand_decode_answer(struct slice bytes, struct fault *why)
{
	struct pack p = PACK_FROM(bytes);
	unsigned choice = 0;
	struct slice words = SLICE("");

	pack_choice(&p, &choice, RC_NOMEM + 1u);
	pack_slice(&p, &words, ANSWER_MAX);
	if (pack_end(&p, "audit answer", NULL) != RC_OK)
		return fault(why, RC_RETRY, "the milter's answer on the audit is none");
	return choice == RC_OK ? RC_OK : fault(why, (enum rc)choice, "%.*s", SLICE_ARG(words));
}

/* ---- the client ---- */

/* Connects by the folder's descriptor: its path may be longer than an address takes. */
static enum rc connect_to(const char *state, int *out, struct fault *why)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_fd) int folder = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return fault(why, RC_RETRY, "cannot open %s: %s", state, strerror(errno));
	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return fault(why, RC_RETRY, "cannot make a socket: %s", strerror(errno));
	snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/" AUDIT_HAND_SOCKET, folder);
	if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) {
		*out = fd;
		fd = -1;
		return RC_OK;
	}
	if (errno == ENOENT || errno == ECONNREFUSED)
		return RC_ABSENT;
	return fault(why, RC_RETRY, "cannot reach the milter for the audit: %s", strerror(errno));
}

static enum rc wait_for(int fd, short events, int64_t until_ms, struct fault *why)
{
	struct pollfd ready = { .fd = fd, .events = events };

	for (;;) {
		int64_t left_ms = until_ms - clock_mono_ms();
		int n = poll(&ready, 1, left_ms > 0 ? (int)left_ms : 0);
		if (n > 0)
			return RC_OK;
		if (n == 0)
			return fault(why, RC_RETRY, "the milter does not answer on the audit");
		if (errno != EINTR)
			return fault(why, RC_RETRY, "cannot wait for the milter: %s",
				     strerror(errno));
	}
}

static enum rc send_all(int fd, struct slice bytes, int64_t until_ms, struct fault *why)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
		if (n >= 0) {
			bytes = (struct slice){ bytes.at + n, bytes.len - (size_t)n };
			continue;
		}
		if (errno != EINTR && errno != EAGAIN)
			return fault(why, RC_RETRY, "cannot hand records to the milter: %s",
				     strerror(errno));
		enum rc rc = wait_for(fd, POLLOUT, until_ms, why);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static enum rc take_answer(int fd, int64_t until_ms, struct fault *why)
{
	CLEANUP(buf_free) struct buf in = BUF_INIT(ANSWER_MAX + 64);
	struct slice rest, body;

	for (;;) {
		char *space;
		rest = buf_slice(&in);
		enum rc rc = netstring_take(&rest, ANSWER_MAX + 5, &body);
		if (rc == RC_OK)
			return audit_hand_decode_answer(body, why);
		if (rc != RC_ABSENT || buf_reserve(&in, 64, &space) != RC_OK)
			return fault(why, RC_RETRY, "the milter's answer on the audit is none");
		rc = wait_for(fd, POLLIN, until_ms, why);
		if (rc != RC_OK)
			return rc;
		ssize_t n = recv(fd, space, 64, 0);
		if (n > 0)
			buf_added(&in, (size_t)n);
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			return fault(why, RC_RETRY, "the milter ended before it had answered");
	}
}

/* RC_ABSENT: nobody listens. */
static enum rc ask(const struct audit_hand *hand, struct slice bytes, struct fault *why)
{
	int64_t until_ms = clock_mono_ms() + AUDIT_HAND_MS;
	CLEANUP(buf_free) struct buf frame = BUF_INIT(AUDIT_HAND_BYTES_MAX + 16);
	CLEANUP(cleanup_fd) int fd = -1;
	enum rc rc = connect_to(hand->state, &fd, why);

	if (rc == RC_OK && netstring_add(&frame, bytes) != RC_OK)
		rc = fault(why, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = send_all(fd, buf_slice(&frame), until_ms, why);
	return rc == RC_OK ? take_answer(fd, until_ms, why) : rc;
}

/* By ourselves, under the log's lock. RC_ABSENT: somebody else has that, or it cannot be had. */
static enum rc write_alone(const char *file, const struct audit_record *records, size_t count,
			   struct fault *why)
{
	struct audit_log *log = NULL;
	enum rc rc = audit_log_open(file, clock_wall_usec(), &log, why);

	if (rc != RC_OK)
		return rc == RC_INVALID ? RC_ABSENT : rc;
	rc = audit_log_append(log, records, count, true, why);
	audit_log_close(log);
	return rc;
}

enum rc audit_hand_append(const struct audit_hand *hand, const struct audit_record *records,
			  size_t count, struct fault *why)
{
	CLEANUP(buf_free) struct buf bytes = BUF_INIT(AUDIT_HAND_BYTES_MAX);

	if (count == 0)
		return RC_OK;
	enum rc rc = audit_hand_encode(AUDIT_HAND_APPEND, records, count, &bytes, why);
	for (int i = 0; rc == RC_OK && i < TRIES; i++) {
		rc = ask(hand, buf_slice(&bytes), why);
		if (rc != RC_ABSENT)
			return rc;
		rc = write_alone(hand->file, records, count, why);
		if (rc != RC_ABSENT)
			return rc;
		poll(NULL, 0, TRY_AGAIN_MS);
		rc = RC_OK;
	}
	return rc == RC_OK ? RC_RETRY : rc; /* *why is the last failure's */
}

enum rc audit_hand_wake(const struct audit_hand *hand, struct fault *why)
{
	struct buf bytes = BUF_INIT(16);
	enum rc rc = audit_hand_encode(AUDIT_HAND_WAKE, NULL, 0, &bytes, why);

	if (rc == RC_OK)
		rc = ask(hand, buf_slice(&bytes), why);
	buf_free(&bytes);
	return rc == RC_ABSENT ? fault(why, RC_ABSENT, "no milter listens") : rc;
}

enum rc audit_hand_forget(const struct audit_hand *hand, const struct audit_record *records,
			  size_t count, bool policies, struct fault *why)
{
	CLEANUP(buf_free) struct buf bytes = BUF_INIT(AUDIT_HAND_BYTES_MAX);
	enum rc rc = audit_hand_encode(policies ? AUDIT_HAND_FORGET_POLICIES : AUDIT_HAND_FORGET,
				       records, count, &bytes, why);

	if (rc == RC_OK)
		rc = ask(hand, buf_slice(&bytes), why);
	return rc == RC_ABSENT ? fault(why, RC_ABSENT, "no milter listens") : rc;
}
