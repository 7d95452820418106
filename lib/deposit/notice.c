#include "deposit/notice.h"

#include "base/clock.h"
#include "base/hex.h"
#include "deposit/source.h"
#include "deposit/text.h"
#include "mail/header.h"

#include <string.h>

enum { LINK_MAX = 2000 }; /* bytes; far above any address of a portal */

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

static enum rc add_header(const struct deposit_notice *notice, int64_t now_s, struct buf *out,
			  struct fault *why)
{
	bool seen[COPIED] = { 0 };
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
	return rc;
}

static enum rc add_text(const struct deposit_site *site, const struct deposit_notice *notice,
			int64_t now_s, struct buf *out, struct fault *why)
{
	char id[2 * STORE_ID_BYTES + 1], code[CRYPTO_CODE_TEXT], bare[CRYPTO_CODE_TEXT];
	char until[CLOCK_TEXT], made[CLOCK_TEXT], digest[2 * CRYPTO_HASH_BYTES + 1];
	struct buf link = BUF_SECRET(LINK_MAX);
	const struct slice set = SLICE(""), unset = { 0 };
	const bool is_phrase = notice->factor == RULES_FACTOR_PHRASE;

	(void)buf_addf(&link, "%s/m/%s#%s", site->portal_url,
		       hex_format(notice->id, STORE_ID_BYTES, id),
		       crypto_code_format(notice->link, false, bare));
	const struct deposit_value values[] = {
		{ "organisation", deposit_organisation(site) },
		{ "host", deposit_host(site->portal_url) },
		{ "portal", deposit_typed(site->portal_url) },
		{ "sender", notice->sender },
		{ "id", slice_of(id) },
		{ "link", buf_slice(&link) },
		{ "code", slice_of(crypto_code_format(notice->link, true, code)) },
		{ "digest", slice_of(hex_format(notice->digest, CRYPTO_HASH_BYTES, digest)) },
		{ "made", slice_of(clock_format_mail(now_s, made)) },
		{ "until", slice_of(clock_format_mail(notice->until_s, until)) },
		{ "help", site->help && site->help[0] ? slice_of(site->help) : unset },
		{ "when_phrase", is_phrase && !notice->kept ? set : unset },
		{ "when_kept", is_phrase && notice->kept ? set : unset },
		{ "when_code", notice->factor == RULES_FACTOR_CODE ? set : unset },
		{ "when_parts", notice->parts ? set : unset },
		{ "when_link", notice->factor == RULES_FACTOR_LINK ? set : unset },
	};
	const struct deposit_filling filling = { DEPOSIT_MAIL_NOTICE,
						 sizeof values / sizeof *values, values };
	enum rc rc = buf_state(&link);
	rc = rc == RC_OK ? deposit_text_fill(site, "notice", notice->id, notice->to, &filling,
					     now_s, out, why)
			 : fault(why, rc, "the portal's address is too long for a link");
	buf_wipe(&link);
	crypto_wipe(code, sizeof code);
	crypto_wipe(bare, sizeof bare);
	return rc;
}

enum rc deposit_notice_format(const struct deposit_site *site, const struct deposit_notice *notice,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why)
{
	enum rc rc = add_header(notice, now_s, out, why);

	if (rc == RC_OK)
		rc = add_text(site, notice, now_s, out, why);
	if (rc == RC_OK)
		*smtputf8 = !mail_is_ascii(notice->sender) || !mail_is_ascii(notice->to);
	return rc;
}
