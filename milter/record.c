#include "record.h"

#include "audit/log.h"
#include "base/clock.h"
#include "site.h"

static const struct audit_finding *
audit_findings(struct arena *arena, const struct inspect_findings *findings, size_t *count)
{
	size_t n = findings ? findings->count + findings->opaque_count : 0;
	struct audit_finding *list = ARENA_ARRAY(arena, struct audit_finding, n);

	*count = 0;
	if (!list || !findings)
		return list;
	for (size_t i = 0; i < findings->count; i++)
		list[(*count)++] = (struct audit_finding){
			.marker = findings->at[i].marker,
			.where = rules_where_name(findings->at[i].where),
			.part = findings->at[i].part,
			.field = findings->at[i].field,
			.evidence = findings->at[i].evidence,
		};
	for (size_t i = 0; i < findings->opaque_count; i++)
		list[(*count)++] = (struct audit_finding){
			.marker = "opaque",
			.where = "",
			.part = findings->opaque[i].part,
			.field = "",
			.evidence = findings->opaque[i].why,
		};
	return list;
}

static struct audit_record record_of(const struct session *s, const struct recipient *r,
				     const struct demand *demand, const struct verdict *verdict)
{
	const struct message *m = &s->message;
	const struct assurance *a = r->assurance;
	bool asked = demand->require != RULES_REQUIRE_NONE;

	return (struct audit_record){
		.ts_usec = clock_wall_usec(),
		.client = s->client,
		.auth = m->authenticated ? m->auth : NULL,
		.submission_tls = m->submission_tls,
		.from = m->from,
		.to = r->address,
		.rule = demand->rule ? demand->rule->name : NULL,
		.require = asked ? rules_require_name(demand->require) : NULL,
		.assurance = a ? assurance_level_name(a->level) : NULL,
		.by = a && a->by != ASSURANCE_BY_NOTHING ? assurance_by_name(a->by) : NULL,
		.evidence_count = a ? a->reason_count : 0,
		.evidence = a ? a->reasons : NULL,
		.verdict = verdict_name(verdict->kind),
		.reason = verdict->reason,
		.rules_sha256 = m->ruleset->rules->digest,
		.observed = demand->observed ? demand->observed->name : NULL,
		.exception = demand->exception[0] ? demand->exception : NULL,
	};
}

/* What was decided for each recipient; behind it, what would have been, where a rule that
 * observes has hit. */
static size_t list_records(const struct session *s, struct audit_record *out)
{
	const struct message *m = &s->message;
	size_t n = 0;

	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct recipient *r = &m->recipients[i];
		out[n++] = record_of(s, r, &r->demand, &r->verdict);
		if (!r->would)
			continue;
		out[n] = record_of(s, r, &r->would->demand, &r->would->verdict);
		out[n++].mode = rules_mode_name(RULES_OBSERVE);
	}
	return n;
}

enum rc message_record(struct session *s, const struct judgement *judgement, const char *event,
		       const char *queue_id, const char *reply, struct fault *why)
{
	struct message *m = &s->message;
	struct audit_record *records =
		ARENA_ARRAY(m->arena, struct audit_record, 2 * m->recipient_count);
	size_t finding_count;
	const struct audit_finding *findings =
		audit_findings(m->arena, judgement->findings, &finding_count);

	if (!records || !findings)
		return fault(why, RC_NOMEM, "out of memory");
	size_t count = list_records(s, records);
	for (size_t i = 0; i < count; i++) {
		records[i].event = event;
		records[i].queue_id = queue_id;
		records[i].reply = reply;
		records[i].findings = findings;
		records[i].finding_count = finding_count;
	}
	enum rc rc = audit_log_append(s->site->audit, records, count, judgement->protects, why);
	if (rc == RC_OK && m->ruleset->settings->audit.syslog)
		site_syslog(records, count);
	return rc;
}
