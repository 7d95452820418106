/* pickup/verb.h: what the verbs share. For this folder only.
 *
 *     struct verb v;   the question, the answer, and who asks
 *     transaction:     verb_begin → visit_of, found_of … → verb_commit
 *
 * A verb returns RC_OK when out->reply.result says how it went, and otherwise what kept it from
 * saying so, which becomes PICKUP_RETRY.
 *
 * Threads  one question at a time per struct verb */
#pragma once

#include "base/arena.h"
#include "deposit/facts.h"
#include "deposit/held.h"
#include "deposit/letter.h"
#include "pickup/pickup.h"
#include "pickup/progress.h"
#include "pickup/slow.h"

struct pickup {
	struct pickup_site site;
	struct pickup_slow *slow;
};

struct verb {
	struct pickup *pickup;
	const struct pickup_request *q;
	int body;
	int64_t now_s;
	struct pickup_client client;
	uint8_t client_hash[CRYPTO_HASH_BYTES];
	struct pickup_answer *out;
	struct arena *texts; /* the answer's */
};

/* A deposit and one of its recipients as they stand in the store; texts are in the arena. */
struct found {
	uint8_t id[STORE_ID_BYTES];
	enum store_deposit_state state; /* EXPIRED too where its time is over */
	int64_t made_s, until_s, ended_s;
	struct slice sender, address;
	struct slice deposit_record; /* as it is stored: for writing the row again */
	struct deposit_record record;
	uint32_t number, stage;
	struct slice share_record;
	struct deposit_recipient_record share; /* K_srv and so on: only while it is open */
	struct deposit_facts facts;
	struct pickup_progress progress;
};

/* Finds the recipient whose half auth1 is.
 *   RC_ABSENT  nobody's, or no such deposit: after the same work */
enum rc found_by_proof(struct verb *v, struct store_tx *tx, struct found *out, struct fault *why);
/* The deposit and recipient of a visit. RC_ABSENT: gone. */
enum rc found_by_visit(struct verb *v, struct store_tx *tx, const struct pickup_visit *visit,
		       struct found *out, struct fault *why);

/* Writes the recipient's stage, if it is a step forward; facts, share and progress are not. */
enum rc found_advance(struct store_tx *tx, struct found *f, enum deposit_pickup stage,
		      struct fault *why);
enum rc found_put_progress(struct verb *v, struct store_tx *tx, const struct found *f,
			   struct fault *why);

/* Says that it has ended and how; false: it is open. */
bool verb_ended(struct verb *v, const struct found *f);
/* A copy in the answer, NUL behind it. RC_NOMEM. */
enum rc verb_keeps(struct verb *v, struct slice from, struct slice *to, struct fault *why);
/* Sets the result. Returns RC_OK, so that a verb can end with it. */
enum rc verb_says(struct verb *v, enum pickup_result result);

/* What a wrong proof and an unknown id both get; wait_s: of pickup_slow_wait(), before. */
enum rc verb_denies(struct verb *v, uint32_t wait_s);

/* The visit of the question's ticket, when it is of the question's deposit and has come as far
 * as stage. RC_ABSENT: the result is set to PICKUP_ORDER. */
enum rc verb_visit(struct verb *v, struct store_tx *tx, enum deposit_pickup stage,
		   struct pickup_visit *out, struct fault *why);
/* Both of the above: an open deposit with its visit. RC_ABSENT: the result is set. */
enum rc verb_enter(struct verb *v, struct store_tx *tx, enum deposit_pickup stage,
		   struct pickup_visit *visit, struct found *f, struct fault *why);

/* Writes one record to the audit. visit may be NULL; reason too. */
enum rc verb_audit(struct verb *v, const char *event, const struct found *f,
		   const struct pickup_visit *visit, const char *reason, struct fault *why);

void verb_wake(struct verb *v); /* the outbox */

/* A letter to the sender on what this client has just done; for the caller to add to.
 * It borrows from f and from kind, which it fills. */
struct deposit_letter verb_letter(const struct verb *v, enum deposit_letter_kind about,
				  const struct found *f, char kind[PICKUP_KIND_TEXT]);

/* Opens the blob and sets the reply's blob_bytes. */
enum rc verb_open_blob(struct verb *v, const struct found *f, int *fd, struct fault *why);

/* Of a code that was sent. */
enum rc verb_code_hmac(struct verb *v, const struct found *f, struct slice code,
		       uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);

/* What is prepared outside a transaction (a letter, sealed) may be out of date within it, when
 * another portal was quicker: the verb returns RC_INVALID and is begun again. */
enum { VERB_TRIES = 4 };

/* ---- the verbs ---- */

typedef enum rc verb_fn(struct verb *v, struct fault *why);
verb_fn verb_locate, verb_prove, verb_code, verb_factor, verb_blob, verb_sent, verb_acknowledge,
	verb_reply, verb_handle, verb_settle;

/* HMAC(verifier key, bytes). */
enum rc verb_hmac(const struct verb *v, const void *bytes, size_t len,
		  uint8_t out[CRYPTO_HASH_BYTES], struct fault *why);
