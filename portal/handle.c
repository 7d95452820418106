#include "handle.h"

#include "base/clock.h"
#include "crypto/random.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct handles {
	pthread_mutex_t lock; /* of all that follows, and of what handle.h calls ours */
	struct handle *at[HANDLES_MAX];
};

static void wipe(struct handle *handle)
{
	page_letter_free(&handle->letter);
	buf_wipe(&handle->proof);
	crypto_wipe(handle, sizeof *handle);
	free(handle);
}

struct handles *handles_new(void)
{
	struct handles *handles = calloc(1, sizeof *handles);

	if (handles)
		pthread_mutex_init(&handles->lock, NULL);
	return handles;
}

void handles_free(struct handles *handles)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (handles->at[i])
			wipe(handles->at[i]);
	pthread_mutex_destroy(&handles->lock);
	free(handles);
}

struct handle *handle_new(void)
{
	struct handle *handle = calloc(1, sizeof *handle);

	if (handle) {
		handle->users = 1;
		handle->proof = BUF_SECRET(PICKUP_PROOF_FILE_MAX);
	}
	return handle;
}

/* Takes it off the list; wiped now, or by its last user. */
static void unlist(struct handles *handles, size_t place)
{
	struct handle *handle = handles->at[place];

	handles->at[place] = NULL;
	handle->listed = false;
	if (handle->users == 0)
		wipe(handle);
}

static void unlist_old(struct handles *handles, int64_t now_ms)
{
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (handles->at[i] && handles->at[i]->until_ms <= now_ms)
			unlist(handles, i);
}

/* A free place, made by letting the oldest go where need be; HANDLES_MAX: none. */
static size_t find_place(struct handles *handles)
{
	size_t oldest = HANDLES_MAX;

	for (size_t i = 0; i < HANDLES_MAX; i++) {
		const struct handle *handle = handles->at[i];
		if (!handle)
			return i;
		if (handle->users == 0 &&
		    (oldest == HANDLES_MAX || handle->until_ms < handles->at[oldest]->until_ms))
			oldest = i;
	}
	if (oldest < HANDLES_MAX)
		unlist(handles, oldest);
	return oldest;
}

bool handle_keep(struct handles *handles, struct handle *handle)
{
	if (crypto_random(handle->name, sizeof handle->name, NULL) != RC_OK)
		return false;
	handle->until_ms = clock_mono_ms() + HANDLE_LIFE_MS;
	pthread_mutex_lock(&handles->lock);
	unlist_old(handles, clock_mono_ms());
	size_t place = find_place(handles);
	if (place < HANDLES_MAX) {
		handles->at[place] = handle;
		handle->listed = true;
	}
	pthread_mutex_unlock(&handles->lock);
	return place < HANDLES_MAX;
}

struct handle *handle_take(struct handles *handles, const uint8_t name[HANDLE_BYTES],
			   const uint8_t id[STORE_ID_BYTES])
{
	struct handle *found = NULL;

	pthread_mutex_lock(&handles->lock);
	unlist_old(handles, clock_mono_ms());
	for (size_t i = 0; i < HANDLES_MAX; i++)
		if (handles->at[i] && crypto_same(handles->at[i]->name, name, HANDLE_BYTES) &&
		    crypto_same(handles->at[i]->id, id, STORE_ID_BYTES))
			found = handles->at[i];
	if (found)
		found->users++;
	pthread_mutex_unlock(&handles->lock);
	return found;
}

void handle_give(struct handles *handles, struct handle *handle)
{
	if (!handle)
		return;
	pthread_mutex_lock(&handles->lock);
	bool gone = --handle->users == 0 && !handle->listed;
	pthread_mutex_unlock(&handles->lock);
	if (gone)
		wipe(handle);
}
