#include "store/folder.h"

#include "base/cleanup.h"

#include <errno.h>
#include <unistd.h>

void folder_init(struct folder *folder)
{
	*folder = (struct folder){ .fd = -1 };
	pthread_mutex_init(&folder->lock, NULL);
	pthread_cond_init(&folder->synced, NULL);
}

void folder_fini(struct folder *folder)
{
	cleanup_fd(&folder->fd);
	pthread_cond_destroy(&folder->synced);
	pthread_mutex_destroy(&folder->lock);
}

/* Under the lock, which it lets go over the sync. */
static void sync_once(struct folder *folder)
{
	folder->running = true;
	folder->begun++;
	pthread_mutex_unlock(&folder->lock);
	int error = fsync(folder->fd) < 0 ? errno : 0;
	pthread_mutex_lock(&folder->lock);
	folder->running = false;
	folder->done = folder->begun;
	if (error) {
		folder->bad = folder->done;
		folder->error = error;
	}
	pthread_cond_broadcast(&folder->synced);
}

int folder_sync(struct folder *folder)
{
	pthread_mutex_lock(&folder->lock);
	const uint64_t ours = folder->begun + 1; /* one under way may have begun before our name */
	while (folder->done < ours)
		if (folder->running)
			pthread_cond_wait(&folder->synced, &folder->lock);
		else
			sync_once(folder);
	/* A later one that failed counts as well: the kernel may have reported late. */
	int error = folder->bad >= ours ? folder->error : 0;
	pthread_mutex_unlock(&folder->lock);
	return error;
}
