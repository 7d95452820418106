#include "judge.h"

#include "audit/log.h"
#include "base/clock.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "deposit/cap.h"
#include "people.h"
#include "rewriting.h"
#include "site.h"
#include "verdict/means.h"

#include <stdio.h>
#include <string.h>

/* What this site's strict route can promise: its map knows domains, not messages. */
static const enum assurance_level carrier = ASSURANCE_AUTHENTICATED;

static struct demand_envelope envelope_of(const struct message *m)
{
	return (struct demand_envelope){
		.from = slice_of(m->from),
		.authenticated = m->authenticated,
		.submission_tls = m->submission_tls,
		.wish = m->wish,
	};
}

static void ask_demands(struct message *m, const struct inspect_findings *findings)
{
	struct demand_envelope envelope = envelope_of(m);

	for (size_t i = 0; i < m->recipient_count; i++) {
		struct recipient *r = &m->recipients[i];
		r->demand = (struct demand){ 0 };
		if (!r->internal)
			r->demand = demand_decide(m->ruleset->rules, findings, &envelope,
						  slice_of(r->address));
	}
}

static const struct assurance *wait_for(struct message *m, const char *domain, int64_t deadline_ms)
{
	for (size_t i = 0; i < m->recipient_count; i++)
		if (!m->recipients[i].internal && strcmp(m->recipients[i].domain, domain) == 0)
			return assurance_ticket_wait(m->recipients[i].ticket, deadline_ms);
	return NULL;
}

static enum rc deposits_used_up(struct session *s, bool *used_up, struct fault *why)
{
	CLEANUP(store_abandon) struct store_tx *tx = NULL;
	enum rc rc = store_begin_reading(s->site->store, &tx, why);

	if (rc == RC_OK)
		rc = deposit_cap_take(tx, slice_of(s->message.from),
				      s->message.ruleset->settings->limits.diverts_per_hour,
				      clock_wall_s(), false, why);
	*used_up = rc == RC_LIMIT;
	return rc == RC_LIMIT ? RC_OK : rc;
}

static enum rc describe_submitter(struct session *s, struct verdict_submitter *out,
				  struct fault *why)
{
	const struct message *m = &s->message;
	const struct settings_outbound *outbound = &m->ruleset->settings->outbound;
	struct mail_address sender;

	*out = (struct verdict_submitter){
		.null_sender = m->from[0] == '\0',
		.proven = true, /* else it would not be outgoing */
		.rewritable = true,
		.carrier = carrier,
	};
	if (mail_address_parse(slice_of(m->from), &sender, NULL) == RC_OK)
		out->sender_is_ours =
			domain_is_listed(&outbound->domains, mail_address_domain(&sender)) ||
			domain_is_listed(&outbound->internal_domains, mail_address_domain(&sender));
	return out->null_sender ? RC_OK : deposits_used_up(s, &out->used_up, why);
}

static enum rc decide_each(struct session *s, const struct verdict_submitter *submitter,
			   int64_t deadline_ms, struct fault *why)
{
	struct message *m = &s->message;

	for (size_t i = 0; i < m->recipient_count; i++) {
		struct recipient *r = &m->recipients[i];
		struct verdict_submitter one = *submitter;
		enum rc rc = RC_OK;
		if (r->demand.require != RULES_REQUIRE_NONE &&
		    r->demand.factor == RULES_FACTOR_CODE)
			rc = people_can_code(s, slice_of(r->address), &one, why);
		if (rc != RC_OK)
			return rc;
		struct verdict_means means = verdict_means_of(&one, r->demand.factor);
		if (r->demand.require != RULES_REQUIRE_NONE && !r->demand.never && !r->assurance) {
			r->assurance = wait_for(m, r->domain, deadline_ms);
			if (!r->assurance)
				return fault(why, RC_NOMEM, "out of memory");
			if (m->ruleset->settings->probe.enabled)
				assurance_service_probe(s->site->assurance, r->domain);
		}
		r->verdict = verdict_decide(&r->demand, r->assurance, &means);
	}
	return RC_OK;
}

