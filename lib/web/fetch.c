#include "web/fetch.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "loop/loop.h"
#include "tls/verify.h"

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct web_fetch {
	struct loop *loop;
	web_done *done;
	void *arg;
	char host[DNS_NAME_MAX];
	int64_t timeout_ms;

	CURLM *multi;
	CURL *easy;
	struct curl_slist *resolve;
	struct loop_timer *timer;
	struct watched *watched;

	struct buf body;
	size_t head_bytes;
	bool too_large; /* head or body: the transfer was broken off for it */
	struct tls_peer peer;
	char error[CURL_ERROR_SIZE];
};

struct watched { /* a socket of curl's */
	struct web_fetch *fetch;
	curl_socket_t fd;
	struct loop_watch *watch;
	struct watched *next;
};

static void unwatch(struct watched *w)
{
	for (struct watched **at = &w->fetch->watched; *at; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			break;
		}
	loop_watch_free(w->watch);
	free(w);
}

static void fetch_free(struct web_fetch *f)
{
	if (!f)
		return;
	if (f->multi && f->easy)
		curl_multi_remove_handle(f->multi, f->easy);
	curl_easy_cleanup(f->easy);
	curl_multi_cleanup(f->multi); /* closes its sockets, by way of on_socket() */
	while (f->watched)
		unwatch(f->watched);
	curl_slist_free_all(f->resolve);
	loop_timer_free(f->timer);
	buf_free(&f->body);
	free(f);
}

/* RFC 8461 §3.3: "text/plain", whatever its parameters. */
static bool is_text_plain(const char *type)
{
	struct slice rest = { type, type ? strlen(type) : 0 }, media = rest;

	if (!slice_take_until(&rest, ';', &media))
		media = rest;
	return slice_same_nocase(slice_trim(media), SLICE("text/plain"));
}

static enum rc judge_status(const struct web_fetch *f, long status, struct fault *why)
{
	struct curl_header *target;

	if (status == 404 || status == 410)
		return fault(why, RC_ABSENT, "%s answered %ld", f->host, status);
	if (status == 408 || status == 429 || status >= 500)
		return fault(why, RC_RETRY, "%s answered %ld", f->host, status);
	if (status >= 300 && status < 400 &&
	    curl_easy_header(f->easy, "Location", 0, CURLH_HEADER, -1, &target) == CURLHE_OK)
		return fault(why, RC_INVALID, "%s redirects to %s, which RFC 8461 forbids", f->host,
			     target->value);
	return fault(why, RC_INVALID, "%s answered %ld", f->host, status);
}

static enum rc judge_failure(const struct web_fetch *f, CURLcode code, struct fault *why)
{
	if (code == CURLE_OUT_OF_MEMORY)
		return fault(why, RC_NOMEM, "no memory to fetch from %s", f->host);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return fault(why, RC_RETRY, "no answer from %s in %g s", f->host,
			     (double)f->timeout_ms / 1000);
	if (*f->peer.refused.text)
		return fault(why, RC_RETRY, "%s", f->peer.refused.text);
	return fault(why, RC_RETRY, "%s: %s", f->host,
		     *f->error ? f->error : curl_easy_strerror(code));
}

/* Whether the body is known to be whole. curl checks a length, chunks and HTTP/2
 * frames; where the end of the connection is the end of the body, curl (7.88)
 * takes a cut for one, and what is cut off a policy may be the half that names
 * the rest of its hosts (RFC 9112 §9.8). */
