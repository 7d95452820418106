#include "verdict/verdict.h"

#include <assert.h>
#include <string.h>

/* Of the assurance, the most telling ones: why not DANE, and why not MTA-STS. The audit
 * has them all. */
enum { REASONS = 2 };

/* Adds a clause; one that does not fit whole is left out whole, since half a
 * reason can say the opposite. */
static void say(struct verdict *v, const char *clause)
{
	size_t have = strlen(v->reason), len = strlen(clause), joint = have ? 2 : 0;

	if (len == 0 || have + joint + len >= sizeof v->reason)
		return;
	memcpy(v->reason + have, "; ", joint);
	memcpy(v->reason + have + joint, clause, len + 1);
}

static struct verdict end(struct verdict v, enum verdict_kind kind, const char *clause)
{
	v.kind = kind;
	say(&v, clause);
	return v;
}

static enum assurance_level level_required(enum rules_require require)
{
	switch (require) {
	case RULES_REQUIRE_NONE:
	case RULES_REQUIRE_AUTHENTICATED:
		return ASSURANCE_AUTHENTICATED;
	case RULES_REQUIRE_REQUIRETLS:
		return ASSURANCE_REQUIRETLS;
	}
	return ASSURANCE_REQUIRETLS;
}

static const char *lacking(enum rules_rung rung, const struct verdict_means *means)
{
	switch (rung) {
	case RULES_ENCRYPT:
		return means->no_encrypt;
	case RULES_REWRITE:
		return means->no_rewrite;
	case RULES_DIVERT:
		return means->no_divert;
	case RULES_HOLD:
	case RULES_DEFER:
	case RULES_REFUSE:
		return NULL;
	}
	return "the rung is not known";
}

static const struct {
	enum verdict_kind kind;
	const char *clause;
} rung_verdicts[] = {
	[RULES_ENCRYPT] = { VERDICT_ENCRYPT, "encrypted to the recipient's certificate" },
	[RULES_REWRITE] = { VERDICT_REWRITE, "the sensitive parts are sealed for the portal" },
	[RULES_DIVERT] = { VERDICT_DIVERT, "sealed for the portal" },
	[RULES_HOLD] = { VERDICT_HOLD, "held for a decision" },
	[RULES_DEFER] = { VERDICT_DEFER, "deferred until the destination can prove TLS" },
	[RULES_REFUSE] = { VERDICT_REFUSE, "refused, as the rule says" },
};

static struct verdict descend(struct verdict v, const struct demand *demand,
			      const struct verdict_means *means)
{
	assert(demand->rung_count <= RULES_RUNGS_MAX);
	for (size_t i = 0; i < demand->rung_count; i++) {
		enum rules_rung rung = demand->rungs[i];
		const char *why = lacking(rung, means);
		if (!why)
			return end(v, rung_verdicts[rung].kind, rung_verdicts[rung].clause);
		say(&v, why);
	}
	return end(v, VERDICT_REFUSE, "the rule leaves no other way");
}

struct verdict verdict_decide(const struct demand *demand, const struct assurance *assurance,
			      const struct verdict_means *means)
{
	struct verdict v = { 0 };
	enum assurance_level required = level_required(demand->require);

	if (demand->never) {
		v.forbidden = true;
		say(&v, "nothing may be sent to this domain");
		return end(v, VERDICT_REFUSE, demand->never);
	}
	if (demand->require == RULES_REQUIRE_NONE)
		return end(v, VERDICT_PASS, "no rule protects this recipient's copy");
	for (size_t i = 0; i < assurance->reason_count && i < REASONS; i++)
		say(&v, assurance->reasons[i]);

	if (assurance->level == ASSURANCE_UNROUTABLE)
		return end(v, VERDICT_DELIVER, "left to the mail server to return");
	if (assurance->level == ASSURANCE_UNDETERMINED) {
		v.undetermined = true;
		if (!demand->undetermined_on)
			return end(v, VERDICT_DEFER, "deferred until that is known");
		return descend(v, demand, means);
	}
	if (!assurance_meets(assurance->level, required)) {
		v.lacks_requiretls = assurance_meets(assurance->level, ASSURANCE_AUTHENTICATED);
		return descend(v, demand, means);
	}
	if (!assurance_meets(means->carrier, required)) {
		v.lacks_requiretls = true;
		say(&v, "this mail server cannot pass REQUIRETLS on");
		return descend(v, demand, means);
	}
	return end(v, VERDICT_DELIVER, "sent by the strict route");
}

const char *verdict_name(enum verdict_kind kind)
{
	switch (kind) {
	case VERDICT_PASS:
		return "pass";
	case VERDICT_DELIVER:
		return "deliver";
	case VERDICT_ENCRYPT:
		return "encrypt";
	case VERDICT_REWRITE:
		return "rewrite";
	case VERDICT_DIVERT:
		return "divert";
	case VERDICT_HOLD:
		return "hold";
	case VERDICT_DEFER:
		return "defer";
	case VERDICT_REFUSE:
		return "refuse";
	}
	return "refuse";
}
