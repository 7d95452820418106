#include "deposit/wording.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "deposit/mail_alert.h"
#include "deposit/mail_expired.h"
#include "deposit/mail_notice.h"
#include "deposit/mail_receipt.h"
#include "deposit/mail_report.h"
#include "deposit/mail_revoked.h"
#include "deposit/mail_sent_on.h"
#include "deposit/mail_warning.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define VALUES_OF_ALL "organisation portal host id made until help sender"
enum { NAME_MAX_LEN = 20 };

static const struct {
	const char *name;
	const unsigned char *text;
	size_t len;
	const char *needs; /* values that it must have, parted by blanks */
	const char *may;   /* … may have, besides VALUES_OF_ALL */
} mails[DEPOSIT_MAILS] = {
	[DEPOSIT_MAIL_NOTICE] = { "notice", mail_notice, mail_notice_len,
				  "link code portal digest until sender when_phrase",
				  "when_code when_kept when_link when_parts" },
	[DEPOSIT_MAIL_REPORT] = { "report", mail_report, mail_report_len,
				  "people phrase host link number until",
				  "date when_phrase when_parts" },
	[DEPOSIT_MAIL_RECEIPT] = { "receipt", mail_receipt, mail_receipt_len,
				   "person when digest proof", "client" },
	[DEPOSIT_MAIL_ALERT] = { "alert", mail_alert, mail_alert_len, "person when link number",
				 "client before_when before_client" },
	[DEPOSIT_MAIL_WARNING] = { "warning", mail_warning, mail_warning_len,
				   "people until link number", "" },
	[DEPOSIT_MAIL_REVOKED] = { "revoked", mail_revoked, mail_revoked_len, "people",
				   "by opened" },
	[DEPOSIT_MAIL_EXPIRED] = { "expired", mail_expired, mail_expired_len, "people", "opened" },
	[DEPOSIT_MAIL_SENT_ON] = { "sent-on", mail_sent_on, mail_sent_on_len, "people", "opened" },
};

/* What tricksters write, and what nobody must get used to. */
static const char *const forbidden[] = {
	"://",          "www.",         "click here",  "click the",    "click on",
	"urgent",       "immediately",  "act now",     "log in",       "login",
	"sign in",      "your account", "verify your", "confirm your", "suspended",
	"limited time", "<a ",          "<form",       "<html",        "<img",
};

struct deposit_wording {
	struct buf texts[DEPOSIT_MAILS]; /* len 0: the built-in */
};

const char *deposit_mail_name(enum deposit_mail mail)
{
	return mails[mail].name;
}

static struct slice words_of(const struct deposit_wording *wording, enum deposit_mail mail)
{
	if (wording && wording->texts[mail].len)
		return buf_slice(&wording->texts[mail]);
	return (struct slice){ (const char *)mails[mail].text, mails[mail].len };
}

/* ---- the language ---- */

/* Takes the text up to the next value, and its name. False: there is none, or it does not end;
 * *text is untouched then. */
static bool take_value(struct slice *text, struct slice *before, struct slice *name)
{
	const char *open = memmem(text->at, text->len, "{{", 2);
	const char *end = text->at + text->len;
	const char *close = open ? memmem(open, (size_t)(end - open), "}}", 2) : NULL;

	if (!close)
		return false;
	*before = (struct slice){ text->at, (size_t)(open - text->at) };
	*name = (struct slice){ open + 2, (size_t)(close - open - 2) };
	*text = (struct slice){ close + 2, (size_t)(end - close - 2) };
	return true;
}

/* The lines up to an empty one, which is dropped. False at the end. */
static bool take_paragraph(struct slice *text, struct slice *paragraph)
{
	struct slice line;
	const char *start, *end;

	do {
		start = text->at;
		if (!slice_take_line(text, &line))
			return false;
	} while (slice_trim(line).len == 0);
	do
		end = line.at + line.len;
	while (slice_take_line(text, &line) && slice_trim(line).len);
	*paragraph = (struct slice){ start, (size_t)(end - start) };
	return true;
}

static const struct deposit_value *find(const struct deposit_value *values, size_t count,
					struct slice name)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is(name, values[i].name) && values[i].value.at)
			return &values[i];
	return NULL;
}

/* False: a value is missing, and out is as it was. */
static bool fill(struct slice text, const struct deposit_value *values, size_t count,
		 struct buf *out)
{
	struct slice before, name;
	size_t len = out->len;

	while (take_value(&text, &before, &name)) {
		const struct deposit_value *value = find(values, count, name);
		if (!value) {
			out->len = len;
			return false;
		}
		(void)buf_add_slice(out, before);
		(void)buf_add_slice(out, value->value);
	}
	(void)buf_add_slice(out, text);
	return true;
}

enum rc deposit_wording_fill(const struct deposit_wording *wording, enum deposit_mail mail,
			     const struct deposit_value *values, size_t count, struct buf *subject,
			     struct buf *text, struct fault *why)
{
	struct slice rest = words_of(wording, mail), line, paragraph;