static bool is_whole(const struct web_fetch *f)
{
	struct curl_header *coding;
	curl_off_t length = -1;
	long version = 0;

	curl_easy_getinfo(f->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	curl_easy_getinfo(f->easy, CURLINFO_HTTP_VERSION, &version);
	return f->peer.ended || length >= 0 || version >= CURL_HTTP_VERSION_2_0 ||
	       curl_easy_header(f->easy, "Transfer-Encoding", 0, CURLH_HEADER, -1, &coding) ==
		       CURLHE_OK;
}

/* What a transfer that has ended amounts to. The status comes first: of an answer
 * that is none, the body was never wanted. */
static enum rc judge(const struct web_fetch *f, CURLcode code, struct fault *why)
{
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
	if (f->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return fault(why, RC_LIMIT, "%s answered with over %d bytes", f->host,
			     WEB_BODY_MAX);
	if (code != CURLE_OK && code != CURLE_WRITE_ERROR)
		return judge_failure(f, code, why);
	if (status != 200)
		return judge_status(f, status, why);
	if (!is_text_plain(type))
		return fault(why, RC_INVALID, "%s answered with the type \"%s\", not text/plain",
			     f->host, type ? type : "");
	if (code != CURLE_OK)
		return judge_failure(f, code, why);
	if (!is_whole(f))
		return fault(why, RC_RETRY, "%s: the connection was cut", f->host);
	return RC_OK;
}

/* Tells the end if it has come; the fetch is gone then. */
static void look_for_end(struct web_fetch *f)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(f->multi, &left)))
		if (message->msg == CURLMSG_DONE) {
			struct fault why = { 0 };
			enum rc rc = judge(f, message->data.result, &why);

			f->done(f->arg, rc, rc == RC_OK ? buf_slice(&f->body) : (struct slice){ 0 },
				why.text);
			fetch_free(f);
			return;
		}
}

static void act(struct web_fetch *f, curl_socket_t fd, int events)
{
	int running;

	/* Its result tells of misuse alone; the transfer's own comes as a message. */
	(void)curl_multi_socket_action(f->multi, fd, events, &running);
	look_for_end(f);
}

static void on_ready(void *arg, unsigned events)
{
	const struct watched *w = arg; /* may be gone after act() */

	act(w->fetch, w->fd,
	    (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
		    (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0));
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct web_fetch *f = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_clear(f->timer);
	else
		loop_timer_set(f->timer, timeout_ms);
	return 0;
}

static struct watched *watched_new(struct web_fetch *f, curl_socket_t fd)
{
	struct watched *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->fetch = f;
	w->fd = fd;
	w->watch = loop_watch_new(f->loop, fd, on_ready, w);
	if (!w->watch) {
		free(w);
		return NULL;
	}
	w->next = f->watched;
	f->watched = w;
	curl_multi_assign(f->multi, fd, w);
	return w;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *of_socket)
{
	struct web_fetch *f = arg;
	struct watched *w = of_socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w)
			unwatch(w);
		curl_multi_assign(f->multi, fd, NULL);
		return 0;
	}
	if (!w && !(w = watched_new(f, fd)))
		return -1; /* curl gives up on all that is under way */
	loop_watch_set(w->watch, (what & CURL_POLL_IN ? LOOP_READ : 0u) |
					 (what & CURL_POLL_OUT ? LOOP_WRITE : 0u));
	return 0;
}

/* Refuses the first byte of what is no answer: it is not worth the wait. */
static size_t on_body(char *bytes, size_t one, size_t len, void *arg)
{
	struct web_fetch *f = arg;
	const char *type = NULL;
	long status = 0;

	(void)one;
	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
	if (status != 200 || !is_text_plain(type))
		return 0;
	enum rc rc = buf_add(&f->body, bytes, len);
	f->too_large = rc == RC_LIMIT;
	return rc == RC_OK ? len : 0;
}

static size_t on_head(char *bytes, size_t one, size_t len, void *arg)
{
	struct web_fetch *f = arg;

	(void)bytes;
	(void)one;
	f->head_bytes += len;
	f->too_large = f->head_bytes > WEB_HEAD_MAX;
	return f->too_large ? 0 : len;
}

static CURLcode on_tls(CURL *easy, void *ssl_ctx, void *arg)
{
	struct web_fetch *f = arg;

	(void)easy;
	/* By DNS-ID alone: curl itself would take a Common Name (RFC 8461 §3.3). */
	return tls_pkix_apply(ssl_ctx, f->host, &f->peer, &f->peer.refused) == RC_OK
		       ? CURLE_OK
		       : CURLE_SSL_CONNECT_ERROR;
}

/* "host:port:192.0.2.1,[2001:db8::1]": curl asks no resolver for that host. */
static bool give_addresses(struct web_fetch *f, const struct web_request *r)
{
	CLEANUP(buf_free) struct buf entry = BUF_INIT(DNS_NAME_MAX + 64 * WEB_ADDRESSES_MAX);

	(void)buf_addf(&entry, "%s:%u:", f->host, r->port);
	for (size_t i = 0; i < r->address_count && i < WEB_ADDRESSES_MAX; i++) {
		const struct dns_address *a = &r->addresses[i];
		char text[INET6_ADDRSTRLEN];

		if (!inet_ntop(a->family, a->bytes, text, sizeof text))
			return false;
		(void)buf_addf(&entry, a->family == AF_INET6 ? "%s[%s]" : "%s%s", i ? "," : "",
			       text);
	}
	if (buf_state(&entry) == RC_OK)
		f->resolve = curl_slist_append(NULL, buf_text(&entry));
	return f->resolve && curl_easy_setopt(f->easy, CURLOPT_RESOLVE, f->resolve) == CURLE_OK;
}

