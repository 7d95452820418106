#include "start.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "keeper.h"
#include "listen.h"
#include "pickup/hook.h"
#include "pickup/pipe.h"
#include "sandbox.h"
#include "worker.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define USUAL_USER "postern-portal"

struct owner {
	bool change; /* we are root */
	uid_t user;
	gid_t group;
};

struct portal {
	const struct settings *settings;
	int listener;
	int workers[WORKER_THREADS], keepers[WORKER_THREADS]; /* pairs */
	int life[2];                                          /* worker's, keeper's */
	struct owner keeper, worker;
	int hook; /* of the runner of portal.code_command; -1: none */
	pid_t child;
};

/* The keeper becomes who owns state: what it writes must stay the milter's to use. */
static enum rc find_keeper(const struct settings *s, struct owner *out, struct fault *why)
{
	struct stat about;

	*out = (struct owner){ .change = geteuid() == 0 };
	if (!out->change)
		return RC_OK;
	if (stat(s->state, &about) != 0)
		return fault(why, RC_ABSENT, "cannot tell who owns %s: %s", s->state,
			     strerror(errno));
	out->user = about.st_uid;
	out->group = about.st_gid;
	return RC_OK;
}

static enum rc find_worker(const struct settings *s, const struct owner *keeper, struct owner *out,
			   struct fault *why)
{
	*out = *keeper;
	if (!keeper->change)
		return RC_OK;
	const struct passwd *user = getpwnam(s->portal.user);
	if (user) {
		out->user = user->pw_uid;
		out->group = user->pw_gid;
		return RC_OK;
	}
	if (strcmp(s->portal.user, USUAL_USER) != 0)
		return fault(why, RC_INVALID, "portal.user: there is no user %s", s->portal.user);
	log_line(LOG_WARN, NULL, "there is no user %s: worker and keeper are one user", USUAL_USER);
	return RC_OK;
}

static enum rc make_pairs(struct portal *p, struct fault *why)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < WORKER_THREADS; i++)
		rc = pickup_pair(&p->workers[i], &p->keepers[i], why);
	if (rc == RC_OK && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->life) != 0)
		rc = fault(why, RC_RETRY, "no socket: %s", strerror(errno));
	return rc;
}

static enum rc become_keeper(void *arg, struct fault *why)
{
	const struct owner *keeper = arg;

	return keeper->change ? sandbox_become(keeper->user, keeper->group, why) : RC_OK;
}

/* Before anything else is open: it keeps what is. */
static enum rc start_hook(struct portal *p, struct fault *why)
{
	const char *command = p->settings->portal.code_command;

	p->hook = -1;
	return command[0] ? pickup_hook_start(command, become_keeper, &p->keeper, &p->hook, why)
			  : RC_OK;
}

static enum rc prepare(struct portal *p, struct fault *why)
{
	const char *listen = p->settings->portal.listen;
	enum rc rc = find_keeper(p->settings, &p->keeper, why);

	if (rc == RC_OK)
		rc = find_worker(p->settings, &p->keeper, &p->worker, why);
	if (rc == RC_OK)
		rc = start_hook(p, why);
	if (rc == RC_OK)
		rc = make_pairs(p, why);
	if (rc == RC_OK)
		rc = listen_open(listen, &p->listener, why);
	if (rc == RC_OK && p->worker.change)
		rc = listen_give(listen, p->worker.user, p->worker.group, why);
	return rc;
}

static void close_all(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		close(fds[i]);
}

static int run_worker(struct portal *p)
{
	const struct worker_config config = {
		.settings = p->settings,
		.listener = p->listener,
		.channels = p->workers,
		.life = p->life[0],
		.become = p->worker.change,
		.user = p->worker.user,
		.group = p->worker.group,
	};

	close_all(p->keepers, WORKER_THREADS);
	close(p->life[1]);
	if (p->hook >= 0)
		close(p->hook);
	return worker_run(&config);
}

/* The folder of the audit's file, for when the milter is away. */
static char *folder_of(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash && slash > file ? strndup(file, (size_t)(slash - file)) : strdup("/");
}

static enum rc confine(void *arg, struct fault *why)
{
	const struct portal *p = arg;
	const struct settings *s = p->settings;
	CLEANUP(cleanup_free) char *audit = folder_of(s->audit.file);
	const struct sandbox_folder folders[] = {
		{ s->state, true },
		{ s->keys, false },
		{ audit, true },
		{ "/etc/localtime", false },
	};

	if (!audit)
		return fault(why, RC_NOMEM, "out of memory");
	enum rc rc = sandbox_files(folders, sizeof folders / sizeof *folders, NULL, why);
	return rc == RC_OK ? sandbox_calls(SANDBOX_KEEPER, p->child, why) : rc;
}

static int run_keeper(struct portal *p)
{
	const struct keeper_config config = {
		.settings = p->settings,
		.socket_count = WORKER_THREADS,
		.sockets = p->keepers,
		.worker = p->child,
		.life = p->life[1],
		.hook = p->hook,
		.confine = confine,
		.confine_arg = p,
	};
	struct fault why;

	close_all(p->workers, WORKER_THREADS);
	close(p->life[0]);
	close(p->listener);
	enum rc rc = become_keeper(&p->keeper, &why);
	if (rc == RC_OK)
		rc = sandbox_begin(&why);
	if (rc == RC_OK)
		return keeper_run(&config);
	log_line(LOG_FAIL, NULL, "not started: %s", why.text);
	return EXIT_FAILURE;
}

/* Both ends of the program; the worker's begins with the signals blocked that end it. */
static int run_both(struct portal *p)
{
	sigset_t ends, before;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, &before);
	p->child = fork();
	if (p->child < 0) {
		log_line(LOG_FAIL, NULL, "not started: no process: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	if (p->child == 0)
		_exit(run_worker(p));
	sigprocmask(SIG_SETMASK, &before, NULL);
	int status = run_keeper(p);
	listen_close(p->settings->portal.listen);
	return status;
}

int start_portal(const struct settings *settings)
{
	struct portal portal = { .settings = settings };
	struct fault why;

	signal(SIGPIPE, SIG_IGN);
	if (prepare(&portal, &why) != RC_OK) {
		log_line(LOG_FAIL, NULL, "not started: %s", why.text);
		return EXIT_FAILURE;
	}
	return run_both(&portal);
}
