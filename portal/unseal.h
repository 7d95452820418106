/* portal/unseal.h: a blob decrypted in this process, in pieces, for a reader without JavaScript.
 *
 * Memory   a record (64 KiB) and what a piece of it becomes, wiped
 * Threads  one user at a time */
#pragma once

#include "deposit/seal.h"
#include "handle.h"
#include "worker.h"

/* Pushes all of the blob into an unsealing and ends it: as deposit_unseal_end(). */
enum rc unseal_all(struct deposit_unseal *unseal, int blob, struct fault *why);

/* Answers with the original (part NULL), or with the file of one part, decrypted while it is
 * sent. That the digest is right was seen when the message was opened; each record is
 * authenticated again, and an answer whose end is not reached breaks off. Takes blob; handle is in
 * use until it is out, and then given back. */
enum MHD_Result unseal_answer(struct request *request, struct handle *handle, int blob,
			      const struct page_part *part);
