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
