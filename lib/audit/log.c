#include "audit/log.h"

#include "audit/tail.h"
#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_TRIES = 40, LOCK_STEP_MS = 25 }; /* a second in all */
/* Bytes of the lines of one append: 5,000 recipients (limits.recipients), twice where rules
 * observe, of 8 KB each. */
enum { BATCH_MAX = 80 * 1024 * 1024 };

static const char CHAIN_START[] = "00000000000000000000000000000000"
				  "00000000000000000000000000000000";

/* Whoever takes both locks takes sync first. fd changes under both, so either keeps it. */
struct audit_log {
	char *path;
	int lock_fd;
	pthread_mutex_t sync; /* held over fdatasync */

	pthread_mutex_t write; /* held over write */
	int fd;
	uint64_t seq; /* of the last line */
	char hash[AUDIT_HASH_CHARS + 1];
	uint64_t written;         /* appends so far */
	uint64_t synced;          /* of those, known to be on the disk */
	uint64_t lost_from, lost; /* those after the first up to the second: a sync failed */
	bool broken;              /* to be opened anew before the next append */
	int64_t last_usec;        /* the latest time that we were told */
	struct buf lines;
};

static void close_fd(int *fd)
{
	cleanup_fd(fd);
	*fd = -1;
}

/* Opens path for appending; a new file's name is made durable. */
static enum rc open_file(const char *path, int *out, struct fault *why)
{
	const char *slash = strrchr(path, '/');
	const int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
	struct stat st;

	CLEANUP(cleanup_fd) int fd = open(path, flags);
	if (fd < 0 && errno == ENOENT) {
		CLEANUP(cleanup_free)
		char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
		if (!folder)
			return fault(why, RC_NOMEM, "out of memory");
		fd = open(path, flags | O_CREAT | O_EXCL, 0640);
		if (fd >= 0 && file_sync_folder(folder, why) != RC_OK)
			return RC_RETRY;
	}
	if (fd < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fault(why, RC_INVALID, "%s is not a file", path);
	*out = fd;
	fd = -1;
	return RC_OK;
}

static enum rc take_lock(const char *path, int *out, struct fault *why)
{
	CLEANUP(cleanup_free) char *name = NULL;

	if (asprintf(&name, "%s.lock", path) < 0) {
		name = NULL;
		return fault(why, RC_NOMEM, "out of memory");
	}
	CLEANUP(cleanup_fd) int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0)
		return fault(why, RC_INVALID, "cannot open %s: %s", name, strerror(errno));
	/* Who has records for a milter that does not run takes the lock for as long as that lasts. */
	for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
		if (i == LOCK_TRIES)
			return fault(why, RC_INVALID, "another process writes %s", path);
		poll(NULL, 0, LOCK_STEP_MS);
	}
	*out = fd;
	fd = -1;
	return RC_OK;
}

/* Writes log->lines, or leaves the file as it was. */
static enum rc write_lines(struct audit_log *log, struct fault *why)
{
	struct stat st;

	if (fstat(log->fd, &st) < 0)
		return fault(why, RC_RETRY, "cannot look at the audit file: %s", strerror(errno));
	enum rc rc = file_write(log->fd, "the audit file", buf_slice(&log->lines), why);
	if (rc != RC_OK && ftruncate(log->fd, st.st_size) < 0)
		log->broken = true; /* half a line stands there: cut off when opened anew */
	return rc;
}

/* Formats records from the log's place in the chain and writes them; moves the place. */
static enum rc append_lines(struct audit_log *log, const struct audit_record *records, size_t count,
			    struct fault *why)
{
	char hash[AUDIT_HASH_CHARS + 1];
	enum rc rc = RC_OK;

