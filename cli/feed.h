/* cli/feed.h: a message in a file, as a milter would be given it.
 *
 * Header fields one by one, the folds of a value kept as LF and blank; then the
 * body, its lines ending in CRLF whatever the file has. A first line that begins
 * with "From " (mbox) is no part of the message. As in Postfix, the header ends
 * with an empty line or with the first line that is no field. */
#pragma once

#include "base/buf.h"
#include "base/slice.h"

struct feed {
	void *arg;
	void (*header)(void *arg, struct slice name, struct slice value);
	void (*headers_end)(void *arg);
	void (*body)(void *arg, struct slice bytes);
};

/* Its fields alone, taken off *text: to->header is all that is called. RC_NOMEM. */
enum rc feed_fields(struct slice *text, const struct feed *to);

/* RC_NOMEM: given in part only. */
enum rc feed_message(struct slice text, const struct feed *to);
