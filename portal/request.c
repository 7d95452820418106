#include "request.h"

#include "failure.h"
#include "api.h"
#include "open.h"
#include "opened.h"
#include "page/language.h"
#include "plain.h"
#include "reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct last {
	const char *name;
	struct slice value;
};

static enum MHD_Result keep_last(void *arg, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct last *last = arg;

	(void)kind;
	if (value && strcasecmp(name, last->name) == 0)
		last->value = slice_of(value);
	return MHD_YES;
}

struct slice request_header(const struct request *request, const char *name)
{
	struct last last = { .name = name };

	(void)MHD_get_connection_values(request->connection, MHD_HEADER_KIND, keep_last, &last);
	return last.value;
}

static size_t choose_language(const struct request *request)
{
	const char *asked =
		MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, "lang");

	for (size_t i = 0; asked && i < asset_language_count; i++)
		if (strcmp(asked, asset_languages[i].tag) == 0)
			return i;
	return page_language_choose(request_header(request, MHD_HTTP_HEADER_ACCEPT_LANGUAGE),
				    request->worker->tags, asset_language_count);
}

static const union MHD_ConnectionInfo *info(const struct request *request,
					    enum MHD_ConnectionInfoType type)
{
	return MHD_get_connection_info(request->connection, type);
}

struct request *request_new(struct worker *worker, struct MHD_Connection *connection)
{
	struct request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->worker = worker;
	request->connection = connection;
	request->body = BUF_SECRET(WORKER_BODY_MAX);
	request->entry = info(request, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	const struct page_peer peer = {
		.address = info(request, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr,
		.proxies = &worker->settings->portal.trusted_proxies,
	};
	page_client_name(&peer, request_header(request, "X-Forwarded-For"), request->client);
	request->agent = request_header(request, MHD_HTTP_HEADER_USER_AGENT);
	if (request->agent.len > PICKUP_AGENT_MAX)
		request->agent.len = PICKUP_AGENT_MAX;
	request->language = choose_language(request);
	guard_moves(worker->guard, request->entry);
	return request;
}

void request_free(struct request *request, bool whole)
{
	if (request->finished)
		request->finished(request, whole);
	if (request->counted)
		guard_uncount(request->worker->guard, request->client);
	if (request->entry)
		guard_waits(request->worker->guard, request->entry);
	reply_free(request->parts);
	buf_wipe(&request->body);
	explicit_bzero(&request->target, sizeof request->target);
	free(request);
}

static bool is_type(struct slice value, const char *type)
{
	struct slice head;

	if (slice_take_until(&value, ';', &head))
		value = head;
	return slice_same_nocase(slice_trim(value), slice_of(type));
}

static const char *const types[] = {
	[PAGE_TAKES_FORM] = "application/x-www-form-urlencoded",
	[PAGE_TAKES_JSON] = "application/json",
	[PAGE_TAKES_PARTS] = "multipart/form-data",
};

/* What a POST must have beyond its path. */
static bool check_post(struct request *request, enum failure *error)
{
	struct slice type = request_header(request, MHD_HTTP_HEADER_CONTENT_TYPE);
	struct slice length = request_header(request, MHD_HTTP_HEADER_CONTENT_LENGTH);
	uint64_t most = WORKER_BODY_MAX, bytes = 0;

	*error = FAILURE_DENIED;
	if (!page_client_is_ours(request->worker->settings->portal.url,
				 request_header(request, "Origin"),
				 request_header(request, "Sec-Fetch-Site")))
		return false;
	*error = FAILURE_TYPE;
	if (!type.at || !is_type(type, types[page_route_takes(request->target.route)]))
		return false;
	if (request->target.route == PAGE_REPLY)
		most = reply_bytes_max(request->worker);
	*error = FAILURE_LARGE;
	return !length.at || (slice_to_u64(length, &bytes) && bytes <= most);
}

static bool check(struct request *request, const char *path, const char *method,
		  enum failure *error)
{
	unsigned wanted = 0;

	request->counted = guard_count(request->worker->guard, request->client);
	*error = FAILURE_SLOW;
	if (!request->counted)
		return false;
	*error = FAILURE_HEADER;
	if (info(request, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size >
	    request->worker->settings->limits.portal_request_bytes)
		return false;
	*error = FAILURE_ABSENT;
	if (page_route_find(slice_of(path), request->worker->prefix, &request->target) != RC_OK)
		return false;
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		wanted = PAGE_GET;
	else if (strcmp(method, "POST") == 0)
		wanted = PAGE_POST;
	*error = FAILURE_METHOD;
	if (!(page_route_methods(request->target.route) & wanted))
		return false;
	request->post = wanted == PAGE_POST;
	return !request->post || check_post(request, error);
}

enum MHD_Result request_check(struct request *request, const char *path, const char *method,
			      bool *answered)
{
	enum failure error;

	*answered = !check(request, path, method, &error);
	if (*answered)
		return failure_answer(request, error, error == FAILURE_SLOW ? 1 : 0);
	if (request->post && request->target.route == PAGE_REPLY)
		request->parts = reply_new(request);
	return MHD_YES;
}

bool request_take(struct request *request, struct slice bytes)
{
	if (request->entry)
		guard_moved(request->worker->guard, request->entry, bytes.len);
	if (request->parts)
		return reply_take(request->parts, bytes);
	return !request->post || buf_add_slice(&request->body, bytes) == RC_OK;
}

enum MHD_Result request_answer(struct request *request)
{
	switch (request->target.route) {
	case PAGE_INDEX:
		return request->post ? plain_locate(request) : plain_index(request, false);
	case PAGE_PICKUP:
		return plain_pickup(request);
	case PAGE_SENDER:
		return plain_sender(request);
	case PAGE_ABOUT:
		return plain_about(request);
	case PAGE_KEY:
		return api_key(request);
	case PAGE_STATIC:
		return api_static(request);
	case PAGE_HEALTH:
		return api_health(request);
	case PAGE_LOCATE:
		return api_locate(request);
	case PAGE_PROVE:
		return api_prove(request);
	case PAGE_CODE:
		return api_code(request);
	case PAGE_FACTOR:
		return api_factor(request);
	case PAGE_BLOB:
		return api_blob(request);
	case PAGE_ACKNOWLEDGE:
		return api_acknowledge(request);
	case PAGE_REPLY:
		return reply_answer(request);
	case PAGE_OPEN:
		return open_answer(request);
	case PAGE_PART:
		return opened_part(request);
	case PAGE_ROUTES:
		break;
	}
	return MHD_NO;
}
