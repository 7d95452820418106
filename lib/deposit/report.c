#include "deposit/report.h"

#include "base/clock.h"
#include "base/hex.h"
#include "deposit/link.h"
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

static enum rc add_header(const struct deposit_site *site, const struct deposit_report *report,
			  int64_t now_s, struct buf *out, struct fault *why)
{
	struct slice about = find_field(report->header, "Message-ID");
	enum rc rc = deposit_text_head(site, report->sender, report->message_id, now_s, out, why);

	/* A thread is a comfort: a Message-ID that cannot be quoted does without. */
	if (rc == RC_OK && about.len)
		(void)!mail_header_words("In-Reply-To", about, out, NULL);
	return rc;
}

/* Whether some need the phrase of the report, and others something else. */
static bool is_mixed(const struct deposit_report *report)
{
	size_t below = 0;

	for (size_t i = 0; i < report->line_count; i++)
		below += report->lines[i].factor == RULES_FACTOR_PHRASE && !report->lines[i].kept;
	return below && below < report->line_count;
}

static void add_factor(const struct deposit_site *site, const struct deposit_report_line *line,
		       bool mixed, struct buf *out)
{
	switch (line->factor) {
	case RULES_FACTOR_PHRASE:
		if (!line->kept && mixed)
			(void)buf_add_text(out, "\n    opened with the phrase below");
		if (line->kept)
			(void)buf_addf(
				out,
				"\n    opened with the phrase that %.*s has agreed upon with "
				"them",
				SLICE_ARG(deposit_organisation(site)));
		break;
	case RULES_FACTOR_CODE:
		(void)buf_addf(
			out,
			"\n    opened with a code that the portal sends to their number%s%.*s: "
			"whoever controls\n    the portal and has the notice can read the "
			"message",
			line->number.len ? " " : "", SLICE_ARG(line->number));
		break;
	case RULES_FACTOR_LINK:
		(void)buf_add_text(out,
				   "\n    opened with the notice alone: whoever has it can read "
				   "the message");
		break;
	}
}

static void add_people(const struct deposit_site *site, const struct deposit_report *report,
		       struct buf *out)
{
	for (size_t i = 0; i < report->line_count; i++) {
		const struct deposit_report_line *line = &report->lines[i];

		(void)buf_addf(out, "%s  %.*s", i ? "\n" : "", SLICE_ARG(line->address));
		if (line->why.len)
			(void)buf_addf(out, "\n    %.*s", SLICE_ARG(line->why));
		add_factor(site, line, is_mixed(report), out);
	}
}

static enum rc add_text(const struct deposit_site *site, const struct deposit_report *report,
			int64_t now_s, struct buf *out, struct fault *why)
{
	struct slice date = find_field(report->header, "Date");
	struct buf people = BUF_INIT(DEPOSIT_TEXT_MAX), link = BUF_INIT(DEPOSIT_LINK_MAX);
	char id[2 * STORE_ID_BYTES + 1], until[CLOCK_TEXT], made[CLOCK_TEXT];
	char number[DEPOSIT_NUMBER_TEXT];
	enum rc rc = deposit_link_add(site, report->id, &link, why);

	if (rc == RC_OK)
		rc = deposit_link_number(site->keys, report->id, number, why);
	add_people(site, report, &people);
	if (rc == RC_OK && buf_state(&people) != RC_OK)
		rc = fault(why, buf_state(&people), "no room for a report");
	clock_format_mail(now_s, made);
	const struct slice phrase = report->phrase.len ? report->phrase : (struct slice){ 0 };
	const struct deposit_value values[] = {
		{ "organisation", deposit_organisation(site) },
		{ "host", deposit_host(site->portal_url) },
		{ "portal", deposit_typed(site->portal_url) },
		{ "sender", report->sender },
		{ "id", slice_of(hex_format(report->id, STORE_ID_BYTES, id)) },
		{ "date", date.len ? date : slice_of(made) },
		{ "made", slice_of(made) },
		{ "until", slice_of(clock_format_mail(report->until_s, until)) },
		{ "people", buf_slice(&people) },
		{ "phrase", phrase },
		{ "when_phrase", { phrase.len ? "" : NULL, 0 } },
		{ "when_parts", { report->parts ? "" : NULL, 0 } },
		{ "link", buf_slice(&link) },
		{ "number", slice_of(number) },
	};
	const struct deposit_filling filling = { DEPOSIT_MAIL_REPORT,
						 sizeof values / sizeof *values, values };
	if (rc == RC_OK)
		rc = deposit_text_fill(site, "report", report->id, report->sender, &filling, now_s,
				       out, why);
	buf_free(&people);
	buf_free(&link);
	return rc;
}

enum rc deposit_report_format(const struct deposit_site *site, const struct deposit_report *report,
			      int64_t now_s, struct buf *out, bool *smtputf8, struct fault *why)
{
	enum rc rc = add_header(site, report, now_s, out, why);

	if (rc == RC_OK)
		rc = add_text(site, report, now_s, out, why);
	if (rc == RC_OK)
		*smtputf8 = !mail_is_ascii(report->sender);
	return rc;
}
