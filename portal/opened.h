/* portal/opened.h: a message that was opened without JavaScript: its page, and what can be saved
 * from there. */
#pragma once

#include "handle.h"
#include "worker.h"

struct opened_page { /* borrowed */
	const struct handle *handle;
	const struct pickup_scan *scan;
	bool independent;
	uint64_t reply_bytes; /* 0: no reply */
};

enum MHD_Result opened_answer(struct request *request, const struct opened_page *page);

/* POST m/ID/part: an attachment by its number, "original" or "proof". */
enum MHD_Result opened_part(struct request *request);

/* The handle whose digits these are; NULL: none any more. For handle_give(). */
struct handle *opened_handle(const struct request *request, struct slice digits);
