#include "rewrite/rewrite.h"

#include "support/spooled.h"

#define RULES(more)                                                                                \
	"markers = ( { name = \"card\"; any = ( { detector = \"payment-card\"; } ); },\n"          \
	"  { name = \"wish\"; any = ( { subject = \"\\\\[s\\\\]\"; strip = true; } ); },\n"        \
	"  { name = \"label\"; any = ( { header = \"X-Class\"; value = \"secret\"; } ); },\n"      \
	"  { name = \"who\"; any = ( { header = \"From\"; value = \"boss\"; } ); } );\n"           \
	"rules = ( { name = \"r\"; " more                                                          \
	" require = \"authenticated\"; otherwise = [\"rewrite\"]; } );"
#define ON(marker) "when = { markers = [ \"" marker "\" ]; };"
#define CARD "4111 1111 1111 1111"
#define HEAD "From: a@x\r\nTo: b@y\r\nDate: d\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\n"
#define MIXED(kind) "Content-Type: multipart/" kind "; boundary=b\r\n"
#define PART(head, text) "--b\r\n" head "\r\n" text "\r\n"
#define CSV "Content-Type: text/csv; name=x.csv\r\n"
#define PGP "Content-Type: application/pgp-encrypted\r\n"
#define END "--b--\r\n"
#define OWN_TYPE "Content-Type 1  multipart/mixed; boundary=\"postern-aa\", "
#define STILL "what is left of it would still have to be protected"
#define FINDINGS RULES_REWRITE_FINDINGS

struct row {
	const char *name, *rules, *header, *body;
	enum rules_rewrite what;
	const char *keeps, *edits; /* NULL: it cannot be, */
	const char *why;           /* because of this */
	const char *seals;
	bool requiretls; /* the client wished it */
};

