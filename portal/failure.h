/* portal/failure.h: what goes back to a client when the answer is no. */
#pragma once

#include "worker.h"

/* A failure, as JSON where scripts ask and as a page where people do. */
enum failure {
	FAILURE_BAD,    /* 400 */
	FAILURE_DENIED, /* 403 */
	FAILURE_ABSENT, /* 404 */
	FAILURE_METHOD, /* 405 */
	FAILURE_LARGE,  /* 413 */
	FAILURE_TYPE,   /* 415 */
	FAILURE_HEADER, /* 431 */
	FAILURE_SLOW,   /* 429; wait in seconds */
	FAILURE_ENDED,  /* 410 */
	FAILURE_ORDER,  /* 409: an earlier step is missing, or its ticket is over */
	FAILURE_LATER,  /* 503 */
};
enum MHD_Result failure_answer(struct request *request, enum failure failure, uint64_t wait_s);

/* The failure that the keeper's result is; not for PICKUP_OK. */
enum MHD_Result failure_result(struct request *request, const struct pickup_reply *reply);
