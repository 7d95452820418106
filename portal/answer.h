/* portal/answer.h: what goes back to a client. Every answer carries the same headers, which let
 * a browser do no more with our pages than they need, and keep nothing.
 *
 * All of them return what libmicrohttpd's handlers return. */
#pragma once

#include "worker.h"

/* A response with all that our answers have; to be queued and then destroyed by
 * answer_queue(). NULL is fine there. */
enum MHD_Result answer_queue(struct request *request, unsigned status,
			     struct MHD_Response *response);
void answer_header(struct MHD_Response *response, const char *name, const char *value);

/* Takes body, which is wiped once it is sent. */
enum MHD_Result answer_give(struct request *request, unsigned status, const char *type,
			    struct buf *body);
/* The same to be saved: disposition is Content-Disposition's value. */
enum MHD_Result answer_download(struct request *request, const char *type, const char *disposition,
				struct buf *body);
enum MHD_Result answer_plain(struct request *request, unsigned status, const char *text);
enum MHD_Result answer_static(struct request *request);

/* A failure, as JSON where scripts ask and as a page where people do. */
enum answer_error {
	ANSWER_BAD,    /* 400 */
	ANSWER_DENIED, /* 403 */
	ANSWER_ABSENT, /* 404 */
	ANSWER_METHOD, /* 405 */
	ANSWER_LARGE,  /* 413 */
	ANSWER_TYPE,   /* 415 */
	ANSWER_HEADER, /* 431 */
	ANSWER_SLOW,   /* 429; wait in seconds */
	ANSWER_ENDED,  /* 410 */
	ANSWER_ORDER,  /* 409: an earlier step is missing, or its ticket is over */
	ANSWER_LATER,  /* 503 */
};
enum MHD_Result answer_error(struct request *request, enum answer_error error, uint64_t wait_s);

/* The failure that the keeper's result is; not for PICKUP_OK. */
enum MHD_Result answer_result(struct request *request, const struct pickup_reply *reply);
