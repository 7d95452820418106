/* portal/reply.h: a recipient's answer, with files, on its way to the keeper.
 *
 *     POST m/ID/reply, multipart/form-data: ticket (or handle), text, file …
 *
 * The text and then the files go into a file that has no name and no place on a disk, whose
 * descriptor the keeper is handed; nothing of it is kept here. text stands before the files.
 *
 * Memory   the reply itself, at most limits.reply_bytes, for as long as the request takes
 * Threads  one request's parts are one thread's */
#pragma once

#include "worker.h"

enum {
	REPLIES_MAX = 4, /* at once: each may take limits.reply_bytes of memory */
	/* Bytes of a request beside its contents: boundaries, names, a few small fields. */
	REPLY_EXTRA_BYTES = 64 * 1024,
};

/* The most that the body of such a request may have. */
uint64_t reply_bytes_max(const struct worker *worker);

/* NULL: too many at once, or no memory; reply_answer() then says so. */
struct reply_parts *reply_new(struct request *request);
void reply_free(struct reply_parts *parts); /* NULL is fine */
/* Bytes of the body. False: cut it off. */
bool reply_take(struct reply_parts *parts, struct slice bytes);
enum MHD_Result reply_answer(struct request *request);
