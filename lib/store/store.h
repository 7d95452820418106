/* store/store.h: what must outlive the process: small records, deposits and their
 * recipients, the rows of the outbox, and blobs.
 *
 *     CLEANUP(store_abandon) struct store_tx *tx = NULL;
 *     rc = store_begin(store, &tx, why);
 *     if (rc == RC_OK)
 *             rc = store_put(tx, "sts", domain, text, until_s, why);
 *     if (rc == RC_OK)
 *             rc = store_commit(&tx, why);
 *
 * Whatever is committed survives a crash and a power cut; whatever is not,
 * never was. Transactions are serial: what one reads stays true until it ends.
 * Those of several threads share one wait for the disk: a commit may wait until the
 * transactions of those in line are ready as well, and answers for its own alone. What a
 * transaction has read of others' may be on the disk only when its own commit is:
 * who acts upon what it read commits, also where it wrote nothing.
 * Nothing here is secret by itself: callers seal before they store. What is
 * deleted is overwritten.
 *
 * Under the folder `state`: the records and short blobs in postern.db, long blobs as files
 * in blobs/ and, of the outbox, in outbox/.
 *
 * Memory   slices in rows handed to callbacks live until the callback returns
 * Threads  any, and each call may block on the disk: never the loop's thread. A
 *          transaction belongs to the thread that began it and keeps all others
 *          out, so nothing slow (network, key derivation) belongs inside one; nor
 *          does a lock that anybody holds over a commit, nor a second transaction.
 *
 * Every function that takes a why can return, beside what it names:
 *   RC_RETRY   the disk is full or fails, another process holds the store too
 *              long, or what is stored is damaged; *why begins "store is full: ",
 *              "store is busy: ", "store is damaged: " or "store failed: "
 *   RC_NOMEM */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "base/slice.h"

#include <sys/types.h>

enum {
	STORE_ID_BYTES = 16,            /* deposits, outbox rows, blobs: random, from crypto */
	STORE_KEY_MAX = 1024,           /* bytes in a record's key; the longest is an address */
	STORE_RECORD_MAX = 1024 * 1024, /* bytes in a record; an STS policy has 64 KiB */
	STORE_BLOB_MAX = 1024 * 1024 * 1024, /* bytes; above any MTA's message_size_limit */
	STORE_FOREVER = 0,                   /* as an expiry: none */
};

struct store;
struct store_tx;

/* Opens the store in folder, which is made (0700) when missing. What root makes belongs to
 * whom the folder does.
 *   RC_INVALID  the folder cannot be, or was written by a newer Postern */
enum rc store_open(const char *folder, struct store **out, struct fault *why);
/* The same for a visitor, who makes nothing. RC_ABSENT: there is no store. */
enum rc store_open_existing(const char *folder, struct store **out, struct fault *why);
void store_close(struct store *store); /* no transaction may be open; NULL is fine */

/* *out is to be committed or abandoned. RC_RETRY as above. */
enum rc store_begin(struct store *store, struct store_tx **out, struct fault *why);

/* The same for one that only reads (a write in it is RC_RETRY): it sees what is durable when
 * it begins, and waits for no writer. Committed or abandoned, as you like. */
enum rc store_begin_reading(struct store *store, struct store_tx **out, struct fault *why);

/* Ends *tx and sets it to NULL, whatever the result. RC_OK: durable. Otherwise
 * nothing of it happened. */
enum rc store_commit(struct store_tx **tx, struct fault *why);
void store_abandon(struct store_tx **tx); /* for CLEANUP(); NULL is fine */

/* ---- records: small values by bucket and key, each with an expiry ----
 *
 * bucket is a word of ours ("sts", "retry"); keys and values are any bytes. */

/* Sets the value, whether or not there was one.
 *   RC_LIMIT  key or value longer than the bounds above */
enum rc store_put(struct store_tx *tx, const char *bucket, struct slice key, struct slice value,
		  int64_t until_s, struct fault *why);

/* Adds the value to out. RC_ABSENT: none, or expired by now_s; *why is untouched.
 * RC_LIMIT: out may not grow so far. */
enum rc store_get(struct store_tx *tx, const char *bucket, struct slice key, int64_t now_s,
		  struct buf *out, struct fault *why);

