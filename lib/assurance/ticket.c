#include "assurance/ticket.h"

#include "assurance/decide.h"
#include "assurance/service.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct assurance_ticket {
	pthread_mutex_t lock;
	pthread_cond_t answered_or_not;
	unsigned holders; /* under lock, as are the next two */
	bool answered;
	const struct assurance *assurance; /* NULL: memory was out */
	char destination[];
};

struct assurance_ticket *assurance_ticket_new(const char *destination)
{
	size_t len = strlen(destination);
	struct assurance_ticket *ticket = calloc(1, sizeof *ticket + len + 1);
	pthread_condattr_t clock;

	if (!ticket)
		return NULL;
	memcpy(ticket->destination, destination, len);
	ticket->holders = 2;
	pthread_mutex_init(&ticket->lock, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&ticket->answered_or_not, &clock);
	pthread_condattr_destroy(&clock);
	return ticket;
}

const char *assurance_ticket_destination(const struct assurance_ticket *ticket)
{
	return ticket->destination;
}

static void let_go(struct assurance_ticket *ticket)
{
	pthread_mutex_lock(&ticket->lock);
	bool last = --ticket->holders == 0;
	pthread_mutex_unlock(&ticket->lock);

	if (!last)
		return;
	assurance_unref(ticket->assurance);
	pthread_cond_destroy(&ticket->answered_or_not);
	pthread_mutex_destroy(&ticket->lock);
	free(ticket);
}

void assurance_ticket_answer(struct assurance_ticket *ticket, const struct assurance *assurance)
{
	pthread_mutex_lock(&ticket->lock);
	ticket->answered = true;
	ticket->assurance = assurance_ref(assurance);
	pthread_cond_broadcast(&ticket->answered_or_not);
	pthread_mutex_unlock(&ticket->lock);
	let_go(ticket);
}

static const struct assurance *late(const char *destination)
{
	return assurance_undetermined(
		destination,
		"what it guarantees was not found out before the deadline of this message",
		clock_wall_s());
}

const struct assurance *assurance_ticket_wait(struct assurance_ticket *ticket,
					      int64_t deadline_mono_ms)
{
	const struct timespec until = {
		.tv_sec = deadline_mono_ms / 1000,
		.tv_nsec = deadline_mono_ms % 1000 * 1000000,
	};
	const struct assurance *assurance = NULL;
	int failed = 0;

	if (!ticket)
		return late("");
	pthread_mutex_lock(&ticket->lock);
	while (!ticket->answered && !failed)
		failed = pthread_cond_timedwait(&ticket->answered_or_not, &ticket->lock, &until);
	bool answered = ticket->answered;
	if (answered)
		assurance = assurance_ref(ticket->assurance);
	pthread_mutex_unlock(&ticket->lock);
	return answered && assurance ? assurance : late(ticket->destination);
}

void assurance_ticket_drop(struct assurance_ticket *ticket)
{
	if (ticket)
		let_go(ticket);
}
