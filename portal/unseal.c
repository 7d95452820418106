#include "unseal.h"

#include "answer.h"
#include "failure.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "page/attachment.h"
#include "page/filename.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PIECE = CRYPTO_STREAM_SEALED,
	/* Two records may be emitted for one that is pushed; decoding makes them no longer. */
	OUT_MAX = 4 * CRYPTO_STREAM_RECORD,
};

/* The next piece of the blob; RC_ABSENT at its end. */
static enum rc push_piece(struct deposit_unseal *unseal, int blob, char *space, struct fault *why)
{
	ssize_t n;

	do
		n = read(blob, space, PIECE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fault(why, RC_RETRY, "cannot read a blob: %s", strerror(errno));
	if (n == 0)
		return RC_ABSENT;
	return deposit_unseal_add(unseal, (struct slice){ space, (size_t)n }, why);
}

enum rc unseal_all(struct deposit_unseal *unseal, int blob, struct fault *why)
{
	CLEANUP(cleanup_free) char *space = malloc(PIECE);
	enum rc rc = RC_OK;

	if (!space)
		return fault(why, RC_NOMEM, "out of memory");
	while (rc == RC_OK)
		rc = push_piece(unseal, blob, space, why);
	return rc == RC_ABSENT ? deposit_unseal_end(unseal, why) : rc;
}

struct download {
	struct request *request;
	struct deposit_unseal *unseal;
	struct page_attachment *attachment; /* NULL: the original itself */
	int blob;
	uint64_t at, begin, end; /* of the original: so far, and what is wanted */
	bool ended;
	struct buf out; /* decrypted, not yet sent */
	char space[PIECE];
};

static void download_free(void *arg)
{
	struct download *d = arg;

	deposit_unseal_free(&d->unseal);
	page_attachment_free(&d->attachment);
	buf_wipe(&d->out);
	if (d->blob >= 0)
		close(d->blob);
	explicit_bzero(d->space, sizeof d->space);
	free(d);
}

static enum rc put_out(void *arg, struct slice bytes, struct fault *why)
{
	struct download *d = arg;

	return buf_add_slice(&d->out, bytes) == RC_OK ? RC_OK
						      : fault(why, RC_LIMIT, "a piece is too long");
}

/* What of the original lies within the part. */
static enum rc take_original(void *arg, struct slice bytes, struct fault *why)
{
	struct download *d = arg;
	uint64_t from = d->at, to = d->at + bytes.len;

	d->at = to;
	if (from < d->begin)
		from = d->begin;
	if (to > d->end)
		to = d->end;
	if (from >= to)
		return RC_OK;
	struct slice wanted = { bytes.at + (from - (d->at - bytes.len)), (size_t)(to - from) };
	return d->attachment ? page_attachment_add(d->attachment, wanted, why)
			     : put_out(d, wanted, why);
}

/* Fills d->out; RC_ABSENT: nothing more comes, and all that came was genuine. */
static enum rc fill(struct download *d, struct fault *why)
{
	enum rc rc = d->ended ? RC_ABSENT : RC_OK;

	buf_clear(&d->out);
	while (rc == RC_OK && d->out.len == 0)
		rc = push_piece(d->unseal, d->blob, d->space, why);
	if (rc != RC_ABSENT || d->ended)
		return rc;
	d->ended = true;
	rc = deposit_unseal_end(d->unseal, why);
	if (rc == RC_OK && d->attachment)
		rc = page_attachment_end(d->attachment, why);
	return rc == RC_OK && d->out.len == 0 ? RC_ABSENT : rc;
}

static ssize_t read_piece(void *arg, uint64_t at, char *to, size_t room)
{
	struct download *d = arg;
	struct fault why;

	(void)at; /* always where the last piece ended */
	if (d->out.len == 0) {
		enum rc rc = fill(d, &why);
		if (rc == RC_ABSENT)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (rc != RC_OK) {
			log_line(LOG_FAIL, NULL, "a download breaks off: %s", why.text);
			return MHD_CONTENT_READER_END_WITH_ERROR;
		}
	}
	size_t n = d->out.len < room ? d->out.len : room;
	memcpy(to, d->out.at, n);
	buf_drop(&d->out, n);
	guard_moved(d->request->worker->guard, d->request->entry, n);
	return (ssize_t)n;
}

static void give_back(struct request *request, bool whole)
{
	(void)whole;
	handle_give(request->worker->handles, request->finished_of);
}

static enum rc begin(struct download *d, const struct handle *handle, const struct page_part *part,
		     struct fault *why)
{
	enum rc rc = deposit_unseal_start(&handle->record, &handle->dek, handle->id, take_original,
					  d, &d->unseal, why);

	if (rc == RC_OK && part)
		rc = page_attachment_new(put_out, d, &d->attachment, why);
	return rc;
}

/* The name in Content-Disposition. */
static void name_it(struct MHD_Response *response, const struct page_part *part)
{
	struct buf field = BUF_INIT(8 * PAGE_FILENAME_MAX);
	struct slice name = part ? part->name : SLICE("message.eml");

	if (page_filename_disposition(name, &field) == RC_OK)
		answer_header(response, "Content-Disposition", buf_text(&field));
	else
		answer_header(response, "Content-Disposition", "attachment");
	buf_free(&field);
	answer_header(response, "Content-Type",
		      part ? "application/octet-stream" : "message/rfc822");
}

enum MHD_Result unseal_answer(struct request *request, struct handle *handle, int blob,
			      const struct page_part *part)
{
	struct download *d = calloc(1, sizeof *d);
	struct MHD_Response *response;
	struct fault why;

	request->finished = give_back;
	request->finished_of = handle;
	if (!d) {
		close(blob);
		return MHD_NO;
	}
	d->request = request;
	d->blob = blob;
	d->out = BUF_SECRET(OUT_MAX);
	d->begin = part ? part->begin : 0;
	d->end = part ? part->end : handle->size;
	if (begin(d, handle, part, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "a download cannot begin: %s", why.text);
		download_free(d);
		return failure_answer(request, FAILURE_LATER, 0);
	}
	response = MHD_create_response_from_callback(part ? MHD_SIZE_UNKNOWN : handle->size, PIECE,
						     read_piece, d, download_free);
	if (!response) {
		download_free(d);
		return MHD_NO;
	}
	name_it(response, part);
	return answer_queue(request, MHD_HTTP_OK, response);
}
