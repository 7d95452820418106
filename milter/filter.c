#include "filter.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "answer.h"
#include "carry.h"
#include "loop/loop.h"
#include "metrics/metrics.h"
#include "own.h"
#include "phrase.h"
#include "record.h"
#include "scan.h"
#include "site.h"

#include <libmilter/mfapi.h>

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct site *the_site; /* see filter.h */
static char *socket_path;     /* of a unix socket; NULL: another kind */

enum {
	TIMEOUT_S = 7210, /* longer than an MTA waits for anything; a dead one is noticed by TCP */
	BACKLOG = 1024,
};

/* What we cannot do without, and what we would rather not answer: a reply that was
 * negotiated away costs a call of syslog() in libmilter when it is given. */
static const unsigned long actions_needed = SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY |
					    SMFIF_DELRCPT | SMFIF_QUARANTINE | SMFIF_CHGFROM;
static const unsigned long steps_needed =
	SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR |
	SMFIP_NR_EOH | SMFIP_NR_BODY | SMFIP_NODATA | SMFIP_NOUNKNOWN | SMFIP_HDR_LEADSPC;

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
			     unsigned long f3, unsigned long *pf0, unsigned long *pf1,
			     unsigned long *pf2, unsigned long *pf3)
{
	(void)ctx;
	(void)f2;
	(void)f3;
	if ((f0 & actions_needed) != actions_needed || (f1 & steps_needed) != steps_needed) {
		log_line(LOG_FAIL, NULL,
			 "the mail server offers too little of the milter protocol (actions %#lx, "
			 "steps %#lx); Postfix 2.6 or Sendmail 8.14 is needed",
			 f0, f1);
		return SMFIS_REJECT;
	}
	*pf0 = actions_needed;
	*pf1 = steps_needed;
	*pf2 = *pf3 = 0;
	return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *peer)
{
	(void)host;
	/* Without a session every message is deferred. */
	if (smfi_setpriv(ctx, session_new(the_site, peer)) != MI_SUCCESS)
		log_line(LOG_FAIL, NULL, "libmilter keeps no session");
	return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *ctx, char *helo)
{
	(void)ctx; /* only for the macros that come with it: {tls_version} */
	(void)helo;
	return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *ctx, char **args)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_begin(s, args, smfi_getsymval(ctx, (char *)"{auth_authen}"),
			      smfi_getsymval(ctx, (char *)"{tls_version}"));
	return SMFIS_NOREPLY;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **args)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_recipient(s, args);
	return SMFIS_NOREPLY;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_header(s, name, value);
	return SMFIS_NOREPLY;
}

static sfsistat on_headers_end(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_headers_end(s);
	return SMFIS_NOREPLY;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *bytes, size_t len)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_body(s, bytes, len);
	return SMFIS_NOREPLY;
}

static void count(const struct session *s, const struct judgement *j)
{
	struct metrics *metrics = s->site->metrics;

	metrics_count(metrics, METRICS_MESSAGES, 0);
	for (size_t i = 0; i < s->message.recipient_count; i++)
		metrics_count(metrics, METRICS_RECIPIENTS, s->message.recipients[i].verdict.kind);
	if (j->findings && j->findings->opaque_count)
		metrics_count(metrics, METRICS_UNREAD, 0);
}

