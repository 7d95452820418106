/* play STORY: one message's whole story, in process, on a clock of its own.
 *
 *     # A card number to a domain without any promise goes to the portal.
 *     world
 *       plain.test     MX  10 mx.plain.test
 *       mx.plain.test  A   192.0.2.1
 *     rules
 *       markers = ( … );
 *     message a@our.example b@plain.test c@our.example program
 *       Subject: hi
 *
 *       4111 1111 1111 1111
 *     expect
 *       b@plain.test divert
 *       plan accept seal off0
 *       says "no MTA-STS policy"
 *     pass 3600
 *
 * A section's lines are indented by two columns. `world` may come again and changes
 * what it names (tests/support/script.h has its words); `rules` replaces the ones that are
 * built in; each `message` is judged at once and each `expect` is about the last.
 * After the addresses: `program` (no log-in), `clear` (submitted without TLS), `wish=requiretls`.
 * `left TEXT` and `taken TEXT` look into a rewritten message and into what was sealed of it.
 * our.example is internal. `never WORD` in expect: no reason or reply has it. `at=TIME` (RFC 3339)
 * after the addresses is when the message is sent; `would ADDRESS VERDICT` is what would become of
 * it if all that observes enforced, `nothing` where nothing that observes has hit. */
#include "support/script.h"

#include "action/plan.h"
#include "assurance/service.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "demand/demand.h"
#include "inspect/inspect.h"
#include "mail/address.h"
#include "rewrite/rewrite.h"
#include "settings/rules.h"
#include "settings/settings.h"
#include "sts/cache.h"
#include "verdict/means.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECIPIENTS = 16, TEXT = 1 << 20 };

struct story {
	const char *path;
	unsigned line, failures, checks;
	struct script *script;
	struct assurance_sources sources;
	struct sts_cache *policies;
	struct assurance_service *service;
	const struct rules *rules;
	struct inspect_rules *markers;
	/* of the last message */
	struct arena *arena;
	struct action_case cases[RECIPIENTS];
	size_t count;
	struct action_plan plan;
	struct demand demands[RECIPIENTS];
	struct verdict would[RECIPIENTS];
	bool observed[RECIPIENTS];
	const struct assurance *assurances[RECIPIENTS];
	struct spool *raw;
	uint64_t body_at;
	struct buf left, taken; /* of a rewritten message */
	struct buf words;       /* every reason and reply, for `says` and `never` */
};

static void fail(struct story *s, const char *what, struct slice wanted, const char *got)
{
	printf("%s:%u: %s: wanted \"%.*s\", got \"%s\"\n", s->path, s->line, what,
	       SLICE_ARG(wanted), got);
	s->failures++;
}

_Noreturn static void die(const struct story *s, const char *why)
{
	printf("%s:%u: %s\n", s->path, s->line, why);
	exit(2);
}

static bool take_word(struct slice *rest, struct slice *word)
{
	*rest = slice_trim(*rest);
	if (rest->len == 0)
		return false;
	if (!slice_take_until(rest, ' ', word)) {
		*word = *rest;
		*rest = (struct slice){ 0 };
	}
	return true;
}

/* ---- rules and world ---- */

static void use_rules(struct story *s, const struct rules *rules)
{
	struct inspect_rules *markers;
	struct fault why;

	if (inspect_compile(rules, INSPECT_LIMITS_DEFAULT, &markers, &why) != RC_OK)
		die(s, why.text);
	inspect_rules_unref(s->markers);
	rules_unref(s->rules);
	s->markers = markers;
	s->rules = rules;
}

static void read_rules(struct story *s, const struct buf *text)
{
	const struct rules *rules;
	struct fault why;

	if (rules_parse(buf_slice(text), s->path, &rules, &why) != RC_OK)
		die(s, why.text);
	use_rules(s, rules);
}