/* RC_OK also when there was none. */
enum rc store_delete(struct store_tx *tx, const char *bucket, struct slice key, struct fault *why);

/* fn is called for each record of bucket that has not expired, in the order of
 * their keys, until it returns false. It must not call the store. */
typedef bool store_record_fn(void *arg, struct slice key, struct slice value, int64_t until_s);
enum rc store_each(struct store_tx *tx, const char *bucket, int64_t now_s, store_record_fn *fn,
		   void *arg, struct fault *why);

/* Deletes all records of bucket whose keys begin with prefix, which is not empty. */
enum rc store_delete_under(struct store_tx *tx, const char *bucket, struct slice prefix,
			   struct fault *why);

/* Deletes all records that have expired, of every bucket. */
enum rc store_purge(struct store_tx *tx, int64_t now_s, struct fault *why);

/* ---- outbox rows: mail still to be handed to the MTA ---- */

enum store_outbox_state {
	STORE_OUTBOX_WAITING, /* to be tried at next_s */
	STORE_OUTBOX_STUCK,   /* refused for good, or given up: kept for the operator */
};

struct store_outbox_row {
	uint8_t id[STORE_ID_BYTES];
	enum store_outbox_state state;
	int64_t made_s, next_s;
	uint32_t tries;
	struct slice record; /* the outbox's own encoding: envelope, wrapped row key, … */
};

/* RC_INVALID: the id is taken. RC_LIMIT: record is too long. */
enum rc store_outbox_add(struct store_tx *tx, const struct store_outbox_row *row,
			 struct fault *why);
/* Writes all fields of the row that has row->id. RC_ABSENT: there is none. */
enum rc store_outbox_set(struct store_tx *tx, const struct store_outbox_row *row,
			 struct fault *why);
/* With its blob, if that is a short one; a long one is the caller's to remove, afterwards. RC_OK
 * also when there was none. */
enum rc store_outbox_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			    struct fault *why);

/* fn is called for each row, until it returns false; it must not call the store.
 * _due: at most max of those WAITING with next_s <= now_s, the longest due first.
 * _each: all, the oldest first. */
typedef bool store_outbox_fn(void *arg, const struct store_outbox_row *row);
enum rc store_outbox_due(struct store_tx *tx, int64_t now_s, unsigned max, store_outbox_fn *fn,
			 void *arg, struct fault *why);
enum rc store_outbox_each(struct store_tx *tx, store_outbox_fn *fn, void *arg, struct fault *why);

/* The smallest next_s of those WAITING. RC_ABSENT: none waits. */
enum rc store_outbox_next(struct store_tx *tx, int64_t *next_s, struct fault *why);

/* ---- deposits and their recipients ---- */

enum store_deposit_state {
	STORE_DEPOSIT_OPEN,
	STORE_DEPOSIT_REVOKED, /* by the sender or the operator; keys and blob are gone */
	STORE_DEPOSIT_EXPIRED, /* the same, by time */
	STORE_DEPOSIT_SENT_ON, /* the same: delivered by the strict route after all */
};

struct store_deposit {
	uint8_t id[STORE_ID_BYTES];
	enum store_deposit_state state;
	int64_t made_s, until_s;
	struct slice sender; /* an address, without brackets */
	struct slice record; /* deposit's own encoding: version, digest, commitment, … */
};

struct store_recipient {
	uint8_t deposit[STORE_ID_BYTES];
	uint32_t number; /* 0, 1, … within the deposit */
	uint32_t state;  /* deposit's own: how far the pickup has come */
	struct slice address;
	struct slice record; /* wrapped keys, verifiers, … */
};

/* RC_INVALID: the id, or the number, is taken. RC_LIMIT: record is too long. */
enum rc store_deposit_add(struct store_tx *tx, const struct store_deposit *deposit,
			  struct fault *why);
enum rc store_recipient_add(struct store_tx *tx, const struct store_recipient *recipient,
			    struct fault *why);

/* fn must not call the store; false stops. _find calls fn once, or returns RC_ABSENT.
 * _each: all, the oldest first. _recipients: those of one deposit by number; none for
 * an unknown id. */
