#include "action/plan.h"

#include "base/buf.h"

#include "support/unit.h"

#define AUTH .require = RULES_REQUIRE_AUTHENTICATED
#define RTLS .require = RULES_REQUIRE_REQUIRETLS
#define OF(k) .verdict = { .kind = VERDICT_##k, .reason = "because" }

static const struct action_message person = { .by_person = true, .can_handback = true };
static const struct action_message program = { .can_handback = true };

/* A plan in one line: "accept: seal remove(0) route ret", "defer 4.7.10". */
static void describe(const struct action_plan *p, struct buf *out)
{
	static const char *const words[] = {
		[ACTION_EDIT_SEAL] = "seal",
		[ACTION_EDIT_SEAL_PARTS] = "parts",
		[ACTION_EDIT_SET_HEADER] = "set",
		[ACTION_EDIT_REPLACE_BODY] = "body",
		[ACTION_EDIT_HANDBACK] = "copy",
		[ACTION_EDIT_REPORT] = "report",
		[ACTION_EDIT_REMOVE_HEADER] = "header",
		[ACTION_EDIT_SUBJECT] = "subject",
		[ACTION_EDIT_REMOVE_RECIPIENT] = "off",
		[ACTION_EDIT_ROUTE] = "route",
		[ACTION_EDIT_RET_HEADERS] = "ret",
		[ACTION_EDIT_QUARANTINE] = "quarantine",
		[ACTION_EDIT_DISCARD] = "discard",
	};

	static const char *const copies[] = {
		[ACTION_PLAIN] = "plain", [ACTION_STRICT] = "strict", [ACTION_HELD] = "held"
	};

	buf_clear(out);
	assert_int_equal(buf_addf(out, "%s", action_outcome_name(p->outcome)), RC_OK);
	if (p->outcome != ACTION_ACCEPT)
		assert_int_equal(buf_addf(out, " %s", p->enhanced), RC_OK);
	for (size_t i = 0; i < p->edit_count; i++) {
		const struct action_edit *e = &p->edits[i];
		assert_int_equal(buf_addf(out, " %s", words[e->kind]), RC_OK);
		if (e->kind == ACTION_EDIT_REMOVE_RECIPIENT)
			assert_int_equal(buf_addf(out, "%zu", e->index), RC_OK);
		if (e->kind == ACTION_EDIT_HANDBACK)
			assert_int_equal(buf_addf(out, "-%s", copies[e->class]), RC_OK);
	}
}

