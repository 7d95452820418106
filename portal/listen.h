/* portal/listen.h: the socket that the portal waits on.
 *
 * A unix socket can be opened by its owner and group alone (0660); one that a dead portal left is
 * replaced, one that answers is not. */
#pragma once

#include "base/fault.h"

#include <sys/types.h>

/* where: "unix:/PATH", "HOST:PORT" or "[V6]:PORT". *out is listening, and close-on-exec.
 *   RC_INVALID  no such address      RC_RETRY  taken, or not ours to take */
enum rc listen_open(const char *where, int *out, struct fault *why);

/* Gives a unix socket to user and group; nothing for an address. */
enum rc listen_give(const char *where, uid_t user, gid_t group, struct fault *why);

/* Removes a unix socket's name. */
void listen_close(const char *where);
