#include "opened.h"

#include "answer.h"
#include "failure.h"
#include "ask.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "plain.h"
#include "unseal.h"

#include <stdio.h>
#include <string.h>

enum { SIZE_TEXT = 32, KB = 1000 };

/* "1.2 MB", as file managers show it. */
static char *size_text(uint64_t bytes, char out[SIZE_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB" };
	double size = (double)bytes;
	unsigned unit = 0;

	for (; size >= KB && unit < 3; unit++)
		size /= KB;
	snprintf(out, SIZE_TEXT, unit && size < 10 ? "%.1f %s" : "%.0f %s", size, units[unit]);
	return out;
}

struct texts { /* what values of a page point to */
	char handle[2 * HANDLE_BYTES + 1], digest[2 * CRYPTO_HASH_BYTES + 1];
	char size[SIZE_TEXT], scan_date[CLOCK_TEXT], reply[SIZE_TEXT];
	char sizes[PAGE_LETTER_PARTS_MAX][SIZE_TEXT], numbers[PAGE_LETTER_PARTS_MAX][8];
	struct page_value parts[PAGE_LETTER_PARTS_MAX][3];
};

static void show_parts(struct view *view, struct texts *texts, const struct page_letter *letter)
{
	const struct page_part *parts;
	size_t count = page_letter_parts(letter, &parts);

	if (count)
		view_show(view, "attachments");
	for (size_t i = 0; i < count; i++) {
		uint64_t bytes = parts[i].end - parts[i].begin;

		snprintf(texts->numbers[i], sizeof texts->numbers[i], "%zu", i);
		texts->parts[i][0] = (struct page_value){ "name", parts[i].name };
		texts->parts[i][1] =
			(struct page_value){ "size", slice_of(size_text(bytes, texts->sizes[i])) };
		texts->parts[i][2] = (struct page_value){ "part", slice_of(texts->numbers[i]) };
		view_show_with(view, "attachment", texts->parts[i], 3);
	}
}

static void show_letter(struct view *view, const struct page_letter *letter)
{
	bool cut;
	struct slice text = page_letter_text(letter, &cut);

	view_set(view, "said_subject", page_letter_subject(letter));
	view_set(view, "said_from", page_letter_from(letter));
	view_set(view, "said_to", page_letter_to(letter));
	view_set(view, "said_date", page_letter_date(letter));
	view_set(view, "text", text);
	view_show(view, text.len ? "text" : "text_none");
	if (cut)
		view_show(view, "text_cut");
}

static void show_scan(struct view *view, struct texts *texts, const struct pickup_scan *scan)
{
	view_show(view, scan->there ? "scan" : "scan_none");
	if (!scan->there)
		return;
	view_set(view, "scan_said", scan->result);
	view_set(view, "scan_engine", scan->engine);
	view_set_text(view, "scan_date", clock_format_words(scan->at_s, texts->scan_date));
}

enum MHD_Result opened_answer(struct request *request, const struct opened_page *page)
{
	const struct handle *handle = page->handle;
	struct texts texts;
	struct view view;

	view_begin(&view, request);
	view_show(&view, "opened");
	view_set_text(&view, "handle", hex_format(handle->name, sizeof handle->name, texts.handle));
	view_set_text(&view, "digest",
		      hex_format(handle->record.digest, CRYPTO_HASH_BYTES, texts.digest));
	view_set_text(&view, "original_size", size_text(handle->size, texts.size));
	show_letter(&view, handle->letter);
	show_parts(&view, &texts, handle->letter);
	show_scan(&view, &texts, page->scan);
	view_show(&view, page->independent ? "factor_independent" : "factor_dependent");
	if (page->reply_bytes)
		view_show(&view, "reply");
	view_set_text(&view, "reply_most", size_text(page->reply_bytes, texts.reply));
	return view_answer(&view, request, MHD_HTTP_OK);
}

struct handle *opened_handle(const struct request *request, struct slice digits)
{
	uint8_t name[HANDLE_BYTES];

	if (!hex_parse(digits, name, sizeof name))
		return NULL;
	return handle_take(request->worker->handles, name, request->target.id);
}

static enum MHD_Result give_proof(struct request *request, const struct handle *handle)
{
	struct buf proof = BUF_INIT(PICKUP_PROOF_FILE_MAX);

	(void)buf_add_slice(&proof, buf_slice(&handle->proof));
	return answer_download(request, "application/json", "attachment; filename=\"proof.json\"",
			       &proof);
}

/* The part that a form names: *part NULL for the original. */
static bool find_part(const struct handle *handle, struct slice name, const struct page_part **part)
{
	const struct page_part *parts;
	size_t count = page_letter_parts(handle->letter, &parts);
	uint64_t number;

	*part = NULL;
	if (slice_is(name, "original"))
		return true;
	if (!slice_to_u64(name, &number) || number >= count)
		return false;
	*part = &parts[number];
	return true;
}

/* Takes the handle. */
static enum MHD_Result give_part(struct request *request, struct handle *handle,
				 const struct page_part *part)
{
	CLEANUP(ask_end) struct ask ask;
	struct pickup_request question = ask_begin(&ask, request, PICKUP_BLOB);
	int blob;

	question.mode = PICKUP_SERVER;
	memcpy(question.ticket, handle->ticket, sizeof question.ticket);
	if (ask_for(&ask, request, &question) != PICKUP_OK || ask.fd < 0) {
		handle_give(request->worker->handles, handle);
		return failure_result(request, &ask.reply);
	}
	blob = ask.fd;
	ask.fd = -1;
	return unseal_answer(request, handle, blob, part);
}

enum MHD_Result opened_part(struct request *request)
{
	CLEANUP(buf_free) struct buf digits = BUF_INIT(2 * HANDLE_BYTES), name = BUF_INIT(20);
	const struct page_part *part;

	if (plain_field(request, "handle", &digits) != RC_OK ||
	    plain_field(request, "part", &name) != RC_OK)
		return failure_answer(request, FAILURE_BAD, 0);
	struct handle *handle = opened_handle(request, buf_slice(&digits));
	if (!handle)
		return failure_answer(request, FAILURE_ABSENT, 0);
	if (slice_is(buf_slice(&name), "proof")) {
		enum MHD_Result done = give_proof(request, handle);
		handle_give(request->worker->handles, handle);
		return done;
	}
	if (find_part(handle, buf_slice(&name), &part))
		return give_part(request, handle, part);
	handle_give(request->worker->handles, handle);
	return failure_answer(request, FAILURE_ABSENT, 0);
}
