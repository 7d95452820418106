#include "action/plan.h"

#include "base/buf.h"

#include <string.h>

enum {
	TEXT_MAX = 1900,       /* bytes of a reply: a longer one helps nobody */
	EDITS_OF_ITS_OWN = 12, /* at most, beside fields and recipients */
};

struct making {
	const struct action_message *message;
	const struct action_case *cases;
	size_t case_count;
	struct arena *arena;
	enum action_class *classes;
	struct action_edit *edits;
	size_t edit_count;
};

static size_t count_of(const struct making *m, enum action_class class)
{
	size_t n = 0;

	for (size_t i = 0; i < m->case_count; i++)
		n += m->classes[i] == class;
	return n;
}

/* A deferred copy may wait in the MTA's queue only where the strict route keeps
 * the whole promise: it can promise authenticated TLS and no more. */
static bool may_wait_in_queue(const struct making *m, const struct action_case *c)
{
	return m->message->by_person && c->require == RULES_REQUIRE_AUTHENTICATED;
}

static enum action_class class_of(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_PASS:
		return ACTION_PLAIN;
	case VERDICT_HOLD:
		return ACTION_HELD;
	case VERDICT_DIVERT:
		return ACTION_SEALED;
	case VERDICT_REWRITE:
		return ACTION_REWRITTEN;
	case VERDICT_DELIVER:
	case VERDICT_DEFER:
	case VERDICT_ENCRYPT: /* these two stop the message; were it */
	case VERDICT_REFUSE:  /* otherwise, strict is the safe class */
		return ACTION_STRICT;
	}
	return ACTION_STRICT;
}

/* Whether this case stops the whole message, and how. */
static bool stops(const struct making *m, const struct action_case *c, enum action_outcome *how)
{
	*how = ACTION_DEFER;
	switch (c->verdict.kind) {
	case VERDICT_REFUSE:
		*how = ACTION_REFUSE;
		return true;
	case VERDICT_DEFER:
		return !may_wait_in_queue(m, c);
	case VERDICT_ENCRYPT: /* no carrier for it yet: whoever says that the means are at */
		return true;  /* hand has erred, and the message waits                     */
	case VERDICT_PASS:
	case VERDICT_DELIVER:
	case VERDICT_REWRITE:
	case VERDICT_DIVERT:
	case VERDICT_HOLD:
		return false;
	}
	return true;
}

static bool settle(const struct making *m, enum action_outcome *how)
{
	bool stopped = false;

	*how = ACTION_DEFER;
	for (size_t i = 0; i < m->case_count; i++) {
		enum action_outcome its;
		if (!stops(m, &m->cases[i], &its))
			continue;
		stopped = true;
		if (its == ACTION_REFUSE) /* final beats passing: the sender should know now */
			*how = ACTION_REFUSE;
	}
	return stopped;
}

static void name_case(struct buf *b, const struct action_case *c)
{
	(void)buf_addf(b, " <%s>: %s%s%s.", c->address, c->demand_reason,
		       c->demand_reason[0] ? "; " : "", c->verdict.reason);
}

/* Whether those who stop it are recipients to whom nothing may be sent. */
static bool all_forbidden(const struct making *m)
{
	for (size_t i = 0; i < m->case_count; i++) {
		enum action_outcome its;
		if (stops(m, &m->cases[i], &its) && !m->cases[i].verdict.forbidden)
			return false;
	}
	return true;
}

static const char *enhanced_code(const struct making *m, bool refused, bool requiretls_alone)
{
	if (refused && all_forbidden(m))
		return "5.7.1"; /* RFC 3463 §3.8: not authorized */
	if (refused)
		return requiretls_alone ? "5.7.30" : "5.7.10";
	return requiretls_alone ? "4.7.30" : "4.7.10";
}

static bool is_said(const struct making *m, enum action_outcome how, size_t before, const char *say)
{
	enum action_outcome its;

	for (size_t i = 0; i < before; i++)
		if (m->cases[i].say && strcmp(m->cases[i].say, say) == 0 &&
		    stops(m, &m->cases[i], &its) && its == how)
			return true;
	return false;
}

