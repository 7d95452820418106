#include "deposit/report.h"

#include "base/clock.h"
#include "base/hex.h"
#include "deposit/source.h"
#include "deposit/text.h"
#include "mail/header.h"

#include <string.h>

/* The first field of that name that can be quoted; len 0: there is none. */
static struct slice find_field(struct slice header, const char *wanted)
{
	const struct slice name_wanted = { wanted, strlen(wanted) };
	struct slice name, value;

	while (deposit_field_take(&header, &name, &value)) {
		value = slice_trim(value);
		if (slice_same_nocase(name, name_wanted) && value.len < 200 &&
		    mail_is_ascii(value) && !memchr(value.at, '\n', value.len))
			return value;
	}
	return SLICE("");
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

static enum rc add_header(const struct deposit_site *site, const struct deposit_report *report,
			  int64_t now_s, struct buf *out, struct fault *why)
{
	struct slice about = find_field(report->header, "Message-ID");
	char date[CLOCK_TEXT];
	enum rc rc = add_from(site, report->sender, out, why);

	clock_format_mail(now_s, date);
	if (rc == RC_OK)
		rc = mail_header_mailbox("To", SLICE(""), report->sender, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Date", (struct slice){ date, strlen(date) }, out, why);
	if (rc == RC_OK)
		rc = mail_header_words("Message-ID", report->message_id, out, why);
	/* A thread is a comfort: a Message-ID that cannot be quoted does without. */
	if (rc == RC_OK && about.len)
		(void)!mail_header_words("In-Reply-To", about, out, NULL);
	if (rc == RC_OK)
		rc = mail_header_text("Subject",
				      SLICE("Your protected message waits for its recipients"), out,
				      why);
	if (rc == RC_OK)
		rc = mail_header_words("Auto-Submitted", SLICE("auto-generated"), out, why);
	return rc;
}

static const char *factor_words(enum rules_factor factor)
{
	switch (factor) {
	case RULES_FACTOR_PHRASE:
		return "";
	case RULES_FACTOR_CODE:
		return "opened with a code that the portal sends";
	case RULES_FACTOR_LINK:
		return "opened with the notice alone: whoever has it can read the message";
	}
	return "";
}

static void add_lines(const struct deposit_report *report, struct buf *out)
{
	for (size_t i = 0; i < report->line_count; i++) {
		const struct deposit_report_line *line = &report->lines[i];
		const char *factor = factor_words(line->factor);

		(void)buf_addf(out, "  %.*s\n", SLICE_ARG(line->address));
		if (line->why.len)
			(void)buf_addf(out, "    %.*s\n", SLICE_ARG(line->why));
		if (*factor)
			(void)buf_addf(out, "    %s\n", factor);
	}
}

static void add_phrase(const struct deposit_site *site, const struct deposit_report *report,
		       struct buf *out)
{
	struct slice host = deposit_host(site->portal_url);

	if (!report->phrase.len)
		return;
	(void)buf_addf(
		out,
		"\nTo open it they need this phrase besides, which only you have:\n\n"
		"%.*s\n\n"
		"Tell it to them by telephone or face to face, not by mail to the same address:\n"
		"whoever reads their mail would have both. Tell them too that the portal is\n"
		"%.*s and no other, so that they cannot be led elsewhere. Capitals do not\n"
		"matter. The phrase is not shown again; it is for this message only.\n",
		SLICE_ARG(report->phrase), SLICE_ARG(host));
}

static void add_text(const struct deposit_site *site, const struct deposit_report *report,
		     struct buf *out)
{
	struct slice date = find_field(report->header, "Date");
	char id[2 * STORE_ID_BYTES + 1], until[CLOCK_TEXT];

	hex_format(report->id, STORE_ID_BYTES, id);
	clock_format_mail(report->until_s, until);
	(void)buf_addf(out,
		       "Your message%s%.*s was not delivered by ordinary mail. It is sealed and\n"
		       "kept in the portal of %.*s for\n\n",
		       date.len ? " of " : "", SLICE_ARG(date),
		       SLICE_ARG(deposit_organisation(site)));
	add_lines(report, out);
	(void)buf_add_text(out, "\nEach of them is sent a notice with a link and a code.\n");
	add_phrase(site, report, out);
	(void)buf_addf(out,
		       "\nThe message is kept until %s.\n"
		       "Its number, should you have to ask about it, is %s.\n",
		       until, id);
}

enum rc deposit_report_format(const struct deposit_site *site, const struct deposit_report *report,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why)
{
	struct buf text = BUF_SECRET(DEPOSIT_TEXT_MAX);
	enum rc rc = add_header(site, report, now_s, out, why);

	if (rc == RC_OK) {
		add_text(site, report, &text);
		rc = buf_state(&text);
		if (rc != RC_OK)
			rc = fault(why, rc, "no room for a report");
	}
	if (rc == RC_OK)
		rc = deposit_text_end(site, "report", report->id, report->sender, buf_slice(&text),
				      now_s, out, why);
	buf_wipe(&text);
	if (rc == RC_OK)
		*smtputf8 = !mail_is_ascii(report->sender);
	return rc;
}
