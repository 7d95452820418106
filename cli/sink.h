/* cli/sink.h: where an opened message goes: held back until its digest has been compared, in
 * memory or in a file beside the one asked for.
 *
 *     CLEANUP(sink_close) struct sink sink = { .path = path, .fd = -1 };
 *     sink_open(), deposit_open(…, sink_add, &sink, …), sink_keep() */
#pragma once

#include "base/fault.h"
#include "base/slice.h"

#include <limits.h>

struct sink {
	const char *path; /* NULL: standard output */
	char beside[PATH_MAX];
	int fd; /* -1 at first */
};

/* RC_INVALID: it cannot be written there. The file is made readable to the user alone. */
enum rc sink_open(struct sink *sink, struct fault *why);
enum rc sink_add(void *sink, struct slice bytes, struct fault *why); /* a crypto_emit_fn */
/* What was added is what was wanted: shows it, or gives it its name. RC_RETRY: the disk. */
enum rc sink_keep(struct sink *sink, struct fault *why);
void sink_close(struct sink *sink); /* for CLEANUP(); what was not kept is gone */