static bool is_rewritten_for_any(const struct message *m)
{
	for (size_t i = 0; i < m->recipient_count; i++)
		if (m->recipients[i].verdict.kind == VERDICT_REWRITE)
			return true;
	return false;
}

/* Whether a message can be rewritten depends on whom it is rewritten for: that is tried
 * once, and where it fails, all go on down their ladders. */
static enum rc decide_all(struct session *s, int64_t deadline_ms, struct judgement *j,
			  struct fault *why)
{
	struct message *m = &s->message;
	struct demand_envelope envelope = envelope_of(m);
	struct verdict_submitter submitter;
	struct fault clause;
	enum rc rc = describe_submitter(s, &submitter, why);

	if (rc == RC_OK)
		rc = decide_each(s, &submitter, deadline_ms, why);
	if (rc != RC_OK || !is_rewritten_for_any(m))
		return rc;
	rc = rewriting_make(s, j->findings, &envelope, &j->rewrite, &clause);
	if (rc == RC_ABSENT) {
		submitter.rewritable = false;
		submitter.no_rewrite = arena_text(m->arena, slice_of(clause.text));
		return decide_each(s, &submitter, deadline_ms, why);
	}
	if (rc != RC_OK && why)
		*why = clause;
	return rc;
}

static enum rc make_plan(struct session *s, const char *clean_subject, struct judgement *j,
			 struct fault *why)
{
	struct message *m = &s->message;
	struct action_case *cases = ARENA_ARRAY(m->arena, struct action_case, m->recipient_count);
	struct action_forged *forged = ARENA_ARRAY(m->arena, struct action_forged, m->own_count);

	if (!cases || !forged)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < m->recipient_count; i++)
		cases[i] = (struct action_case){
			.address = m->recipients[i].address,
			.demand_reason = m->recipients[i].demand.reason,
			.require = m->recipients[i].demand.require,
			.verdict = m->recipients[i].verdict,
		};
	for (size_t i = 0; i < m->own_count; i++)
		forged[i] = (struct action_forged){ m->own[i].name, m->own[i].index };
	/* A value begins with its blanks, as in carry.c. */
	if (clean_subject && clean_subject[0] != ' ' && clean_subject[0] != '\t') {
		clean_subject = arena_format(m->arena, " %s", clean_subject);
		if (!clean_subject)
			return fault(why, RC_NOMEM, "out of memory");
	}
	struct action_message message = {
		.by_person = m->authenticated,
		.can_handback = true,
		.forged_count = m->own_count,
		.forged = forged,
		.clean_subject = clean_subject,
	};
	enum rc rc = rewriting_fields(s, &j->rewrite, &message, why);
	if (rc != RC_OK)
		return rc;
	rc = action_plan_make(&message, cases, m->recipient_count, m->arena, &j->plan);
	return rc == RC_OK ? RC_OK : fault(why, rc, "out of memory");
}

/* Nobody is protected, and nobody waits for a lookup. */
static void decide_none(struct message *m)
{
	struct demand none = { 0 };

	for (size_t i = 0; i < m->recipient_count; i++)
		m->recipients[i].verdict = verdict_decide(&none, NULL, NULL);
}

enum rc message_judge(struct session *s, struct judgement *out, struct fault *why)
{
	struct message *m = &s->message;
	int64_t deadline_ms = clock_mono_ms() + m->ruleset->settings->limits.lookup_ms;
	struct judgement j = { .findings = inspect_end(m->inspect) };

	if (!j.findings)
		return fault(why, RC_NOMEM, "out of memory");
	ask_demands(m, j.findings);
	for (size_t i = 0; i < m->recipient_count; i++)
		j.protects |= m->recipients[i].demand.require != RULES_REQUIRE_NONE ||
			      m->recipients[i].demand.never;
	if (!j.protects)
		decide_none(m);
	enum rc rc = j.protects ? decide_all(s, deadline_ms, &j, why) : RC_OK;
	if (rc == RC_OK)
		rc = make_plan(s, j.findings->clean_subject, &j, why);
	if (rc == RC_OK)
		*out = j;
	return rc;
}

