/* deposit/notice.h: the mail that tells a recipient where a message waits.
 *
 *     From, To, Cc, Date, In-Reply-To, References as in the message; a Message-ID and a Subject
 *     of its own; Postern-Notice, by which the milter knows it; text/plain and nothing else:
 *     one link, the code that can be typed instead, what will never be asked, how long
 *     it is kept, the salted digest.
 *
 * Nothing of the content is in it: no other field, no word, no size. It promises no more
 * than the portal does and urges nothing.
 *
 * Memory   the text holds the recipient's code: buf_wipe() it
 * Threads  pure functions, but for the time */
#pragma once

#include "crypto/code.h"
#include "deposit/record.h"
#include "deposit/site.h"

struct deposit_notice { /* borrowed */
	const uint8_t *id;
	struct slice sender, to;
	const uint8_t *link; /* CRYPTO_CODE_BYTES: the recipient's half */
	enum rules_factor factor;
	bool kept;               /* PHRASE: it was agreed upon before */
	const uint8_t *digest;   /* CRYPTO_HASH_BYTES */
	struct slice header;     /* of the message */
	struct slice message_id; /* of the notice */
	int64_t until_s;
	bool parts; /* of a message whose rest went on */
};

/* Adds the whole message. *smtputf8: it needs that extension (an address does).
 *   RC_INVALID  an address that no field can carry     RC_LIMIT, RC_NOMEM  from out */
enum rc deposit_notice_format(const struct deposit_site *site, const struct deposit_notice *notice,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why);
