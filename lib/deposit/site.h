/* deposit/site.h: what deposits need to know of this site.
 *
 * Memory   borrowed; lives as long as the deposits are being made
 * Threads  any */
#pragma once

#include "crypto/keys.h"
#include "deposit/escrow.h"
#include "deposit/wording.h"
#include "outbox/outbox.h"
#include "store/store.h"

struct deposit_site {
	struct store *store;
	struct outbox *outbox;
	const struct crypto_keys *keys;
	const char *portal_url;                /* "https://HOST[:PORT][/PATH]", no final slash */
	const char *organisation;              /* UTF-8; "": the portal's host stands for it */
	const struct deposit_wording *wording; /* of mails; NULL: the built-in */
	const char *help;                      /* whom to ask, for recipients; NULL or "" */
	const char *
		report_from; /* address in From of reports; "": postmaster at the sender's domain */
	const struct deposit_officers *officers; /* who can open together; NULL: nobody */
	const struct crypto_key *upgrade;        /* upgrade.key; NULL: no deposit keeps one */
	unsigned retry_days; /* how long a client's retry finds its deposit; 0: 5 */
	unsigned per_hour;   /* deposits of one sender; 0: no cap */
};