static const struct {
	const char *name;
	const struct action_message *message;
	struct action_case cases[5];
	size_t count;
	const char *plan;
} rows[] = {
	{ "nothing protected, nothing touched", &person, { { "a@x", "", OF(PASS) } }, 1, "accept" },
	{ "recipients that nobody looked at keep their message", &program, { { 0 } }, 0, "accept" },
	{ "strict alone", &person, { { "a@x", "r", AUTH, OF(DELIVER) } }, 1, "accept route ret" },
	{ "all diverted: nobody is left",
	  &person,
	  { { "a@x", "r", AUTH, OF(DIVERT) }, { "b@x", "r", AUTH, OF(DIVERT) } },
	  2,
	  "accept seal discard" },
	{ "one diverted, one strict",
	  &person,
	  { { "a@x", "r", AUTH, OF(DIVERT) }, { "b@y", "r", AUTH, OF(DELIVER) } },
	  2,
	  "accept seal off0 route ret" },
	{ "one diverted, one untouched: the rest is not routed strictly",
	  &person,
	  { { "a@x", "r", AUTH, OF(DIVERT) }, { "b@our", "", OF(PASS) } },
	  2,
	  "accept seal off0" },
	{ "strict beside untouched travels as a copy",
	  &person,
	  { { "a@x", "r", AUTH, OF(DELIVER) }, { "b@our", "", OF(PASS) } },
	  2,
	  "accept copy-strict off0" },
	{ "held alone: routed first, then quarantined",
	  &person,
	  { { "a@x", "r", AUTH, OF(HOLD) } },
	  1,
	  "accept route ret quarantine" },
	{ "held beside strict: the held travel as a copy",
	  &person,
	  { { "a@x", "r", AUTH, OF(HOLD) }, { "b@y", "r", AUTH, OF(DELIVER) } },
	  2,
	  "accept copy-held off0 route ret" },
	{ "all four classes at once",
	  &person,
	  { { "a@x", "r", AUTH, OF(HOLD) },
	    { "b@y", "r", AUTH, OF(DELIVER) },
	    { "c@our", "", OF(PASS) },
	    { "d@z", "r", AUTH, OF(DIVERT) } },
	  4,
	  "accept seal copy-strict copy-held off0 off1 off3" },
	{ "a person's deferral waits in the queue, and the person is told",
	  &person,
	  { { "a@x", "r", AUTH, OF(DEFER) } },
	  1,
	  "accept report route ret" },
	{ "a program's deferral is the program's to repeat",
	  &program,
	  { { "a@x", "r", AUTH, OF(DEFER) }, { "b@our", "", OF(PASS) } },
	  2,
	  "defer 4.7.10" },
	{ "a person's REQUIRETLS cannot wait on a route that promises less",
	  &person,
	  { { "a@x", "r", RTLS, OF(DEFER) } },
	  1,
	  "defer 4.7.10" },
	{ "one refusal refuses all",
	  &person,
	  { { "a@x", "r", AUTH, OF(REFUSE) },
	    { "b@y", "r", AUTH, OF(DIVERT) },
	    { "c@our", "", OF(PASS) } },
	  3,
	  "refuse 5.7.10" },
	{ "refusal beats deferral",
	  &program,
	  { { "a@x", "r", AUTH, OF(DEFER) }, { "b@y", "r", AUTH, OF(REFUSE) } },
	  2,
	  "refuse 5.7.10" },
	{ "nothing may be sent there (RFC 3463 §3.8)",
	  &program,
	  { { "a@x", "", .verdict = { .kind = VERDICT_REFUSE, .forbidden = true } },
	    { "b@our", "", OF(PASS) } },
	  2,
	  "refuse 5.7.1" },
	{ "nothing may be sent to one, and another could not be proven",
	  &program,
	  { { "a@x", "", .verdict = { .kind = VERDICT_REFUSE, .forbidden = true } },
	    { "b@y", "r", AUTH, OF(REFUSE) } },
	  2,
	  "refuse 5.7.10" },
	{ "only REQUIRETLS is lacking (RFC 8689 §5)",
	  &program,
	  { { "a@x", "r", RTLS, .verdict = { .kind = VERDICT_REFUSE, .lacks_requiretls = true } } },
	  1,
	  "refuse 5.7.30" },
	{ "REQUIRETLS lacks here, TLS there",
	  &program,
	  { { "a@x", "r", RTLS, .verdict = { .kind = VERDICT_REFUSE, .lacks_requiretls = true } },
	    { "b@y", "r", AUTH, OF(REFUSE) } },
	  2,
	  "refuse 5.7.10" },
	{ "a verdict without a carrier waits, it is never let through",
	  &person,
	  { { "a@x", "r", AUTH, OF(ENCRYPT) }, { "b@y", "r", AUTH, OF(REWRITE) } },
	  2,
	  "defer 4.7.10" },
	{ "rewritten alone: the parts are durable before the body changes, and no route is forced",
	  &person,
	  { { "a@x", "r", AUTH, OF(REWRITE) }, { "b@x", "r", AUTH, OF(REWRITE) } },
	  2,
	  "accept parts body" },
	{ "rewritten beside untouched: those get a copy of the message as it was",
	  &program,
	  { { "a@x", "r", AUTH, OF(REWRITE) }, { "b@our", "", OF(PASS) } },
	  2,
	  "accept parts copy-plain body off1" },
	{ "all five classes at once",
	  &person,
	  { { "a@x", "r", AUTH, OF(REWRITE) },
	    { "b@y", "r", AUTH, OF(DELIVER) },
	    { "c@our", "", OF(PASS) },
	    { "d@z", "r", AUTH, OF(DIVERT) },
	    { "e@z", "r", AUTH, OF(HOLD) } },
	  5,
	  "accept seal parts copy-plain copy-strict copy-held body off1 off2 off3 off4" },
	{ "one refusal refuses the rewritten too",
	  &person,
	  { { "a@x", "r", AUTH, OF(REWRITE) }, { "b@y", "r", AUTH, OF(REFUSE) } },
	  2,
	  "refuse 5.7.10" },
};

static void test_rows(void **state)
{
	(void)state;
	struct buf text = BUF_INIT(1000);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena *arena = arena_new(1 << 16);
		struct action_plan p;

		print_message("   %s\n", rows[i].name);
		assert_int_equal(
			action_plan_make(rows[i].message, rows[i].cases, rows[i].count, arena, &p),
			RC_OK);
		describe(&p, &text);
		assert_string_equal(buf_text(&text), rows[i].plan);
		arena_free(arena);
	}
	buf_free(&text);
}

