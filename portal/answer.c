#include "answer.h"

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
