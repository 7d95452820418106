#include "scan.h"

#include "base/clock.h"
#include "base/log.h"
#include "deposit/facts.h"
#include "scan/clamd.h"

static bool seals(const struct action_plan *plan)
{
	for (size_t i = 0; i < plan->edit_count; i++)
		if (plan->edits[i].kind == ACTION_EDIT_SEAL ||
		    plan->edits[i].kind == ACTION_EDIT_SEAL_PARTS)
			return true;
	return false;
}

static enum rc refuse(struct session *s, struct judgement *j, const char *reason,
		      const char *queue_id, struct fault *why)
{
	const char *kept = arena_format(s->message.arena, "%s", reason);
	const char *text =
		arena_format(s->message.arena, "This message was sent to nobody: %s.", reason);

	if (!kept || !text)
		return fault(why, RC_NOMEM, "out of memory");
	log_line(LOG_WARN, queue_id, "scan: %s", kept);
	message_refuse(s, j, kept, text);
	return RC_OK;
}

static enum rc keep(struct message *m, const struct scan_result *result, struct fault *why)
{
	struct deposit_scan *scan = ARENA_NEW(m->arena, struct deposit_scan);

	if (!scan)
		return fault(why, RC_NOMEM, "out of memory");
	*scan = (struct deposit_scan){ .date_s = clock_wall_s() };
	deposit_scan_set(scan->engine, sizeof scan->engine, slice_of(result->engine));
	deposit_scan_set(scan->result, sizeof scan->result, SLICE("clean"));
	m->scan = scan;
	return RC_OK;
}

enum rc message_scan(struct session *s, struct judgement *j, const char *queue_id,
		     struct fault *why)
{
	struct message *m = &s->message;
	const struct settings_scan *settings = &m->ruleset->settings->scan;
	struct scan_result result;
	struct fault reason;

	if (settings->clamd[0] == '\0' || !seals(&j->plan))
		return RC_OK;
	enum rc rc = scan_message(settings->clamd, clock_mono_ms() + settings->timeout_ms, m->raw,
				  &result, &reason);
	if (rc == RC_OK && !result.found)
		return keep(m, &result, why);
	if (rc == RC_OK) {
		(void)!fault(&reason, RC_INVALID, "the virus scanner found %s in it", result.name);
		return refuse(s, j, reason.text, queue_id, why);
	}
	if (!settings->required) {
		log_line(LOG_WARN, queue_id, "scan: not looked at: %s", reason.text);
		return RC_OK;
	}
	if (rc == RC_LIMIT)
		return refuse(s, j, reason.text, queue_id, why);
	return fault(why, RC_RETRY, "%s (scan.required)", reason.text);
}
