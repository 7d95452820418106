#include "answer.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "carry.h"
#include "message.h"
#include "metrics/metrics.h"
#include "site.h"

sfsistat answer_failure(SMFICTX *ctx, const char *queue_id, enum rc rc, const struct fault *why)
{
	const struct session *s = smfi_getpriv(ctx);
	bool final = rc == RC_INVALID || rc == RC_LIMIT;
	CLEANUP(buf_free) struct buf text = BUF_INIT(1000);

	if (!final && s)
		metrics_count(s->site->metrics, METRICS_FAILURES, 0);

	log_line(final ? LOG_WARN : LOG_FAIL, queue_id, "verdict=%s reply=\"%s\" reason=\"%s\"",
		 final ? "refuse" : "defer", final ? "550 5.7.0" : "451 4.3.0", why->text);
	if (!final) {
		(void)carry_reply(ctx, "451", "4.3.0",
				  "This message could not be checked now, and it does not leave "
				  "unchecked; it "
				  "will be taken later.");
		return SMFIS_TEMPFAIL;
	}
	(void)buf_addf(&text, "This message cannot be checked and was sent to nobody: %s.",
		       why->text);
	(void)carry_reply(ctx, "550", "5.7.0", buf_text(&text));
	return SMFIS_REJECT;
}

sfsistat answer_wish(SMFICTX *ctx, const char *wish, const char *queue_id)
{
	log_line(LOG_NOTE, queue_id,
		 "verdict=refuse reply=\"550 5.7.0\" reason=\"wish %s is not known\"", wish);
	(void)carry_reply(ctx, "550", "5.7.0",
			  "The header field Postern-Require asks for something that is not known "
			  "here; it may "
			  "be authenticated or requiretls. The message was sent to nobody.");
	return SMFIS_REJECT;
}
