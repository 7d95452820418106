#include "worker.h"

#include "ask.h"
#include "base/cleanup.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypto/random.h"
#include "handle.h"
#include "mime/charset.h"
#include "reply.h"
#include "sandbox.h"
#include "server.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* "https://HOST[:PORT][/PATH]" as host and prefix. */
static bool cut_url(struct worker *worker, const char *url)
{
	const char *host = url + strlen("https://");
	const char *path = strchr(host, '/');

	worker->prefix = path ? path : "";
	worker->host = path ? strndup(host, (size_t)(path - host)) : strdup(host);
	return worker->host != NULL;
}

static bool list_files(struct worker *worker)
{
	worker->urls = calloc(asset_file_count, sizeof *worker->urls);
	worker->tags = calloc(asset_language_count, sizeof *worker->tags);
	if (!worker->urls || !worker->tags)
		return false;
	for (size_t i = 0; i < asset_language_count; i++)
		worker->tags[i] = asset_languages[i].tag;
	for (size_t i = 0; i < asset_file_count; i++) {
		char *path;

		if (asprintf(&path, "%s/static/%s", worker->prefix, asset_files[i].name) < 0)
			return false;
		worker->urls[i] =
			(struct page_value){ asset_files[i].value, { path, strlen(path) } };
		worker->url_count++;
	}
	return true;
}

static void worker_fini(struct worker *worker)
{
	if (worker->handles)
		handles_free(worker->handles);
	if (worker->guard)
		guard_free(worker->guard);
	if (worker->asks)
		asks_free(worker->asks);
	for (size_t i = 0; i < worker->url_count; i++)
		free((void *)(uintptr_t)worker->urls[i].text.at);
	free(worker->urls);
	free(worker->tags);
	free((void *)(uintptr_t)worker->host);
}

/* The site's public key, by which the keeper says that it is there. */
static enum rc greet(struct worker *worker, struct fault *why)
{
	CLEANUP(ask_end) struct ask ask;
	const struct request nobody = { .worker = worker };
	struct pickup_request question = ask_begin(&ask, &nobody, PICKUP_HELLO);

	if (ask_for(&ask, &nobody, &question) != PICKUP_OK)
		return fault(why, RC_RETRY, "the keeper does not answer");
	hex_format(ask.reply.public_key, sizeof ask.reply.public_key, worker->site_key);
	return RC_OK;
}

static enum rc worker_init(struct worker *worker, const struct worker_config *config,
			   struct fault *why)
{
	const char *organisation = config->settings->portal.organisation;

	*worker = (struct worker){ .settings = config->settings };
	if (!cut_url(worker, config->settings->portal.url) || !list_files(worker))
		return fault(why, RC_NOMEM, "out of memory");
	worker->organisation = organisation[0] ? organisation : worker->host;
	worker->asks = asks_new(config->channels, WORKER_THREADS);
	worker->guard = guard_new();
	worker->handles = handles_new();
	if (!worker->asks || !worker->guard || !worker->handles)
		return fault(why, RC_NOMEM, "out of memory");
	return RC_OK;
}

/* Until the keeper is gone or a signal comes. */
static void wait_for_end(int life, int signals)
{
	struct pollfd on[] = { { .fd = life, .events = POLLIN },
			       { .fd = signals, .events = POLLIN } };

	while (poll(on, 2, -1) < 0 && errno == EINTR)
		;
}

/* The server's threads are made within the first wall, which the second then narrows. */
static enum rc start(struct worker *worker, const struct worker_config *config,
		     const struct server_tls *tls, struct MHD_Daemon **server, struct fault *why)
{
	const struct settings *s = config->settings;
	/* Each connection takes a descriptor; answers take a blob's, replies a file's. */
	unsigned descriptors = 3 * s->limits.portal_connections + 100;
	bool landlock;

	enum rc rc = config->become ? sandbox_become(config->user, config->group, why) : RC_OK;
	if (rc == RC_OK)
		rc = sandbox_begin(why);
	if (rc == RC_OK)
		rc = sandbox_files(NULL, 0, &landlock, why);
	if (rc == RC_OK)
		rc = sandbox_calls(SANDBOX_WORKER_START, 0, why);
	if (rc == RC_OK)
		rc = worker_init(worker, config, why);
	if (rc == RC_OK)
		rc = greet(worker, why);
	if (rc == RC_OK)
		rc = server_start(worker, config->listener, tls, server, why);
	if (rc == RC_OK)
		rc = sandbox_limits(descriptors, reply_bytes_max(worker), why);
	if (rc == RC_OK)
		rc = sandbox_calls(SANDBOX_WORKER, 0, why);
	if (rc == RC_OK && !landlock)
		log_line(LOG_WARN, NULL,
			 "this kernel has no Landlock: seccomp alone keeps files away");
	return rc;
}

/* What libraries open when they are first used, while files can be opened. */
static enum rc warm_up(struct fault *why)
{
	struct crypto_key key;

	tzset();
	enum rc rc = crypto_key_make(&key, why);
	crypto_key_wipe(&key);
	mime_charset_load_all();
	return rc;
}

int worker_run(const struct worker_config *config)
{
	CLEANUP(server_tls_wipe) struct server_tls tls = SERVER_TLS_INIT;
	struct MHD_Daemon *server = NULL;
	struct worker worker = { 0 };
	struct fault why;
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	int signals = signalfd(-1, &ends, SFD_CLOEXEC);
	enum rc rc = server_tls_read(config->settings, &tls, &why);
	if (rc == RC_OK)
		rc = warm_up(&why);
	if (rc == RC_OK)
		rc = start(&worker, config, &tls, &server, &why);
	if (rc == RC_OK) {
		log_line(LOG_NOTE, NULL, "listening on %s", config->settings->portal.listen);
		wait_for_end(config->life, signals);
	} else {
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
	}
	if (server)
		MHD_stop_daemon(server);
	worker_fini(&worker);
	return rc == RC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
