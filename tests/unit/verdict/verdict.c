#include "verdict/verdict.h"

#include "support/unit.h"

#include <stdio.h>

#define AUTH RULES_REQUIRE_AUTHENTICATED
#define RTLS RULES_REQUIRE_REQUIRETLS
#define LADDER(...)                                                                                \
	.rung_count = sizeof((enum rules_rung[]){ __VA_ARGS__ }) / sizeof(enum rules_rung),        \
	.rungs = { __VA_ARGS__ }
#define CAN .carrier = ASSURANCE_AUTHENTICATED
#define NO_CERTIFICATE .no_encrypt = "no certificate is known"

static const struct {
	const char *name;
	struct demand demand;
	enum assurance_level level;
	struct verdict_means means;
	enum verdict_kind kind;
	bool lacks_requiretls;
	const char *reason; /* part of it */
} rows[] = {
	{ "nothing asked, nothing done",
	  { 0 },
	  ASSURANCE_NONE,
	  { CAN },
	  VERDICT_PASS,
	  false,
	  "no rule protects" },
	{ "nothing may be sent there, protected or not",
	  { .never = "court order 7/26" },
	  ASSURANCE_AUTHENTICATED,
	  { CAN },
	  VERDICT_REFUSE,
	  false,
	  "nothing may be sent to this domain; court order 7/26" },
	{ "nor where a rule would have delivered",
	  { .never = "court order 7/26", .require = AUTH, LADDER(RULES_DIVERT) },
	  ASSURANCE_AUTHENTICATED,
	  { CAN },
	  VERDICT_REFUSE,
	  false,
	  "nothing may be sent" },
	{ "nothing asked, and nobody waits for the DNS",
	  { 0 },
	  ASSURANCE_UNDETERMINED,
	  { CAN },
	  VERDICT_PASS,
	  false,
	  "no rule protects" },
	{ "proven TLS goes by the strict route",
	  { .require = AUTH, LADDER(RULES_DIVERT) },
	  ASSURANCE_AUTHENTICATED,
	  { CAN },
	  VERDICT_DELIVER,
	  false,
	  "strict route" },
	{ "more than was asked is enough",
	  { .require = AUTH, LADDER(RULES_REFUSE) },
	  ASSURANCE_REQUIRETLS,
	  { CAN },
	  VERDICT_DELIVER,
	  false,
	  "strict route" },
	{ "mandatory TLS without a proven peer is not enough (RFC 7672 §2.2)",
	  { .require = AUTH, LADDER(RULES_DIVERT) },
	  ASSURANCE_ENCRYPTED,
	  { CAN },
	  VERDICT_DIVERT,
	  false,
	  "sealed" },
	{ "no promise: the first rung that works",
	  { .require = AUTH, LADDER(RULES_ENCRYPT, RULES_DIVERT, RULES_DEFER) },
	  ASSURANCE_NONE,
	  { CAN, NO_CERTIFICATE },
	  VERDICT_DIVERT,
	  false,
	  "no certificate is known; sealed" },
	{ "a certificate comes before the portal where the rule says so",
	  { .require = AUTH, LADDER(RULES_ENCRYPT, RULES_DIVERT) },
	  ASSURANCE_NONE,
	  { CAN },
	  VERDICT_ENCRYPT,
	  false,
	  "certificate" },
	{ "the portal cannot be used: deferred, as the next rung says",
	  { .require = AUTH, LADDER(RULES_DIVERT, RULES_DEFER) },
	  ASSURANCE_NONE,
	  { CAN, .no_divert = "null sender" },
	  VERDICT_DEFER,
	  false,
	  "null sender; deferred" },
	{ "a ladder without a rung that works refuses",
	  { .require = AUTH, LADDER(RULES_ENCRYPT) },
	  ASSURANCE_NONE,
	  { CAN, NO_CERTIFICATE },
	  VERDICT_REFUSE,
	  false,
	  "no other way" },
	{ "an empty ladder refuses",
	  { .require = AUTH },
	  ASSURANCE_NONE,
	  { CAN },
	  VERDICT_REFUSE,
	  false,
	  "no other way" },
	{ "held where the rule says so",
	  { .require = AUTH, LADDER(RULES_HOLD) },
	  ASSURANCE_NONE,
	  { CAN },
	  VERDICT_HOLD,
	  false,
	  "held" },
	{ "undetermined defers, whatever the ladder begins with",
	  { .require = AUTH, LADDER(RULES_REFUSE) },
	  ASSURANCE_UNDETERMINED,
	  { CAN },
	  VERDICT_DEFER,
	  false,
	  "until that is known" },
	{ "undetermined goes down the ladder only where the rule says so",
	  { .require = AUTH, LADDER(RULES_DIVERT), .undetermined_on = true },
	  ASSURANCE_UNDETERMINED,
	  { CAN },
	  VERDICT_DIVERT,
	  false,
	  "sealed" },
	{ "a null MX is the MTA's to return, never the portal's (RFC 7505 §4.2)",
	  { .require = AUTH, LADDER(RULES_DIVERT) },
	  ASSURANCE_UNROUTABLE,
	  { CAN },
	  VERDICT_DELIVER,
	  false,
	  "to return" },
	/* Seen in others: REQUIRETLS dropped in silence where the next hop does not offer it (RFC 8689 §4.2.1). */
	{ "REQUIRETLS offered, but the carrier cannot pass it on (RFC 8689 §4.2.1)",
	  { .require = RTLS, LADDER(RULES_DIVERT) },
	  ASSURANCE_REQUIRETLS,
	  { CAN },
	  VERDICT_DIVERT,
	  true,
	  "cannot pass REQUIRETLS on" },
	{ "REQUIRETLS demanded, only proven TLS offered",
	  { .require = RTLS, LADDER(RULES_REFUSE) },
	  ASSURANCE_AUTHENTICATED,
	  { CAN },
	  VERDICT_REFUSE,
	  true,
	  "refused" },
	{ "REQUIRETLS demanded, nothing offered: TLS is what lacks first",
	  { .require = RTLS, LADDER(RULES_REFUSE) },
	  ASSURANCE_NONE,
	  { CAN },
	  VERDICT_REFUSE,
	  false,
	  "refused" },
	{ "REQUIRETLS with a carrier that keeps it",
	  { .require = RTLS, LADDER(RULES_REFUSE) },
	  ASSURANCE_REQUIRETLS,
	  { .carrier = ASSURANCE_REQUIRETLS },
	  VERDICT_DELIVER,
	  false,
	  "strict route" },
	{ "no carrier at all: nothing is delivered",
	  { .require = AUTH, LADDER(RULES_DEFER) },
	  ASSURANCE_AUTHENTICATED,
	  { .carrier = ASSURANCE_NONE },
	  VERDICT_DEFER,
	  true,
	  "" },
};