static void open_world(struct story *s)
{
	const struct rules *rules;
	struct fault why;

	s->script = script_new("");
	s->sources = script_sources(s->script);
	s->policies = sts_cache_new(NULL);
	struct assurance_service_config config = { .sources = s->sources, .policies = s->policies };
	s->service = assurance_service_new(NULL, &config, &why);
	if (!s->policies || !s->service || rules_embedded(&rules, &why) != RC_OK)
		die(s, "no memory");
	use_rules(s, rules);
}

/* ---- one message ---- */

struct answer {
	bool there;
	const struct assurance *assurance;
};

static void answered(void *arg, const struct assurance *assurance)
{
	struct answer *answer = arg;

	answer->assurance = assurance_ref(assurance);
	answer->there = true;
}

static const struct assurance *ask(struct story *s, const char *domain)
{
	struct answer answer = { 0 };

	(void)assurance_service_get(s->service, domain, answered, &answer);
	if (!answer.there && !script_run(s->script, 120000, &answer.there))
		die(s, "the world never answered");
	return answer.assurance;
}

/* What recipient i's copy must be protected by, and what its destination guarantees. */
static void look_at(struct story *s, const struct inspect_findings *findings,
		    const struct demand_envelope *envelope, size_t i)
{
	struct action_case *c = &s->cases[i];
	struct demand *demand = &s->demands[i];
	struct mail_address to;

	if (mail_address_parse(slice_of(c->address), &to, NULL) != RC_OK)
		die(s, "that is no address");
	struct slice domain = mail_address_domain(&to);
	*demand = (struct demand){ 0 };
	if (!slice_is(domain, "our.example"))
		*demand = demand_decide(s->rules, findings, envelope, slice_of(c->address));
	if (demand->require != RULES_REQUIRE_NONE && !s->assurances[i])
		s->assurances[i] = ask(s, arena_text(s->arena, domain));
	c->demand_reason = arena_text(s->arena, slice_of(demand->reason));
	c->require = demand->require;
	c->say = demand->say;
}

static bool judge(struct story *s, const struct demand_envelope *envelope, const char *no_rewrite)
{
	const struct verdict_submitter submitter = { .null_sender = envelope->from.len == 0,
						     .proven = true,
						     .sender_is_ours = true,
						     .rewritable = !no_rewrite,
						     .no_rewrite = no_rewrite,
						     .carrier = ASSURANCE_AUTHENTICATED };
	bool rewritten = false;

	for (size_t i = 0; i < s->count; i++) {
		struct verdict_means means = verdict_means_of(&submitter, s->demands[i].factor);
		s->cases[i].verdict = verdict_decide(&s->demands[i], s->assurances[i], &means);
		rewritten |= s->cases[i].verdict.kind == VERDICT_REWRITE;
	}
	return rewritten;
}

static void keep_splice(struct story *s, const struct splice *from, struct buf *to)
{
	char chunk[4096];
	size_t got;

	do {
		if (splice_read(from, to->len, chunk, sizeof chunk, &got, NULL) != RC_OK ||
		    buf_add(to, chunk, got) != RC_OK)
			die(s, "the rewritten message cannot be read");
	} while (got);
}

/* The reason why it cannot be; NULL: it is, and *made says how. */
static const char *rewrite(struct story *s, const struct inspect_findings *findings,
			   const struct demand_envelope *envelope, struct rewrite *made)
{
	struct slice to[RECIPIENTS];
	struct fault why;
	struct rewrite_message message = {
		.rules = s->rules,
		.markers = s->markers,
		.findings = findings,
		.envelope = envelope,
		.recipients = to,
		.raw = s->raw,
		.body_at = s->body_at,
		.organisation = "",
		.portal_url = "https://secure.our.example",
		.tag = "0",
	};

	for (size_t i = 0; i < s->count; i++) {
		enum rules_rewrite what = s->demands[i].rewrite;
		if (s->cases[i].verdict.kind != VERDICT_REWRITE)
			continue;
		message.what = message.recipient_count ? rewrite_most(message.what, what) : what;
		to[message.recipient_count++] = slice_of(s->cases[i].address);
	}
	enum rc rc = rewrite_make(&message, s->arena, made, &why);
	if (rc != RC_OK && rc != RC_ABSENT)
		die(s, why.text);
	if (rc == RC_ABSENT)
		return arena_text(s->arena, slice_of(why.text));
	keep_splice(s, &made->body, &s->left);
	keep_splice(s, &made->sealed, &s->taken);
	return NULL;
}

