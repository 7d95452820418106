/* milter/answer.h: what the mail server is told of a message that was not decided over.
 *
 *     550 5.7.0 This message cannot be checked and was sent to nobody: …
 *
 * Threads  a session's own */
#pragma once

#include "base/fault.h"

#include <libmilter/mfapi.h>

/* What cannot be checked does not leave. A failure of ours may pass, and the message waits at
 * the client; what will be the same next time is said now. */
sfsistat answer_failure(SMFICTX *ctx, const char *queue_id, enum rc rc, const struct fault *why);

/* A sender's wish that is not known. */
sfsistat answer_wish(SMFICTX *ctx, const char *wish, const char *queue_id);
