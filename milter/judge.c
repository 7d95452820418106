#include "judge.h"

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

/* What decides over one message: as it is, or as it would be if all rules enforced. */
struct judging {
	struct session *s;
	const struct inspect_findings *findings;
	struct demand_envelope envelope;
	int64_t deadline_ms;
};

static struct demand_envelope envelope_of(const struct message *m, int64_t now_s)
{
	return (struct demand_envelope){
		.from = slice_of(m->from),
		.authenticated = m->authenticated,
		.submission_tls = m->submission_tls,
		.wish = m->wish,
		.size_bytes = spool_size(m->raw),
		.recipient_count = m->recipient_count,
		.now_s = now_s,
		.outbound = &m->ruleset->settings->outbound,
	};
}

static void ask_demands(const struct judging *judging)
{
	struct message *m = &judging->s->message;

	for (size_t i = 0; i < m->recipient_count; i++) {
		struct recipient *r = &m->recipients[i];
		r->demand = (struct demand){ 0 };
		if (!r->internal)
			r->demand = demand_decide(m->ruleset->rules, judging->findings,
						  &judging->envelope, slice_of(r->address));
	}
}

static const struct assurance *wait_for(struct message *m, const char *way, int64_t deadline_ms)
{
	for (size_t i = 0; i < m->recipient_count; i++)
		if (!m->recipients[i].internal && strcmp(m->recipients[i].way, way) == 0)
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
			r->assurance = wait_for(m, r->way, deadline_ms);
			if (!r->assurance)
				return fault(why, RC_NOMEM, "out of memory");
			if (m->ruleset->settings->probe.enabled)
				assurance_service_probe(s->site->assurance, r->way);
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
static enum rc decide_all(const struct judging *judging, struct rewrite *rewrite, struct fault *why)
{
	struct session *s = judging->s;
	struct message *m = &s->message;
	struct verdict_submitter submitter;
	struct fault clause;
	enum rc rc = describe_submitter(s, &submitter, why);

	if (rc == RC_OK)
		rc = decide_each(s, &submitter, judging->deadline_ms, why);
	if (rc != RC_OK || !is_rewritten_for_any(m))
		return rc;
	rc = rewriting_make(s, judging->findings, &judging->envelope, rewrite, &clause);
	if (rc == RC_ABSENT) {
		submitter.rewritable = false;
		submitter.no_rewrite = arena_text(m->arena, slice_of(clause.text));
		return decide_each(s, &submitter, judging->deadline_ms, why);
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
			.say = m->recipients[i].demand.say,
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
		.forged_count = j->untouched ? 0 : m->own_count,
		.forged = forged,
		.clean_subject = j->untouched ? NULL : clean_subject,
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

/* ---- what would be ---- */

/* How long a message waits for lookups of which nothing depends but what the audit tells. They
 * began with its recipients, and most are remembered. */
enum { WOULD_WAIT_MS = 5000 };

bool message_is_observed(const struct message *m)
{
	return m->ruleset->rules->mode == RULES_OBSERVE;
}

static struct would as_it_is(const struct recipient *r)
{
	return (struct would){ r->demand, r->verdict };
}

static bool is_observed(const struct message *m, const struct would *is, const struct demand *would)
{
	return demand_is_observed(m->ruleset->rules, &is->demand, would);
}

static enum rc decide_would(struct judging *judging, const struct would *is, struct fault *why)
{
	struct message *m = &judging->s->message;
	struct rewrite unused = { 0 };
	bool any = false;

	judging->envelope.observe = true;
	ask_demands(judging);
	for (size_t i = 0; i < m->recipient_count; i++)
		any |= is_observed(m, &is[i], &m->recipients[i].demand);
	return any ? decide_all(judging, &unused, why) : RC_OK;
}

/* Decides as if all enforced, keeps that as what would be, and puts back what is. What fails
 * here changes nothing, and is logged. */
static enum rc look_at_would(struct judging *judging, bool *tells, struct fault *why)
{
	struct message *m = &judging->s->message;
	struct would *row = ARENA_ARRAY(m->arena, struct would, m->recipient_count);

	if (!row)
		return fault(why, RC_NOMEM, "out of memory");
	for (size_t i = 0; i < m->recipient_count; i++)
		row[i] = as_it_is(&m->recipients[i]);
	enum rc rc = decide_would(judging, row, why);
	for (size_t i = 0; i < m->recipient_count; i++) {
		struct recipient *r = &m->recipients[i];
		struct would would = as_it_is(r);
		r->demand = row[i].demand;
		r->verdict = row[i].verdict;
		if (rc != RC_OK || !is_observed(m, &row[i], &would.demand))
			continue;
		row[i] = would;
		r->would = &row[i];
		*tells = true;
	}
	return rc;
}

static void observe(struct judging *judging, struct judgement *j)
{
	const struct message *m = &judging->s->message;
	int64_t deadline_ms = clock_mono_ms() + WOULD_WAIT_MS;
	struct fault why;

	if (!m->ruleset->rules->observes)
		return;
	if (deadline_ms < judging->deadline_ms)
		judging->deadline_ms = deadline_ms;
	if (look_at_would(judging, &j->tells, &why) != RC_OK)
		log_line(LOG_WARN, NULL, "from=<%s>: what would be cannot be told: %s", m->from,
			 why.text);
}

enum rc message_observe_failure(struct session *s, bool final, const char *reason,
				struct judgement *out, struct fault *why)
{
	static const struct inspect_findings nothing = { 0 };
	struct message *m = &s->message;
	struct would *would = ARENA_NEW(m->arena, struct would);

	decide_none(m);
	*out = (struct judgement){ .findings = &nothing, .untouched = true, .tells = true };
	if (!would)
		return fault(why, RC_NOMEM, "out of memory");
	would->verdict.kind = final ? VERDICT_REFUSE : VERDICT_DEFER;
	snprintf(would->verdict.reason, sizeof would->verdict.reason, "%s", reason);
	for (size_t i = 0; i < m->recipient_count; i++)
		m->recipients[i].would = would;
	return make_plan(s, NULL, out, why);
}

/* ---- what is ---- */

enum rc message_judge(struct session *s, struct judgement *out, struct fault *why)
{
	struct message *m = &s->message;
	struct judging judging = {
		.s = s,
		.findings = inspect_end(m->inspect),
		.envelope = envelope_of(m, clock_wall_s()),
		.deadline_ms = clock_mono_ms() + m->ruleset->settings->limits.lookup_ms,
	};
	struct judgement j = { .findings = judging.findings, .untouched = message_is_observed(m) };

	if (!j.findings)
		return fault(why, RC_NOMEM, "out of memory");
	ask_demands(&judging);
	for (size_t i = 0; i < m->recipient_count; i++) {
		const struct demand *demand = &m->recipients[i].demand;
		j.protects |= demand->require != RULES_REQUIRE_NONE || demand->never;
		j.tells |= demand->exception[0] != '\0';
	}
	if (!j.protects)
		decide_none(m);
	enum rc rc = j.protects ? decide_all(&judging, &j.rewrite, why) : RC_OK;
	if (rc == RC_OK)
		observe(&judging, &j);
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
