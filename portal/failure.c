#include "failure.h"

#include "answer.h"
#include "json/line.h"
#include "view.h"

#include <stdio.h>

static const struct {
	unsigned status;
	const char *word, *section;
} failures[] = {
	[FAILURE_BAD] = { MHD_HTTP_BAD_REQUEST, "bad", "error_bad" },
	[FAILURE_DENIED] = { MHD_HTTP_FORBIDDEN, "denied", "error_bad" },
	[FAILURE_ABSENT] = { MHD_HTTP_NOT_FOUND, "absent", "error_absent" },
	[FAILURE_METHOD] = { MHD_HTTP_METHOD_NOT_ALLOWED, "method", "error_bad" },
	[FAILURE_LARGE] = { MHD_HTTP_CONTENT_TOO_LARGE, "large", "error_large" },
	[FAILURE_TYPE] = { MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "type", "error_bad" },
	[FAILURE_HEADER] = { MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE, "header", "error_bad" },
	[FAILURE_SLOW] = { MHD_HTTP_TOO_MANY_REQUESTS, "slow", "error_slow" },
	[FAILURE_ENDED] = { MHD_HTTP_GONE, "ended", "error_absent" },
	[FAILURE_ORDER] = { MHD_HTTP_CONFLICT, "order", "error_later" },
	[FAILURE_LATER] = { MHD_HTTP_SERVICE_UNAVAILABLE, "later", "error_later" },
};

static enum MHD_Result failure_json(struct request *request, enum failure failure, uint64_t wait_s)
{
	struct buf body = BUF_INIT(200);
	struct json_line line;

	json_line_begin(&line, &body);
	json_line_string(&line, "error", failures[failure].word);
	if (wait_s)
		json_line_number(&line, "wait", (int64_t)wait_s);
	(void)json_line_end(&line);
	return answer_give(request, failures[failure].status, "application/json", &body);
}

enum MHD_Result failure_answer(struct request *request, enum failure failure, uint64_t wait_s)
{
	struct view view;
	char wait[24];

	if (page_route_takes(request->target.route) != PAGE_TAKES_FORM) /* scripts ask there */
		return failure_json(request, failure, wait_s);
	view_begin(&view, request);
	view_show(&view, "error");
	view_show(&view, failures[failure].section);
	snprintf(wait, sizeof wait, "%llu", (unsigned long long)wait_s);
	view_set_text(&view, "wait", wait);
	return view_answer(&view, request, failures[failure].status);
}

enum MHD_Result failure_result(struct request *request, const struct pickup_reply *reply)
{
	switch (reply->result) {
	case PICKUP_DENIED:
		return failure_answer(request, FAILURE_DENIED, 0);
	case PICKUP_SLOW:
	case PICKUP_LIMIT:
		return failure_answer(request, FAILURE_SLOW, reply->wait_s ? reply->wait_s : 1);
	case PICKUP_ENDED:
		return failure_answer(request, FAILURE_ENDED, 0);
	case PICKUP_ORDER:
		return failure_answer(request, FAILURE_ORDER, 0);
	case PICKUP_OK:
	case PICKUP_RETRY:
	case PICKUP_RESULTS:
		break;
	}
	return failure_answer(request, FAILURE_LATER, 0);
}
