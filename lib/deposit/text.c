#include "deposit/text.h"

#include "base/clock.h"
#include "crypto/pass.h"
#include "crypto/random.h"
#include "mail/body.h"
#include "mail/header.h"

#include <string.h>

struct slice deposit_typed(const char *url)
{
	struct slice s = { url, strlen(url) };

	if (!slice_drop_prefix(&s, "https://"))
		slice_drop_prefix(&s, "http://");
	return s;
}

struct slice deposit_host(const char *url)
{
	struct slice s = deposit_typed(url), host;

	return slice_take_until(&s, '/', &host) ? host : s;
}

struct slice deposit_organisation(const struct deposit_site *site)
{
	struct slice name = { site->organisation,
			      site->organisation ? strlen(site->organisation) : 0 };

	return name.len ? name : deposit_host(site->portal_url);
}

enum rc deposit_message_id(const struct deposit_site *site, struct buf *out, struct fault *why)
{
	struct slice host = deposit_host(site->portal_url), name;
	uint8_t random[16];
	enum rc rc = crypto_random(random, sizeof random, why);

	if (rc != RC_OK)
		return rc;
	if (slice_take_until(&host, ':', &name))
		host = name;
	rc = mail_message_id(random, host, out);
	return rc == RC_OK ? RC_OK : fault(why, rc, "no Message-ID can be made");
}

/* Whether it is 7-bit text as it stands (RFC 2045 §2.7). */
static bool is_seven_bit(struct slice text)
{
	struct slice line;

	while (slice_take_line(&text, &line)) {
		if (line.len > MAIL_HEADER_LINE_MAX)
			return false;
		for (size_t i = 0; i < line.len; i++)
			if ((line.at[i] < ' ' && line.at[i] != '\t') || line.at[i] > '~')
				return false;
	}
	return true;
}

static void add_body(struct slice text, struct buf *out)
{
	struct slice line;

	if (!is_seven_bit(text)) {
		enum rc rc = mail_body_text(text, out);
		(void)rc; /* the buffer remembers */
		return;
	}
	(void)buf_add_text(out, "Content-Type: text/plain; charset=us-ascii\r\n"
				"Content-Transfer-Encoding: 7bit\r\n\r\n");
	while (slice_take_line(&text, &line)) {
		(void)buf_add_slice(out, line);
		(void)buf_add_text(out, "\r\n");
	}
}

enum rc deposit_text_end(const struct deposit_site *site, const char *use,
			 const uint8_t id[STORE_ID_BYTES], struct slice recipient,
			 struct slice text, int64_t now_s, struct buf *out, struct fault *why)
{
	struct buf body = BUF_SECRET(DEPOSIT_TEXT_MAX), pass_text = BUF_INIT(1000);
	struct crypto_pass pass = {
		.use = use,
		.until_s = now_s + CRYPTO_PASS_LIFE_S,
		.recipient_count = 1,
		.recipients = &recipient,
	};

	add_body(text, &body);
	const char *end = body.len ? memmem(body.at, body.len, "\r\n\r\n", 4) : NULL;
	enum rc rc = buf_state(&body);
	if (rc != RC_OK || !end)
		rc = fault(why, rc == RC_OK ? RC_INVALID : rc, "text is too long for a mail");
	if (rc == RC_OK)
		rc = crypto_sha256(
			(struct slice){ end + 4, body.len - (size_t)(end + 4 - body.at) },
			pass.body_digest, why);
	/* A pass counts once, and a deposit may have several letters to one sender. */
	for (size_t i = 0; i < sizeof pass.id; i++)
		pass.id[i] = id[i] ^ pass.body_digest[i];
	if (rc == RC_OK)
		rc = crypto_pass_format(&site->keys->header, &pass, &pass_text, why);
	if (rc == RC_OK) {
		(void)buf_addf(out, "Postern-Notice: %s\r\n", buf_text(&pass_text));
		(void)buf_add_text(out, "MIME-Version: 1.0\r\n");
		(void)buf_add_slice(out, buf_slice(&body));
		rc = buf_state(out);
		if (rc != RC_OK)
			rc = fault(why, rc, "no room for a mail");
	}
	buf_wipe(&body);
	buf_free(&pass_text);
	return rc;
}

static enum rc add_from(const struct deposit_site *site, struct slice sender, struct buf *out,
			struct fault *why)
{
	struct buf address = BUF_INIT(2000);
	const char *at = memrchr(sender.at, '@', sender.len);
	enum rc rc;

	if (site->report_from && site->report_from[0])
		(void)buf_add_text(&address, site->report_from);
	else if (at)
		(void)buf_addf(&address, "postmaster%.*s", (int)(sender.at + sender.len - at), at);
	else
		(void)buf_add_text(&address, "postmaster");
	rc = mail_header_mailbox("From", deposit_organisation(site), buf_slice(&address), out, why);
	buf_free(&address);
	return rc;
}

enum rc deposit_text_head(const struct deposit_site *site, struct slice sender,
			  struct slice message_id, int64_t now_s, struct buf *out,
			  struct fault *why)
{
	char date[CLOCK_TEXT];
	enum rc rc = add_from(site, sender, out, why);

	clock_format_mail(now_s, date);
	if (rc == RC_OK)
		rc = mail_header_mailbox("To", SLICE(""), sender, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Date", slice_of(date), out, why);
	return rc == RC_OK ? mail_header_words("Message-ID", message_id, out, why) : rc;
}

enum rc deposit_text_fill(const struct deposit_site *site, const char *use,
			  const uint8_t id[STORE_ID_BYTES], struct slice recipient,
			  const struct deposit_filling *filling, int64_t now_s, struct buf *out,
			  struct fault *why)
{
	struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX), subject = BUF_INIT(1000);
	enum rc rc = deposit_wording_fill(site->wording, filling->mail, filling->values,
					  filling->count, &subject, &text, why);

	if (rc == RC_OK)
		rc = mail_header_text("Subject", buf_slice(&subject), out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Auto-Submitted", SLICE("auto-generated"), out, why);
	if (rc == RC_OK)
		rc = deposit_text_end(site, use, id, recipient, buf_slice(&text), now_s, out, why);
	buf_wipe(&text);
	buf_free(&subject);
	return rc;
}
