/* base/parallel.h: work on other threads, as many as there are processors, while the caller
 * does something else.
 *
 *     CLEANUP(parallel_wait) struct parallel *p = parallel_start(count, stretch, jobs);
 *     …                                       sealing, writing
 *     parallel_wait(&p);                      now all of it is done
 *
 * For pieces that take a tenth of a second: the threads are made for them.
 *
 * Memory   parallel_wait() frees it
 * Threads  fn runs on several at once, with all signals blocked */
#pragma once

#include <stddef.h>

struct parallel;

/* Runs fn(arg, 0) to fn(arg, count - 1), each once, in any order; where no thread can be had,
 * what is left is done by whoever waits. NULL: no memory, and nothing runs. */
typedef void parallel_fn(void *arg, size_t i);
struct parallel *parallel_start(size_t count, parallel_fn *fn, void *arg);
void parallel_wait(struct parallel **p); /* for CLEANUP(); NULL is fine */
