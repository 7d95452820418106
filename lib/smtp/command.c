#include "smtp/command.h"

#include "base/cleanup.h"

#include <string.h>

/* Printable without space; bytes beyond ASCII pass, they are UTF-8 or the
 * server's to refuse. */
static bool is_word(const char *text, size_t max)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
			return false;
	return len > 0 && len <= max;
}

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text > 0x7f)
			return false;
	return true;
}

/* Whether address stands within <> as itself: a space or an angle bracket only
 * inside a quoted string, no control character anywhere, quotes closed. */
static bool is_path(const char *address)
{
	bool quoted = false;
	size_t len = strlen(address);

	if (len == 0 || len > SMTP_PATH_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = address[i];

		if ((unsigned char)c < ' ' || c == 0x7f)
			return false;
		if (c == '"')
			quoted = !quoted;
		else if (quoted && c == '\\')
			i++; /* at the end of all this runs to len and leaves quoted set */
		else if (!quoted && (c == ' ' || c == '<' || c == '>'))
			return false;
	}
	return !quoted;
}

unsigned smtp_command_needs(const struct smtp_submission *s)
{
	bool utf8 = s->smtputf8 || !is_ascii(s->from);

	for (size_t i = 0; i < s->recipient_count && !utf8; i++)
		utf8 = !is_ascii(s->recipients[i].address);
	return s->required | (utf8 ? SMTP_SMTPUTF8 : 0u) | (s->requiretls ? SMTP_REQUIRETLS : 0u);
}

static bool given(const char *parameter)
{
	return parameter && *parameter;
}

/* Moves a finished line to out, so that half a line never stands there. */
static enum rc put(struct buf *line, struct buf *out, struct fault *why)
{
	(void)buf_add_text(line, "\r\n");
	enum rc rc = buf_state(line);
	if (rc == RC_OK)
		rc = buf_add_slice(out, buf_slice(line));
	return rc == RC_OK ? RC_OK : fault(why, rc, "no room for a command");
}

enum rc smtp_command_mail(const struct smtp_submission *s, unsigned offered, struct buf *out,
			  struct fault *why)
{
	CLEANUP(buf_free) struct buf line = BUF_INIT(SMTP_COMMAND_MAX);
	unsigned needs = smtp_command_needs(s);

	if (*s->from && !is_path(s->from))
		return fault(why, RC_INVALID, "\"%s\" cannot be a sender", s->from);
	if (given(s->envid) && !is_word(s->envid, SMTP_ENVID_MAX))
		return fault(why, RC_INVALID, "\"%s\" cannot be an ENVID", s->envid);

	(void)buf_addf(&line, "MAIL FROM:<%s>", s->from);
	if (s->eightbit && (offered & SMTP_8BITMIME))
		(void)buf_add_text(&line, " BODY=8BITMIME");
	if (needs & offered & SMTP_SMTPUTF8)
		(void)buf_add_text(&line, " SMTPUTF8");
	if (s->requiretls && (offered & SMTP_REQUIRETLS))
		(void)buf_add_text(&line, " REQUIRETLS");
	if (s->ret != SMTP_RET_NONE && (offered & SMTP_DSN))
		(void)buf_addf(&line, " RET=%s", s->ret == SMTP_RET_HDRS ? "HDRS" : "FULL");
	if (given(s->envid) && (offered & SMTP_DSN))
		(void)buf_addf(&line, " ENVID=%s", s->envid);
	if (!s->read && (offered & SMTP_SIZE))
		(void)buf_addf(&line, " SIZE=%zu", s->message.len);
	return put(&line, out, why);
}

enum rc smtp_command_rcpt(const struct smtp_recipient *r, unsigned offered, struct buf *out,
			  struct fault *why)
{
	CLEANUP(buf_free) struct buf line = BUF_INIT(SMTP_COMMAND_MAX);

	if (!is_path(r->address))
		return fault(why, RC_INVALID, "\"%s\" cannot be a recipient", r->address);
	if (given(r->notify) && !is_word(r->notify, SMTP_NOTIFY_MAX))
		return fault(why, RC_INVALID, "\"%s\" cannot be a NOTIFY", r->notify);
	if (given(r->orcpt) && !is_word(r->orcpt, SMTP_ORCPT_MAX))
		return fault(why, RC_INVALID, "\"%s\" cannot be an ORCPT", r->orcpt);

	(void)buf_addf(&line, "RCPT TO:<%s>", r->address);
	if (given(r->notify) && (offered & SMTP_DSN))
		(void)buf_addf(&line, " NOTIFY=%s", r->notify);
	if (given(r->orcpt) && (offered & SMTP_DSN))
		(void)buf_addf(&line, " ORCPT=%s", r->orcpt);
	return put(&line, out, why);
}

enum rc smtp_command_hello(const char *verb, const char *name, struct buf *out, struct fault *why)
{
	CLEANUP(buf_free) struct buf line = BUF_INIT(SMTP_COMMAND_MAX);

	if (!is_word(name, SMTP_HELO_MAX) || !is_ascii(name))
		return fault(why, RC_INVALID, "\"%s\" cannot be our name in EHLO", name);
	(void)buf_addf(&line, "%s %s", verb, name);
	return put(&line, out, why);
}