static struct verdict decide(const struct demand *demand, enum assurance_level level,
			     const struct verdict_means *means)
{
	static const char *const reasons[] = { "what the world said" };
	struct assurance a = {
		.domain = "d.test", .level = level, .reason_count = 1, .reasons = reasons
	};

	return verdict_decide(demand, &a, means);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict v = decide(&rows[i].demand, rows[i].level, &rows[i].means);

		print_message("   %s\n", rows[i].name);
		assert_string_equal(verdict_name(v.kind), verdict_name(rows[i].kind));
		assert_int_equal(v.lacks_requiretls, rows[i].lacks_requiretls);
		assert_non_null(strstr(v.reason, rows[i].reason));
		if (rows[i].demand.require != RULES_REQUIRE_NONE && !rows[i].demand.never)
			assert_non_null(strstr(v.reason, "what the world said"));
	}
}

static bool promised(enum rules_require require, enum assurance_level level)
{
	switch (level) {
	case ASSURANCE_UNDETERMINED:
	case ASSURANCE_UNROUTABLE:
	case ASSURANCE_NONE:
	case ASSURANCE_ENCRYPTED:
		return false;
	case ASSURANCE_AUTHENTICATED:
		return require == AUTH;
	case ASSURANCE_REQUIRETLS:
		return true;
	}
	return false;
}