static struct action_plan plan_of(const struct action_message *m, const struct action_case *cases,
				  size_t count, struct arena *arena)
{
	struct action_plan p;

	assert_int_equal(action_plan_make(m, cases, count, arena, &p), RC_OK);
	return p;
}

static void test_without_copies_a_mixed_message_waits_whole(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1 << 16);
	struct action_message m = { .by_person = true };
	struct action_case cases[] = { { "a@x", "r", AUTH, OF(DELIVER) },
				       { "b@our", "", OF(PASS) } };
	struct action_plan p = plan_of(&m, cases, 2, arena);

	assert_int_equal(p.outcome, ACTION_DEFER);
	assert_string_equal(p.enhanced, "4.3.0");
	assert_int_equal(p.edit_count, 0);
	arena_free(arena);
}

static void test_forged_fields_go_from_the_last_and_the_subject_is_cleaned(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1 << 16);
	struct action_forged forged[] = { { "Postern-Route", 1 }, { "Postern-Route", 2 } };
	struct action_message m = { .forged_count = 2,
				    .forged = forged,
				    .clean_subject = " hello" };
	struct action_case plain = { "a@x", "", OF(PASS) };
	struct action_plan p = plan_of(&m, &plain, 1, arena);

	assert_int_equal(p.edit_count, 3);
	assert_int_equal(p.edits[0].kind, ACTION_EDIT_REMOVE_HEADER);
	assert_int_equal(p.edits[0].index, 2);
	assert_int_equal(p.edits[1].index, 1);
	assert_int_equal(p.edits[2].kind, ACTION_EDIT_SUBJECT);
	assert_string_equal(p.edits[2].value, " hello");
	arena_free(arena);
}

static void test_the_rewritten_have_their_fields_changed_and_no_other_subject(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1 << 16);
	const struct action_forged forged = { "Postern-Route", 1 };
	const struct action_field fields[] = { { "X-Card", 2, NULL },
					       { "Content-Type", 0, " x/y" } };
	struct action_message m = { .forged_count = 1,
				    .forged = &forged,
				    .clean_subject = " hello",
				    .field_count = 2,
				    .fields = fields };
	struct action_case rewritten = { "a@x", "r", AUTH, OF(REWRITE) },
			   plain = { "b@x", "", OF(PASS) };
	struct action_plan p = plan_of(&m, &rewritten, 1, arena);

	assert_int_equal(p.edit_count, 5);
	assert_int_equal(p.stays, ACTION_REWRITTEN);
	assert_int_equal(p.edits[0].kind, ACTION_EDIT_SEAL_PARTS);
	assert_string_equal(p.edits[1].name, "Postern-Route");
	assert_int_equal(p.edits[2].kind, ACTION_EDIT_REMOVE_HEADER);
	assert_string_equal(p.edits[2].name, "X-Card");
	assert_int_equal(p.edits[2].index, 2);
	assert_int_equal(p.edits[3].kind, ACTION_EDIT_SET_HEADER);
	assert_string_equal(p.edits[3].value, " x/y");
	assert_int_equal(p.edits[4].kind, ACTION_EDIT_REPLACE_BODY);

	p = plan_of(&m, &plain, 1, arena);
	assert_int_equal(p.edit_count, 2);
	assert_int_equal(p.edits[1].kind, ACTION_EDIT_SUBJECT);
	arena_free(arena);
}

static void test_the_reply_names_whom_and_why_and_counts_the_rest(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1 << 16);
	struct action_case cases[] = {
		{ "a@x", "rule \"cards\"", AUTH, OF(REFUSE) },
		{ "b@x", "", AUTH, OF(REFUSE) },
		{ "c@x", "", AUTH, OF(REFUSE) },
		{ "d@x", "", AUTH, OF(REFUSE) },
		{ "e@good", "", AUTH, OF(DELIVER) },
	};
	struct action_plan p = plan_of(&person, cases, COUNT(cases), arena);

	assert_string_equal(p.code, "550");
	assert_non_null(strstr(p.text, "<a@x>: rule \"cards\"; because."));
	assert_non_null(strstr(p.text, "<c@x>: because."));
	assert_null(strstr(p.text, "d@x"));
	assert_non_null(strstr(p.text, "And 1 more."));
	assert_null(strstr(p.text, "e@good"));
	arena_free(arena);
}