	if (!slice_take_line(&rest, &line) || !slice_drop_prefix(&line, "Subject: ") ||
	    !fill(line, values, count, subject))
		return fault(why, RC_INVALID, "the words of %s have no subject", mails[mail].name);
	for (bool first = true; take_paragraph(&rest, &paragraph);) {
		size_t len = text->len;
		if (!first)
			(void)buf_add_byte(text, '\n');
		if (!fill(paragraph, values, count, text)) {
			text->len = len;
			continue;
		}
		(void)buf_add_byte(text, '\n');
		first = false;
	}
	enum rc rc = buf_state(text) == RC_OK ? buf_state(subject) : buf_state(text);
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a %s", mails[mail].name);
}

/* ---- what an operator may write ---- */

static bool is_among(struct slice name, const char *list)
{
	struct slice rest = slice_of(list), word;

	while (slice_take_until(&rest, ' ', &word))
		if (word.len == name.len && memcmp(word.at, name.at, name.len) == 0)
			return true;
	return rest.len == name.len && memcmp(rest.at, name.at, name.len) == 0;
}

static enum rc check_values(enum deposit_mail mail, struct slice line, const char *file,
			    unsigned number, struct fault *why)
{
	struct slice before, name;

	while (take_value(&line, &before, &name))
		if (name.len > NAME_MAX_LEN ||
		    !(is_among(name, VALUES_OF_ALL) || is_among(name, mails[mail].needs) ||
		      is_among(name, mails[mail].may)))
			return fault(why, RC_INVALID, "%s:%u: {{%.*s}} is no value of a %s", file,
				     number, SLICE_ARG(name), mails[mail].name);
	if (memmem(line.at, line.len, "{{", 2))
		return fault(why, RC_INVALID, "%s:%u: a value lacks its }}", file, number);
	return RC_OK;
}

static enum rc check_line(enum deposit_mail mail, struct slice line, const char *file,
			  unsigned number, struct fault *why)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t' && line.at[i] != '\r')
			return fault(why, RC_INVALID, "%s:%u: a control character", file, number);
	for (size_t f = 0; f < sizeof forbidden / sizeof *forbidden; f++) {
		size_t len = strlen(forbidden[f]);
		for (size_t i = 0; i + len <= line.len; i++)
			if (strncasecmp(line.at + i, forbidden[f], len) == 0)
				return fault(why, RC_INVALID,
					     "%s:%u: \"%s\" is what tricksters write, not us", file,
					     number, forbidden[f]);
	}
	return check_values(mail, line, file, number, why);
}

static bool has_value(struct slice text, struct slice wanted)
{
	struct slice before, name;

	while (take_value(&text, &before, &name))
		if (name.len == wanted.len && memcmp(name.at, wanted.at, name.len) == 0)
			return true;
	return false;
}

static enum rc check_needs(enum deposit_mail mail, struct slice text, const char *file,
			   struct fault *why)
{
	struct slice rest = slice_of(mails[mail].needs), name;

	for (bool more = true; more;) {
		more = slice_take_until(&rest, ' ', &name);
		if (!more)
			name = rest;
		if (!has_value(text, name))
			return fault(why, RC_INVALID, "%s:1: a %s must have {{%.*s}}", file,
				     mails[mail].name, SLICE_ARG(name));
	}
	return RC_OK;
}

enum rc deposit_wording_check(enum deposit_mail mail, struct slice text, const char *file,
			      struct fault *why)
{
	struct slice rest = text, line;
	unsigned number = 0;

	while (slice_take_line(&rest, &line)) {
		struct slice subject = line;
		if (++number == 1 &&
		    (!slice_drop_prefix(&subject, "Subject: ") || slice_trim(subject).len == 0))
			return fault(why, RC_INVALID, "%s:1: the first line is no \"Subject: ...\"",
				     file);
		enum rc rc = check_line(mail, line, file, number, why);
		if (rc != RC_OK)
			return rc;
	}
	return check_needs(mail, text, file, why);
}

/* ---- the folder ---- */

static enum rc read_one(const char *folder, enum deposit_mail mail, struct buf *out,
			struct fault *why)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof path, "%s/%s.txt", folder, mails[mail].name) >= PATH_MAX)
		return fault(why, RC_INVALID, "path is too long: %.80s", folder);
	enum rc rc = file_read(path, out, why);
	if (rc == RC_ABSENT)
		return RC_OK;
	return rc == RC_OK ? deposit_wording_check(mail, buf_slice(out), path, why) : rc;
}

enum rc deposit_wording_read(const char *folder, struct deposit_wording **out, struct fault *why)
{
	CLEANUP(deposit_wording_free) struct deposit_wording *wording = calloc(1, sizeof *wording);
	struct stat st;
	enum rc rc = RC_OK;

	if (!wording)
		return fault(why, RC_NOMEM, "out of memory");
	if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return fault(why, RC_ABSENT, "there is no folder %s", folder);
	for (unsigned i = 0; rc == RC_OK && i < DEPOSIT_MAILS; i++) {
		wording->texts[i] = BUF_INIT(DEPOSIT_WORDING_MAX);
		rc = read_one(folder, (enum deposit_mail)i, &wording->texts[i], why);
	}
	if (rc == RC_OK)
		*out = TAKE(wording);
	return rc;
}

void deposit_wording_free(struct deposit_wording **wordingp)
{
	struct deposit_wording *wording = TAKE(*wordingp);

	for (size_t i = 0; wording && i < DEPOSIT_MAILS; i++)
		buf_free(&wording->texts[i]);
	free(wording);
}
