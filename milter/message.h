/* milter/message.h: one SMTP session, and the message that it is sending.
 *
 * Libmilter's callbacks of one session come one after another, but on changing
 * threads: all state is here, none in thread-local or static memory.
 *
 * Memory   everything about a message is in its arena or freed by message_end()
 * Threads  one callback at a time */
#pragma once

#include "assurance/service.h"
#include "base/arena.h"
#include "base/spool.h"
#include "demand/demand.h"
#include "mail/address.h"
#include "mail/param.h"
#include "ruleset.h"
#include "verdict/verdict.h"

#include <sys/socket.h>

struct site;
struct deposit_scan;

enum {
	MESSAGE_OWN_MAX = 32, /* header fields of ours in one message; a client that forges more is
	                       * refused: nobody has a reason to send even one */
	/* Bytes: the envelope and what is said of the whole, and for each recipient its reasons and
	 * as much again what would become of it. */
	MESSAGE_ARENA_OWN = 2 << 20,
	MESSAGE_ARENA_EACH = 12 << 10,
};

/* What would become of a recipient's copy, if all rules that observe enforced. */
struct would {
	struct demand demand;
	struct verdict verdict;
};

struct recipient {
	const char *given;   /* as the MTA named it, for taking it off again */
	const char *address; /* normal form */
	const char *domain;  /* "" for a bare local part */
	const char *way;     /* whose assurance counts: the domain, or outbound.relay */
	struct mail_rcpt_params params;
	bool internal;
	struct assurance_ticket *ticket;   /* NULL: not asked */
	const struct assurance *assurance; /* NULL: not waited for */
	struct demand demand;
	struct verdict verdict;
	const struct would *would; /* NULL: nothing that observes has hit */
};

struct own_field { /* a Postern-* header field that came in */
	const char *name, *value;
	unsigned index; /* among those of its name, from 1 */
};

struct message {
	struct ruleset *ruleset; /* NULL: no message is under way */
	struct arena *arena;
	struct inspect *inspect; /* these three only for outgoing mail */
	struct spool *raw;
	uint64_t body_at; /* where the body begins in raw */
	bool entered;     /* counts among the site's messages */
	bool has_message_id;
	bool outgoing, authenticated, submission_tls;
	const char *auth; /* who logged in, or "" */
	const char *from; /* normal form, "" for the null sender */
	struct mail_from_params params;
	size_t recipient_count, recipient_room;
	struct recipient *recipients;
	size_t own_count;
	struct own_field own[MESSAGE_OWN_MAX];
	enum demand_wish wish;
	const struct deposit_scan *scan; /* what the virus scanner said; NULL: nobody looked */
	const char *bad_wish;            /* what is no wish we know; NULL: none */
	enum rc state;                   /* the first failure of ours */
	struct fault why;
};

struct session {
	struct site *site;
	char client[64];              /* address of the peer, or "local" */
	struct sockaddr_storage peer; /* ss_family 0: none was told */
	struct message message;
};

struct session *session_new(struct site *site, const struct sockaddr *peer); /* NULL: memory */
void session_free(struct session *s);                                        /* NULL is fine */

/* The steps, as the MTA reports them. None fails: what goes wrong is kept in
 * message.state and settled at end of message. args is NULL-terminated, its first
 * the address. auth and tls may be NULL. */
void message_begin(struct session *s, char **args, const char *auth, const char *tls);
void message_recipient(struct session *s, char **args);
void message_header(struct session *s, const char *name, const char *value);
void message_headers_end(struct session *s);
void message_body(struct session *s, const unsigned char *bytes, size_t len);
void message_end(struct session *s); /* gives back all that it held; twice is fine */

/* Keeps the first failure. */
void message_fail(struct message *m, enum rc rc, const struct fault *why);

/* Whether domain (lower case) is in list. */
bool domain_is_listed(const struct settings_list *list, struct slice domain);
