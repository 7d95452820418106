/* pickup/wire.h: what the web worker asks the keeper, and what it is told.
 *
 *     worker → keeper   serial, verb, who asks, then the verb's own fields      (PICKUP_WIRE_MAX)
 *     keeper → worker   serial, verb, result, wait, then the verb's own fields
 *
 * One message each way, binary, of one layout for each verb (base/pack.h). Either side may have
 * been taken over: both decoders take any bytes, and every text has a bound. Descriptors go
 * beside the bytes (pickup/pipe.h): a reply's text and files from worker to keeper, a blob from
 * keeper to worker.
 *
 * serial is the worker's number of its question and comes back in the answer, so that an answer
 * that came too late is not taken for the next one's.
 *
 * Memory   what is decoded borrows from the bytes
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "deposit/handle.h"
#include "settings/rules.h"
#include "store/store.h"

enum {
	PICKUP_WIRE_MAX = 32 * 1024, /* bytes of a message; the longest is a reply's file names */
	PICKUP_TICKET_BYTES = 32,
	PICKUP_PROOF_BYTES = 32,    /* auth1, auth2, locate value or digest */
	PICKUP_CODE_MAX = 16,       /* digits; ours has eight */
	PICKUP_CLIENT_MAX = 45,     /* an IPv6 address as text with an IPv4 end */
	PICKUP_AGENT_MAX = 300,     /* bytes of User-Agent that are hashed; more says no more */
	PICKUP_LANGUAGE_MAX = 35,   /* RFC 5646 §4.4.1 */
	PICKUP_FILES_MAX = 20,      /* of one reply; a person attaches fewer */
	PICKUP_FILE_NAME_MAX = 255, /* bytes; what file systems take */
	PICKUP_REPLY_BYTES_MAX = 1
				 << 28, /* of one reply on the wire; limits.reply_bytes is lower */
	PICKUP_ADDRESS_MAX = 1024,      /* as a store's key */
	PICKUP_WORDS_MAX = 500,         /* of a scan's engine and result, a masked number */
	PICKUP_PROOF_FILE_MAX = 16 * 1024,
	PICKUP_PARTIES_MAX = 20, /* recipients listed to a sender; the rest are counted */
};

enum pickup_verb {
	PICKUP_HELLO,  /* is the keeper there; the site's public key */
	PICKUP_LOCATE, /* a typed code → the deposit's id */
	PICKUP_PROVE,
	PICKUP_CODE, /* send a code to the number in the directory */
	PICKUP_FACTOR,
	PICKUP_BLOB, /* a descriptor of the blob, once more */
	PICKUP_SENT, /* the last byte of the blob was written to the client */
	PICKUP_ACKNOWLEDGE,
	PICKUP_REPLY,
	PICKUP_HANDLE, /* a sender's signed link */
	PICKUP_VERBS,
};

enum pickup_mode {
	PICKUP_BROWSER, /* decrypted in the recipient's browser */
	PICKUP_SERVER,  /* decrypted by the worker, during the request: no JavaScript */
	PICKUP_MODES,
};

enum pickup_action { PICKUP_LOOK, PICKUP_REVOKE, PICKUP_EXTEND, PICKUP_ACTIONS };

enum pickup_outcome { /* of a sender's link; with each the deposit is shown as it then is */
		      PICKUP_DONE,         /* what was asked has happened */
		      PICKUP_WRONG_NUMBER, /* not the one in the report */
		      PICKUP_TRIED_OUT, /* too many wrong numbers: wait_s; it was not looked at */
		      PICKUP_TOO_LATE,  /* it has ended, or is kept as long as it may be */
		      PICKUP_OUTCOMES,
};

struct pickup_file {
	struct slice name; /* as the client gave it: any bytes */
	uint64_t bytes;
};

struct pickup_request {
	uint64_t serial; /* below 2^32 */
	enum pickup_verb verb;
	enum pickup_mode mode;
	struct slice client;   /* "192.0.2.7", "2001:db8::1"; "" when it is not known */
	struct slice agent;    /* User-Agent; hashed on arrival, kept nowhere */
	struct slice language; /* "de", for the code's hook; letters, digits and hyphens */

