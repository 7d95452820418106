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
	struct request *request;
	int fd;
	uint64_t from, left;
	uint8_t ticket[PICKUP_TICKET_BYTES];
};

bool stream_tell_sent(const struct request *request, enum pickup_mode mode,
		      const uint8_t ticket[PICKUP_TICKET_BYTES])
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_SENT);

	question.mode = mode;
	memcpy(question.ticket, ticket, sizeof question.ticket);
	if (ask_for(&ask, request, &question) == PICKUP_OK)
		return true;
	log_line(LOG_WARN, NULL, "a download breaks off: the keeper cannot note it");
	return false;
}

static ssize_t read_piece(void *arg, uint64_t at, char *to, size_t room)
{
	struct stream *s = arg;
	ssize_t n;

	do
		n = pread(s->fd, to, room, (off_t)(s->from + at));
	while (n < 0 && errno == EINTR);
	if (n <= 0 || (uint64_t)n > s->left)
		return MHD_CONTENT_READER_END_WITH_ERROR; /* not as long as it was, or the disk */
	s->left -= (uint64_t)n;
	if (s->left == 0 && !stream_tell_sent(s->request, PICKUP_BROWSER, s->ticket))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	guard_moved(s->request->worker->guard, s->request->entry, (size_t)n);
	return n;
}

static void stream_free(void *arg)
{
	struct stream *s = arg;

	close(s->fd);
	explicit_bzero(s, sizeof *s);
	free(s);
}

enum MHD_Result stream_answer(struct request *request, int fd, uint64_t bytes, uint64_t from,
			      const uint8_t ticket[PICKUP_TICKET_BYTES])
{
	struct stream *s = calloc(1, sizeof *s);
	struct MHD_Response *response = NULL;

	if (s) {
		*s = (struct stream){
			.request = request, .fd = fd, .from = from, .left = bytes - from
		};
		memcpy(s->ticket, ticket, sizeof s->ticket);
		response = MHD_create_response_from_callback(s->left, PIECE, read_piece, s,
							     stream_free);
	}
	if (!response) {
		close(fd);
		free(s);
		return MHD_NO;
	}
	answer_header(response, "Content-Type", "application/octet-stream");
	return answer_queue(request, MHD_HTTP_OK, response);
}
