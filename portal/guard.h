/* portal/guard.h: the connections there are, and how long each may take.
 *
 * A client that sends its header a byte at a time, or its body, or takes its answer as slowly,
 * keeps libmicrohttpd's idle time from ending; here the whole time counts. Who is too slow is
 * shut down: a thread looks once a second.
 *
 * Memory   one entry for each connection
 * Threads  any */
#pragma once

#include "base/slice.h"

enum {
	GUARD_HEADER_MS = 15000, /* for a header, and between two; proxies send it at once */
	GUARD_GRACE_MS = 15000,  /* for a body or an answer, before its rate counts */
	GUARD_RATE = 4,          /* bytes a millisecond: 4 KB/s, a poor mobile line */
	GUARD_CLIENT_MAX = 64,   /* connections or requests of one client at once; a browser that
				  * loads a page by way of a proxy takes some twenty */
};

struct guard;
struct guard_entry; /* a connection */

struct guard *guard_new(void); /* NULL: out of memory, or no thread */
void guard_free(struct guard *guard);

/* Counts one more of a name; false when it has GUARD_CLIENT_MAX. Each true is followed by one
 * guard_uncount(). */
bool guard_count(struct guard *guard, const char *name);
void guard_uncount(struct guard *guard, const char *name);

/* A connection begins: its header is awaited. The descriptor stays the server's. NULL: out of
 * memory. */
struct guard_entry *guard_enter(struct guard *guard, int fd);
void guard_leave(struct guard *guard, struct guard_entry *entry); /* NULL is fine */

/* Its header is awaited (again), or it takes a body or an answer. */
void guard_waits(struct guard *guard, struct guard_entry *entry);
void guard_moves(struct guard *guard, struct guard_entry *entry);
void guard_moved(struct guard *guard, struct guard_entry *entry, size_t bytes);