/* The operator's words, on lines of their own, each once. */
static void say_once(const struct making *m, enum action_outcome how, struct buf *b)
{
	size_t said = 0;

	for (size_t i = 0; i < m->case_count && said < ACTION_NAMED_MAX; i++) {
		const struct action_case *c = &m->cases[i];
		enum action_outcome its;
		if (!c->say || !c->say[0] || !stops(m, c, &its) || its != how ||
		    is_said(m, how, i, c->say))
			continue;
		(void)buf_addf(b, "\n%s", c->say);
		said++;
	}
}

static const char *reply_text(const struct making *m, enum action_outcome how)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	size_t named = 0;

	(void)buf_addf(&b, "%s%s.",
		       how == ACTION_REFUSE ? "This message was sent to nobody"
					    : "This message is not sent yet",
		       all_forbidden(m) ? "" : ": it must not travel without proven TLS");
	size_t head = b.len;
	for (size_t i = 0; i < m->case_count; i++) {
		enum action_outcome its;
		if (!stops(m, &m->cases[i], &its) || its != how)
			continue;
		if (named++ < ACTION_NAMED_MAX)
			name_case(&b, &m->cases[i]);
	}
	if (named > ACTION_NAMED_MAX)
		(void)buf_addf(&b, " And %zu more.", named - ACTION_NAMED_MAX);
	say_once(m, how, &b);

	struct slice all = buf_slice(&b);
	if (buf_state(&b) == RC_LIMIT) /* the sentence without the cases still says what happened */
		all.len = head;
	const char *text = buf_state(&b) == RC_NOMEM ? NULL : arena_text(m->arena, all);
	buf_free(&b);
	return text;
}

static enum rc stop(const struct making *m, enum action_outcome how, struct action_plan *out)
{
	bool requiretls_alone = true; /* x.7.30 only where nothing else is lacking (RFC 8689 §5) */
	bool refused = how == ACTION_REFUSE;

	for (size_t i = 0; i < m->case_count; i++) {
		enum action_outcome its;
		if (stops(m, &m->cases[i], &its) && its == how)
			requiretls_alone &= m->cases[i].verdict.lacks_requiretls;
	}
	const char *text = reply_text(m, how);
	if (!text)
		return RC_NOMEM;
	*out = (struct action_plan){
		.outcome = how,
		.code = refused ? "550" : "451",
		.enhanced = enhanced_code(m, refused, requiretls_alone),
		.text = text,
		.case_count = m->case_count,
		.classes = m->classes,
	};
	return RC_OK;
}

static void edit(struct making *m, struct action_edit e)
{
	m->edits[m->edit_count++] = e;
}

static enum action_class class_that_stays(const struct making *m)
{
	if (count_of(m, ACTION_REWRITTEN))
		return ACTION_REWRITTEN;
	if (count_of(m, ACTION_PLAIN) || m->case_count == 0)
		return ACTION_PLAIN;
	return count_of(m, ACTION_STRICT) ? ACTION_STRICT : ACTION_HELD;
}

/* What must be durable first: should it fail, the message is still whole and the
 * client in charge of it. */
static void list_durable(struct making *m, enum action_class stays)
{
	static const enum action_class copied[] = { ACTION_PLAIN, ACTION_STRICT, ACTION_HELD };
	bool waits = false;

	if (count_of(m, ACTION_SEALED))
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_SEAL, .class = ACTION_SEALED });
	if (stays == ACTION_REWRITTEN)
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_SEAL_PARTS, .class = stays });
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
		if (stays != copied[i] && count_of(m, copied[i]))
			edit(m, (struct action_edit){ .kind = ACTION_EDIT_HANDBACK,
						      .class = copied[i] });
	for (size_t i = 0; i < m->case_count; i++)
		waits |= m->cases[i].verdict.kind == VERDICT_DEFER;
	if (waits)
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_REPORT });
}