static const struct row rows[] = {
	{ "a finding in an attachment", RULES(ON("card")), HEAD "Subject: s\r\n" MIXED("mixed"),
	  PART("", "text") PART(CSV, CARD) END, FINDINGS, PART("", "text"), "", NULL,
	  CSV "\r\n" CARD "\r\n--postern-aa--", false },
	{ "in a Subject too, which is taken off, as is another field", RULES(ON("card")),
	  HEAD "X-A: 1\r\nX-A: " CARD "\r\nSubject: " CARD "\r\n" MIXED("mixed"),
	  PART("", "text") PART(CSV, CARD) END, FINDINGS, PART("", "text"),
	  "Subject 1 -, X-A 2 -, ", NULL, "Subject: " CARD, false },
	{ "in the whole of a message of one part", RULES(ON("card")),
	  HEAD "Content-Type: text/html\r\nContent-Language: en\r\nSubject: s\r\n", CARD "\r\n",
	  FINDINGS, "--postern-aa--", "Content-Language 1 -, " OWN_TYPE, NULL,
	  "Content-Language: en\r\nSubject: s\r\n\r\n" CARD "\r\n", false },
	{ "in a message without MIME", RULES(ON("card")), "From: a@x\r\n", CARD "\r\n", FINDINGS,
	  "--postern-aa--",
	  "Content-Type 0  multipart/mixed; boundary=\"postern-aa\", MIME-Version 0  1.0, ", NULL,
	  CARD, false },
	{ "a wish in the Subject speaks of all of it; its tag is taken off", RULES(ON("wish")),
	  HEAD "Subject: [s] hello\r\n" MIXED("mixed"), PART("", "text") PART(CSV, "x") END,
	  FINDINGS, "--postern-aa--", OWN_TYPE "Subject 1  hello, ", NULL, "Subject: [s] hello",
	  false },
	{ "a label too", RULES(ON("label")), HEAD "X-Class: secret\r\n" MIXED("mixed"),
	  PART("", "text") PART(CSV, "x") END, FINDINGS, "--postern-aa--", OWN_TYPE "X-Class 1 -, ",
	  NULL, "text", false },
	{ "but not where attachments alone are sealed", RULES(ON("label")),
	  HEAD "X-Class: secret\r\n" MIXED("mixed"), PART("", "text") PART(CSV, "x") END,
	  RULES_REWRITE_ATTACHMENTS, NULL, NULL, "a mark in its header speaks of all of it", NULL,
	  false },
	{ "From stays, and what it says still hits", RULES(ON("who")),
	  "From: boss@x\r\nContent-Type: text/plain\r\n", "text\r\n", FINDINGS, NULL, NULL, STILL,
	  NULL, false },
	{ "a rule on everything hits what is left", RULES(""), HEAD MIXED("mixed"),
	  PART("", "text") PART(CSV, CARD) END, FINDINGS, NULL, NULL, STILL, NULL, false },
	{ "a client's wish is one for all of it", RULES(ON("card")), HEAD MIXED("mixed"),
	  PART("", "text") PART(CSV, CARD) END, FINDINGS, NULL, NULL, STILL, NULL, true },
	{ "a finding in the text, where attachments are sealed", RULES(ON("card")),
	  HEAD MIXED("mixed"), PART("", CARD) PART(CSV, "x") END, RULES_REWRITE_ATTACHMENTS, NULL,
	  NULL, STILL, NULL, false },
	{ "what could not be read is taken out", RULES(ON("card")), HEAD MIXED("mixed"),
	  PART("", "text") PART(PGP, "x") PART(CSV, "y") END, FINDINGS, PART(CSV, "y"), "", NULL,
	  PGP, false },
	{ "and so it is beside a finding", RULES(ON("card")), HEAD MIXED("mixed"),
	  PART("", "text") PART(PGP, "x") PART(CSV, CARD) END, FINDINGS, PART("", "text"), "", NULL,
	  PGP, false },
	{ "but not where the rule ignores it", RULES(ON("card") "opaque = \"ignore\";"),
	  HEAD MIXED("mixed"), PART("", "text") PART(PGP, "x") PART(CSV, CARD) END, FINDINGS, PGP,
	  "", NULL, CSV "\r\n" CARD, false },
	{ "a header that could not be read", RULES(ON("card")), "X: a\rb\r\n" HEAD MIXED("mixed"),
	  PART("", "text") PART(CSV, "y") END, FINDINGS, NULL, NULL, "its header could not be read",
	  NULL, false },
	{ "a signed message", RULES(ON("card")), HEAD MIXED("signed"),
	  PART("", CARD) PART(CSV, "y") END, FINDINGS, NULL, NULL,
	  "a part of a signed message cannot be sealed alone", NULL, false },
	{ "a signed message as a whole", RULES(ON("card")), HEAD MIXED("signed"),
	  PART("", CARD) PART(CSV, "y") END, RULES_REWRITE_BODY, "--postern-aa--", OWN_TYPE, NULL,
	  PART("", CARD), false },
	{ "in a name in the message's own Content-Type", RULES(ON("card")),
	  HEAD "Content-Type: text/plain; name=\"" CARD "\"\r\n", "x\r\n", FINDINGS,
	  "--postern-aa--", OWN_TYPE, NULL, CARD, false },
	{ "in what stands before the parts", RULES(ON("card")), HEAD MIXED("mixed"),
	  CARD "\r\n" PART("", "text") END, FINDINGS, PART("", "text"), "", NULL, CARD, false },
};

struct made {
	struct arena *arena;
	struct spool *raw;
	const struct rules *rules;
	struct inspect_rules *markers;
	struct inspect *inspect;
	struct rewrite rewrite;
	struct fault why;
};

static void end(struct made *m)
{
	inspect_free(m->inspect);
	inspect_rules_unref(m->markers);
	rules_unref(m->rules);
	spool_free(m->raw);
	arena_free(m->arena);
}

static enum rc make(const struct row *row, struct made *m)
{
	struct buf text = BUF_INIT(1 << 22);
	const struct slice to = SLICE("b@y");
	struct demand_envelope envelope = {
		.from = SLICE("a@x"),
		.wish = row->requiretls ? DEMAND_WISH_REQUIRETLS : DEMAND_WISH_NONE,
	};

