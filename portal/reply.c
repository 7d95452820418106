#include "reply.h"

#include "answer.h"
#include "failure.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/hex.h"
#include "base/log.h"
#include "handle.h"
#include "opened.h"
#include "view.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIELD_MAX = 200, PROCESSOR_BYTES = 4096 };

static atomic_uint replies;

struct reply_parts {
	struct MHD_PostProcessor *processor;
	struct request *request;
	int file;            /* text, then files */
	uint64_t bytes, max; /* in file */
	struct buf ticket, handle;
	uint64_t text_bytes;
	size_t file_count;
	struct pickup_file files[PICKUP_FILES_MAX];
	char names[PICKUP_FILES_MAX][PICKUP_FILE_NAME_MAX + 1];
	bool skipping; /* a part that is none of ours, or an empty choice of files */
	enum { FINE, BAD, LARGE, BROKEN } state;
};

uint64_t reply_bytes_max(const struct worker *worker)
{
	return (uint64_t)worker->settings->limits.reply_bytes + REPLY_EXTRA_BYTES;
}

static void put(struct reply_parts *p, const char *data, size_t size, uint64_t *counted)
{
	if (p->bytes + size > p->max) {
		p->state = LARGE;
		return;
	}
	if (file_write(p->file, "a reply", (struct slice){ data, size }, NULL) != RC_OK) {
		p->state = BROKEN;
		return;
	}
	p->bytes += size;
	*counted += size;
}

/* A file's first piece. */
static void begin_file(struct reply_parts *p, const char *name)
{
	p->skipping = !name || !name[0];
	if (p->skipping)
		return;
	if (p->file_count == PICKUP_FILES_MAX) {
		p->state = LARGE;
		return;
	}
	size_t len = strlen(name);
	char *kept = p->names[p->file_count];
	if (len > PICKUP_FILE_NAME_MAX) { /* the end says what kind of file it is */
		name += len - PICKUP_FILE_NAME_MAX;
		len = PICKUP_FILE_NAME_MAX;
	}
	memcpy(kept, name, len);
	p->files[p->file_count++] = (struct pickup_file){ { kept, len }, 0 };
}

static enum MHD_Result take_field(void *arg, enum MHD_ValueKind kind, const char *key,
				  const char *filename, const char *type, const char *encoding,
				  const char *data, uint64_t at, size_t size)
{
	struct reply_parts *p = arg;

	(void)kind;
	(void)type;
	(void)encoding;
	if (strcmp(key, "file") == 0) {
		if (at == 0)
			begin_file(p, filename);
		if (!p->skipping && p->state == FINE)
			put(p, data, size, &p->files[p->file_count - 1].bytes);
	} else if (strcmp(key, "text") == 0) {
		if (p->file_count)
			p->state = BAD;
		else
			put(p, data, size, &p->text_bytes);
	} else if (strcmp(key, "ticket") == 0 || strcmp(key, "handle") == 0) {
		struct buf *to = key[0] == 't' ? &p->ticket : &p->handle;
		if (buf_add(to, data, size) != RC_OK)
			p->state = BAD;
	}
	return p->state == FINE ? MHD_YES : MHD_NO;
}

struct reply_parts *reply_new(struct request *request)
{
	if (atomic_fetch_add(&replies, 1) >= REPLIES_MAX) {
		atomic_fetch_sub(&replies, 1);
		return NULL;
	}
	struct reply_parts *p = calloc(1, sizeof *p);
	if (!p) {
		atomic_fetch_sub(&replies, 1);
		return NULL;
	}
	p->request = request;
	p->max = request->worker->settings->limits.reply_bytes;
	p->ticket = p->handle = BUF_SECRET(FIELD_MAX);
	p->file = memfd_create("reply", MFD_CLOEXEC);
	p->processor =
		MHD_create_post_processor(request->connection, PROCESSOR_BYTES, take_field, p);
	if (p->file >= 0 && p->processor)
		return p;
	reply_free(p);
	return NULL;
}

void reply_free(struct reply_parts *p)
{
	if (!p)
		return;
	if (p->processor)
		(void)MHD_destroy_post_processor(p->processor);
	if (p->file >= 0)
		close(p->file);
	buf_wipe(&p->ticket);
	buf_wipe(&p->handle);
	free(p);
	atomic_fetch_sub(&replies, 1);
}

bool reply_take(struct reply_parts *p, struct slice bytes)
{
	if (p->state == FINE && MHD_post_process(p->processor, bytes.at, bytes.len) != MHD_YES &&
	    p->state == FINE)
		p->state = BAD;
	return true; /* a refusal is said at the end: the body has a bound */
}

/* A form without scripts has a handle where scripts have the ticket. */
static bool find_ticket(struct request *request, struct pickup_request *question)
{
	struct reply_parts *p = request->parts;

	if (p->ticket.len)
		return hex_parse(buf_slice(&p->ticket), question->ticket, sizeof question->ticket);
	struct handle *handle = opened_handle(request, buf_slice(&p->handle));
	if (!handle)
		return false;
	memcpy(question->ticket, handle->ticket, sizeof question->ticket);
	question->mode = PICKUP_SERVER;
	handle_give(request->worker->handles, handle);
	return true;
}

static enum MHD_Result say_done(struct request *request, bool page)
{
	struct view view;

	if (!page) {
		struct buf out = BUF_INIT(100);
		(void)buf_add_text(&out, "{\"ok\":true}\n");
		return answer_give(request, MHD_HTTP_ACCEPTED, "application/json", &out);
	}
	view_begin(&view, request);
	view_show(&view, "replied");
	return view_answer(&view, request, MHD_HTTP_ACCEPTED);
}

static enum MHD_Result hand_over(struct request *request)
{
	struct reply_parts *p = request->parts;
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_REPLY);
	bool page = p->handle.len > 0;

	if (!find_ticket(request, &question))
		return failure_answer(request, FAILURE_ORDER, 0);
	question.text_bytes = p->text_bytes;
	question.file_count = p->file_count;
	memcpy(question.files, p->files, sizeof question.files);
	if (lseek(p->file, 0, SEEK_SET) != 0) {
		log_line(LOG_FAIL, NULL, "a reply cannot be rewound: %s", strerror(errno));
		return failure_answer(request, FAILURE_LATER, 0);
	}
	if (ask_with(&ask, request, &question, p->file) != PICKUP_OK)
		return failure_result(request, &ask.reply);
	return say_done(request, page);
}

enum MHD_Result reply_answer(struct request *request)
{
	struct reply_parts *p = request->parts;

	if (!p)
		return failure_answer(request, FAILURE_LATER, 0);
	(void)MHD_destroy_post_processor(p->processor); /* which may still hand out a piece */
	p->processor = NULL;
	switch (p->state) {
	case FINE:
		break;
	case LARGE:
		return failure_answer(request, FAILURE_LARGE, 0);
	case BAD:
		return failure_answer(request, FAILURE_BAD, 0);
	case BROKEN:
		return failure_answer(request, FAILURE_LATER, 0);
	}
	if (!p->text_bytes && !p->file_count)
		return failure_answer(request, FAILURE_BAD, 0);
	return hand_over(request);
}