/* Decides once more, as if all that observes enforced; what was decided stays. */
static void look_at_would(struct story *s, const struct inspect_findings *findings,
			  const struct demand_envelope *envelope)
{
	const struct verdict_means means = { .carrier = ASSURANCE_AUTHENTICATED,
					     .no_encrypt = "no certificate" };
	struct demand_envelope as_enforced = *envelope;

	as_enforced.observe = true;
	for (size_t i = 0; i < s->count; i++) {
		struct action_case is = s->cases[i];
		struct demand demand = s->demands[i];
		look_at(s, findings, &as_enforced, i);
		s->observed[i] = demand_is_observed(s->rules, &demand, &s->demands[i]);
		s->would[i] = verdict_decide(&s->demands[i], s->assurances[i], &means);
		s->cases[i] = is;
		s->demands[i] = demand;
	}
}

static void plan(struct story *s, const struct demand_envelope *envelope,
		 const struct inspect_findings *findings)
{
	struct rewrite made = { 0 };
	const char *no_rewrite;

	for (size_t i = 0; i < s->count; i++)
		look_at(s, findings, envelope, i);
	if (judge(s, envelope, NULL) && (no_rewrite = rewrite(s, findings, envelope, &made)))
		(void)judge(s, envelope, no_rewrite);
	struct action_field *fields = ARENA_ARRAY(s->arena, struct action_field, made.edits.count);
	struct action_message message = { .by_person = envelope->authenticated,
					  .can_handback = true,
					  .clean_subject = findings->clean_subject,
					  .field_count = made.edits.count,
					  .fields = fields };

	for (size_t i = 0; fields && i < made.edits.count; i++)
		fields[i] = (struct action_field){ made.edits.at[i].name, made.edits.at[i].index,
						   made.edits.at[i].value };
	if (!fields || action_plan_make(&message, s->cases, s->count, s->arena, &s->plan) != RC_OK)
		die(s, "no memory");
	for (size_t i = 0; i < s->count; i++)
		(void)buf_addf(&s->words, "%s\n%s\n%s\n", s->demands[i].reason,
			       s->demands[i].exception, s->cases[i].verdict.reason);
	(void)buf_addf(&s->words, "%s\n", s->plan.text);
}

static void forget_message(struct story *s)
{
	for (size_t i = 0; i < RECIPIENTS; i++)
		assurance_unref(s->assurances[i]);
	memset(s->assurances, 0, sizeof s->assurances);
	arena_free(s->arena);
	spool_free(s->raw);
	s->arena = NULL;
	s->raw = NULL;
	s->count = 0;
	s->body_at = 0;
	buf_clear(&s->words);
	buf_clear(&s->left);
	buf_clear(&s->taken);
}

static void keep_line(struct story *s, struct slice line)
{
	if (spool_add(s->raw, line.at, line.len, NULL) != RC_OK ||
	    spool_add(s->raw, "\r\n", 2, NULL) != RC_OK)
		die(s, "no memory");
	if (line.len == 0 && s->body_at == 0)
		s->body_at = spool_size(s->raw);
}

