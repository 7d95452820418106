/* deposit/deposit.h: a message put into the portal: sealed, stored, its recipients
 * told and its sender too, all or nothing.
 *
 *     struct deposit_made made;
 *     rc = deposit_make(&site, &message, clock_wall_s(), &made, why);
 *     if (rc == RC_OK)
 *             take the recipients off the message, wake the outbox, answer 250
 *
 * The blob and the sealed mails are fsynced first; then one transaction names them all.
 * Before it nothing is there (what a crash leaves is swept up), after it everything is.
 *
 * A client that tries again (it saw no 250) brings the same envelope and bytes: the
 * deposit is then found by an HMAC over both, and nobody is told twice. A message
 * without a Message-ID is never taken for a retry: a program may well send the same
 * bytes twice and mean it, and a deposit too many loses nothing.
 *
 * Memory   a record at a time, whatever the message's size
 * Threads  any but the loop's: disk, and up to 0.3 s of PBKDF2 for each recipient */
#pragma once

#include "deposit/facts.h"
#include "deposit/onward.h"
#include "deposit/record.h"
#include "deposit/site.h"
#include "deposit/source.h"

enum { DEPOSIT_LIFE_DAYS = 14 };

struct deposit_recipient {    /* borrowed */
	struct slice address; /* normal form, without brackets (mail/address.h) */
	enum rules_factor factor;
	struct slice why;    /* sentences for the sender's report: which rule, which domain */
	struct slice phrase; /* PHRASE: one that is kept for them, in its normal form; len 0: the
			      * deposit's own, which is made and told to the sender */
	struct slice number; /* CODE: as it may be shown, "…67"; may be empty */
};

struct deposit_message {     /* borrowed */
	struct slice sender; /* the envelope's; never null */
	size_t recipient_count;
	const struct deposit_recipient *recipients;
	const struct deposit_scan *scan; /* NULL: it was not scanned */
	unsigned life_days;              /* 0: DEPOSIT_LIFE_DAYS */
	struct slice queue_id;           /* for the logs; may be empty */
	struct deposit_source source;
	bool parts; /* it was taken out of a message, and the rest went on */
	/* How it may be sent on by the upgrade; NULL: never. Its recipients are these. */
	const struct deposit_onward *onward;
};

struct deposit_made {
	uint8_t id[STORE_ID_BYTES];
	bool found; /* an earlier try had made it: nothing was done */
	int64_t until_s;
};

/* RC_OK       durable; answer 250
 * RC_INVALID  no recipient, or a null sender
 * RC_LIMIT    too many recipients, a message too long, or the sender's deposits this hour
 * RC_RETRY, RC_NOMEM  defer: nothing happened */
enum rc deposit_make(const struct deposit_site *site, const struct deposit_message *message,
		     int64_t now_s, struct deposit_made *out, struct fault *why);
