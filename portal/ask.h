/* portal/ask.h: a question to the keeper and its answer.
 *
 *     CLEANUP(ask_end) struct ask ask;
 *     struct pickup_request question = ask_begin(&ask, request, PICKUP_PROVE);
 *     if (ask_for(&ask, request, &question) != PICKUP_OK)
 *             return failure_result(request, &ask.reply);
 *
 * Memory   the answer borrows from the ask; both are wiped with it
 * Threads  any; as many ask at once as there are channels */
#pragma once

#include "worker.h"

struct asks;

struct asks *asks_new(const int *channels, size_t count); /* NULL: out of memory */
void asks_free(struct asks *asks);

struct ask {
	struct buf space;
	struct pickup_reply reply;
	int fd; /* came beside the answer; closed with the ask unless it is taken */
};

/* A question with what is known of who asks. */
struct pickup_request ask_begin(struct ask *ask, const struct request *request,
				enum pickup_verb verb);

/* Asks, and wipes the question: the result, which ask->reply has too. No answer in time is
 * PICKUP_RETRY, and is logged; the process ends when the keeper is gone. */
enum pickup_result ask_for(struct ask *ask, const struct request *request,
			   struct pickup_request *question);
/* The same with a descriptor beside it, which stays the caller's. */
enum pickup_result ask_with(struct ask *ask, const struct request *request,
			    struct pickup_request *question, int fd);
void ask_end(struct ask *ask); /* for CLEANUP() */
