#include "server.h"

#include "base/file.h"
#include "base/log.h"
#include "request.h"

#include <stdio.h>
#include <string.h>

enum {
	/* What libmicrohttpd needs of a connection's memory beside the request: our answer's header
	 * has some 1,300 bytes, and a body comes through in pieces. */
	FAILURE_BYTES = 12 * 1024,
	/* No byte at all for so long; the guard has the stricter rule. */
	IDLE_S = 60,
	STACK_BYTES = 512 * 1024,
};

/* Paths are compared as they came: page/route.h. */
static size_t leave_as_it_is(void *arg, struct MHD_Connection *connection, char *text)
{
	(void)arg;
	(void)connection;
	return strlen(text);
}

static void log_server(void *arg, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));
static void log_server(void *arg, const char *format, va_list args)
{
	char text[200];

	(void)arg;
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	log_line(LOG_LOW, NULL, "http: %s", text);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url,
			      const char *method, const char *version, const char *upload,
			      size_t *upload_len, void **state)
{
	struct request *request = *state;
	bool answered;

	(void)version;
	if (!request) {
		request = request_new(arg, connection);
		if (!request)
			return MHD_NO;
		*state = request;
		return request_check(request, url, method, &answered);
	}
	if (*upload_len) {
		bool taken = request_take(request, (struct slice){ upload, *upload_len });
		*upload_len = 0;
		return taken ? MHD_YES : MHD_NO;
	}
	return request_answer(request);
}

static void completed(void *arg, struct MHD_Connection *connection, void **state,
		      enum MHD_RequestTerminationCode code)
{
	(void)arg;
	(void)connection;
	if (*state)
		request_free(*state, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	*state = NULL;
}

static void connected(void *arg, struct MHD_Connection *connection, void **context,
		      enum MHD_ConnectionNotificationCode code)
{
	struct worker *worker = arg;

	switch (code) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		*context = guard_enter(
			worker->guard,
			MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				->connect_fd);
		return;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		guard_leave(worker->guard, *context);
		*context = NULL;
		return;
	}
}

enum rc server_tls_read(const struct settings *settings, struct server_tls *out, struct fault *why)
{
	const char *certificate = settings->portal.certificate;
	enum rc rc = certificate[0] ? file_read(certificate, &out->certificate, why) : RC_OK;

	if (rc == RC_OK && certificate[0])
		rc = file_read(settings->portal.private_key, &out->key, why);
	return rc;
}

void server_tls_wipe(struct server_tls *tls)
{
	buf_wipe(&tls->certificate);
	buf_wipe(&tls->key);
}

static void *pem(const struct buf *text)
{
	return (void *)(uintptr_t)buf_text(text);
}

enum rc server_start(struct worker *worker, int listener, const struct server_tls *tls,
		     struct MHD_Daemon **out, struct fault *why)
{
	static const char priorities[] = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-VERS-DTLS-ALL";
	const struct settings_limits *limits = &worker->settings->limits;
	const bool own_tls = tls->certificate.len > 0;
	const struct MHD_OptionItem with_tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, pem(&tls->certificate) },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, pem(&tls->key) },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)priorities },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem *more = own_tls ? with_tls : &with_tls[3];

	*out = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_USE_ITC |
			(own_tls ? MHD_USE_TLS : 0),
		0, NULL, NULL, handle, worker, MHD_OPTION_EXTERNAL_LOGGER, log_server, NULL,
		MHD_OPTION_LISTEN_SOCKET, listener, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned)WORKER_THREADS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
		MHD_OPTION_CONNECTION_LIMIT, limits->portal_connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)limits->portal_request_bytes + FAILURE_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL,
		MHD_OPTION_NOTIFY_CONNECTION, connected, worker, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_as_it_is, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, more,
		MHD_OPTION_END);
	if (!*out)
		return fault(why, RC_RETRY, "the web server cannot start%s",
			     own_tls ? ": is portal.key that of portal.certificate?" : "");
	return RC_OK;
}
