/* action/plan.h: the verdicts of one message as ordered edits and one reply.
 *
 *     b@plain.test divert, c@good.test deliver  →
 *         seal a deposit for b · take b off · route strictly · bounce headers only · accept
 *
 * A message in the MTA's queue can carry one class of recipient: the rewritten, the
 * untouched, the strict, or the held. What does not fit the class that stays is taken off the
 * message and travels as a copy of its own, handed back through the outbox. Diverted
 * recipients are taken off too; a message with nobody left is discarded, when all
 * that replaces it is durable.
 *
 * Pure, and free of any MTA's words: the milter carries a plan out, in order, and
 * defers the message when one edit fails.
 *
 * Memory   a plan lives in the arena that it was made in
 * Threads  pure functions */
#pragma once

#include "base/arena.h"
#include "verdict/verdict.h"

enum action_class {
	ACTION_PLAIN,  /* goes on untouched */
	ACTION_STRICT, /* by the strict route */
	ACTION_HELD,   /* quarantined, and strict when released */
	ACTION_SEALED, /* in a deposit, off the message */
	/* Parts are in a deposit, the rest goes on: the message's one body is changed, so
	 * that all others get a copy of it as it was. */
	ACTION_REWRITTEN,
};

struct action_case {               /* one recipient */
	const char *address;       /* no brackets */
	const char *demand_reason; /* "rule \"…\": marker card …", or "" */
	enum rules_require require;
	struct verdict verdict;
	const char *say; /* the operator's words; NULL or "": none */
};

struct action_forged { /* a header field of ours that the client sent */
	const char *name;
	unsigned index; /* the index-th of that name, from 1 */
};

struct action_field { /* a header field of the client's that changes with the body */
	const char *name;
	unsigned index;    /* as above; 0: a new one */
	const char *value; /* a blank in front; NULL: it is taken off */
};

struct action_message {
	bool by_person;    /* submitted with a log-in: a report to the sender is read by somebody */
	bool can_handback; /* a copy can be given back to the MTA */
	size_t forged_count;
	const struct action_forged *forged;
	const char *clean_subject; /* the Subject without wish tags; NULL: leave it */
	/* For the rewritten, instead of clean_subject, in this order. */
	size_t field_count;
	const struct action_field *fields;
};

enum action_edit_kind {
	ACTION_EDIT_SEAL, /* one durable deposit for every ACTION_SEALED case, notices, report */
	ACTION_EDIT_SEAL_PARTS, /* one durable deposit of parts for every ACTION_REWRITTEN case */
	ACTION_EDIT_HANDBACK,   /* one durable copy for every case of .class */
	ACTION_EDIT_REPORT,     /* tell the sender which cases wait for their destination */
	ACTION_EDIT_REMOVE_HEADER,    /* .name, .index */
	ACTION_EDIT_SUBJECT,          /* .value */
	ACTION_EDIT_SET_HEADER,       /* .name, .index (0: a new one), .value */
	ACTION_EDIT_REPLACE_BODY,     /* by what is left of it */
	ACTION_EDIT_REMOVE_RECIPIENT, /* .index is that of the case */
	ACTION_EDIT_ROUTE,            /* the strict route for all that stay */
	ACTION_EDIT_RET_HEADERS,      /* bounces without content */
	ACTION_EDIT_QUARANTINE,       /* .value says why */
	ACTION_EDIT_DISCARD,          /* nobody is left; last */
};

struct action_edit {
	enum action_edit_kind kind;
	enum action_class class;
	size_t index;
	const char *name, *value;
};

enum action_outcome { ACTION_ACCEPT, ACTION_DEFER, ACTION_REFUSE };

struct action_plan {
	enum action_outcome outcome;
	const char *code,
		*enhanced; /* "451", "4.7.10" (RFC 3463; x.7.30: RFC 8689 §5); "" if accepted */
	const char *text;  /* of the reply, in sentences; "" if accepted */
	enum action_class stays; /* the class that the message itself carries on */
	size_t case_count;
	const enum action_class *classes; /* of each case; void unless accepted */
	size_t edit_count;
	const struct action_edit *edits; /* in this order; none unless accepted */
};

enum { ACTION_NAMED_MAX = 3 }; /* recipients named in a reply; more are counted */

/* Refusal of one recipient refuses the whole message (nobody gets half a message);
 * a deferral defers the whole one unless a person submitted it and the strict route
 * can keep the promise while it waits. Both are settled before any edit.
 * case_count 0 is a message whose recipients nobody looked at: it goes on, untouched but
 * for forged fields, and is never discarded.
 * RC_NOMEM: the caller defers. */
enum rc action_plan_make(const struct action_message *message, const struct action_case *cases,
			 size_t case_count, struct arena *arena, struct action_plan *out);

const char *action_outcome_name(enum action_outcome outcome); /* "accept", "defer", "refuse" */