static void take_flags(struct story *s, struct slice word, struct demand_envelope *envelope)
{
	if (slice_is(word, "program"))
		envelope->authenticated = false;
	else if (slice_is(word, "clear"))
		envelope->submission_tls = false;
	else if (slice_is(word, "wish=requiretls"))
		envelope->wish = DEMAND_WISH_REQUIRETLS;
	else if (slice_is(word, "wish=authenticated"))
		envelope->wish = DEMAND_WISH_AUTHENTICATED;
	else if (slice_drop_prefix(&word, "at=")) {
		if (!clock_parse(word, &envelope->now_s))
			die(s, "that is no time");
	} else if (s->count < RECIPIENTS)
		s->cases[s->count++] =
			(struct action_case){ .address = arena_text(s->arena, word) };
	else
		die(s, "too many recipients");
}

static const char *const our_domains[] = { "our.example" };
static const struct settings_outbound ours = { .domains = { 1, our_domains } };

static void play_message(struct story *s, struct slice arguments, const struct buf *text)
{
	struct demand_envelope envelope = { .authenticated = true,
					    .submission_tls = true,
					    .now_s = script_now_s(s->script) };
	struct inspect *inspect = inspect_open(s->markers);
	struct slice word, lines = buf_slice(text), line;

	forget_message(s);
	s->arena = arena_new(1 << 20);
	s->raw = spool_new(TEXT, TEXT, "");
	if (!inspect || !s->arena || !s->raw || !take_word(&arguments, &word))
		die(s, "a message has a sender and recipients");
	envelope.from = slice_is(word, "<>") ? (struct slice){ 0 } : word;
	while (take_word(&arguments, &word))
		take_flags(s, word, &envelope);
	while (slice_take_line(&lines, &line)) {
		keep_line(s, line);
		inspect_message(inspect, line);
		inspect_message(inspect, SLICE("\r\n"));
	}
	const struct inspect_findings *findings = inspect_end(inspect);
	if (!findings)
		die(s, "no memory");
	envelope.size_bytes = spool_size(s->raw);
	envelope.recipient_count = s->count;
	envelope.outbound = &ours;
	plan(s, &envelope, findings);
	look_at_would(s, findings, &envelope);
	inspect_free(inspect);
}

/* ---- expectations ---- */

static void describe_plan(const struct story *s, struct buf *out)
{
	static const char *const words[] = { "seal",    "seal-parts", "copy",   "report", "header",
					     "subject", "set",        "body",   "off",    "route",
					     "ret",     "quarantine", "discard" };

	(void)buf_addf(out, "%s", action_outcome_name(s->plan.outcome));
	if (s->plan.outcome != ACTION_ACCEPT)
		(void)buf_addf(out, " %s %s", s->plan.code, s->plan.enhanced);
	for (size_t i = 0; i < s->plan.edit_count; i++) {
		(void)buf_addf(out, " %s", words[s->plan.edits[i].kind]);
		if (s->plan.edits[i].kind == ACTION_EDIT_REMOVE_RECIPIENT)
			(void)buf_addf(out, "%zu", s->plan.edits[i].index);
	}
}

static void expect_plan(struct story *s, struct slice wanted)
{
	struct buf got = BUF_INIT(1000);

	describe_plan(s, &got);
	if (!slice_is(wanted, buf_text(&got)))
		fail(s, "plan", wanted, buf_text(&got));
	buf_free(&got);
}

static void expect_in(struct story *s, const struct buf *text, const char *verb,
		      struct slice wanted, bool there)
{
	if (wanted.len >= 2 && wanted.at[0] == '"')
		wanted = (struct slice){ wanted.at + 1, wanted.len - 2 };
	bool found = memmem(buf_text(text), text->len, wanted.at, wanted.len) != NULL;
	if (found != there)
		fail(s, verb, wanted, buf_text(text));
}

static void expect_verdict(struct story *s, struct slice address, struct slice wanted)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!slice_is(address, s->cases[i].address))
			continue;
		const char *got = verdict_name(s->cases[i].verdict.kind);
		if (!slice_is(wanted, got)) {
			fail(s, s->cases[i].address, wanted, got);
			printf("   since: %s\n", s->cases[i].verdict.reason);
		}
		return;
	}
	fail(s, "recipient", address, "no such one");
}

