/* outlook/anchors.h: the authorities that the operator pins, where the MTA finds them.
 *
 *     tls_policy.listen  unix:/var/spool/postfix/postern/tls-policy.sock
 *     pin.ca_file        /etc/postern/partner-ca.pem
 *     written to         /var/spool/postfix/postern/pin-3f2a00ff11223344.pem
 *     told the MTA as    postern/pin-3f2a00ff11223344.pem
 *
 * Postfix's smtp reads that file for each delivery, as user postfix and, on Debian, locked in its
 * queue folder: it cannot see /etc/postern. The folder of the socket it can; a path
 * below the queue is relative, which holds inside the chroot and out of it. The name follows
 * from the content, so that a file that was told never changes.
 *
 * Threads  any; writing blocks */
#pragma once

#include "base/buf.h"
#include "settings/rules.h"
#include "settings/settings.h"

/* What the MTA is to be told of ca; adds to told. RC_INVALID: tls_policy.listen is no unix
 * socket, so that there is no folder for it. */
enum rc outlook_anchors_tell(const struct settings *settings, struct slice ca, struct buf *told,
			     struct fault *why);

/* Puts all that the rules pin into that folder, but what is there already. */
enum rc outlook_anchors_write(const struct settings *settings, const struct rules *rules,
			      struct fault *why);

/* listen, or any path, as Postfix names it: below its queue relative. */
struct slice outlook_for_postfix(const char *path);