	*m = (struct made){ .arena = arena_new(1 << 22) };
	(void)!buf_addf(&text, "%s\r\n%s", row->header, row->body);
	m->raw = spooled(text.at);
	assert_int_equal(rules_parse(slice_of(row->rules), "f", &m->rules, &m->why), RC_OK);
	assert_int_equal(inspect_compile(m->rules, INSPECT_LIMITS_DEFAULT, &m->markers, &m->why),
			 RC_OK);
	m->inspect = inspect_open(m->markers);
	inspect_message(m->inspect, buf_slice(&text));
	struct rewrite_message message = {
		.rules = m->rules,
		.markers = m->markers,
		.findings = inspect_end(m->inspect),
		.envelope = &envelope,
		.recipient_count = 1,
		.recipients = &to,
		.what = row->what,
		.raw = m->raw,
		.body_at = strlen(row->header) + 2,
		.organisation = "",
		.portal_url = "https://p.test",
		.tag = "aa",
	};
	enum rc rc = rewrite_make(&message, m->arena, &m->rewrite, &m->why);
	buf_free(&text);
	return rc;
}

static void check_made(const struct row *row, const struct rewrite *r)
{
	struct buf edits = BUF_INIT(4096), body = spliced(&r->body), sealed = spliced(&r->sealed);

	for (size_t i = 0; i < r->edits.count; i++)
		(void)!buf_addf(&edits, "%s %u %s, ", r->edits.at[i].name, r->edits.at[i].index,
				r->edits.at[i].value ? r->edits.at[i].value : "-");
	if (strcmp(buf_text(&edits), row->edits) != 0)
		fail_msg("%s: edits are %s", row->name, buf_text(&edits));
	if (!strstr(body.at, row->keeps) || strstr(body.at, CARD) || !strstr(sealed.at, row->seals))
		fail_msg("%s:\n%s\n---\n%s", row->name, body.at, sealed.at);
	assert_true(body.len >= strlen(row->body));
	buf_free(&edits);
	buf_free(&body);
	buf_free(&sealed);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct made m;
		enum rc rc = make(&rows[i], &m);

		if (rc != (rows[i].keeps ? RC_OK : RC_ABSENT))
			fail_msg("%s: %d %s", rows[i].name, rc, m.why.text);
		if (rows[i].keeps)
			check_made(&rows[i], &m.rewrite);
		else
			assert_string_equal(m.why.text, rows[i].why);
		end(&m);
	}
}

/* More findings than are kept to be shown: the second part is found by looking again. */
static void test_what_is_left_is_looked_into_again(void **state)
{
	struct buf body = BUF_INIT(1 << 20);
	struct row row = { "many",
			   RULES(ON("card")),
			   HEAD MIXED("mixed"),
			   NULL,
			   FINDINGS,
			   PART("", "text"),
			   "",
			   NULL,
			   "5500",
			   false };
	struct made m;

	(void)state;
	(void)!buf_add_text(&body, PART("", "text") "--b\r\n" CSV "\r\n");
	for (int i = 0; i < 100; i++)
		(void)!buf_add_text(&body, CARD "\r\n");
	(void)!buf_add_text(&body, PART(CSV, "5500 0000 0000 0004") END);
	row.body = body.at;
	assert_int_equal(make(&row, &m), RC_OK);
	check_made(&row, &m.rewrite);
	struct buf left = spliced(&m.rewrite.body);
	assert_null(strstr(left.at, "5500"));
	buf_free(&left);
	end(&m);
	buf_free(&body);
}

static void test_the_most_of_two(void **state)
{
	(void)state;
	assert_int_equal(rewrite_most(RULES_REWRITE_FINDINGS, RULES_REWRITE_FINDINGS),
			 RULES_REWRITE_FINDINGS);
	assert_int_equal(rewrite_most(RULES_REWRITE_FINDINGS, RULES_REWRITE_ATTACHMENTS),
			 RULES_REWRITE_BODY);
	assert_int_equal(rewrite_most(RULES_REWRITE_BODY, RULES_REWRITE_ATTACHMENTS),
			 RULES_REWRITE_BODY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_what_is_left_is_looked_into_again),
		cmocka_unit_test(test_the_most_of_two),
	};
	return cmocka_run_group_tests_name("rewrite/rewrite", tests, NULL, NULL);
}