static void expect_would(struct story *s, struct slice rest)
{
	struct slice address;

	if (!take_word(&rest, &address))
		die(s, "would names a recipient and a verdict");
	rest = slice_trim(rest);
	for (size_t i = 0; i < s->count; i++) {
		if (!slice_is(address, s->cases[i].address))
			continue;
		const char *got = s->observed[i] ? verdict_name(s->would[i].kind) : "nothing";
		if (!slice_is(rest, got))
			fail(s, "would", rest, got);
		return;
	}
	fail(s, "recipient", address, "no such one");
}

static void play_expect(struct story *s, const struct buf *text)
{
	struct slice lines = buf_slice(text), line, word;

	while (slice_take_line(&lines, &line)) {
		if (!take_word(&line, &word))
			continue;
		struct slice rest = slice_trim(line);
		s->checks++;
		if (slice_is(word, "plan"))
			expect_plan(s, rest);
		else if (slice_is(word, "would"))
			expect_would(s, rest);
		else if (slice_is(word, "says"))
			expect_in(s, &s->words, "says", rest, true);
		else if (slice_is(word, "never")) {
			expect_in(s, &s->words, "never", rest, false);
			expect_in(s, &s->left, "never", rest, false);
		} else if (slice_is(word, "left"))
			expect_in(s, &s->left, "left", rest, true);
		else if (slice_is(word, "taken"))
			expect_in(s, &s->taken, "taken", rest, true);
		else
			expect_verdict(s, word, rest);
	}
}

/* ---- the story ---- */

static void play_section(struct story *s, struct slice head, const struct buf *text)
{
	struct slice word;
	uint64_t seconds;

	if (!take_word(&head, &word))
		return;
	if (slice_is(word, "world"))
		script_say(s->script, buf_text(text));
	else if (slice_is(word, "rules"))
		read_rules(s, text);
	else if (slice_is(word, "message"))
		play_message(s, head, text);
	else if (slice_is(word, "expect"))
		play_expect(s, text);
	else if (slice_is(word, "pass") && slice_to_u64(slice_trim(head), &seconds))
		script_pass(s->script, (int64_t)seconds);
	else
		die(s, "no such section");
}

static void play(struct story *s, struct slice all)
{
	struct buf text = BUF_INIT(TEXT);
	struct slice line, head = { 0 };

	while (slice_take_line(&all, &line)) {
		s->line++;
		if (slice_drop_prefix(&line, "  ") || line.len == 0) {
			(void)buf_addf(&text, "%.*s\n", SLICE_ARG(line));
			continue;
		}
		if (line.at[0] == '#')
			continue;
		play_section(s, head, &text);
		buf_clear(&text);
		head = line;
	}
	play_section(s, head, &text);
	buf_free(&text);
}

int main(int argc, char **argv)
{
	struct buf file = BUF_INIT(TEXT);
	struct fault why;
	struct story s = { .path = argc > 1 ? argv[1] : "",
			   .words = BUF_INIT(TEXT),
			   .left = BUF_INIT(TEXT),
			   .taken = BUF_INIT(TEXT) };

	if (argc != 2 || file_read(argv[1], &file, &why) != RC_OK) {
		printf("usage: play STORY\n");
		return 2;
	}
	open_world(&s);
	play(&s, buf_slice(&file));
	if (s.checks == 0) {
		printf("%s: nothing was expected\n", s.path);
		s.failures++;
	}
	assurance_service_free(s.service);
	sts_cache_free(s.policies);
	script_free(s.script);
	inspect_rules_unref(s.markers);
	rules_unref(s.rules);
	forget_message(&s);
	buf_free(&s.left);
	buf_free(&s.taken);
	buf_free(&s.words);
	buf_free(&file);
	return s.failures != 0;
}