static sfsistat finish(SMFICTX *ctx, struct session *s, const struct judgement *j,
		       const char *queue_id, struct fault *why)
{
	const struct action_plan *plan = &j->plan;
	enum rc rc = RC_OK;

	count(s, j);

	if (j->findings &&
	    (j->protects || j->tells || j->findings->count || j->findings->opaque_count)) {
		CLEANUP(buf_free) struct buf reply = BUF_INIT(64);
		(void)buf_addf(&reply, "%s%s%s",
			       plan->outcome == ACTION_ACCEPT ? "250" : plan->code,
			       plan->outcome == ACTION_ACCEPT ? "" : " ", plan->enhanced);
		rc = message_record(s, j, "decided", queue_id, buf_text(&reply), why);
		/* Nothing depends on the record of a message that nobody must protect. */
		if (rc != RC_OK && !j->protects) {
			log_line(LOG_FAIL, queue_id, "the audit failed: %s", why->text);
			rc = RC_OK;
		}
	}
	if (rc == RC_OK && plan->outcome == ACTION_ACCEPT)
		rc = carry_out(ctx, s, j, queue_id, why);
	if (rc != RC_OK) /* whatever it was: the message is whole, and the client has it */
		return answer_failure(ctx, queue_id, RC_RETRY, why);
	if (plan->outcome == ACTION_ACCEPT) {
		bool nobody = plan->edit_count &&
			      plan->edits[plan->edit_count - 1].kind == ACTION_EDIT_DISCARD;
		return nobody ? SMFIS_DISCARD : SMFIS_CONTINUE;
	}
	(void)carry_reply(ctx, plan->code, plan->enhanced, plan->text);
	return plan->outcome == ACTION_REFUSE ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

/* Where all rules observe, what cannot be checked goes on as it came, and the audit tells what
 * would have been: unless it may be a copy of ours, which must not leave by any route. */
static bool goes_on(const struct message *m)
{
	return m->ruleset && m->outgoing && message_is_observed(m) && !own_could_be(m);
}

static sfsistat let_go(SMFICTX *ctx, struct session *s, const char *queue_id, enum rc rc,
		       const struct fault *why)
{
	bool final = rc == RC_INVALID || rc == RC_LIMIT;
	const char *reason = arena_text(s->message.arena, slice_of(why->text));
	struct judgement j;
	struct fault cause = { "out of memory" };

	log_line(LOG_WARN, queue_id, "mode=observe verdict=%s reason=\"%s\"",
		 final ? "refuse" : "defer", why->text);
	if (!reason || message_observe_failure(s, final, reason, &j, &cause) != RC_OK) {
		log_line(LOG_FAIL, queue_id, "the audit cannot tell of it: %s", cause.text);
		return SMFIS_CONTINUE;
	}
	return finish(ctx, s, &j, queue_id, &cause);
}

static sfsistat stop_or_let_go(SMFICTX *ctx, struct session *s, const char *queue_id, enum rc rc,
			       const struct fault *why)
{
	/* Without memory nothing is known of it, nor whether it is a copy of ours. */
	return rc != RC_NOMEM && goes_on(&s->message) ? let_go(ctx, s, queue_id, rc, why)
						      : answer_failure(ctx, queue_id, rc, why);
}

static sfsistat refuse_wish(SMFICTX *ctx, struct session *s, const char *queue_id)
{
	const struct message *m = &s->message;

	if (goes_on(m)) {
		struct fault why;
		return let_go(ctx, s, queue_id,
			      fault(&why, RC_INVALID, "wish %s is not known", m->bad_wish), &why);
	}
	return answer_wish(ctx, m->bad_wish, queue_id);
}

static enum rc judge(struct session *s, struct judgement *j, const char *queue_id,
		     struct fault *why)
{
	struct message *m = &s->message;
	enum action_class class;

	/* A copy of ours whose sender outbound.networks does not list would leave by any
	 * route: it waits until the operator has mended that. */
	if (!m->outgoing && own_is_handback(m))
		return fault(why, RC_RETRY,
			     "a copy that was handed back came from %s, which "
			     "outbound.networks does not have",
			     s->client);
	if (!m->outgoing)
		return message_let_through(s, j, why);
	enum rc rc = own_mail(s, &class, why);
	if (rc == RC_ABSENT) {
		rc = message_judge(s, j, why);
		if (rc != RC_OK || j->untouched)
			return rc;
		rc = message_check_phrases(s, j, queue_id, why);
		return rc == RC_OK ? message_scan(s, j, queue_id, why) : rc;
	}
	if (rc != RC_OK)
		return rc;
	return class == ACTION_PLAIN ? message_let_through(s, j, why)
				     : message_route(s, class, j, why);
}

static sfsistat on_end(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);
	const char *queue_id = smfi_getsymval(ctx, (char *)"i");
	struct judgement j;
	struct fault why = { "out of memory" };

	if (!s || !s->message.ruleset)
		return answer_failure(ctx, queue_id, RC_NOMEM, &why);
	struct message *m = &s->message;
	int64_t since_ms = clock_mono_ms();
	sfsistat status;
	if (m->state != RC_OK)
		status = stop_or_let_go(ctx, s, queue_id, m->state, &m->why);
	else if (m->outgoing && m->bad_wish)
		status = refuse_wish(ctx, s, queue_id);
	else {
		enum rc rc = judge(s, &j, queue_id, &why);
		status = rc == RC_OK ? finish(ctx, s, &j, queue_id, &why)
				     : stop_or_let_go(ctx, s, queue_id, rc, &why);
	}
	metrics_time(s->site->metrics, METRICS_END_TIME, clock_mono_ms() - since_ms);
	message_end(s);
	return status;
}