static bool give_url(struct web_fetch *f, const struct web_request *r)
{
	CLEANUP(buf_free) struct buf url = BUF_INIT(DNS_NAME_MAX + 1024);

	return buf_addf(&url, "https://%s:%u%s", f->host, r->port, r->path) == RC_OK &&
	       curl_easy_setopt(f->easy, CURLOPT_URL, buf_text(&url)) == CURLE_OK;
}

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

/* What is not to be done, and how long and how much at most. */
static bool give_rules(struct web_fetch *f)
{
	CURL *e = f->easy;

	return SET(e, CURLOPT_PROTOCOLS_STR, "https") && SET(e, CURLOPT_FOLLOWLOCATION, 0L) &&
	       SET(e, CURLOPT_PROXY, "") && SET(e, CURLOPT_NOPROXY, "*") &&
	       SET(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && SET(e, CURLOPT_NOSIGNAL, 1L) &&
	       SET(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) &&
	       SET(e, CURLOPT_USERAGENT, "postern") &&
	       SET(e, CURLOPT_TIMEOUT_MS, (long)f->timeout_ms) &&
	       SET(e, CURLOPT_CONNECTTIMEOUT_MS, (long)f->timeout_ms) &&
	       SET(e, CURLOPT_MAXFILESIZE, (long)WEB_BODY_MAX) &&
	       SET(e, CURLOPT_ERRORBUFFER, f->error) && SET(e, CURLOPT_WRITEFUNCTION, on_body) &&
	       SET(e, CURLOPT_WRITEDATA, f) && SET(e, CURLOPT_HEADERFUNCTION, on_head) &&
	       SET(e, CURLOPT_HEADERDATA, f);
}

static bool give_tls(struct web_fetch *f, const char *ca_file)
{
	CURL *e = f->easy;

	/* With a file of authorities given, the system's are none of ours. */
	if (*ca_file && !(SET(e, CURLOPT_CAINFO, ca_file) && SET(e, CURLOPT_CAPATH, NULL)))
		return false;
	return SET(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
	       SET(e, CURLOPT_SSL_VERIFYPEER, 1L) && SET(e, CURLOPT_SSL_VERIFYHOST, 2L) &&
	       SET(e, CURLOPT_SSL_CTX_FUNCTION, on_tls) && SET(e, CURLOPT_SSL_CTX_DATA, f);
}

static bool begin(struct web_fetch *f, const struct web_request *r)
{
	f->multi = curl_multi_init();
	f->easy = curl_easy_init();
	f->timer = loop_timer_new(f->loop, on_timer, f);
	return f->multi && f->easy && f->timer && give_url(f, r) && give_addresses(f, r) &&
	       give_rules(f) && give_tls(f, r->ca_file) &&
	       curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
	       curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f) == CURLM_OK &&
	       curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, set_timer) == CURLM_OK &&
	       curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f) == CURLM_OK &&
	       curl_multi_add_handle(f->multi, f->easy) == CURLM_OK; /* sets the timer to 0 */
}

static void init_curl(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT); /* curl_easy_init() tells if it failed */
}

struct web_fetch *web_fetch_start(struct loop *loop, const struct web_request *request,
				  web_done *done, void *arg)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t host_len = strlen(request->host);

	assert(request->address_count > 0 && request->timeout_ms > 0);
	assert(host_len < DNS_NAME_MAX);
	pthread_once(&once, init_curl);

	struct web_fetch *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->loop = loop;
	f->done = done;
	f->arg = arg;
	f->timeout_ms = request->timeout_ms;
	f->body = BUF_INIT(WEB_BODY_MAX);
	memcpy(f->host, request->host, host_len + 1);
	if (!begin(f, request)) {
		fetch_free(f);
		return NULL;
	}
	return f;
}

void web_fetch_cancel(struct web_fetch *fetch)
{
	fetch_free(fetch);
}
