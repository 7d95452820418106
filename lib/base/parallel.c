#include "base/parallel.h"

#include "base/cleanup.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

struct parallel {
	parallel_fn *fn;
	void *arg;
	size_t count;
	atomic_size_t next;
	size_t thread_count;
	pthread_t threads[THREADS_MAX];
};

static void *work(void *of)
{
	struct parallel *p = of;

	for (size_t i; (i = atomic_fetch_add(&p->next, 1)) < p->count;)
		p->fn(p->arg, i);
	return NULL;
}

struct parallel *parallel_start(size_t count, parallel_fn *fn, void *arg)
{
	struct parallel *p = calloc(1, sizeof *p);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	size_t most = processors > 1 ? (size_t)processors : 1;
	sigset_t all, before;

	if (!p)
		return NULL;
	*p = (struct parallel){ .fn = fn, .arg = arg, .count = count };
	most = most < THREADS_MAX ? most : THREADS_MAX;
	most = most < count ? most : count;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (p->thread_count < most &&
	       pthread_create(&p->threads[p->thread_count], NULL, work, p) == 0)
		p->thread_count++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return p;
}

void parallel_wait(struct parallel **pp)
{
	struct parallel *p = TAKE(*pp);

	if (!p)
		return;
	work(p); /* what no thread has begun */
	for (size_t i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	free(p);
}