	uint8_t id[STORE_ID_BYTES];          /* all but HELLO and LOCATE */
	uint8_t ticket[PICKUP_TICKET_BYTES]; /* CODE to REPLY */
	uint8_t proof[PICKUP_PROOF_BYTES];   /* LOCATE, PROVE, FACTOR, ACKNOWLEDGE */
	uint8_t tag[DEPOSIT_LINK_TAG_BYTES]; /* HANDLE: of the sender's link */
	struct slice code;         /* FACTOR; HANDLE: the number to confirm; digits or "" */
	enum pickup_action action; /* HANDLE */

	/* REPLY: the descriptor holds the text (UTF-8) and then the files, one after the other. */
	uint64_t text_bytes;
	size_t file_count;
	struct pickup_file files[PICKUP_FILES_MAX];
};

enum pickup_result {
	PICKUP_OK,
	PICKUP_DENIED, /* wrong proof or unknown id: the same */
	PICKUP_SLOW,   /* not looked at: come back in wait_s */
	PICKUP_ENDED,  /* told only after auth1: reply.state and ended_s say how */
	PICKUP_ORDER,  /* the verb's turn has not come; or no such visit */
	PICKUP_LIMIT,  /* a bound is met: codes, replies, sizes; wait_s where waiting helps */
	PICKUP_RETRY,  /* the keeper cannot now */
	PICKUP_RESULTS,
};

enum pickup_state { /* of a deposit, as its recipient is told */
		    PICKUP_OPEN,
		    PICKUP_REVOKED,
		    PICKUP_EXPIRED,
		    PICKUP_SENT_ON, /* delivered by ordinary secured mail in the end */
		    PICKUP_STATES,
};

struct pickup_party { /* one recipient, as the sender's page shows it */
	struct slice address;
	uint64_t state; /* 0 new … 4 acknowledged: pickup/pickup.h */
};

struct pickup_scan {
	bool there;
	struct slice engine, result;
	int64_t at_s;
};

struct pickup_reply {
	uint64_t serial;
	enum pickup_verb verb;
	enum pickup_result result;
	uint64_t wait_s; /* below 2^32 */

	/* The rest only with PICKUP_OK, but for state and ended_s with PICKUP_ENDED. */
	uint8_t public_key[CRYPTO_PUBLIC_BYTES]; /* HELLO */
	uint8_t id[STORE_ID_BYTES];              /* LOCATE: always one, known or not */

	/* PROVE; of HANDLE state, sender, made_s, until_s */
	uint8_t ticket[PICKUP_TICKET_BYTES];
	enum pickup_state state;
	int64_t ended_s; /* 0 while it is open */
	enum rules_factor factor;
	bool independent;
	uint64_t rounds; /* of PBKDF2; 0 without a phrase */
	struct slice address, sender;
	int64_t made_s, until_s;
	uint8_t digest[CRYPTO_HASH_BYTES];  /* also FACTOR */
	uint64_t payload_bytes, blob_bytes; /* blob_bytes also FACTOR and BLOB */
	uint64_t number;                    /* of the recipient within the deposit */
	int64_t acknowledged_s;             /* 0: not yet */
	uint64_t factor_wait_s;
	bool may_reply;
	uint64_t reply_bytes; /* the most that a reply may hold */

	struct slice sent_to; /* CODE: "…42" */
	int64_t code_until_s; /* CODE */

	uint8_t server[CRYPTO_KEY_BYTES]; /* FACTOR: K_srv */
	uint8_t wrapped_dek[CRYPTO_SEALED_KEY_BYTES], commitment[CRYPTO_HASH_BYTES];
	struct pickup_scan scan;

	struct slice proof; /* ACKNOWLEDGE: the proof file, JSON */

	enum pickup_outcome outcome; /* HANDLE */
	int64_t extended_s;          /* until when extending would keep it; until_s: no longer */
	size_t party_count, parties_in_all; /* HANDLE */
	struct pickup_party parties[PICKUP_PARTIES_MAX];
};

/* RC_INVALID: a field out of its bounds. RC_LIMIT, RC_NOMEM: from out, which then holds part
 * of it and is to be thrown away. */
enum rc pickup_request_encode(const struct pickup_request *request, struct buf *out,
			      struct fault *why);
enum rc pickup_reply_encode(const struct pickup_reply *reply, struct buf *out, struct fault *why);

/* RC_INVALID: not such a message; *out is untouched. Fields that the verb does not have are
 * zero. */
enum rc pickup_request_decode(struct slice bytes, struct pickup_request *out, struct fault *why);
enum rc pickup_reply_decode(struct slice bytes, struct pickup_reply *out, struct fault *why);

const char *pickup_verb_name(enum pickup_verb verb); /* "prove" */
