/* portal/stream.h: a deposit's blob on its way to a browser, from the keeper's descriptor in
 * pieces: nothing is held whole, and the first byte goes at once.
 *
 * The keeper is told before the last piece goes out, so that nobody has the whole of a message
 * without its being on record: where it cannot be noted, the download breaks off. */
#pragma once

#include "worker.h"

/* Takes fd. bytes: the blob's length; from: where to begin, at most bytes. */
enum MHD_Result stream_answer(struct request *request, int fd, uint64_t bytes, uint64_t from,
			      const uint8_t ticket[PICKUP_TICKET_BYTES]);

/* Tells the keeper that a visit's blob is with its reader. False: it could not note it. */
bool stream_tell_sent(const struct request *request, enum pickup_mode mode,
		      const uint8_t ticket[PICKUP_TICKET_BYTES]);
