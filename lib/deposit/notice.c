#include "deposit/notice.h"

#include "base/clock.h"
#include "base/hex.h"
#include "deposit/source.h"
#include "deposit/text.h"
#include "mail/header.h"

#include <string.h>

enum { FROM, TO, CC, DATE, IN_REPLY_TO, REFERENCES, COPIED };
static const char *const copied[COPIED] = {
	"From", "To", "Cc", "Date", "In-Reply-To", "References"
};

/* Copies each of them once: a second From would be for other eyes than the first. A field that
 * cannot be copied is left out, since the notice must arrive. */
static void copy_fields(struct slice header, struct buf *out, bool seen[COPIED])
{
	struct slice name, value;

	while (deposit_field_take(&header, &name, &value)) {
		for (size_t i = 0; i < COPIED; i++) {
			const struct slice wanted = { copied[i], strlen(copied[i]) };
			if (seen[i] || !slice_same_nocase(name, wanted) ||
			    !mail_header_is_copied(name) || !mail_is_ascii(value))
				continue;
			seen[i] = mail_header_copy(wanted, value, out, NULL) == RC_OK;
		}
	}
}

static enum rc add_header(const struct deposit_site *site, const struct deposit_notice *notice,
			  int64_t now_s, struct buf *out, struct fault *why)
{
	bool seen[COPIED] = { 0 };
	struct buf subject = BUF_INIT(1000);
	char date[CLOCK_TEXT];
	enum rc rc = RC_OK;

	copy_fields(notice->header, out, seen);
	if (!seen[FROM])
		rc = mail_header_mailbox("From", SLICE(""), notice->sender, out, why);
	if (rc == RC_OK && !seen[TO])
		rc = mail_header_mailbox("To", SLICE(""), notice->to, out, why);
	clock_format_mail(now_s, date);
	if (rc == RC_OK && !seen[DATE])
		rc = mail_header_words("Date", (struct slice){ date, strlen(date) }, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Message-ID", notice->message_id, out, why);
	(void)buf_addf(&subject, "A protected message from %.*s",
		       SLICE_ARG(deposit_organisation(site)));
	if (rc == RC_OK)
		rc = mail_header_text("Subject", buf_slice(&subject), out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Auto-Submitted", SLICE("auto-generated"), out, why);
	buf_free(&subject);
	return rc;
}

static void add_factor(const struct deposit_notice *notice, struct buf *out)
{
	struct slice sender = notice->sender;

	if (notice->factor == RULES_FACTOR_PHRASE)
		(void)buf_addf(
			out,
			"You will be asked for a phrase of four words besides. It is not in any\n"
			"mail to you: the sender tells it to you in another way, for example by\n"
			"telephone. If you do not have it yet, ask the sender, %.*s.\n\n",
			SLICE_ARG(sender));
	else
		(void)buf_add_text(
			out, "This mail is all that is needed to open the message: do not pass it "
			     "on.\n\n");
}

static void add_text(const struct deposit_site *site, const struct deposit_notice *notice,
		     struct buf *out)
{
	struct slice name = deposit_organisation(site), typed = deposit_typed(site->portal_url);
	char id[2 * STORE_ID_BYTES + 1], code[CRYPTO_CODE_TEXT], until[CLOCK_TEXT];
	char digest[2 * CRYPTO_HASH_BYTES + 1];

	hex_format(notice->id, STORE_ID_BYTES, id);
	hex_format(notice->digest, CRYPTO_HASH_BYTES, digest);
	clock_format_mail(notice->until_s, until);
	(void)buf_addf(out,
		       "%.*s has a message for you that must not travel unprotected, and no\n"
		       "protected way to your mail system could be proven. The message is\n"
		       "therefore kept, sealed, by %.*s.\n\n"
		       "To read it, open this address:\n\n",
		       SLICE_ARG(notice->sender), SLICE_ARG(name));
	(void)buf_addf(out, "%s/m/%s#%s\n\n", site->portal_url, id,
		       crypto_code_format(notice->link, false, code));
	(void)buf_addf(out,
		       "If you would rather not follow a link, type\n\n"
		       "    %.*s\n\n"
		       "into your browser yourself and enter this code there:\n\n"
		       "    %s\n\n",
		       SLICE_ARG(typed), crypto_code_format(notice->link, true, code));
	add_factor(notice, out);
	(void)buf_addf(
		out,
		"You need no account and will never be asked for a password, for payment, for\n"
		"personal data or to install anything. Whoever asks for these is not us.\n"
		"An answer to this mail goes to the sender as ordinary, unprotected mail.\n\n"
		"The message is kept until %s.\n\n",
		until);
	(void)buf_addf(
		out,
		"Its salted digest (SHA-256), by which you can prove later that what you read\n"
		"is what was sent:\n\n"
		"    %s\n\n"
		"-- \n"
		"%.*s\n",
		digest, SLICE_ARG(name));
	crypto_wipe(code, sizeof code);
}

enum rc deposit_notice_format(const struct deposit_site *site, const struct deposit_notice *notice,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why)
{
	struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX);
	enum rc rc = add_header(site, notice, now_s, out, why);

	if (rc == RC_OK) {
		add_text(site, notice, &text);
		rc = buf_state(&text);
		if (rc != RC_OK)
			rc = fault(why, rc, "no room for a notice");
	}
	if (rc == RC_OK)
		rc = deposit_text_end(site, "notice", notice->id, notice->to, buf_slice(&text),
				      now_s, out, why);
	buf_wipe(&text);
	if (rc == RC_OK)
		*smtputf8 = !mail_is_ascii(notice->sender) || !mail_is_ascii(notice->to);
	return rc;
}