typedef bool store_deposit_fn(void *arg, const struct store_deposit *deposit);
typedef bool store_recipient_fn(void *arg, const struct store_recipient *recipient);
enum rc store_deposit_find(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			   store_deposit_fn *fn, void *arg, struct fault *why);
enum rc store_deposit_each(struct store_tx *tx, store_deposit_fn *fn, void *arg, struct fault *why);
enum rc store_recipients(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			 store_recipient_fn *fn, void *arg, struct fault *why);

/* Writes state, until_s and record (of a recipient: state and record). With a state other than
 * OPEN a short blob goes, too; a long one is the caller's to remove, afterwards.
 * RC_ABSENT: there is none. */
enum rc store_deposit_set(struct store_tx *tx, const struct store_deposit *deposit,
			  struct fault *why);
enum rc store_recipient_set(struct store_tx *tx, const struct store_recipient *recipient,
			    struct fault *why);

/* Deletes it with its recipients, and the blob if it is a short one; a long one is the caller's
 * to remove, afterwards. */
enum rc store_deposit_remove(struct store_tx *tx, const uint8_t id[STORE_ID_BYTES],
			     struct fault *why);

/* ---- blobs: long values, written once and read by ranges ----
 *
 *     CLEANUP(store_blob_drop) struct store_blob *blob = NULL;
 *     store_blob_new(store, area, id, &blob, why); store_blob_write(blob, …); …
 *     store_blob_finish(blob, why);                  slow: before the transaction
 *     store_begin(…); store_blob_add(tx, blob, why); and the row that names it
 *     store_commit(&tx, why);
 *     store_blob_release(&blob);                     after RC_OK only
 *
 * A short one lies with the rows, so that an ordinary message costs one commit and
 * no file; a long one is a file of its own, on the disk when it is finished. A crash between
 * the two leaves a file that nobody names; store_blob_sweep() removes it. */

enum store_area { STORE_BLOBS, STORE_OUTBOX };

/* Bytes of a blob that lies with the rows. The sealed form of a message of up to 60 KB: most
 * have no attachment. Longer ones cost less as files, which are written once, not twice. */
enum { STORE_SHORT_MAX = 68 * 1024 };

struct store_blob; /* one being written */

/* RC_INVALID: the id is taken (of a short one, store_blob_add() says so). */
enum rc store_blob_new(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
		       struct store_blob **out, struct fault *why);
/* RC_LIMIT: it would grow beyond STORE_BLOB_MAX. */
enum rc store_blob_write(struct store_blob *blob, struct slice bytes, struct fault *why);
/* Nothing more is written to it. RC_OK: it needs only the transaction to be durable. */
enum rc store_blob_finish(struct store_blob *blob, struct fault *why);
enum rc store_blob_add(struct store_tx *tx, struct store_blob *blob, struct fault *why);
void store_blob_release(struct store_blob **blob); /* after the commit; sets *blob to NULL */
void store_blob_drop(struct store_blob **blob);    /* otherwise; for CLEANUP(), NULL is fine */

/* _finish, and a transaction of its own. Ends *blob and sets it to NULL, whatever the result.
 * RC_OK: durable under its id. */
enum rc store_blob_keep(struct store_blob **blob, struct fault *why);

/* Whether there is one. RC_ABSENT: none. */
enum rc store_blob_find(struct store_tx *tx, enum store_area area, const uint8_t id[STORE_ID_BYTES],
			struct fault *why);

/* Outside transactions, as is _remove: *fd is to be read, with pread() too, from its start; it holds the whole of the blob, and
 * goes on to do so when the blob is removed. The caller closes it. RC_ABSENT: none. */
enum rc store_blob_open(struct store *store, enum store_area area, const uint8_t id[STORE_ID_BYTES],
			int *fd, struct fault *why);
/* Overwrites nothing: what lies in a blob is sealed, and its key is destroyed with the
 * row. RC_OK also when there was none. */
enum rc store_blob_remove(struct store *store, enum store_area area,
			  const uint8_t id[STORE_ID_BYTES], struct fault *why);

/* Removes blobs that no row names (in STORE_BLOBS: no open deposit, in STORE_OUTBOX: no
 * outbox row) and that are older than a day. *count (may be NULL) is how many. */
enum rc store_blob_sweep(struct store *store, int64_t now_s, unsigned *count, struct fault *why);
