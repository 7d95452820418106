/* portal/request.h: one request from its first line to the last byte of its answer.
 *
 * Threads  one of libmicrohttpd's */
#pragma once

#include "worker.h"

/* Made when the header is in. NULL: out of memory. */
struct request *request_new(struct worker *worker, struct MHD_Connection *connection);
/* When the answer is out, wholly or not, or the client is gone. */
void request_free(struct request *request, bool whole);

/* Whether it may go on: its size, its route, its method, where it comes from. MHD_YES with
 * *answered set when it was refused. */
enum MHD_Result request_check(struct request *request, const char *path, const char *method,
			      bool *answered);

/* Bytes of its body. False: it is to be cut off. */
bool request_take(struct request *request, struct slice bytes);

/* All of it is in. */
enum MHD_Result request_answer(struct request *request);

/* A header field's value, at NULL without one; the last where there are several. */
struct slice request_header(const struct request *request, const char *name);