/* What must hold for one combination, said without looking at the ladder's order. */
static void check(const struct demand *d, enum assurance_level level, const struct verdict_means *m)
{
	struct verdict v = decide(d, level, m);
	bool offered = promised(d->require, level) && promised(d->require, m->carrier);

	assert_true(v.reason[0] != '\0');
	assert_true(v.kind != VERDICT_PASS);
	if (v.kind == VERDICT_DELIVER)
		assert_true(offered || level == ASSURANCE_UNROUTABLE);
	if (offered || level == ASSURANCE_UNROUTABLE)
		assert_int_equal(v.kind, VERDICT_DELIVER);
	if (v.kind == VERDICT_ENCRYPT)
		assert_null(m->no_encrypt);
	if (v.kind == VERDICT_REWRITE)
		assert_null(m->no_rewrite);
	if (v.kind == VERDICT_DIVERT)
		assert_null(m->no_divert);
	assert_int_equal(v.undetermined, level == ASSURANCE_UNDETERMINED);
	if (level == ASSURANCE_UNDETERMINED && !d->undetermined_on)
		assert_int_equal(v.kind, VERDICT_DEFER);
}

/* Every require, level, carrier, set of means, and ladder of up to three rungs. */
static void test_every_combination_keeps_the_promise(void **state)
{
	(void)state;
	unsigned long seen = 0;

	for (unsigned n = 0; n < 2u * 6 * 6 * 8 * 2; n++) {
		unsigned left = n;
		struct demand d = { .require = left % 2 ? RTLS : AUTH };
		left /= 2;
		enum assurance_level level = left % 6;
		left /= 6;
		struct verdict_means m = { .carrier = left % 6 };
		left /= 6;
		m.no_encrypt = left & 1 ? "no certificate" : NULL;
		m.no_rewrite = left & 2 ? "no parts" : NULL;
		m.no_divert = left & 4 ? "no portal" : NULL;
		d.undetermined_on = left / 8;
		for (unsigned ladder = 0; ladder < 7 * 7 * 7; ladder++) {
			d.rung_count = 0;
			for (unsigned rest = ladder, k = 0; k < 3; k++, rest /= 7)
				if (rest % 7 < 6)
					d.rungs[d.rung_count++] = rest % 7;
			check(&d, level, &m);
			seen++;
		}
	}
	print_message("   %lu combinations\n", seen);
	assert_int_equal(seen, 1152ul * 343);
}

static void test_a_long_story_is_never_cut_within_a_clause(void **state)
{
	(void)state;
	char clause[VERDICT_REASON_MAX * 2 / 3];
	memset(clause, 'x', sizeof clause - 1);
	clause[sizeof clause - 1] = '\0';
	struct demand d = { .require = AUTH, LADDER(RULES_ENCRYPT, RULES_DIVERT, RULES_DEFER) };
	struct verdict_means m = { CAN, .no_encrypt = clause, .no_divert = clause };
	struct verdict v = decide(&d, ASSURANCE_NONE, &m);
	char want[VERDICT_REASON_MAX];

	snprintf(want, sizeof want,
		 "what the world said; %s; deferred until the destination can prove TLS", clause);
	assert_string_equal(v.reason, want); /* the second long clause is left out whole */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_every_combination_keeps_the_promise),
		cmocka_unit_test(test_a_long_story_is_never_cut_within_a_clause),
	};
	return cmocka_run_group_tests_name("verdict/verdict", tests, NULL, NULL);
}