static sfsistat on_abort(SMFICTX *ctx)
{
	struct session *s = smfi_getpriv(ctx);

	if (s)
		message_end(s);
	return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
	session_free(smfi_getpriv(ctx));
	(void)smfi_setpriv(ctx, NULL);
	return SMFIS_CONTINUE;
}

/* Libmilter's name for a socket: "unix:/path", "inet:PORT@HOST", "inet6:PORT@HOST". */
static enum rc socket_name(const char *listen, struct buf *out, struct fault *why)
{
	const char *colon = strrchr(listen, ':');

	if (strncmp(listen, "unix:", 5) == 0)
		return buf_add_text(out, listen);
	if (!colon)
		return fault(why, RC_INVALID, "milter.listen is no address: %s", listen);
	if (listen[0] == '[')
		return buf_addf(out, "inet6:%s@%.*s", colon + 1, (int)(colon - listen - 2),
				listen + 1);
	return buf_addf(out, "inet:%s@%.*s", colon + 1, (int)(colon - listen), listen);
}

/* Libmilter makes the socket by the umask alone: nobody may come in before its mode and
 * group are those that were asked for. */
static enum rc open_socket(const struct settings_milter *milter, struct fault *why)
{
	bool is_unix = strncmp(milter->listen, "unix:", 5) == 0;
	const char *path = milter->listen + 5;
	mode_t mode = (mode_t)strtoul(milter->mode, NULL, 8);

	/* Libmilter itself would take the socket away from a daemon that is alive. */
	enum rc rc = is_unix ? loop_make_way(path, why) : RC_OK;
	if (rc != RC_OK)
		return rc;
	mode_t before = umask(0177);
	int opened = smfi_opensocket(false);
	umask(before);
	if (opened != MI_SUCCESS)
		return fault(why, RC_INVALID, "cannot listen on %s: is its folder there, and ours?",
			     milter->listen);
	if (!is_unix)
		return RC_OK;
	socket_path = strdup(path);
	if (milter->group[0]) {
		const struct group *group = getgrnam(milter->group);
		if (!group)
			return fault(why, RC_INVALID, "there is no group \"%s\" (milter.group)",
				     milter->group);
		if (chown(path, (uid_t)-1, group->gr_gid) < 0)
			return fault(why, RC_INVALID, "cannot give %s to the group %s: %s", path,
				     milter->group, strerror(errno));
	}
	if (chmod(path, mode) < 0)
		return fault(why, RC_INVALID, "cannot set the mode of %s: %s", path,
			     strerror(errno));
	return RC_OK;
}

enum rc filter_prepare(struct site *site, const struct settings *settings, struct fault *why)
{
	const char *listen = settings->milter.listen;
	CLEANUP(buf_free) struct buf name = BUF_INIT(512);
	struct smfiDesc filter = {
		.xxfi_name = (char *)"postern",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = actions_needed,
		.xxfi_connect = on_connect,
		.xxfi_helo = on_helo,
		.xxfi_envfrom = on_mail,
		.xxfi_envrcpt = on_rcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_headers_end,
		.xxfi_body = on_body,
		.xxfi_eom = on_end,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_negotiate = on_negotiate,
	};
	enum rc rc = socket_name(listen, &name, why);

	if (rc != RC_OK)
		return rc;
	the_site = site;
	if (smfi_register(filter) != MI_SUCCESS || smfi_setconn(name.at) != MI_SUCCESS ||
	    smfi_settimeout(TIMEOUT_S) != MI_SUCCESS || smfi_setbacklog(BACKLOG) != MI_SUCCESS)
		return fault(why, RC_INVALID, "libmilter refuses %s", name.at);
	return open_socket(&settings->milter, why);
}

bool filter_run(void)
{
	return smfi_main() == MI_SUCCESS;
}

/* Libmilter looks at its stop mark once in five seconds, or when a client comes. */
static void wake_listener(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	CLEANUP(cleanup_fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || !socket_path || strlen(socket_path) >= sizeof at.sun_path)
		return;
	memcpy(at.sun_path, socket_path, strlen(socket_path) + 1);
	(void)!connect(fd, (const struct sockaddr *)&at, sizeof at); /* else it takes five */
}

void filter_stop(void)
{
	smfi_stop();
	wake_listener();
}
