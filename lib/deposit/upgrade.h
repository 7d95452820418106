/* deposit/upgrade.h: waiting messages that can be sent after all: their destinations are looked
 * at again, and where one can prove its TLS now, the gateway opens the deposit, hands the
 * original back to the MTA for the strict route, and closes the recipient's share.
 *
 *     b@plain.test waits, plain.test has got DANE  →
 *         one transaction: the copy in the outbox · the share destroyed, state "sent on" · a letter
 *         to the sender · event "upgraded"; the deposit ends when all were sent it
 *
 * Only deposits whose rules all say `upgrade = true` have a key for it, and only recipients
 * who have not acknowledged are looked at. The key is destroyed with the deposit, and when the
 * last of its recipients has acknowledged.
 *
 * A crash before the commit leaves the deposit as it was; after it everything is durable, and the
 * outbox hands the copy over at least once.
 *
 * Memory   the message goes through a spool: memory up to a bound, then an unlinked file
 * Threads  any but the loop's; blocks on the disk, and on qualifies() */
#pragma once

#include "deposit/life.h"
#include "deposit/onward.h"

enum {
	DEPOSIT_UPGRADE_LOOKS = 100, /* deposits in a round: the next one goes on behind them */
	DEPOSIT_UPGRADE_OPENS = 20,  /* of which so many are opened: each is a message to be sent */
};

/* Keeps what is needed, in the transaction that makes the deposit. Results as
 * deposit_onward_encode() and store_put(). */
enum rc deposit_upgrade_put(struct store_tx *tx, const struct deposit_onward_keys *keys,
			    const uint8_t id[STORE_ID_BYTES], const struct crypto_key *dek,
			    const struct deposit_onward *onward, struct fault *why);

/* A recipient has acknowledged, and its state says so in this transaction: destroys the key if
 * nobody waits any more. */
enum rc deposit_upgrade_settle(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			       struct fault *why);

/* When this recipient's copy was sent on. RC_ABSENT: it was not. */
enum rc deposit_sent_on(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES], uint32_t number,
			int64_t *when_s, struct fault *why);

struct deposit_upgrader {                /* borrowed */
	const struct deposit_life *life; /* for the letter, the events and the end */
	const struct crypto_key *key;    /* upgrade.key */
	const char *spool_folder;
	size_t memory_bytes; /* of a message held in memory */
	/* Whether the way to that address is proven as the rules need it now. Asked outside of
	 * transactions; may take its time. */
	bool (*qualifies)(void *arg, struct slice address);
	bool (*go_on)(void *arg); /* asked before each deposit */
	void *arg;
};

struct deposit_upgrade_place { /* where the last round ended; zero at first */
	uint8_t after[STORE_ID_BYTES];
};

/* One round. *sent counts copies handed to the outbox. A deposit that cannot be sent on (its row
 * or blob is damaged, or sealed under another key) keeps no other from it: *why and the result
 * are the last such failure's.
 *   RC_RETRY  the store failed, or the disk */
enum rc deposit_upgrade_round(const struct deposit_upgrader *upgrader,
			      struct deposit_upgrade_place *place, int64_t now_s, unsigned *sent,
			      struct fault *why);
