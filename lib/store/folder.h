/* store/folder.h: an open folder whose names many threads make durable at once.
 * For this folder only.
 *
 * A sync that begins after a name was made covers it: whoever asks while one is under way
 * waits for the next, and that one serves all who came meanwhile.
 *
 * Threads  any */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct folder {
	int fd; /* -1: not open */
	pthread_mutex_t lock;
	pthread_cond_t synced;
	bool running;
	uint64_t begun, done; /* syncs */
	uint64_t bad;         /* the last that failed, with this error: */
	int error;
};

void folder_init(struct folder *folder);
void folder_fini(struct folder *folder); /* closes it; nobody may be in it */

/* 0, or errno of the sync: then none of the names that waited for it is known to be
 * durable. */
int folder_sync(struct folder *folder);
