#include "cli/sink.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum rc sink_add(void *arg, struct slice bytes, struct fault *why)
{
	const struct sink *sink = arg;

	return file_write(sink->fd, sink->path ? sink->path : "to memory", bytes, why);
}

enum rc sink_open(struct sink *sink, struct fault *why)
{
	if (!sink->path) {
		sink->fd = memfd_create("deposit", MFD_CLOEXEC);
	} else {
		int len = snprintf(sink->beside, sizeof sink->beside, "%s.%ld.new", sink->path,
				   (long)getpid());
		if (len < 0 || (size_t)len >= sizeof sink->beside)
			return fault(why, RC_INVALID, "path is too long: %.80s", sink->path);
		sink->fd = open(sink->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
				0600);
	}
	if (sink->fd < 0)
		return fault(why, RC_INVALID, "cannot write %s: %s",
			     sink->path ? sink->path : "to memory", strerror(errno));
	return RC_OK;
}

static enum rc sink_show(struct sink *sink, struct fault *why)
{
	char piece[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(sink->fd, piece, sizeof piece, at)) > 0) {
		enum rc rc = file_write(STDOUT_FILENO, "to standard output",
					(struct slice){ piece, (size_t)n }, why);
		if (rc != RC_OK)
			return rc;
		at += n;
	}
	return n < 0 ? fault(why, RC_RETRY, "cannot read memory: %s", strerror(errno)) : RC_OK;
}

enum rc sink_keep(struct sink *sink, struct fault *why)
{
	if (!sink->path)
		return sink_show(sink, why);
	if (fsync(sink->fd) < 0 || rename(sink->beside, sink->path) < 0)
		return fault(why, RC_RETRY, "cannot write %s: %s", sink->path, strerror(errno));
	sink->beside[0] = '\0';
	return RC_OK;
}

void sink_close(struct sink *sink)
{
	if (sink->fd >= 0)
		close(sink->fd);
	if (sink->fd >= 0 && sink->beside[0])
		unlink(sink->beside);
}
