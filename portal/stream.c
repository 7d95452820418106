#include "stream.h"

#include "answer.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

struct stream {
	struct guard *guard;
	struct guard_entry *entry;
	int fd;
	uint64_t from;
};

void stream_tell_sent(struct request *request, enum pickup_mode mode,
		      const uint8_t ticket[PICKUP_TICKET_BYTES])
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_SENT);

	question.mode = mode;
	memcpy(question.ticket, ticket, sizeof question.ticket);
	if (ask_for(&ask, request, &question) != PICKUP_OK)
		log_line(LOG_WARN, NULL, "the keeper did not take that a message was sent");
}

static ssize_t read_piece(void *arg, uint64_t at, char *to, size_t room)
{
	struct stream *stream = arg;
	ssize_t n;

	do
		n = pread(stream->fd, to, room, (off_t)(stream->from + at));
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return MHD_CONTENT_READER_END_WITH_ERROR; /* shorter than it was, or the disk */
	guard_moved(stream->guard, stream->entry, (size_t)n);
	return n;
}

static void stream_free(void *arg)
{
	struct stream *stream = arg;

	close(stream->fd);
	free(stream);
}

static void finished(struct request *request, bool whole)
{
	uint8_t *ticket = request->finished_of;

	if (whole)
		stream_tell_sent(request, PICKUP_BROWSER, ticket);
	explicit_bzero(ticket, PICKUP_TICKET_BYTES);
	free(ticket);
}

enum MHD_Result stream_answer(struct request *request, int fd, uint64_t bytes, uint64_t from,
			      const uint8_t ticket[PICKUP_TICKET_BYTES])
{
	struct stream *stream = calloc(1, sizeof *stream);
	uint8_t *kept = malloc(PICKUP_TICKET_BYTES);
	struct MHD_Response *response = NULL;

	if (stream && kept) {
		*stream = (struct stream){ request->worker->guard, request->entry, fd, from };
		memcpy(kept, ticket, PICKUP_TICKET_BYTES);
		response = MHD_create_response_from_callback(bytes - from, PIECE, read_piece,
							     stream, stream_free);
	}
	if (!response) {
		close(fd);
		free(stream);
		free(kept);
		return MHD_NO;
	}
	request->finished = finished;
	request->finished_of = kept;
	answer_header(response, "Content-Type", "application/octet-stream");
	return answer_queue(request, MHD_HTTP_OK, response);
}
