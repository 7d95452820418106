/* rewrite/text.h: the text that stands where a part was.
 *
 * One body goes to all recipients of a message, and answers quote it: nothing that opens
 * anything is in it. It names the portal and says that a notice follows, which has link and
 * code for its one recipient.
 *
 * Threads  pure functions */
#pragma once

#include "base/buf.h"

/* Adds Content-Type, Content-Transfer-Encoding, an empty line and the text, with CRLF.
 * organisation: "" for the portal's host. whole: it stands for all of the message's text.
 * RC_LIMIT, RC_NOMEM from out. */
enum rc rewrite_text(const char *organisation, const char *portal_url, bool whole, struct buf *out);

/* "secure.our.example" of "https://secure.our.example:8443/portal". */
struct slice rewrite_host(const char *portal_url);