void message_refuse(struct session *s, struct judgement *j, const char *reason, const char *text)
{
	struct message *m = &s->message;

	for (size_t i = 0; i < m->recipient_count; i++) {
		struct verdict *verdict = &m->recipients[i].verdict;
		*verdict = (struct verdict){ .kind = VERDICT_REFUSE };
		snprintf(verdict->reason, sizeof verdict->reason, "%s", reason);
	}
	j->protects = true;
	j->plan = (struct action_plan){
		.outcome = ACTION_REFUSE,
		.code = "550",
		.enhanced = "5.7.0",
		.text = text,
	};
}

enum rc message_let_through(struct session *s, struct judgement *out, struct fault *why)
{
	decide_none(&s->message);
	*out = (struct judgement){ 0 };
	return make_plan(s, NULL, out, why);
}

enum rc message_route(struct session *s, enum action_class class, struct judgement *out,
		      struct fault *why)
{
	for (size_t i = 0; i < s->message.recipient_count; i++) {
		struct recipient *r = &s->message.recipients[i];
		r->demand = (struct demand){ .require = RULES_REQUIRE_AUTHENTICATED };
		r->verdict = (struct verdict){
			.kind = class == ACTION_HELD ? VERDICT_HOLD : VERDICT_DELIVER,
			.reason = "the copy of a message that was split",
		};
	}
	*out = (struct judgement){ .protects = true };
	return make_plan(s, NULL, out, why);
}

static const char *where_name(enum rules_where where)
{
	switch (where) {
	case RULES_HEADER:
		return "header";
	case RULES_SUBJECT:
		return "subject";
	case RULES_BODY:
		return "body";
	case RULES_ATTACHMENT:
		return "attachment";
	case RULES_FILENAME:
		return "filename";
	case RULES_METADATA:
		return "metadata";
	}
	return "";
}

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
			.where = where_name(findings->at[i].where),
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

static struct audit_record record_of(const struct session *s, const struct recipient *r)
{
	const struct message *m = &s->message;
	const struct assurance *a = r->assurance;
	bool asked = r->demand.require != RULES_REQUIRE_NONE;

	return (struct audit_record){
		.ts_usec = clock_wall_usec(),
		.client = s->client,
		.auth = m->authenticated ? m->auth : NULL,
		.submission_tls = m->submission_tls,
		.from = m->from,
		.to = r->address,
		.rule = r->demand.rule ? r->demand.rule->name : NULL,
		.require = asked ? rules_require_name(r->demand.require) : NULL,
		.assurance = a ? assurance_level_name(a->level) : NULL,
		.by = a && a->by != ASSURANCE_BY_NOTHING ? assurance_by_name(a->by) : NULL,
		.evidence_count = a ? a->reason_count : 0,
		.evidence = a ? a->reasons : NULL,
		.verdict = verdict_name(r->verdict.kind),
		.reason = r->verdict.reason,
		.rules_sha256 = m->ruleset->rules->digest,
	};
}

enum rc message_record(struct session *s, const struct judgement *judgement, const char *event,
		       const char *queue_id, const char *reply, struct fault *why)
{
	struct message *m = &s->message;
	struct audit_record *records =
		ARENA_ARRAY(m->arena, struct audit_record, m->recipient_count);
	size_t finding_count;
	const struct audit_finding *findings =
		audit_findings(m->arena, judgement->findings, &finding_count);

	if (!records || !findings)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < m->recipient_count; i++) {
		records[i] = record_of(s, &m->recipients[i]);
		records[i].event = event;
		records[i].queue_id = queue_id;
		records[i].reply = reply;
		records[i].findings = findings;
		records[i].finding_count = finding_count;
	}
	enum rc rc = audit_log_append(s->site->audit, records, m->recipient_count,
				      judgement->protects, why);
	if (rc == RC_OK && m->ruleset->settings->audit.syslog)
		site_syslog(records, m->recipient_count);
	return rc;
}