	memcpy(hash, log->hash, sizeof hash);
	buf_clear(&log->lines);
	for (size_t i = 0; i < count && rc == RC_OK; i++) {
		size_t start = log->lines.len;
		rc = audit_record_format(&records[i], log->seq + 1 + i, hash, &log->lines);
		if (rc == RC_OK && log->lines.len - start > AUDIT_LINE_MAX)
			rc = RC_LIMIT;
		if (rc != RC_OK)
			return fault(why, rc,
				     rc == RC_LIMIT ? "an audit record is too long"
						    : "out of memory");
		struct slice line = { log->lines.at + start, log->lines.len - start - 1 };
		rc = audit_line_hash(line, hash, why);
	}
	if (rc == RC_OK)
		rc = write_lines(log, why);
	if (rc != RC_OK)
		return rc;
	log->seq += count;
	log->written++;
	memcpy(log->hash, hash, sizeof hash);
	return RC_OK;
}

static enum rc note_recovery(struct audit_log *log, uint64_t torn, const char *aside,
			     int64_t now_usec, struct fault *why)
{
	struct buf reason = BUF_INIT(8192);
	struct audit_record record = { .ts_usec = now_usec, .event = "recovered" };

	(void)buf_addf(&reason, "%" PRIu64 " bytes that were no whole record were moved to %s",
		       torn, aside);
	record.reason = buf_text(&reason);
	enum rc rc = append_lines(log, &record, 1, why);
	buf_free(&reason);
	if (rc == RC_OK && fdatasync(log->fd) < 0)
		rc = fault(why, RC_RETRY, "cannot sync the audit file: %s", strerror(errno));
	return rc;
}

/* Takes the place in the chain from fd's end, mended where it is torn. Where fd is empty
 * and the log has no place yet, from the newest rotated file. */
static enum rc take_place(struct audit_log *log, int fd, int64_t now_usec, struct fault *why)
{
	CLEANUP(cleanup_free) char *aside = NULL;
	struct audit_tail tail;

	enum rc rc = audit_tail_find(fd, &tail, why);
	if (rc != RC_OK)
		return rc;
	if (asprintf(&aside, "%s.torn-%" PRId64, log->path, now_usec) < 0) {
		aside = NULL;
		return fault(why, RC_NOMEM, "out of memory");
	}
	rc = audit_tail_cut(fd, &tail, aside, why);
	if (rc != RC_OK)
		return rc;
	uint64_t torn = tail.torn;
	if (!tail.any && log->seq == 0) {
		rc = audit_tail_find_rotated(log->path, &tail, why);
		if (rc != RC_OK)
			return rc;
	}
	if (tail.any) {
		log->seq = tail.seq;
		memcpy(log->hash, tail.hash, sizeof log->hash);
	}
	close_fd(&log->fd);
	log->fd = fd;
	return torn ? note_recovery(log, torn, aside, now_usec, why) : RC_OK;
}

static enum rc open_anew(struct audit_log *log, int64_t now_usec, struct fault *why)
{
	int fd;

	enum rc rc = open_file(log->path, &fd, why);
	if (rc != RC_OK)
		return rc;
	rc = take_place(log, fd, now_usec, why);
	if (rc != RC_OK && log->fd != fd)
		close_fd(&fd);
	if (rc == RC_OK)
		log->broken = false;
	return rc;
}

enum rc audit_log_open(const char *path, int64_t now_usec, struct audit_log **out,
		       struct fault *why)
{
	struct audit_log *log = calloc(1, sizeof *log);

	if (!log)
		return fault(why, RC_NOMEM, "out of memory");
	log->fd = log->lock_fd = -1;
	log->lines = BUF_INIT(BATCH_MAX);
	log->last_usec = now_usec;
	memcpy(log->hash, CHAIN_START, sizeof CHAIN_START);
	pthread_mutex_init(&log->sync, NULL);
	pthread_mutex_init(&log->write, NULL);
	log->path = strdup(path);
	enum rc rc = log->path ? take_lock(path, &log->lock_fd, why)
			       : fault(why, RC_NOMEM, "out of memory");
	struct fault inner;
	if (rc == RC_OK) {
		rc = open_anew(log, now_usec, &inner);
		if (rc != RC_OK)
			rc = fault(why, rc, "audit file %s: %s", path, inner.text);
	}
	if (rc != RC_OK) {
		audit_log_close(log);
		return rc;
	}
	*out = log;
	return RC_OK;
}

