#include "answer.h"

#include "json/line.h"
#include "view.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const headers[][2] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	  "connect-src 'self'; form-action 'self'; frame-src 'self' blob: data: about:; "
	  "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
	  "trusted-types inert" },
	{ "Referrer-Policy", "no-referrer" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "X-Frame-Options", "DENY" },
	{ "Strict-Transport-Security", "max-age=31536000" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Permissions-Policy",
	  "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
	  "microphone=(), payment=(), usb=()" },
	{ "X-Robots-Tag", "noindex, nofollow" },
};

void answer_header(struct MHD_Response *response, const char *name, const char *value)
{
	/* Fails for want of memory or for bytes that no header may have; then the answer goes
	 * without it, but for those below. */
	(void)MHD_add_response_header(response, name, value);
}

static const char *allowed(enum page_route route)
{
	unsigned methods = page_route_methods(route);

	if (methods == PAGE_POST)
		return "POST";
	return methods == PAGE_GET ? "GET, HEAD" : "GET, HEAD, POST";
}

enum MHD_Result answer_queue(struct request *request, unsigned status,
			     struct MHD_Response *response)
{
	enum MHD_Result done = response ? MHD_YES : MHD_NO;

	for (size_t i = 0; done == MHD_YES && i < sizeof headers / sizeof *headers; i++)
		done = MHD_add_response_header(response, headers[i][0], headers[i][1]);
	if (done == MHD_YES && !MHD_get_response_header(response, "Cache-Control"))
		done = MHD_add_response_header(response, "Cache-Control", "no-store");
	if (done == MHD_YES && status == MHD_HTTP_METHOD_NOT_ALLOWED)
		done = MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					       allowed(request->target.route));
	if (done == MHD_YES)
		done = MHD_queue_response(request->connection, status, response);
	if (response)
		MHD_destroy_response(response);
	if (done == MHD_YES && request->entry)
		guard_moves(request->worker->guard, request->entry);
	return done;
}

static void wipe(void *arg)
{
	struct buf *body = arg;

	buf_wipe(body);
	free(body);
}

static struct MHD_Response *respond(const char *type, struct buf *body)
{
	struct buf *kept = malloc(sizeof *kept);

	if (!kept || buf_state(body) != RC_OK) {
		free(kept);
		buf_wipe(body);
		return NULL;
	}
	*kept = *body;
	*body = (struct buf){ .max = body->max };
	struct MHD_Response *response = MHD_create_response_from_buffer_with_free_callback_cls(
		kept->len, kept->at, wipe, kept);
	if (response)
		answer_header(response, "Content-Type", type);
	else
		wipe(kept);
	return response;
}

enum MHD_Result answer_give(struct request *request, unsigned status, const char *type,
			    struct buf *body)
{
	return answer_queue(request, status, respond(type, body));
}

enum MHD_Result answer_download(struct request *request, const char *type, const char *disposition,
				struct buf *body)
{
	struct MHD_Response *response = respond(type, body);

	if (response)
		answer_header(response, "Content-Disposition", disposition);
	return answer_queue(request, MHD_HTTP_OK, response);
}

enum MHD_Result answer_plain(struct request *request, unsigned status, const char *text)
{
	struct buf body = BUF_INIT(1000);

	(void)buf_add_text(&body, text);
	return answer_give(request, status, "text/plain; charset=utf-8", &body);
}

enum MHD_Result answer_static(struct request *request)
{
	for (size_t i = 0; i < asset_file_count; i++) {
		const struct asset_file *file = &asset_files[i];
		if (!slice_is(request->target.name, file->name))
			continue;
		struct MHD_Response *response = MHD_create_response_from_buffer(
			file->bytes.len, (void *)(uintptr_t)file->bytes.at, MHD_RESPMEM_PERSISTENT);
		if (response) {
			answer_header(response, "Content-Type", file->type);
			answer_header(response, "Cache-Control",
				      "public, max-age=31536000, immutable");
		}
		return answer_queue(request, MHD_HTTP_OK, response);
	}
	return answer_error(request, ANSWER_ABSENT, 0);
}

static const struct {
	unsigned status;
	const char *word, *section;
} errors[] = {
	[ANSWER_BAD] = { MHD_HTTP_BAD_REQUEST, "bad", "error_bad" },
	[ANSWER_DENIED] = { MHD_HTTP_FORBIDDEN, "denied", "error_bad" },
	[ANSWER_ABSENT] = { MHD_HTTP_NOT_FOUND, "absent", "error_absent" },
	[ANSWER_METHOD] = { MHD_HTTP_METHOD_NOT_ALLOWED, "method", "error_bad" },
	[ANSWER_LARGE] = { MHD_HTTP_CONTENT_TOO_LARGE, "large", "error_large" },
	[ANSWER_TYPE] = { MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "type", "error_bad" },
	[ANSWER_HEADER] = { MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, "header", "error_bad" },
	[ANSWER_SLOW] = { MHD_HTTP_TOO_MANY_REQUESTS, "slow", "error_slow" },
	[ANSWER_ENDED] = { MHD_HTTP_GONE, "ended", "error_absent" },
	[ANSWER_ORDER] = { MHD_HTTP_CONFLICT, "order", "error_later" },
	[ANSWER_LATER] = { MHD_HTTP_SERVICE_UNAVAILABLE, "later", "error_later" },
};

static enum MHD_Result error_json(struct request *request, enum answer_error error, uint64_t wait_s)
{
	struct buf body = BUF_INIT(200);
	struct json_line line;

	json_line_begin(&line, &body);
	json_line_string(&line, "error", errors[error].word);
	if (wait_s)
		json_line_number(&line, "wait", (int64_t)wait_s);
	(void)json_line_end(&line);
	return answer_give(request, errors[error].status, "application/json", &body);
}

enum MHD_Result answer_error(struct request *request, enum answer_error error, uint64_t wait_s)
{
	struct view view;
	char wait[24];

	if (page_route_takes(request->target.route) != PAGE_TAKES_FORM) /* scripts ask there */
		return error_json(request, error, wait_s);
	view_begin(&view, request);
	view_show(&view, "error");
	view_show(&view, errors[error].section);
	snprintf(wait, sizeof wait, "%llu", (unsigned long long)wait_s);
	view_set_text(&view, "wait", wait);
	return view_answer(&view, request, errors[error].status);
}

enum MHD_Result answer_result(struct request *request, const struct pickup_reply *reply)
{
	switch (reply->result) {
	case PICKUP_DENIED:
		return answer_error(request, ANSWER_DENIED, 0);
	case PICKUP_SLOW:
	case PICKUP_LIMIT:
		return answer_error(request, ANSWER_SLOW, reply->wait_s ? reply->wait_s : 1);
	case PICKUP_ENDED:
		return answer_error(request, ANSWER_ENDED, 0);
	case PICKUP_ORDER:
		return answer_error(request, ANSWER_ORDER, 0);
	case PICKUP_OK:
	case PICKUP_RETRY:
	case PICKUP_RESULTS:
		break;
	}
	return answer_error(request, ANSWER_LATER, 0);
}
