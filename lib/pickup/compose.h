/* pickup/compose.h: a recipient's reply as a mail to the sender of the message.
 *
 *     From: Our Example <postmaster@our.example>        the portal's own: nobody is impersonated
 *     To: jane@our.example      Reply-To: bob@plain.test
 *     Subject: Secure reply from bob@plain.test
 *     Postern-Notice: reply …                           by which the milter knows it
 *     multipart/mixed: what this is, and the text; then each file as application/octet-stream
 *
 * All of it is a stranger's: the text is text/plain, each file a download under a name without
 * folders, whatever it calls itself.
 *
 * Memory   the mail is in a memory file (no disk sees it), gone with its descriptor
 * Threads  any; one user at a time per mail */
#pragma once

#include "deposit/site.h"
#include "pickup/wire.h"

enum {
	PICKUP_TEXT_MAX = 1 << 20, /* bytes of a reply's text; what is longer is a file */
};

struct pickup_letter { /* borrowed */
	const uint8_t *id;
	struct slice sender, recipient;
	int64_t made_s; /* the message that it replies to */
	const struct pickup_request *parts;
	int body; /* the text and the files, one after the other */
};

struct pickup_mail { /* pickup_mail_close() */
	struct buf header, message_id;
	int body;
	uint64_t header_at, body_at, body_bytes; /* for pickup_mail_read() */
	bool smtputf8;
};

/* RC_INVALID  body is not as long as parts says, or no file; or an address that no field carries
 * RC_LIMIT    the text is too long      RC_RETRY  no memory file      RC_NOMEM */
enum rc pickup_mail_make(const struct deposit_site *site, const struct pickup_letter *letter,
			 int64_t now_s, struct pickup_mail *out, struct fault *why);
void pickup_mail_close(struct pickup_mail *mail); /* for CLEANUP(); zero but for body -1 is fine */

/* For the outbox: its bytes from the start to the end. */
enum rc pickup_mail_read(void *mail, char *into, size_t room, size_t *got);
