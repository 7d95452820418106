#include "verdict/means.h"

static const char *no_divert(const struct verdict_submitter *s, enum rules_factor factor)
{
	if (s->null_sender)
		return "the portal needs a sender who can be told the phrase, and this message has "
		       "none";
	if (!s->proven)
		return "the portal is only for those who submit mail here";
	if (!s->sender_is_ours)
		return "the portal is only for senders of our own domains";
	if (s->used_up)
		return "this sender has used the portal too often within an hour";
	switch (factor) {
	case RULES_FACTOR_PHRASE:
	case RULES_FACTOR_LINK:
		return NULL;
	case RULES_FACTOR_CODE:
		if (s->can_code)
			return NULL;
		return s->no_code ? s->no_code : "no code can be sent to the recipient";
	}
	return "the factor is not known";
}

static const char *no_rewrite(const struct verdict_submitter *s, const char *no_deposit)
{
	if (no_deposit)
		return no_deposit;
	if (s->rewritable)
		return NULL;
	return s->no_rewrite ? s->no_rewrite : "parts of this message cannot be sealed alone";
}

struct verdict_means verdict_means_of(const struct verdict_submitter *submitter,
				      enum rules_factor factor)
{
	const char *no_deposit = no_divert(submitter, factor);

	return (struct verdict_means){
		.no_encrypt = "no certificate is known for the recipient",
		.no_rewrite = no_rewrite(submitter, no_deposit),
		.no_divert = no_deposit,
		.carrier = submitter->carrier,
	};
}
