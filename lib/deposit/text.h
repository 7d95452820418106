/* deposit/text.h: what notices and reports have in common.
 *
 * Threads  pure functions */
#pragma once

#include "base/buf.h"
#include "base/fault.h"
#include "base/slice.h"
#include "deposit/site.h"

enum {
	DEPOSIT_TEXT_MAX = 256 * 1024
}; /* bytes of a notice or report: copied fields, many recipients */

/* "secure.our.example:8443" of "https://secure.our.example:8443/portal". */
struct slice deposit_host(const char *url);
/* The same with the path, without "https://": what a person types. */
struct slice deposit_typed(const char *url);
/* The organisation's name, or the portal's host. */
struct slice deposit_organisation(const struct deposit_site *site);

/* "<…@host>" with new random digits: one for all tries of a mail. */
enum rc deposit_message_id(const struct deposit_site *site, struct buf *out, struct fault *why);

/* Adds From, To, Date and Message-ID of a mail to the sender. */
enum rc deposit_text_head(const struct deposit_site *site, struct slice sender,
			  struct slice message_id, int64_t now_s, struct buf *out,
			  struct fault *why);

/* Adds subject, Auto-Submitted, and all of deposit_text_end() with the words of mail. */
struct deposit_filling { /* borrowed */
	enum deposit_mail mail;
	size_t count;
	const struct deposit_value *values;
};
enum rc deposit_text_fill(const struct deposit_site *site, const char *use,
			  const uint8_t id[STORE_ID_BYTES], struct slice recipient,
			  const struct deposit_filling *filling, int64_t now_s, struct buf *out,
			  struct fault *why);

/* Ends a message whose header fields are in out: adds the pass that names recipient,
 * MIME-Version, the fields of a text/plain body, the empty line and text. ASCII goes as it
 * is, in its own lines, so that a link in it stays whole for eyes and tools alike.
 * use: "notice" or "report". */
enum rc deposit_text_end(const struct deposit_site *site, const char *use,
			 const uint8_t id[STORE_ID_BYTES], struct slice recipient,
			 struct slice text, int64_t now_s, struct buf *out, struct fault *why);
