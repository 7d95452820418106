#include "keeper.h"

#include "audit/hand.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "deposit/wording.h"
#include "pickup/event.h"
#include "pickup/hook.h"
#include "pickup/pickup.h"
#include "pickup/pipe.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOK_S = 1,      /* how soon a worker's end is seen whose signal came too early */
	PATIENCE_S = 10, /* for the worker to end when it is told to */
	DENIED_MS = 20,  /* a denial takes at least so long: a row more or less is lost in it */
};

struct keeper {
	const struct keeper_config *config;
	struct crypto_keys *keys;
	struct store *store;
	struct outbox *outbox;
	struct deposit_wording *wording;
	struct deposit_site deposit;
	struct deposit_life life;
	struct audit_hand hand;
	struct pickup *pickup;
	size_t started;
	pthread_t threads[KEEPER_SOCKETS_MAX];
};

struct line { /* one thread's */
	struct keeper *keeper;
	int socket;
};

/* ---- what pickup needs of the world ---- */

static enum rc write_audit(void *arg, const struct audit_record *records, size_t count,
			   struct fault *why)
{
	const struct keeper *k = arg;

	return audit_hand_append(&k->hand, records, count, why);
}

static enum rc write_events(void *arg, const struct deposit_event *events, size_t count,
			    struct fault *why)
{
	return pickup_event_append(write_audit, arg, events, count, why);
}

static enum rc send_code(void *arg, const struct pickup_code *code, struct fault *why)
{
	const struct keeper *k = arg;

	return pickup_hook_send(k->config->hook, code, why);
}

/* Where no milter listens the mail goes out when one starts. */
static void wake(void *arg)
{
	const struct keeper *k = arg;
	struct fault why;

	if (audit_hand_wake(&k->hand, &why) == RC_RETRY)
		log_line(LOG_WARN, NULL, "the outbox sleeps on: %s", why.text);
}

/* ---- one question after the other ---- */

/* False: the line is of no use any more. */
static bool say(const struct line *line, const struct pickup_answer *answer)
{
	CLEANUP(buf_wipe) struct buf out = BUF_SECRET(PICKUP_WIRE_MAX);
	struct fault why;
	enum rc rc = pickup_reply_encode(&answer->reply, &out, &why);

	if (rc == RC_OK)
		rc = pickup_send(line->socket, buf_slice(&out), answer->fd, &why);
	if (rc != RC_OK && rc != RC_ABSENT)
		log_line(LOG_FAIL, NULL, "no answer to %s: %s",
			 pickup_verb_name(answer->reply.verb), why.text);
	return rc == RC_OK;
}

/* The time of a denial tells nothing of what is there. */
static void level(const struct pickup_answer *answer, int64_t began_ms)
{
	int64_t left_ms = began_ms + DENIED_MS - clock_mono_ms();

	if (answer->reply.result == PICKUP_DENIED && left_ms > 0)
		poll(NULL, 0, (int)left_ms);
}

static bool serve(const struct line *line, const struct pickup_request *question, int body)
{
	int64_t began_ms = clock_mono_ms();
	CLEANUP(pickup_answer_fini) struct pickup_answer answer;

	pickup_answer(line->keeper->pickup, question, body, clock_wall_s(), &answer);
	if (answer.why.text[0])
		log_line(LOG_FAIL, NULL, "%s: %s", pickup_verb_name(question->verb),
			 answer.why.text);
	level(&answer, began_ms);
	return say(line, &answer);
}

/* A worker of another user can be sent no signal: it ends when its sockets do, and if it does
 * not want to, they are of no use to it. */
static void hang_up(const struct keeper *k)
{
	for (size_t i = 0; i < k->config->socket_count; i++)
		(void)shutdown(k->config->sockets[i], SHUT_RDWR);
	(void)shutdown(k->config->life, SHUT_RDWR);
}

/* Who sends what is no question is not the worker that was started. */
static void give_up(const struct keeper *k, const struct fault *why)
{
	log_line(LOG_FAIL, NULL, "the worker is stopped: %s", why->text);
	kill(k->config->worker, SIGKILL);
	hang_up(k);
}

static void *listen_on(void *arg)
{
	struct line line = *(struct line *)arg;
	CLEANUP(buf_wipe) struct buf bytes = BUF_SECRET(PICKUP_WIRE_MAX);
	struct pickup_request question;
	struct fault why;
	bool well = true;

	free(arg);
	while (well) {
		CLEANUP(cleanup_fd) int body = -1;
		enum rc rc = pickup_receive(line.socket, -1, &bytes, &body, &why);
		if (rc == RC_OK)
			rc = pickup_request_decode(buf_slice(&bytes), &question, &why);
		if (rc == RC_OK)
			well = serve(&line, &question, body);
		else if (rc != RC_ABSENT)
			give_up(line.keeper, &why);
		well = well && rc == RC_OK;
	}
	return NULL;
}

/* ---- start and end ---- */

static void close_all(struct keeper *k)
{
	pickup_free(k->pickup);
	deposit_wording_free(&k->wording);
	outbox_close(k->outbox);
	store_close(k->store);
	crypto_keys_free(&k->keys);
}

