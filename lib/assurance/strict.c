#include "assurance/strict.h"

static enum rc add_match(const struct assurance *a, struct buf *out)
{
	(void)buf_add_text(out, "OK secure match=");
	for (size_t i = 0; i < a->match_count; i++)
		(void)buf_addf(out, "%s%s", i ? ":" : "", a->match[i]);
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

enum rc assurance_strict_reply(const struct assurance *assurance, struct buf *out)
{
	struct buf reply = BUF_INIT(ASSURANCE_STRICT_MAX);
	enum rc rc;

	if (!assurance_meets(assurance->level, ASSURANCE_AUTHENTICATED))
		rc = add_temp(assurance, &reply);
	else if (assurance->by == ASSURANCE_BY_DANE)
		rc = buf_add_text(&reply, "OK dane-only");
	else if (assurance->match_count > 0)
		rc = add_match(assurance, &reply);
	else /* an empty match= would be a hole, or an error in the MTA's log */
		rc = buf_addf(&reply, "TEMP %s is authenticated, but by no name",
			      assurance->domain);
	if (rc == RC_OK)
		rc = buf_add_slice(out, buf_slice(&reply));
	buf_free(&reply);
	return rc;
}
