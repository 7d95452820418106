#include "mail/param.h"

#include <stdio.h>
#include <string.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; /* xtext has upper case only */
}

bool mail_is_xtext(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.at[i] == '+') {
			if (s.len - i < 3 || hex_value(s.at[i + 1]) < 0 ||
			    hex_value(s.at[i + 2]) < 0)
				return false;
			i += 2;
		} else if (s.at[i] < '!' || s.at[i] > '~' || s.at[i] == '=') {
			return false;
		}
	}
	return true;
}

enum rc mail_xtext_format(struct slice raw, struct buf *out)
{
	for (size_t i = 0; i < raw.len; i++) {
		unsigned char c = (unsigned char)raw.at[i];
		if (c < '!' || c > '~' || c == '+' || c == '=')
			(void)buf_addf(out, "+%02X", c);
		else
			(void)buf_add_byte(out, (char)c);
	}
	return buf_state(out);
}

enum rc mail_xtext_parse(struct slice xtext, struct buf *out)
{
	if (!mail_is_xtext(xtext))
		return RC_INVALID;
	for (size_t i = 0; i < xtext.len; i++) {
		char c = xtext.at[i];
		if (c == '+') {
			c = (char)(hex_value(xtext.at[i + 1]) << 4 | hex_value(xtext.at[i + 2]));
			i += 2;
		}
		(void)buf_add_byte(out, c);
	}
	return buf_state(out);
}

/* utf-8-addr-xtext, RFC 6533 §3: as xtext, but UTF-8 may stand as it is and
 * "\x{HEX}" too. Only where an ORCPT says "utf-8;". */
static bool is_utf8_xtext(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.at[i] >= 0 && s.at[i] < '!') || s.at[i] == 0x7f || s.at[i] == '=')
			return false;
	return true;
}

static bool is_keyword(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.at[i];
		bool alnum =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!alnum && (c != '-' || i == 0))
			return false;
	}
	return s.len > 0;
}

/* Splits a word by RFC 5321 §4.1.2 esmtp-param. */
static enum rc split(struct slice word, struct slice *name, struct slice *value, bool *has_value,
		     struct fault *why)
{
	struct slice rest = word;

	*has_value = slice_take_until(&rest, '=', name);
	if (!*has_value)
		*name = word;
	*value = *has_value ? rest : (struct slice){ 0 };
	if (!is_keyword(*name))
		return fault(why, RC_INVALID, "\"%.*s\" is no parameter", SLICE_ARG(word));
	for (size_t i = 0; i < value->len; i++)
		if ((value->at[i] >= 0 && value->at[i] <= ' ') || value->at[i] == 0x7f ||
		    value->at[i] == '=')
			return fault(why, RC_INVALID, "value in \"%.*s\"", SLICE_ARG(word));
	return RC_OK;
}

static bool named(struct slice s, const char *text)
{
	return slice_same_nocase(s, (struct slice){ text, strlen(text) });
}

static enum rc bad(struct slice word, struct fault *why)
{
	return fault(why, RC_INVALID, "bad value, or a second one, in \"%.*s\"", SLICE_ARG(word));
}

static bool take_ret(struct slice value, struct mail_from_params *params)
{
	if (params->ret != MAIL_RET_NONE)
		return false;
	if (named(value, "FULL"))
		params->ret = MAIL_RET_FULL;
	else if (named(value, "HDRS"))
		params->ret = MAIL_RET_HDRS;
	return params->ret != MAIL_RET_NONE;
}

static bool take_body(struct slice value, struct mail_from_params *params)
{
	if (params->body != MAIL_BODY_NONE)
		return false;
	if (named(value, "7BIT"))
		params->body = MAIL_BODY_7BIT;
	else if (named(value, "8BITMIME"))
		params->body = MAIL_BODY_8BITMIME;
	else if (named(value, "BINARYMIME"))
		params->body = MAIL_BODY_BINARYMIME;
	return params->body != MAIL_BODY_NONE;
}

static bool take_envid(struct slice value, struct mail_from_params *params)
{
	if (params->envid.len || value.len == 0 || value.len > MAIL_ENVID_MAX ||
	    !mail_is_xtext(value))
		return false;
	params->envid = value;
	return true;
}

static bool take_size(struct slice value, struct mail_from_params *params)
{
	if (params->has_size || !slice_to_u64(value, &params->size))
		return false;
	params->has_size = true;
	return true;
}

static bool take_flag(bool *flag, bool has_value)
{
	if (*flag || has_value)
		return false;
	*flag = true;
	return true;
}

enum rc mail_from_param_take(struct slice word, struct mail_from_params *params, struct fault *why)
{
	struct mail_from_params next = *params;
	struct slice name, value;
	bool has_value, good = true;
	enum rc rc = split(word, &name, &value, &has_value, why);