static void test_an_arena_that_is_full_is_a_failure_never_a_plan(void **state)
{
	(void)state;
	struct arena *arena = arena_new(8);
	struct action_case plain = { "a@x", "", OF(PASS) };
	struct action_plan p;

	assert_int_equal(action_plan_make(&person, &plain, 1, arena, &p), RC_NOMEM);
	arena_free(arena);
}

/* All messages of three recipients: nobody protected ever stays on a message that
 * goes on untouched, and everybody is somewhere. */
static void test_every_mixture_protects_everybody(void **state)
{
	(void)state;
	for (unsigned n = 0; n < 8 * 8 * 8 * 2; n++) {
		struct arena *arena = arena_new(1 << 16);
		struct action_case cases[3] = { 0 };
		unsigned left = n;
		for (int i = 0; i < 3; i++, left /= 8)
			cases[i] = (struct action_case){ "a@x", "", AUTH,
							 .verdict = { .kind = left % 8 } };
		struct action_plan p = plan_of(left ? &person : &program, cases, 3, arena);
		bool sealed = false, copied[5] = { 0 }, off[3] = { 0 }, gone = false,
		     routed = false, parted = false, changed = false;
		for (size_t i = 0; i < p.edit_count; i++) {
			sealed |= p.edits[i].kind == ACTION_EDIT_SEAL;
			parted |= p.edits[i].kind == ACTION_EDIT_SEAL_PARTS;
			changed |= p.edits[i].kind == ACTION_EDIT_REPLACE_BODY;
			gone |= p.edits[i].kind == ACTION_EDIT_DISCARD;
			routed |= p.edits[i].kind == ACTION_EDIT_ROUTE;
			if (p.edits[i].kind == ACTION_EDIT_HANDBACK)
				copied[p.edits[i].class] = true;
			if (p.edits[i].kind == ACTION_EDIT_REMOVE_RECIPIENT)
				off[p.edits[i].index] = true;
		}
		for (int i = 0; i < 3 && p.outcome == ACTION_ACCEPT; i++) {
			bool stays = !off[i] && !gone;
			enum verdict_kind kind = cases[i].verdict.kind;
			if (kind == VERDICT_PASS)
				assert_true(stays ? !routed && !changed : copied[ACTION_PLAIN]);
			else if (kind == VERDICT_REWRITE)
				assert_true(stays && parted && changed && !routed);
			else if (kind == VERDICT_DIVERT)
				assert_true(sealed && !stays);
			else
				assert_true(stays ? routed && !changed : copied[p.classes[i]]);
			assert_true(kind != VERDICT_REFUSE && kind != VERDICT_ENCRYPT);
		}
		arena_free(arena);
	}
}

static void test_the_operator_s_words_end_the_reply_each_once(void **state)
{
	(void)state;
	static const struct action_case cases[] = {
		{ "a@x", "", AUTH, OF(REFUSE), .say = "Ask the desk." },
		{ "b@x", "", AUTH, OF(REFUSE), .say = "Ask the desk." },
		{ "c@x", "", AUTH, OF(REFUSE), .say = "Or the board." },
		{ "d@x", "", AUTH, OF(DELIVER), .say = "not said" },
		{ "e@x", "", AUTH, OF(REFUSE) },
	};
	struct arena *arena = arena_new(1 << 20);
	struct action_plan p;

	assert_int_equal(action_plan_make(&program, cases, COUNT(cases), arena, &p), RC_OK);
	assert_int_equal(p.outcome, ACTION_REFUSE);
	assert_non_null(strstr(p.text, " And 1 more.\nAsk the desk.\nOr the board."));
	assert_null(strstr(p.text, "not said"));
	assert_int_equal(strlen(strstr(p.text, "Or the board.")), strlen("Or the board."));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_without_copies_a_mixed_message_waits_whole),
		cmocka_unit_test(test_forged_fields_go_from_the_last_and_the_subject_is_cleaned),
		cmocka_unit_test(test_the_rewritten_have_their_fields_changed_and_no_other_subject),
		cmocka_unit_test(test_the_reply_names_whom_and_why_and_counts_the_rest),
		cmocka_unit_test(test_the_operator_s_words_end_the_reply_each_once),
		cmocka_unit_test(test_an_arena_that_is_full_is_a_failure_never_a_plan),
		cmocka_unit_test(test_every_mixture_protects_everybody),
	};
	return cmocka_run_group_tests_name("action/plan", tests, NULL, NULL);
}