static void describe(struct keeper *k)
{
	const struct settings *s = k->config->settings;

	k->hand = (struct audit_hand){ .state = s->state, .file = s->audit.file };
	k->deposit = (struct deposit_site){
		.store = k->store,
		.outbox = k->outbox,
		.keys = k->keys,
		.portal_url = s->portal.url,
		.organisation = s->portal.organisation,
		.wording = k->wording,
		.help = s->portal.help,
		.report_from = "",
	};
	k->life = (struct deposit_life){
		.site = &k->deposit,
		.life_days = s->limits.deposit_life_days,
		.keep_days = s->limits.deposit_keep_days,
		.event = write_events,
		.arg = k,
	};
}

static enum rc open_all(struct keeper *k, struct fault *why)
{
	const struct settings *s = k->config->settings;
	enum rc rc = crypto_keys_make(s->keys, &k->keys, why);

	if (rc == RC_OK)
		rc = store_open(s->state, &k->store, why);
	if (rc == RC_OK)
		rc = outbox_open(k->store, &k->keys->outbox, &k->outbox, why);
	if (rc == RC_OK && s->portal.texts[0])
		rc = deposit_wording_read(s->portal.texts, &k->wording, why);
	if (rc != RC_OK)
		return rc;
	describe(k);
	const struct pickup_site site = {
		.deposit = &k->deposit,
		.keys = k->keys,
		.life = &k->life,
		.reply_bytes = s->limits.reply_bytes,
		.replies_per_hour = s->limits.replies_per_hour,
		.audit = write_audit,
		.hook = k->config->hook >= 0 ? send_code : NULL,
		.wake = wake,
		.arg = k,
	};
	rc = pickup_new(&site, &k->pickup, why);
	return rc == RC_OK && k->config->confine ? k->config->confine(k->config->confine_arg, why)
						 : rc;
}

static enum rc start(struct keeper *k, struct fault *why)
{
	enum rc rc = open_all(k, why);
	struct fault unsaid;

	/* What a crash left can wait, and is tried again at the next start. */
	if (rc == RC_OK && pickup_settle(k->pickup, clock_wall_s(), &unsaid) != RC_OK)
		log_line(LOG_FAIL, NULL, "the audit lacks an acknowledgement: %s", unsaid.text);
	for (size_t i = 0; rc == RC_OK && i < k->config->socket_count; i++) {
		struct line *line = malloc(sizeof *line);
		if (!line)
			return fault(why, RC_NOMEM, "out of memory");
		*line = (struct line){ k, k->config->sockets[i] };
		int error = pthread_create(&k->threads[i], NULL, listen_on, line);
		if (error) {
			free(line);
			return fault(why, RC_RETRY, "cannot start a thread: %s", strerror(error));
		}
		k->started++;
	}
	return rc;
}

/* Whether the worker has ended; *status is how. */
static bool has_ended(pid_t worker, int *status)
{
	pid_t ended = waitpid(worker, status, WNOHANG);

	return ended == worker || (ended < 0 && errno == ECHILD);
}

static bool has_hung_up(const struct keeper *k)
{
	char byte;

	return recv(k->config->life, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* The worker is told to end: at once, or when it has answered what is under way. */
static void tell_end(const struct keeper *k)
{
	if (kill(k->config->worker, SIGTERM) != 0)
		(void)shutdown(k->config->life, SHUT_RDWR);
}

/* Until the worker ends, by itself or since it is told to; or will not, and is left to whoever
 * started us. True: it was told to. */
static bool watch(const struct keeper *k, const sigset_t *signals)
{
	const struct timespec pause = { .tv_sec = LOOK_S };
	pid_t worker = k->config->worker;
	int64_t until_s = INT64_MAX;
	bool told = false;
	int status = 0;

	while (!has_ended(worker, &status)) {
		int number = sigtimedwait(signals, NULL, &pause);
		if ((number == SIGTERM || number == SIGINT) && !told) {
			log_line(LOG_NOTE, NULL, "ending on signal %d", number);
			told = true;
			tell_end(k);
		}
		if (until_s == INT64_MAX && (told || has_hung_up(k)))
			until_s = clock_mono_ms() / 1000 + PATIENCE_S;
		if (clock_mono_ms() / 1000 > until_s && kill(worker, SIGKILL) != 0) {
			log_line(LOG_FAIL, NULL, "the worker does not end");
			hang_up(k);
			return false;
		}
	}
	if (!told)
		log_line(LOG_FAIL, NULL, "the worker has ended, %s %d",
			 WIFSIGNALED(status) ? "by signal" : "with status",
			 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return told;
}

int keeper_run(const struct keeper_config *config)
{
	struct keeper k = { .config = config };
	struct fault why;
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &signals, NULL); /* in the threads, too */
	enum rc rc = start(&k, &why);
	if (rc == RC_OK)
		log_line(LOG_NOTE, NULL, "version " POSTERN_VERSION " started: %s",
			 config->settings->portal.url);
	else {
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
		kill(config->worker, SIGKILL); /* it has heard nobody yet */
	}
	bool told = watch(&k, &signals);
	/* The worker's ends of the lines went with it: each thread finishes and ends. */
	for (size_t i = 0; i < k.started; i++)
		pthread_join(k.threads[i], NULL);
	close_all(&k);
	log_line(LOG_NOTE, NULL, "ended");
	return rc == RC_OK && told ? EXIT_SUCCESS : EXIT_FAILURE;
}
