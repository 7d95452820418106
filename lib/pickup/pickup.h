/* pickup/pickup.h: the verbs by which a recipient comes to a message, as functions over store,
 * keys and outbox. The keeper (portal/keeper.h) calls them for the web worker.
 *
 *     new ── proved ── factored ── sent ── acknowledged        only forward
 *
 *     prove        auth1, from the notice's half of the key     → a ticket, and what the page needs
 *     factor       auth2, and a code where that is the factor   → K_srv, wrapped dek, the blob
 *     sent         the worker has written the blob's last byte
 *     acknowledge  the digest of what was decrypted             → the signed proof; the sender's receipt
 *
 * Each step is one transaction, and in the audit before anything is handed out: what cannot be
 * written down does not happen (PICKUP_RETRY). Two portals may work on one store.
 *
 * A deposit that is not there, a wrong auth1, and a deposit that is there: the same work and the
 * same answer, until auth1 is right. The worker is not trusted: all that it can do is to bring
 * proofs, and to take what each of them opens.
 *
 * Memory   an answer holds what its reply borrows
 * Threads  pickup_answer(): any. It blocks: disk, the audit, and the code's hook */
#pragma once

#include "audit/record.h"
#include "deposit/life.h"
#include "deposit/site.h"
#include "pickup/visit.h"
#include "pickup/wire.h"

struct arena;
struct pickup;

/* Writes records to the audit; RC_OK: they are durable. */
typedef enum rc pickup_audit_fn(void *arg, const struct audit_record *records, size_t count,
				struct fault *why);

struct pickup_code { /* borrowed */
	const char *number, *code, *language;
	const char *organisation;
	int64_t until_s;
};

/* Hands a code to the operator's command. RC_RETRY: it failed. */
typedef enum rc pickup_hook_fn(void *arg, const struct pickup_code *code, struct fault *why);

struct pickup_site { /* borrowed, for as long as the pickup lives */
	const struct deposit_site *deposit;
	struct crypto_keys *keys;        /* the same as deposit's: refreshed here */
	const struct deposit_life *life; /* for the sender's link */
	uint64_t reply_bytes;            /* 0: no replies */
	unsigned replies_per_hour;       /* of one recipient */
	pickup_audit_fn *audit;
	pickup_hook_fn *hook;    /* NULL: no command is set */
	void (*wake)(void *arg); /* the outbox has something new; NULL: nobody is told */
	void *arg;               /* of all three */
};

enum rc pickup_new(const struct pickup_site *site, struct pickup **out, struct fault *why);
void pickup_free(struct pickup *pickup); /* NULL is fine */

struct pickup_answer { /* for pickup_answer_fini(), whatever became of it */
	struct pickup_reply reply;
	int fd;           /* beside it, or -1 */
	struct fault why; /* with PICKUP_RETRY: what is wrong, for the log; "" otherwise */
	struct arena *texts;
};

/* Does what is asked; the answer always has a reply. body: the descriptor that came with the
 * question, or -1; stays the caller's. */
void pickup_answer(struct pickup *pickup, const struct pickup_request *question, int body,
		   int64_t now_s, struct pickup_answer *out);
void pickup_answer_fini(struct pickup_answer *answer); /* wipes, closes; for CLEANUP() */

/* Writes the audit records that a crash kept from being written (of acknowledgements). For the
 * program's start. */
enum rc pickup_settle(struct pickup *pickup, int64_t now_s, struct fault *why);