void audit_log_close(struct audit_log *log)
{
	if (!log)
		return;
	close_fd(&log->fd);
	close_fd(&log->lock_fd);
	pthread_mutex_destroy(&log->sync);
	pthread_mutex_destroy(&log->write);
	buf_free(&log->lines);
	free(log->path);
	free(log);
}

/* Both locks held. What was written and not synced is never to be called durable, even
 * when a later sync goes well: the kernel may have dropped the pages. */
static void give_up_unsynced(struct audit_log *log)
{
	if (log->lost == 0)
		log->lost_from = log->synced;
	log->lost = log->written;
	log->broken = true;
}

static enum rc mend(struct audit_log *log, struct fault *why)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&log->sync);
	pthread_mutex_lock(&log->write);
	if (log->broken) {
		give_up_unsynced(log);
		rc = open_anew(log, log->last_usec, why);
	}
	pthread_mutex_unlock(&log->write);
	pthread_mutex_unlock(&log->sync);
	return rc;
}

/* Makes sure that append number ticket is on the disk: by a sync of another thread that
 * began after it was written, or by one of our own, which serves the others too. */
static enum rc sync_up_to(struct audit_log *log, uint64_t ticket, struct fault *why)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&log->sync);
	pthread_mutex_lock(&log->write);
	uint64_t target = log->written;
	bool lost = ticket > log->lost_from && ticket <= log->lost;
	bool synced = !lost && ticket <= log->synced;
	lost = lost || log->broken;
	pthread_mutex_unlock(&log->write);

	if (synced) {
		pthread_mutex_unlock(&log->sync);
		return RC_OK;
	}
	if (lost || fdatasync(log->fd) < 0)
		rc = fault(why, RC_RETRY, "cannot sync the audit file: %s",
			   lost ? "an earlier failure" : strerror(errno));
	pthread_mutex_lock(&log->write);
	if (rc == RC_OK)
		log->synced = target;
	else if (!lost)
		give_up_unsynced(log);
	pthread_mutex_unlock(&log->write);
	pthread_mutex_unlock(&log->sync);
	return rc;
}

enum rc audit_log_append(struct audit_log *log, const struct audit_record *records, size_t count,
			 bool durable, struct fault *why)
{
	enum rc rc;

	if (count == 0)
		return RC_OK;
	pthread_mutex_lock(&log->write);
	log->last_usec = records[0].ts_usec;
	if (log->broken) {
		pthread_mutex_unlock(&log->write);
		rc = mend(log, why);
		if (rc != RC_OK)
			return rc == RC_NOMEM ? rc : RC_RETRY;
		pthread_mutex_lock(&log->write);
	}
	rc = log->broken ? fault(why, RC_RETRY, "the audit file failed again")
			 : append_lines(log, records, count, why);
	uint64_t ticket = log->written;
	pthread_mutex_unlock(&log->write);

	return rc == RC_OK && durable ? sync_up_to(log, ticket, why) : rc;
}

static bool is_current(const struct audit_log *log)
{
	struct stat named, open;

	return stat(log->path, &named) == 0 && fstat(log->fd, &open) == 0 &&
	       named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

enum rc audit_log_reopen(struct audit_log *log, int64_t now_usec, struct fault *why)
{
	enum rc rc = RC_OK;

	pthread_mutex_lock(&log->sync);
	pthread_mutex_lock(&log->write);
	log->last_usec = now_usec;
	if (log->broken || !is_current(log)) {
		if (!log->broken && fdatasync(log->fd) == 0)
			log->synced = log->written;
		else
			give_up_unsynced(log);
		rc = open_anew(log, now_usec, why);
	}
	pthread_mutex_unlock(&log->write);
	pthread_mutex_unlock(&log->sync);
	return rc;
}
