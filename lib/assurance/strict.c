#include "assurance/strict.h"

static enum rc add_match(const struct assurance *a, struct buf *out)
{
	(void)buf_add_text(out, "OK secure match=");
	for (size_t i = 0; i < a->match_count; i++) {
		(void)buf_add_text(out, i ? ":" : "");
		(void)buf_add_text(out, a->match[i]);
	}
	(void)buf_add_text(out, " servername=hostname");
	return a->anchors && *a->anchors ? buf_addf(out, " tafile=%s", a->anchors) : buf_state(out);
}

/* Digests as Postfix writes them: pairs of digits with colons, several with bars. */
static enum rc add_keys(const struct assurance *a, struct buf *out)
{
	(void)buf_add_text(out, "OK fingerprint match=");
	for (size_t i = 0; i < a->key_count; i++) {
		(void)buf_add_text(out, i ? "|" : "");
		for (const char *c = a->keys[i]; *c; c++) {
			(void)buf_add_text(out,
					   c > a->keys[i] && (c - a->keys[i]) % 2 == 0 ? ":" : "");
			(void)buf_add_byte(out,
					   *c >= 'a' && *c <= 'f' ? (char)(*c - 'a' + 'A') : *c);
		}
	}
	return buf_add_text(out, " servername=hostname");
}

/* A reason is one line of printable ASCII, since Postfix logs it and may bounce
 * with it. */
static enum rc add_temp(const struct assurance *a, struct buf *out)
{
	const char *reason = a->reason_count ? a->reasons[0] : "no reason is known";

	(void)buf_addf(out, "TEMP %s is %s, not authenticated: ", a->domain,
		       assurance_level_name(a->level));
	for (const char *c = reason; *c; c++)
		(void)buf_add_byte(out, *c < ' ' || *c > '~' ? '?' : *c);
	return buf_state(out);
}

static enum rc add_reply(const struct assurance *a, struct buf *out)
{
	if (!assurance_meets(a->level, ASSURANCE_AUTHENTICATED))
		return add_temp(a, out);
	if (a->by == ASSURANCE_BY_DANE)
		return buf_add_text(out, "OK dane-only");
	if (a->key_count > 0)
		return add_keys(a, out);
	if (a->match_count > 0)
		return add_match(a, out);
	/* An empty match= would be a hole, or an error in the MTA's log. */
	return buf_addf(out, "TEMP %s is authenticated, but by no name", a->domain);
}

enum rc assurance_strict_reply(const struct assurance *assurance, struct buf *out)
{
	size_t before = out->len;
	enum rc rc = add_reply(assurance, out);

	if (rc == RC_OK && out->len - before > ASSURANCE_STRICT_MAX)
		rc = RC_LIMIT;
	if (rc != RC_OK) /* whole or not at all */
		out->len = before;
	return rc;
}