	if (rc != RC_OK)
		return rc;
	if (named(name, "RET"))
		good = take_ret(value, &next);
	else if (named(name, "BODY"))
		good = take_body(value, &next);
	else if (named(name, "ENVID"))
		good = take_envid(value, &next);
	else if (named(name, "SIZE"))
		good = take_size(value, &next);
	else if (named(name, "SMTPUTF8"))
		good = take_flag(&next.smtputf8, has_value);
	else if (named(name, "REQUIRETLS"))
		good = take_flag(&next.requiretls, has_value);
	else
		next.others++;
	if (!good)
		return bad(word, why);
	*params = next;
	return RC_OK;
}

static const struct {
	enum mail_notify bit;
	const char *name;
} notifies[] = {
	{ MAIL_NOTIFY_NEVER, "NEVER" },
	{ MAIL_NOTIFY_SUCCESS, "SUCCESS" },
	{ MAIL_NOTIFY_FAILURE, "FAILURE" },
	{ MAIL_NOTIFY_DELAY, "DELAY" },
};
enum { NOTIFIES = sizeof notifies / sizeof *notifies };

static unsigned notify_bit(struct slice word)
{
	for (size_t i = 0; i < NOTIFIES; i++)
		if (named(word, notifies[i].name))
			return notifies[i].bit;
	return 0;
}

static bool take_notify(struct slice value, struct mail_rcpt_params *params)
{
	unsigned set = 0;

	if (params->notify)
		return false;
	for (bool more = true; more;) {
		struct slice word;
		more = slice_take_until(&value, ',', &word);
		unsigned bit = notify_bit(more ? word : value);
		if (!bit)
			return false;
		set |= bit;
	}
	/* NEVER stands alone (RFC 3461 §4.1). */
	if ((set & MAIL_NOTIFY_NEVER) && set != MAIL_NOTIFY_NEVER)
		return false;
	params->notify = set;
	return true;
}

static bool take_orcpt(struct slice value, struct mail_rcpt_params *params)
{
	struct slice address = value, type;

	if (params->orcpt.len || value.len > MAIL_ORCPT_MAX)
		return false;
	if (!slice_take_until(&address, ';', &type) || !is_keyword(type) || address.len == 0)
		return false;
	if (!(named(type, "utf-8") ? is_utf8_xtext : mail_is_xtext)(address))
		return false;
	params->orcpt = value;
	return true;
}

enum rc mail_rcpt_param_take(struct slice word, struct mail_rcpt_params *params, struct fault *why)
{
	struct mail_rcpt_params next = *params;
	struct slice name, value;
	bool has_value, good = true;
	enum rc rc = split(word, &name, &value, &has_value, why);

	if (rc != RC_OK)
		return rc;
	if (named(name, "NOTIFY"))
		good = take_notify(value, &next);
	else if (named(name, "ORCPT"))
		good = take_orcpt(value, &next);
	else
		next.others++;
	if (!good)
		return bad(word, why);
	*params = next;
	return RC_OK;
}

static void add_word(struct buf *out, size_t start, const char *name, struct slice value)
{
	if (out->len > start)
		(void)buf_add_byte(out, ' ');
	(void)buf_add_text(out, name);
	(void)buf_add_slice(out, value);
}

enum rc mail_from_params_format(const struct mail_from_params *params, struct buf *out)
{
	static const char *const bodies[] = {
		[MAIL_BODY_7BIT] = "7BIT",
		[MAIL_BODY_8BITMIME] = "8BITMIME",
		[MAIL_BODY_BINARYMIME] = "BINARYMIME",
	};
	size_t start = out->len;

	if (params->body != MAIL_BODY_NONE) {
		const char *body = bodies[params->body];
		add_word(out, start, "BODY=", (struct slice){ body, strlen(body) });
	}
	if (params->ret != MAIL_RET_NONE)
		add_word(out, start, params->ret == MAIL_RET_FULL ? "RET=FULL" : "RET=HDRS",
			 (struct slice){ 0 });
	if (params->envid.len)
		add_word(out, start, "ENVID=", params->envid);
	if (params->smtputf8)
		add_word(out, start, "SMTPUTF8", (struct slice){ 0 });
	if (params->requiretls)
		add_word(out, start, "REQUIRETLS", (struct slice){ 0 });
	return buf_state(out);
}

char *mail_notify_format(unsigned notify, char *out)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < NOTIFIES; i++) {
		if (!(notify & notifies[i].bit))
			continue;
		int n = snprintf(out + len, MAIL_NOTIFY_TEXT - len, "%s%s", len ? "," : "",
				 notifies[i].name);
		len += (size_t)n;
		if (notifies[i].bit == MAIL_NOTIFY_NEVER)
			break; /* alone, whatever else was asked */
	}
	return out;
}

enum rc mail_rcpt_params_format(const struct mail_rcpt_params *params, struct buf *out)
{
	char notify[MAIL_NOTIFY_TEXT];
	size_t start = out->len;

	if (params->notify) {
		mail_notify_format(params->notify, notify);
		add_word(out, start, "NOTIFY=", (struct slice){ notify, strlen(notify) });
	}
	if (params->orcpt.len)
		add_word(out, start, "ORCPT=", params->orcpt);
	return buf_state(out);
}