static void list_rewriting(struct making *m)
{
	for (size_t i = 0; i < m->message->field_count; i++) {
		const struct action_field *f = &m->message->fields[i];
		edit(m, (struct action_edit){ .kind = f->value ? ACTION_EDIT_SET_HEADER
							       : ACTION_EDIT_REMOVE_HEADER,
					      .name = f->name,
					      .index = f->index,
					      .value = f->value });
	}
	edit(m, (struct action_edit){ .kind = ACTION_EDIT_REPLACE_BODY });
}

static void list_edits(struct making *m, enum action_class stays)
{
	const struct action_message *message = m->message;

	/* From the last index down: removing one must not renumber the next. */
	for (size_t i = message->forged_count; i-- > 0;)
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_REMOVE_HEADER,
					      .name = message->forged[i].name,
					      .index = message->forged[i].index });
	if (stays == ACTION_REWRITTEN)
		list_rewriting(m);
	else if (message->clean_subject)
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_SUBJECT,
					      .value = message->clean_subject });
	for (size_t i = 0; i < m->case_count; i++)
		if (m->classes[i] != stays)
			edit(m, (struct action_edit){ .kind = ACTION_EDIT_REMOVE_RECIPIENT,
						      .index = i });
	if (stays == ACTION_PLAIN || stays == ACTION_REWRITTEN)
		return;
	/* The route stands before the quarantine: a released message is still enforced. */
	edit(m, (struct action_edit){ .kind = ACTION_EDIT_ROUTE, .class = stays });
	edit(m, (struct action_edit){ .kind = ACTION_EDIT_RET_HEADERS });
	if (stays == ACTION_HELD)
		edit(m, (struct action_edit){ .kind = ACTION_EDIT_QUARANTINE,
					      .value = "held by a rule of Postern" });
}

static bool wants_copies(const struct making *m)
{
	for (size_t i = 0; i < m->edit_count; i++)
		if (m->edits[i].kind == ACTION_EDIT_HANDBACK)
			return true;
	return false;
}

enum rc action_plan_make(const struct action_message *message, const struct action_case *cases,
			 size_t case_count, struct arena *arena, struct action_plan *out)
{
	struct making m = {
		.message = message,
		.cases = cases,
		.case_count = case_count,
		.arena = arena,
		.classes = ARENA_ARRAY(arena, enum action_class, case_count),
		.edits = ARENA_ARRAY(arena, struct action_edit,
				     EDITS_OF_ITS_OWN + message->forged_count +
					     message->field_count + case_count),
	};
	enum action_outcome how;

	if (!m.classes || !m.edits)
		return RC_NOMEM;
	for (size_t i = 0; i < case_count; i++)
		m.classes[i] = class_of(cases[i].verdict.kind);
	if (settle(&m, &how))
		return stop(&m, how, out);

	enum action_class stays = class_that_stays(&m);
	list_durable(&m, stays);
	if (wants_copies(&m) && !message->can_handback) {
		*out = (struct action_plan){
			.outcome = ACTION_DEFER,
			.code = "451",
			.enhanced = "4.3.0",
			.text = "Some recipients of this message need the strict route and others "
				"cannot take it; the copy for them cannot be made now.",
			.case_count = case_count,
			.classes = m.classes
		};
		return RC_OK;
	}
	if (count_of(&m, stays) || case_count == 0)
		list_edits(&m, stays);
	else
		edit(&m, (struct action_edit){ .kind = ACTION_EDIT_DISCARD });

	*out = (struct action_plan){ .outcome = ACTION_ACCEPT,
				     .code = "",
				     .enhanced = "",
				     .text = "",
				     .stays = stays,
				     .case_count = case_count,
				     .classes = m.classes,
				     .edit_count = m.edit_count,
				     .edits = m.edits };
	return RC_OK;
}

const char *action_outcome_name(enum action_outcome outcome)
{
	switch (outcome) {
	case ACTION_ACCEPT:
		return "accept";
	case ACTION_DEFER:
		return "defer";
	case ACTION_REFUSE:
		return "refuse";
	}
	return "defer";
}
