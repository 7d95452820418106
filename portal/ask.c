#include "ask.h"

#include "base/log.h"
#include "pickup/pipe.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asks {
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t freed;
	size_t free_count;
	int free[]; /* channels that nobody uses */
};

struct asks *asks_new(const int *channels, size_t count)
{
	struct asks *asks = malloc(sizeof *asks + count * sizeof *channels);

	if (!asks)
		return NULL;
	pthread_mutex_init(&asks->lock, NULL);
	pthread_cond_init(&asks->freed, NULL);
	asks->free_count = count;
	for (size_t i = 0; i < count; i++)
		asks->free[i] = channels[i];
	return asks;
}

void asks_free(struct asks *asks)
{
	pthread_cond_destroy(&asks->freed);
	pthread_mutex_destroy(&asks->lock);
	free(asks);
}

static int take_channel(struct asks *asks)
{
	pthread_mutex_lock(&asks->lock);
	while (asks->free_count == 0)
		pthread_cond_wait(&asks->freed, &asks->lock);
	int channel = asks->free[--asks->free_count];
	pthread_mutex_unlock(&asks->lock);
	return channel;
}

static void give_channel(struct asks *asks, int channel)
{
	pthread_mutex_lock(&asks->lock);
	asks->free[asks->free_count++] = channel;
	pthread_cond_signal(&asks->freed);
	pthread_mutex_unlock(&asks->lock);
}

struct pickup_request ask_begin(struct ask *ask, const struct request *request,
				enum pickup_verb verb)
{
	*ask = (struct ask){ .space = BUF_SECRET(PICKUP_WIRE_MAX), .fd = -1 };
	struct pickup_request question = {
		.verb = verb,
		.mode = PICKUP_BROWSER,
		.client = slice_of(request->client),
		.agent = request->agent,
		.language = slice_of(asset_languages[request->language].tag),
	};
	memcpy(question.id, request->target.id, sizeof question.id);
	return question;
}

enum pickup_result ask_with(struct ask *ask, const struct request *request,
			    struct pickup_request *question, int fd)
{
	struct asks *asks = request->worker->asks;
	int channel = take_channel(asks);
	struct fault why;

	enum rc rc = pickup_ask(channel, question, fd, &ask->space, &ask->reply, &ask->fd, &why);
	give_channel(asks, channel);
	explicit_bzero(question, sizeof *question);
	if (rc == RC_ABSENT) {
		log_line(LOG_FAIL, NULL, "the keeper is gone");
		_exit(EXIT_FAILURE);
	}
	if (rc != RC_OK) {
		log_line(LOG_WARN, NULL, "no answer from the keeper: %s", why.text);
		ask->reply = (struct pickup_reply){ .result = PICKUP_RETRY };
	}
	return ask->reply.result;
}

enum pickup_result ask_for(struct ask *ask, const struct request *request,
			   struct pickup_request *question)
{
	return ask_with(ask, request, question, -1);
}

void ask_end(struct ask *ask)
{
	buf_wipe(&ask->space);
	explicit_bzero(&ask->reply, sizeof ask->reply);
	if (ask->fd >= 0)
		close(ask->fd);
	ask->fd = -1;
}
