/* scan/clamd.h: one message, looked at by ClamAV's daemon.
 *
 *     z IDSESSION NUL  z VERSION NUL  z INSTREAM NUL
 *     { length (4 bytes, the highest first) | bytes } …  0 (4 bytes)
 *
 * The message goes as it is, header and all: clamd takes it apart itself. Nothing but a plain
 * "stream: OK" counts as clean. What clamd does not look into it does not tell unless its
 * AlertExceedsMax and AlertEncrypted say so: what to find is for its settings.
 *
 * Standard  clamd(8), IDSESSION and INSTREAM
 * Memory    a chunk, whatever the message's length
 * Threads   any but the loop's: waits for clamd until the deadline */
#pragma once

#include "base/fault.h"
#include "base/spool.h"

enum {
	SCAN_ENGINE_MAX = 200, /* bytes: "ClamAV 1.4.6/27435/Sun Nov 22 02:45:47 2026" has 44 */
	SCAN_NAME_MAX = 100,
};

struct scan_result {
	bool found;
	char engine[SCAN_ENGINE_MAX + 1]; /* who looked, and with which signatures */
	char name[SCAN_NAME_MAX + 1];     /* of what was found, else "" */
};

/* server: "unix:/PATH", "V4:PORT" or "[V6]:PORT". deadline_ms: of clock_mono_ms().
 *   RC_OK     it was looked at: *out
 *   RC_LIMIT  clamd takes no message of that length (StreamMaxLength), now or later
 *   RC_RETRY  it was not looked at: nobody answers, not in time, or not as clamd does
 *   RC_INVALID  server is no address */
enum rc scan_message(const char *server, int64_t deadline_ms, const struct spool *message,
		     struct scan_result *out, struct fault *why);

/* Whether clamd is there: an empty message is looked at. Results as above. */
enum rc scan_engine(const char *server, int64_t deadline_ms, struct scan_result *out,
		    struct fault *why);
