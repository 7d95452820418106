/* smtp/connect.h: a socket to a server that is named by number or by path.
 *
 *     127.0.0.1:25    [::1]:25    unix:/var/spool/postfix/public/x
 *
 * No name is ever looked up here: a name goes through dns first.
 *
 * Memory    the descriptor is the caller's
 * Threads   any */
#pragma once

#include "base/fault.h"

/* Begins to connect. *fd is non-blocking and close-on-exec; when it becomes
 * writable, smtp_connect_result() tells how it went.
 *   RC_INVALID  server is none of the forms above
 *   RC_RETRY    no descriptor, or refused at once */
enum rc smtp_connect(const char *server, int *fd, struct fault *why);

/* RC_RETRY: refused, unreachable, … with the reason in *why. */
enum rc smtp_connect_result(int fd, struct fault *why);
