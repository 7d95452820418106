/* assurance/memory.h: writes changes of the cache of policies through to the store,
 * without keeping the loop waiting.
 *
 * One write is under way at a time, of all that has changed since the last. A write
 * that fails is tried again every half minute, and its changes are not forgotten
 * meanwhile.
 *
 * Threads  the loop's */
#pragma once

#include "base/fault.h"
#include "sts/cache.h"

struct loop;
struct store;
struct assurance_memory;

/* failed (may be NULL) is told of each write that fails, on the loop's thread. */
typedef void assurance_memory_failed(void *arg, const char *reason);
struct assurance_memory *assurance_memory_new(struct loop *loop, struct store *store,
					      assurance_memory_failed *failed, void *arg);

/* For sts_cache_new(). */
struct sts_cache_store assurance_memory_hooks(struct assurance_memory *memory);

/* Waits for the write that is under way and writes what is left, so it may block: once
 * the loop has stopped, before loop_free(). NULL is fine.
 *   RC_RETRY  not everything is written */
enum rc assurance_memory_close(struct assurance_memory *memory, struct fault *why);
