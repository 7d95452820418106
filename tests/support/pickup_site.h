/* support/pickup_site.h: a site with deposits, and who comes to them: for the tests of pickup.
 *
 *     static int setup(void **state)   { return site_open(state); }
 *     struct waiting *w = site_deposit(site, &(struct want){ .factor = RULES_FACTOR_LINK });
 *     site_ask(site, PICKUP_PROVE, w, …)
 *
 * Real store, keys, outbox and files in a folder of its own; the audit, the hook and the clock are
 * the test's. */
#pragma once

#include "crypto/code.h"
#include "crypto/keys.h"
#include "deposit/record.h"
#include "outbox/outbox.h"
#include "pickup/pickup.h"
#include "support/scratch.h"

enum { SITE_EVENTS_MAX = 200, SITE_NOW = 1795312345 };

struct site_event { /* a record that the audit was given */
	char event[32], to[200], reason[200], client[64], visit[16], mode[16], deposit[40];
	int independent; /* -1: not said */
};

struct site {
	struct scratch scratch;
	struct store *store;
	struct crypto_keys *keys;
	struct outbox *outbox;
	struct deposit_site deposit;
	struct deposit_life life;
	struct pickup_site pickup_site;
	struct pickup *pickup;
	int64_t now_s;
	bool audit_fails, hook_fails;
	size_t event_count;
	struct site_event events[SITE_EVENTS_MAX];
	char number[64], code[16], language[40]; /* what the hook was given last */
	unsigned hooked, woken;
	struct pickup_answer answer; /* the last */
	const char *client, *agent;  /* who asks */
};

struct want {
	enum rules_factor factor;
	size_t recipient_count; /* 0: 1 */
	const char *text;       /* of the message; NULL: a short one */
	bool scanned, independent;
};

enum { WAITING_MAX = 3 };
#define WAITING_PHRASE "kadim botar rilos fanit"

struct waiting { /* a deposit, and what its notices and its sender know */
	uint8_t id[STORE_ID_BYTES];
	struct crypto_key dek;
	struct deposit_record record;
	uint8_t link[WAITING_MAX][CRYPTO_CODE_BYTES];
	struct deposit_recipient_record share[WAITING_MAX];
	enum rules_factor factor;
	uint8_t ticket[PICKUP_TICKET_BYTES]; /* of the last visit */
};

const char *waiting_address(size_t number); /* "bob0@plain.test" */

int site_open(void **state);
int site_close(void **state);
void site_again(struct site *site); /* another keeper on the same store: memory is new */

struct waiting site_deposit(struct site *site, const struct want *want);
void site_end(struct site *site, const struct waiting *w, enum store_deposit_state state);

/* What the recipient of that number proves. */
void waiting_auth1(const struct waiting *w, size_t number, uint8_t out[PICKUP_PROOF_BYTES]);
void waiting_auth2(const struct waiting *w, size_t number, uint8_t out[PICKUP_PROOF_BYTES]);

/* A question of the deposit's, with its ticket and a proof (may be NULL); the answer is
 * site->answer. */
enum pickup_result site_ask(struct site *site, enum pickup_verb verb, const struct waiting *w,
			    const uint8_t *proof);
enum pickup_result site_send(struct site *site, const struct pickup_request *question, int body);

/* The steps, right ones; each returns the result. _prove keeps the ticket in w. */
enum pickup_result site_prove(struct site *site, struct waiting *w, size_t number);
enum pickup_result site_factor(struct site *site, struct waiting *w, size_t number);
enum pickup_result site_acknowledge(struct site *site, struct waiting *w);
/* All up to a stage. */
void site_walk(struct site *site, struct waiting *w, size_t number, enum deposit_pickup stage);

/* How far the recipient has come, as the store has it. */
unsigned site_stage(struct site *site, const struct waiting *w, size_t number);
unsigned site_events(const struct site *site, const char *event);
unsigned site_mails(struct site *site, enum outbox_kind kind); /* that wait in the outbox */
